//! A set of kinds. Kinds that the settings define count as one.

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::indicator::Kind;

/// Kinds of indicators that a list speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kinds(u64);

/// Stands for every kind of the settings; above all of [`Kind::ALL`].
const CUSTOM: u8 = 63;

/// A number for `kind`, below 64.
pub(super) fn code(kind: Kind) -> u8 {
    let known = Kind::ALL.iter().position(|known| *known == kind);
    known.map_or(CUSTOM, |index| index as u8)
}

/// The kind of a [`code`]; none for those of the settings.
pub(super) fn kind(code: u8) -> Option<Kind> {
    Kind::ALL.get(usize::from(code)).copied()
}

impl Kinds {
    /// Every kind.
    pub const ALL: Self = Self(u64::MAX);
    /// No kind: what is listed so is never found.
    pub const NONE: Self = Self(0);

    /// Whether `kind` is one of them.
    #[must_use]
    pub fn contains(self, kind: Kind) -> bool {
        self.has(code(kind))
    }

    /// Whether the kind of `code` is one of them.
    pub(super) fn has(self, code: u8) -> bool {
        self.0 >> code & 1 == 1
    }

    /// Whether one of them is one of `others`.
    pub(super) fn meets(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }

    /// Adds `kind`.
    pub fn insert(&mut self, kind: Kind) {
        self.0 |= 1 << code(kind);
    }

    /// Those that the table of kinds names, in its order.
    pub fn iter(self) -> impl Iterator<Item = Kind> {
        Kind::ALL
            .iter()
            .copied()
            .filter(move |kind| self.contains(*kind))
    }
}

impl Default for Kinds {
    fn default() -> Self {
        Self::ALL
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<I: IntoIterator<Item = Kind>>(kinds: I) -> Self {
        let mut set = Self::NONE;
        kinds.into_iter().for_each(|kind| set.insert(kind));
        set
    }
}

/// As names; every kind is `null`, so that kinds of a later version are not left out.
impl Serialize for Kinds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if *self == Self::ALL {
            return serializer.serialize_none();
        }
        serializer.collect_seq(self.iter())
    }
}

impl<'de> Deserialize<'de> for Kinds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let kinds = Option::<Vec<Kind>>::deserialize(deserializer)?;
        Ok(kinds.map_or(Self::ALL, Self::from_iter))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_put_in_and_comes_back_from_json() {
        let some = Kinds::from_iter([Kind::Domain, Kind::Cwe]);
        assert!(some.contains(Kind::Cwe) && !some.contains(Kind::Url));
        let json = serde_json::to_string(&some).unwrap();
        assert_eq!(json, r#"["domain","cwe"]"#);
        assert_eq!(serde_json::from_str::<Kinds>(&json).unwrap(), some);
        let all = serde_json::to_string(&Kinds::ALL).unwrap();
        assert_eq!(serde_json::from_str::<Kinds>(&all).unwrap(), Kinds::ALL);
    }

    #[test]
    fn every_kind_has_a_number_of_its_own() {
        for known in Kind::ALL {
            assert_eq!(kind(code(*known)), Some(*known));
        }
        assert!(Kind::ALL.len() < usize::from(CUSTOM));
    }
}
