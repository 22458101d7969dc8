//! A list, apart from what it holds.

use std::fmt;
use std::str::FromStr;

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

impl ListKind {
    /// Every kind of list.
    pub const ALL: &'static [Self] = &[Self::Contextual, Self::ThreatIntel, Self::Allowlist];

    /// The stable word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Contextual => "contextual",
            Self::ThreatIntel => "threat_intel",
            Self::Allowlist => "allowlist",
        }
    }
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no [`ListKind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("unknown kind of list {0:?}")]
pub struct UnknownListKind(pub String);

impl FromStr for ListKind {
    type Err = UnknownListKind;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let known = Self::ALL.iter().find(|kind| kind.as_str() == word);
        known
            .copied()
            .ok_or_else(|| UnknownListKind(word.to_owned()))
    }
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
