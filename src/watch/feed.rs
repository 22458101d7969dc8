//! XML → entries: [RSS 2.0](https://www.rssboard.org/rss-specification) and the versions before it,
//! [RSS 1.0](https://web.resource.org/rss/1.0/spec), [Atom](https://www.rfc-editor.org/rfc/rfc4287),
//! [sitemaps](https://www.sitemaps.org/protocol.html). Enter at [`read`].
//!
//! Only children of an entry tell of it: what stands deeper (the source of an entry, its pictures) has titles and links of
//! its own.

use std::collections::HashSet;

use quick_xml::events::{BytesStart, Event};
use quick_xml::name::{Namespace, ResolveResult};
use quick_xml::reader::NsReader;
use url::Url;

use super::draft::{Draft, title};
use super::{Entry, Form, MAX_ENTRIES, Page, Unreadable, address, page};
use crate::document::xml::resolve;

/// Deepest element. Bodies of entries may be XHTML.
const MAX_DEPTH: usize = 500;
/// Bytes of a title or an address.
const MAX_TEXT: usize = 8 << 10;
/// Where a damaged page is looked at to see whether it was one for people.
const START: usize = 2 << 10;

/// Namespaces of feeds and sitemaps.
const OURS: [&str; 6] = [
    "http://www.w3.org/2005/Atom",
    "http://purl.org/atom/ns#",
    "http://purl.org/rss/1.0/",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://www.sitemaps.org/schemas/sitemap/0.9",
    "http://www.google.com/schemas/sitemap/0.84",
];
const ATOM: &str = OURS[0];
const DUBLIN_CORE: &str = "http://purl.org/dc/elements/1.1/";
const FEEDBURNER: &str = "http://rssnamespace.org/feedburner/ext/1.0";

/// Reads the text of a page that was fetched from `base`.
pub(super) fn read(xml: &str, base: Url, only: Option<&str>) -> Result<Page, Unreadable> {
    let mut reader = NsReader::from_str(xml);
    let config = reader.config_mut();
    config.expand_empty_elements = true;
    config.allow_dangling_amp = true;
    let mut state = State::new(base, only);
    loop {
        let step = match reader.read_resolved_event() {
            Ok((space, Event::Start(tag))) => state.open(&space, &tag),
            Ok((_, Event::End(_))) => {
                state.close();
                Ok(())
            }
            Ok((_, Event::Text(text))) => state.text(&text),
            Ok((_, Event::CData(text))) => state.text(&text),
            Ok((_, Event::GeneralRef(entity))) => state.text(&resolve(&entity)),
            Ok((_, Event::Eof)) => break,
            Ok(_) => Ok(()),
            Err(error) => Err(Unreadable::Damaged(error.to_string())),
        };
        step.map_err(|why| state.explained(why, xml))?;
    }
    state.end().map_err(|(why, base)| match why {
        Unreadable::WebPage => page::refuse(xml, &base),
        why => why,
    })
}

/// What an element is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    Root,
    Channel,
    Entry,
    /// Its text is wanted.
    Field(Field),
    Other,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Field {
    PageTitle,
    Title,
    /// An address, by how surely it is the one of the report.
    Link(u8),
    /// A name, which may be an address.
    Guid,
    /// A moment, in the same way.
    Moment(u8),
}

struct State<'a> {
    only: Option<&'a str>,
    form: Option<Form>,
    /// The namespace of the root, whatever it is.
    own: Option<String>,
    open: Vec<Element>,
    /// The address that links are relative to, and the depth from which on it is that.
    bases: Vec<(usize, Url)>,
    text: String,
    title: Option<String>,
    draft: Option<Draft>,
    entries: Vec<Entry>,
    seen: HashSet<[u8; 32]>,
    refused: usize,
    closed: bool,
}

impl<'a> State<'a> {
    fn new(base: Url, only: Option<&'a str>) -> Self {
        Self {
            only,
            form: None,
            own: None,
            open: Vec::new(),
            bases: vec![(0, base)],
            text: String::new(),
            title: None,
            draft: None,
            entries: Vec::new(),
            seen: HashSet::new(),
            refused: 0,
            closed: false,
        }
    }

    fn base(&self) -> &Url {
        &self.bases[self.bases.len() - 1].1
    }

    /// What is a name and may be an address: any text would be a relative one.
    fn absolute(&self, name: &str) -> Option<String> {
        Url::parse(name.trim()).ok()?;
        address::entry(self.base(), name)
    }

