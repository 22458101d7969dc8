//! What a source wants to hear before it tells anything: a header that holds a secret. Enter at [`Credential::new`] and
//! [`Credential::basic`].
//!
//! It is shown to nobody: it cannot be written as JSON, and its `Debug` form hides the secret.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

/// Bytes of a header's name, and of what it holds.
const MAX_HEADER: usize = 100;
const MAX_VALUE: usize = 4_096;
/// Headers that say what is asked, of whom and how: none of them is a secret's place.
const TAKEN: &[&str] = &[
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "host",
    "keep-alive",
    "range",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// A header for one source, and for no other.
#[derive(Clone, PartialEq, Eq)]
pub struct Credential {
    header: String,
    value: String,
}

/// Why a header cannot be one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// No name of a header, or of one that is taken.
    #[error("the header must be a name such as `Authorization` or `X-API-Key`")]
    Header,
    /// Empty, too long, or not sendable.
    #[error("the value must be 1 to {MAX_VALUE} visible ASCII characters and blanks")]
    Value,
    /// What stands before the colon of a pair has none itself.
    #[error("a user name must not hold a colon")]
    User,
}

impl Credential {
    /// The header called `header` with `value` in it.
    ///
    /// # Errors
    /// One that cannot be sent, or that would change what is asked.
    pub fn new(header: &str, value: &str) -> Result<Self, Unusable> {
        let (header, value) = (header.trim(), value.trim());
        let sound = (1..=MAX_HEADER).contains(&header.len())
            && header.bytes().all(is_token)
            && !TAKEN.iter().any(|taken| header.eq_ignore_ascii_case(taken))
            && !header.to_ascii_lowercase().starts_with("if-");
        if !sound {
            return Err(Unusable::Header);
        }
        let visible = |byte: u8| byte == b' ' || byte.is_ascii_graphic();
        if !(1..=MAX_VALUE).contains(&value.len()) || !value.bytes().all(visible) {
            return Err(Unusable::Value);
        }
        Ok(Self {
            header: header.to_owned(),
            value: value.to_owned(),
        })
    }

    /// Basic authentication ([RFC 7617](https://www.rfc-editor.org/rfc/rfc7617)).
    ///
    /// # Errors
    /// As [`Credential::new`]; a user name with a colon.
    pub fn basic(user: &str, password: &str) -> Result<Self, Unusable> {
        if user.contains(':') {
            return Err(Unusable::User);
        }
        let pair = BASE64_STANDARD.encode(format!("{user}:{password}"));
        Self::new("Authorization", &format!("Basic {pair}"))
    }

    /// The name of the header.
    #[must_use]
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The secret.
    #[must_use]
    pub fn value(&self) -> &str {
        &self.value
    }
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Credential({}: …)", self.header)
    }
}

/// A character of a token ([RFC 9110](https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2)).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_becomes_what_the_standard_says_and_nothing_shows_it() {
        let known = Credential::basic("Aladdin", "open sesame").unwrap();
        assert_eq!(
            (known.header(), known.value()),
            ("Authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")
        );
        assert_eq!(format!("{known:?}"), "Credential(Authorization: …)");
        assert_eq!(Credential::basic("a:b", "c"), Err(Unusable::User));
        assert!(Credential::basic("", "ü").is_ok());
    }

    #[test]
    fn a_header_that_cannot_be_sent_or_would_change_the_question_is_refused() {
        for header in [
            "",
            "X Key",
            "X-Key:",
            "X-Key\r\nHost",
            "HOST",
            "If-None-Match",
            "content-length",
            "ключ",
        ] {
            assert_eq!(
                Credential::new(header, "a"),
                Err(Unusable::Header),
                "{header:?}"
            );
        }
        let long = "a".repeat(MAX_VALUE + 1);
        for value in ["", "  ", "a\r\nHost: b", "\u{1}", "ü", &long] {
            assert_eq!(
                Credential::new("X-API-Key", value),
                Err(Unusable::Value),
                "{value:?}"
            );
        }
        assert!(Credential::new("Auth-Key", " a key ").is_ok());
    }
}
