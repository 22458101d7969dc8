//! Typed identifiers: a prefix, `_`, and a UUIDv7 as 26 characters of lower-case Crockford base32
//! (the [TypeID specification, 0.3](https://github.com/jetify-com/typeid/tree/main/spec)).
//!
//! Inside the program an id is a UUID with a type; only its printed form carries the prefix.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
/// Length of the base32 part of a TypeID.
const SUFFIX_LEN: usize = 26;

/// A text that is not an id of the expected kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {prefix}_… id")]
pub struct ParseIdError {
    prefix: &'static str,
}

/// Writes 128 bits as 26 base32 characters; the first carries three bits.
fn encode(uuid: Uuid) -> String {
    let bits = uuid.as_u128();
    (0..SUFFIX_LEN)
        .rev()
        .map(|place| char::from(ALPHABET[(bits >> (5 * place)) as usize & 31]))
        .collect()
}

fn decode(suffix: &str) -> Option<Uuid> {
    if suffix.len() != SUFFIX_LEN || suffix.as_bytes()[0] > b'7' {
        return None;
    }
    suffix
        .bytes()
        .try_fold(0u128, |bits, byte| {
            let digit = ALPHABET.iter().position(|&c| c == byte)?;
            Some(bits << 5 | digit as u128)
        })
        .map(Uuid::from_u128)
}

macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id; ids made later sort later (UUIDv7).
            #[must_use]
            pub fn generate() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "_{}"), encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.strip_prefix(concat!($prefix, "_"))
                    .and_then(decode)
                    .map(Self)
                    .ok_or(ParseIdError { prefix: $prefix })
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?
                    .parse()
                    .map_err(serde::de::Error::custom)
            }
        }
    };
}

typed_id!(
    /// Identifies a submission: `sub_…`.
    SubmissionId, "sub"
);
typed_id!(
    /// Identifies an indicator, one for each (type, value): `ioc_…`.
    IocId, "ioc"
);
typed_id!(
    /// Identifies an account: `usr_…`.
    UserId, "usr"
);
typed_id!(
    /// Identifies an API token (never the token itself): `tok_…`.
    TokenId, "tok"
);

typed_id!(
    /// Identifies a webhook: `hook_…`.
    WebhookId, "hook"
);
typed_id!(
    /// Identifies an event on its way to a webhook: `evt_…`.
    DeliveryId, "evt"
);
typed_id!(
    /// Identifies a list of what is known of values: `list_…`.
    ListId, "list"
);
typed_id!(
    /// Identifies the mark of an indicator as a false positive: `fp_…`.
    FalsePositiveId, "fp"
);
typed_id!(
    /// Identifies a watch: `watch_…`.
    WatchId, "watch"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_vectors_of_the_specification() {
        let uuid: Uuid = "01890a5d-ac96-774b-bcce-b302099a8057".parse().unwrap();
        assert_eq!(encode(uuid), "01h455vb4pex5vsknk084sn02q");
        assert_eq!(decode("01h455vb4pex5vsknk084sn02q"), Some(uuid));
        assert_eq!(decode("7zzzzzzzzzzzzzzzzzzzzzzzzz"), Some(Uuid::max()));
    }

    #[test]
    fn refuses_what_is_not_an_id() {
        for bad in [
            "",
            "sub_",
            "ioc_01h455vb4pex5vsknk084sn02q",
            "sub_81h455vb4pex5vsknk084sn02q",
            "sub_01H455VB4PEX5VSKNK084SN02Q",
            "sub_01h455vb4pex5vsknk084sn02é",
        ] {
            assert!(bad.parse::<SubmissionId>().is_err(), "{bad}");
        }
    }

    #[test]
    fn prints_and_parses_back() {
        let id = SubmissionId::generate();
        assert_eq!(id.to_string().parse(), Ok(id));
    }
}