    /// Pages for people are seldom well-formed.
    fn explained(&self, why: Unreadable, xml: &str) -> Unreadable {
        let start: String = xml.chars().take(START).collect();
        let is_web_page = start.to_ascii_lowercase().contains("<html");
        match why {
            Unreadable::WebPage => page::refuse(xml, self.base()),
            Unreadable::Damaged(_) if is_web_page && self.form.is_none() => {
                page::refuse(xml, self.base())
            }
            why => why,
        }
    }

    fn open(&mut self, space: &ResolveResult<'_>, tag: &BytesStart<'_>) -> Result<(), Unreadable> {
        if self.open.len() >= MAX_DEPTH {
            return Err(Unreadable::Damaged("it is nested too deep".to_owned()));
        }
        let name = tag.local_name().into_inner();
        let space = match space {
            ResolveResult::Bound(Namespace(space)) => Some(*space),
            ResolveResult::Unbound | ResolveResult::Unknown(_) => None,
        };
        if self.open.is_empty() {
            self.root(name, space)?;
        }
        self.rebase(tag);
        let element = self.element(name, space, tag);
        if element == Element::Entry {
            let mut draft = Draft::default();
            if let Some(about) = attribute(tag, |key| key.ends_with(":about")) {
                draft.offer(0, self.absolute(&about));
            }
            self.draft = Some(draft);
        }
        if matches!(element, Element::Field(_)) {
            self.text.clear();
        }
        self.open.push(element);
        Ok(())
    }

    fn root(&mut self, name: &str, space: Option<&str>) -> Result<(), Unreadable> {
        if self.closed {
            return Err(Unreadable::Damaged("it has a second root".to_owned()));
        }
        self.form = Some(match name {
            "rss" | "RDF" => Form::Rss,
            "feed" => Form::Atom,
            "urlset" => Form::Sitemap,
            "sitemapindex" => Form::Index,
            _ if name.eq_ignore_ascii_case("html") => return Err(Unreadable::WebPage),
            _ => return Err(Unreadable::Other),
        });
        self.own = space.map(str::to_owned);
        Ok(())
    }

    /// What `xml:base` says from here on.
    fn rebase(&mut self, tag: &BytesStart<'_>) {
        let base = attribute(tag, |key| key == "xml:base");
        if let Some(base) = base.and_then(|base| self.base().join(base.trim()).ok()) {
            self.bases.push((self.open.len(), base));
        }
    }

    fn element(&mut self, name: &str, space: Option<&str>, tag: &BytesStart<'_>) -> Element {
        let Some(parent) = self.open.last().copied() else {
            return Element::Root;
        };
        let is_ours =
            space.is_none_or(|space| OURS.contains(&space) || self.own.as_deref() == Some(space));
        let is_atom = self.form == Some(Form::Atom) || space == Some(ATOM);
        match (parent, name) {
            (Element::Root, "channel") if is_ours => Element::Channel,
            (Element::Root | Element::Channel, "item") if is_ours => Element::Entry,
            (Element::Root, "entry") if is_ours => Element::Entry,
            (Element::Root, "url") if is_ours && self.form == Some(Form::Sitemap) => Element::Entry,
            (Element::Root, "sitemap") if is_ours && self.form == Some(Form::Index) => {
                Element::Entry
            }
            (Element::Root | Element::Channel, "title") if is_ours => {
                Element::Field(Field::PageTitle)
            }
            (Element::Entry, "origLink") if space == Some(FEEDBURNER) => {
                Element::Field(Field::Link(4))
            }
            (Element::Entry, "date") if space == Some(DUBLIN_CORE) => {
                Element::Field(Field::Moment(1))
            }
            (Element::Entry, "link") if is_ours && is_atom => {
                self.atom_link(tag);
                Element::Other
            }
            (Element::Entry, _) if is_ours => self.field(name, tag),
            _ => Element::Other,
        }
    }

    fn field(&self, name: &str, tag: &BytesStart<'_>) -> Element {
        Element::Field(match name {
            "title" => Field::Title,
            "link" | "loc" => Field::Link(3),
            "guid" if attribute(tag, |key| key == "isPermaLink").as_deref() != Some("false") => {
                Field::Guid
            }
            "pubDate" | "published" | "issued" | "lastmod" => Field::Moment(1),
            "updated" | "modified" => Field::Moment(0),
            _ => return Element::Other,
        })
    }

