//! The name of a kind that the settings define.

use std::fmt;
use std::str::FromStr;

/// What every such name begins with: no kind of ours ever does.
const PREFIX: &str = "x_";
/// Longest name, in bytes.
const LONGEST: usize = 32;

/// A kind of indicator that the settings define, by its name: `x_` and 1 to 30 of `a-z`, `0-9` and `_`.
///
/// The name is held in place, so that a kind is copied and compared like any other.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CustomKind {
    /// The name, filled up with zeros.
    name: [u8; LONGEST],
}

impl CustomKind {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        let end = self
            .name
            .iter()
            .position(|byte| *byte == 0)
            .unwrap_or(LONGEST);
        // Always ASCII.
        std::str::from_utf8(&self.name[..end]).unwrap_or_default()
    }
}

impl fmt::Debug for CustomKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A text that cannot name a [`CustomKind`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} names no kind: a name is x_ and 1 to 30 of a-z, 0-9 and _")]
pub struct UnknownCustomKind(pub String);

impl FromStr for CustomKind {
    type Err = UnknownCustomKind;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let own = text.strip_prefix(PREFIX).unwrap_or_default();
        if own.is_empty() || text.len() > LONGEST || !own.bytes().all(fits) {
            return Err(UnknownCustomKind(text.to_owned()));
        }
        let mut name = [0; LONGEST];
        name[..text.len()].copy_from_slice(text.as_bytes());
        Ok(Self { name })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_lower_case_and_marked_as_not_ours() {
        let longest = format!("x_{}", "a".repeat(30));
        for name in ["x_a", "x_ticket_2", longest.as_str()] {
            assert_eq!(name.parse::<CustomKind>().unwrap().as_str(), name);
        }
        let too_long = format!("x_{}", "a".repeat(31));
        for name in [
            "",
            "x_",
            "ticket",
            "X_a",
            "x_A",
            "x_a-b",
            "x_é",
            "ipv4",
            too_long.as_str(),
        ] {
            assert!(name.parse::<CustomKind>().is_err(), "{name}");
        }
    }
}
