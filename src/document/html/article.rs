//! Which blocks of a page are its article, and which stand around it: menus, advertisements, related
//! links, legal notes. Nothing is left out; the article is written first.
//!
//! Pages say it themselves: by elements (`main`, `article`, `nav`), by their roles, by the names of their
//! classes. What says nothing belongs to what it stands in. A page that would keep no article this way is
//! left in its order.

/// Regions inside each other that are followed.
const MAX_DEPTH: usize = 64;

/// Classes and ids that name what stands around an article.
const AROUND: &[&str] = &[
    "ad",
    "ads",
    "advert",
    "advertisement",
    "breadcrumb",
    "breadcrumbs",
    "comments",
    "consent",
    "cookie",
    "cookies",
    "dropdown",
    "footer",
    "menu",
    "modal",
    "nav",
    "navbar",
    "navigation",
    "newsletter",
    "pager",
    "pagination",
    "popup",
    "promo",
    "recommended",
    "related",
    "share",
    "sharing",
    "sidebar",
    "signup",
    "skip",
    "social",
    "sponsor",
    "sponsored",
    "subscribe",
    "toolbar",
    "trending",
    "widget",
];
/// Words that make of such a name the name of what holds the article as well: `content-with-sidebar`.
const HOLDS: &[&str] = &[
    "article",
    "body",
    "container",
    "content",
    "entry",
    "has",
    "layout",
    "main",
    "no",
    "page",
    "post",
    "story",
    "with",
    "wrap",
    "wrapper",
];

/// What the attributes of an element say of the region it makes.
#[derive(Default)]
pub(super) struct Marks {
    around: bool,
    article: bool,
}

impl Marks {
    /// Takes a `class` or an `id`.
    pub(super) fn name(&mut self, names: &str) {
        self.around |= names.split_ascii_whitespace().any(|name| {
            let is_one_of = |list: &[&str]| {
                name.split(['-', '_'])
                    .any(|word| list.iter().any(|one| one.eq_ignore_ascii_case(word)))
            };
            is_one_of(AROUND) && !is_one_of(HOLDS)
        });
    }

    /// Takes a `role` ([WAI-ARIA](https://www.w3.org/TR/wai-aria-1.2/#landmark_roles)).
    pub(super) fn role(&mut self, role: &str) {
        match role {
            "main" | "article" => self.article = true,
            "banner" | "complementary" | "contentinfo" | "dialog" | "menu" | "menubar"
            | "navigation" | "search" => self.around = true,
            _ => {}
        }
    }

    /// Takes an `itemprop` ([schema.org](https://schema.org/articleBody)).
    pub(super) fn property(&mut self, property: &str) {
        self.article |= property == "articleBody";
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The page itself.
    Page,
    /// It may be the article.
    Article,
    /// It stands around the article.
    Around,
    /// The headline, wherever it stands.
    Headline,
}

struct Region {
    kind: Kind,
    parent: usize,
}

/// An element that is open and made a region.
struct Open {
    name: Vec<u8>,
    /// Open elements of the same name inside it.
    nested: usize,
    region: usize,
}

/// The regions of a page, each behind the one it stands in; the page itself is 0.
pub(super) struct Regions {
    all: Vec<Region>,
    open: Vec<Open>,
}

impl Default for Regions {
    fn default() -> Self {
        Self {
            all: vec![Region {
                kind: Kind::Page,
                parent: 0,
            }],
            open: Vec::new(),
        }
    }
}

impl Regions {
    /// The region in which the reader stands.
    pub(super) fn current(&self) -> usize {
        self.open.last().map_or(0, |open| open.region)
    }

    /// Takes the start tag of `name`.
    pub(super) fn open(&mut self, name: &[u8], marks: Marks) {
        match self.kind(name, marks) {
            Some(kind) if self.open.len() < MAX_DEPTH => {
                let parent = self.current();
                self.open.push(Open {
                    name: name.to_vec(),
                    nested: 0,
                    region: self.all.len(),
                });
                self.all.push(Region { kind, parent });
            }
            _ => {
                if let Some(last) = self.open.last_mut().filter(|last| last.name == name) {
                    last.nested += 1;
                }
            }
        }
    }

    /// Takes the end tag of `name`.
    pub(super) fn close(&mut self, name: &[u8]) {
        let Some(last) = self.open.last_mut() else {
            return;
        };
        if last.name == name {
            if last.nested == 0 {
                self.open.pop();
            } else {
                last.nested -= 1;
            }
        } else if is_landmark(name)
            && let Some(at) = self.open.iter().rposition(|open| open.name == name)
        {
            // Something inside it was never closed.
            self.open.truncate(at);
        }
    }

    fn kind(&self, name: &[u8], marks: Marks) -> Option<Kind> {
        let in_article = || {
            self.open
                .iter()
                .any(|open| self.all[open.region].kind == Kind::Article)
        };
        match name {
            b"main" | b"article" => Some(Kind::Article),
            b"h1" => Some(Kind::Headline),
            b"nav" | b"footer" => Some(Kind::Around),
            // Inside an article they hold its title, or a remark on it.
            b"header" | b"aside" if !in_article() => Some(Kind::Around),
            _ if marks.around && is_container(name) => Some(Kind::Around),
            b"div" | b"section" | b"td" if marks.article => Some(Kind::Article),
            _ => None,
        }
    }

    /// Number of regions: each is a number below it.
    pub(super) fn len(&self) -> usize {
        self.all.len()
    }

    /// For each region, whether it is part of the article; `weights` are bytes of prose by region.
    pub(super) fn article(&self, weights: &[usize]) -> Vec<bool> {
        let mut prose = vec![0; self.all.len()];
        for (region, weight) in weights.iter().enumerate() {
            let mut at = region;
            while self.all[at].kind != Kind::Around {
                prose[at] += weight;
                if at == 0 {
                    break;
                }
                at = self.all[at].parent;
            }
        }
        let chosen = self.chosen(&prose);
        let mut inside = Vec::with_capacity(self.all.len());
        for (index, region) in self.all.iter().enumerate() {
            inside.push(match region.kind {
                Kind::Page => chosen.is_none(),
                Kind::Headline => true,
                Kind::Around => false,
                Kind::Article => chosen == Some(index) || inside[region.parent],
            });
        }
        inside
    }

    /// The region that is the article as a whole: the smallest that holds most of what any holds, if that
    /// is most of what the page says. A page of several articles has none.
    fn chosen(&self, prose: &[usize]) -> Option<usize> {
        let candidates =
            || (1..self.all.len()).filter(|index| self.all[*index].kind == Kind::Article);
        let most = candidates().map(|index| prose[index]).max()?;
        let smallest = candidates()
            .filter(|index| prose[*index] * 10 >= most * 7)
            .min_by_key(|index| prose[*index])?;
        (most * 10 >= prose[0] * 6).then_some(smallest)
    }
}

/// Whether an element of `name` is a region where its attributes call it one: those of others need no look.
pub(super) fn is_container(name: &[u8]) -> bool {
    matches!(
        name,
        b"div" | b"section" | b"ul" | b"ol" | b"header" | b"aside" | b"table" | b"td"
    )
}

/// Whether an end tag of `name` ends what stands open inside it.
fn is_landmark(name: &[u8]) -> bool {
    matches!(
        name,
        b"main" | b"article" | b"nav" | b"aside" | b"header" | b"footer" | b"h1" | b"table"
    )
}
