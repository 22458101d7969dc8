//! A list, apart from what it holds.

use serde::{Deserialize, Serialize};

use super::{Kinds, Standing};

/// A list: where it comes from and what a hit on it means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct List {
    /// Its stable name: `public-dns-v4`.
    pub slug: String,
    /// For people.
    pub name: String,
    /// A sentence or two.
    pub description: String,
    /// Its page.
    pub url: Option<String>,
    /// What it is for.
    pub kind: ListKind,
    /// Whose it is, or what of: `commercial`, `attacks`.
    pub category: Option<String>,
    /// As the list writes it.
    pub version: Option<String>,
    /// The kinds that it speaks of.
    pub kinds: Kinds,
    /// What a hit on it says of a value being benign.
    pub standing: Standing,
}

/// What a list is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// What a value is known for: resolvers, clouds, well-known sites.
    Contextual,
    /// Who was seen doing harm.
    ThreatIntel,
    /// What the operator of this server trusts.
    Allowlist,
}

impl List {
    /// A list that is called `slug` and nothing else, of every kind; its standing is the one known for `slug`.
    #[must_use]
    pub fn new(slug: impl Into<String>, kind: ListKind) -> Self {
        let slug = slug.into();
        Self {
            name: slug.clone(),
            description: String::new(),
            url: None,
            kind,
            category: None,
            version: None,
            kinds: Kinds::ALL,
            standing: match kind {
                ListKind::Contextual => Standing::of(&slug),
                ListKind::ThreatIntel | ListKind::Allowlist => Standing::Soft,
            },
            slug,
        }
    }

    /// The same list with what its contents say of themselves.
    #[must_use]
    pub fn told(mut self, about: &super::About) -> Self {
        if let Some(name) = &about.name {
            self.name.clone_from(name);
        }
        if let Some(description) = &about.description {
            self.description.clone_from(description);
        }
        self.category = about.category.clone().or(self.category);
        self.version = about.version.clone().or(self.version);
        self.kinds = about.kinds;
        self
    }

    /// Whether a look-up names it as a source. Lists of reserved ranges say what an address is, not who knows it.
    #[must_use]
    pub fn is_source(&self) -> bool {
        self.kind != ListKind::Allowlist && self.standing != Standing::Always
    }
}