    /// A link of Atom, which RSS borrows: the page of the entry, in HTML where there is a choice.
    fn atom_link(&mut self, tag: &BytesStart<'_>) {
        let rel = attribute(tag, |key| key == "rel");
        if rel.is_some_and(|rel| !rel.trim().eq_ignore_ascii_case("alternate")) {
            return;
        }
        let kind = attribute(tag, |key| key == "type");
        let is_page = kind.is_none_or(|kind| kind.contains("html"));
        let href = attribute(tag, |key| key == "href");
        let href = href.filter(|href| !href.trim().is_empty());
        let url = href.and_then(|href| address::entry(self.base(), &href));
        if let Some(draft) = &mut self.draft {
            draft.offer(if is_page { 3 } else { 2 }, url);
        }
    }

    fn text(&mut self, text: &str) -> Result<(), Unreadable> {
        let in_field = self
            .open
            .iter()
            .any(|element| matches!(element, Element::Field(_)));
        if in_field && self.text.len() < MAX_TEXT {
            self.text.push_str(text);
        }
        if self.open.is_empty() && !text.trim().is_empty() {
            return Err(match self.form {
                None => Unreadable::Other,
                Some(_) => Unreadable::Damaged("text stands around it".to_owned()),
            });
        }
        if self.entries.len() > MAX_ENTRIES {
            return Err(Unreadable::TooManyEntries);
        }
        Ok(())
    }

    fn close(&mut self) {
        let element = self.open.pop();
        let text = self.text.trim();
        match element {
            Some(Element::Field(Field::PageTitle)) => {
                self.title = self.title.take().or_else(|| title(text))
            }
            Some(Element::Field(field)) if !text.is_empty() => {
                let url = match field {
                    Field::Link(_) => address::entry(self.base(), text),
                    Field::Guid => self.absolute(text),
                    _ => None,
                };
                if let Some(draft) = &mut self.draft {
                    match field {
                        Field::Title => draft.title = draft.title.take().or_else(|| title(text)),
                        Field::Link(rank) => draft.offer(rank, url),
                        Field::Guid => draft.offer(1, url),
                        Field::Moment(rank) => draft.date(rank, text),
                        Field::PageTitle => {}
                    }
                }
            }
            Some(Element::Entry) => self.entry(),
            _ => {}
        }
        while self.bases.len() > 1
            && self
                .bases
                .last()
                .is_some_and(|(depth, _)| *depth >= self.open.len())
        {
            self.bases.pop();
        }
        self.closed = self.open.is_empty();
    }

    fn entry(&mut self) {
        let Some(draft) = self.draft.take() else {
            return;
        };
        let Some(entry) = draft.finish() else {
            self.refused += 1;
            return;
        };
        let below = self.only.is_none_or(|only| {
            Url::parse(&entry.url).is_ok_and(|url| url.path().starts_with(only))
        });
        let is_index = self.form == Some(Form::Index);
        if (below || is_index) && self.seen.insert(address::key(&entry.url)) {
            self.entries.push(entry);
        }
    }

    fn end(mut self) -> Result<Page, (Unreadable, Url)> {
        let base = self.base().clone();
        let Some(form) = self.form else {
            return Err((Unreadable::Other, base));
        };
        if !self.closed {
            let why = Unreadable::Damaged("its end is missing".to_owned());
            return Err((why, base));
        }
        if self.entries.len() > MAX_ENTRIES {
            return Err((Unreadable::TooManyEntries, base));
        }
        match form {
            Form::Rss | Form::Atom => {
                self.entries.reverse();
                from_the_oldest_on(&mut self.entries);
            }
            Form::Sitemap => self.entries.sort_by_key(|entry| entry.published_at),
            Form::Index => {}
        }
        Ok(Page {
            form,
            title: self.title,
            entries: self.entries,
            refused: self.refused,
        })
    }
}

/// Feeds have the newest first. A moment says more than that; what has none is as old as what stands before it.
fn from_the_oldest_on(entries: &mut Vec<Entry>) {
    let mut last = None;
    let mut dated: Vec<_> = entries
        .drain(..)
        .map(|entry| {
            last = entry.published_at.or(last);
            (last, entry)
        })
        .collect();
    dated.sort_by_key(|(moment, _)| *moment);
    entries.extend(dated.into_iter().map(|(_, entry)| entry));
}

fn attribute(tag: &BytesStart<'_>, is_it: impl Fn(&str) -> bool) -> Option<String> {
    let attribute = tag
        .attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| is_it(attribute.key.as_ref()))?;
    let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0);
    Some(value.unwrap_or(attribute.value).into_owned())
}
