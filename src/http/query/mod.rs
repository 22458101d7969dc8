//! The query of a request, read strictly: a value that cannot be meant is refused by name, never
//! clamped, never passed on to SQL. Unknown parameters are ignored, but for `cursor`: a client that
//! pages by one would get the first page for ever.

pub(super) mod moment;
mod refang;

use std::fmt::Display;
use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use chrono::{DateTime, Utc};

use super::error::Error;
use crate::indicator::Kind;
use crate::submission::Tlp;

pub(super) use refang::readings;

/// Bytes of a query that are read.
const MAX_QUERY_BYTES: usize = 8 << 10;
/// Characters of a search text.
const MAX_SEARCH_CHARS: usize = 256;
/// Rows of a page.
const MAX_LIMIT: i64 = 100;
const DEFAULT_LIMIT: i64 = 50;
/// Rows of a part of what is answered whole otherwise.
const MAX_PART: i64 = 10_000;

/// The decoded parameters, in order.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

/// A page of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Page {
    /// 1..=100 rows.
    pub(super) limit: i64,
    /// Rows skipped.
    pub(super) offset: i64,
}

/// A part of what is answered whole otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Part {
    /// 1..=10,000 rows; all where there is none.
    pub(super) limit: Option<i64>,
    /// Rows skipped.
    pub(super) offset: i64,
}

impl<S: Send + Sync> FromRequestParts<S> for Query {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Error> {
        Self::parse(parts.uri.query().unwrap_or_default())
    }
}

impl Query {
    fn parse(query: &str) -> Result<Self, Error> {
        if query.len() > MAX_QUERY_BYTES {
            return Err(Error::UriTooLong);
        }
        let mut pairs = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            pairs.push((decode(name)?, decode(value)?));
        }
        let query = Self(pairs);
        match query.one("cursor")? {
            Some(cursor) => Err(Error::parameter(
                "cursor",
                cursor,
                "left out: pages are asked for by limit and offset",
            )),
            None => Ok(query),
        }
    }

    /// Every value of `name`, in order.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        self.0
            .iter()
            .filter(move |(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }

    /// The one value of `name`; a second one is refused.
    pub(super) fn one(&self, name: &'static str) -> Result<Option<&str>, Error> {
        let mut values = self.all(name);
        let first = values.next();
        match values.next() {
            Some(second) => Err(Error::parameter(name, second, "given once")),
            None => Ok(first),
        }
    }

    /// `limit` and `offset`.
    pub(super) fn page(&self) -> Result<Page, Error> {
        let limit = self.whole("limit", 1, MAX_LIMIT)?.unwrap_or(DEFAULT_LIMIT);
        let offset = self.whole("offset", 0, i64::MAX)?.unwrap_or(0);
        Ok(Page { limit, offset })
    }

    /// `limit` and `offset` where all is answered that has no limit.
    pub(super) fn part(&self) -> Result<Part, Error> {
        let limit = self.whole("limit", 1, MAX_PART)?;
        let offset = self.whole("offset", 0, i64::MAX)?.unwrap_or(0);
        Ok(Part { limit, offset })
    }

    /// A whole number from `least` to `most`, if given.
    pub(super) fn whole(
        &self,
        name: &'static str,
        least: i64,
        most: i64,
    ) -> Result<Option<i64>, Error> {
        let Some(text) = self.one(name)? else {
            return Ok(None);
        };
        let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = if digits { text.parse().ok() } else { None };
        match number.filter(|number| (least..=most).contains(number)) {
            Some(number) => Ok(Some(number)),
            None => Err(Error::parameter(
                name,
                text,
                format!("a whole number from {least} to {most}"),
            )),
        }
    }

    /// One word of a fixed list; an empty value counts as not given.
    pub(super) fn word<T: FromStr>(
        &self,
        name: &'static str,
        allowed: &[impl Display],
    ) -> Result<Option<T>, Error> {
        match self.one(name)?.filter(|word| !word.is_empty()) {
            Some(word) => parse_word(name, word, allowed).map(Some),
            None => Ok(None),
        }
    }

    /// Any number of words of a fixed list; empty values count as not given.
    pub(super) fn words<T: FromStr>(
        &self,
        name: &'static str,
        allowed: &[impl Display],
    ) -> Result<Vec<T>, Error> {
        self.all(name)
            .filter(|word| !word.is_empty())
            .map(|word| parse_word(name, word, allowed))
            .collect()
    }

    /// `true` or `false`; false when not given.
    pub(super) fn flag(&self, name: &'static str) -> Result<bool, Error> {
        Ok(self.word(name, &[true, false])?.unwrap_or(false))
    }

    /// Every `type`; kinds that settings define are known by their form alone.
    pub(super) fn kinds(&self) -> Result<Vec<Kind>, Error> {
        let names = Kind::ALL.iter().map(Kind::to_string);
        let allowed: Vec<_> = names.chain(["x_…".to_owned()]).collect();
        self.words("type", &allowed)
    }

    /// `tlp`; the space in `amber strict` is a `+` that form encoding ate.
    pub(super) fn tlp(&self) -> Result<Option<Tlp>, Error> {
        match self.one("tlp")?.filter(|word| !word.is_empty()) {
            Some(word) => parse_word("tlp", &word.replace(' ', "+"), Tlp::ALL).map(Some),
            None => Ok(None),
        }
    }

    /// Whether indicators of extended kinds are asked for.
    pub(super) fn extended(&self) -> Result<bool, Error> {
        self.flag("extended")
    }

    /// The search text `q`; an empty one counts as not given.
    pub(super) fn search_text(&self) -> Result<Option<&str>, Error> {
        match self.one("q")?.filter(|text| !text.is_empty()) {
            Some(text) if text.contains('\0') => Err(Error::parameter("q", text, "free of U+0000")),
            Some(text) if text.chars().count() > MAX_SEARCH_CHARS => Err(Error::parameter(
                "q",
                text,
                format!("at most {MAX_SEARCH_CHARS} characters"),
            )),
            other => Ok(other),
        }
    }

    /// The moment after which changes are asked for.
    pub(super) fn since(&self) -> Result<Option<DateTime<Utc>>, Error> {
        self.moment("since")
    }

    /// A date or a time.
    pub(super) fn moment(&self, name: &'static str) -> Result<Option<DateTime<Utc>>, Error> {
        let Some(text) = self.one(name)? else {
            return Ok(None);
        };
        match moment::parse(text) {
            Some(at) => Ok(Some(at)),
            None => Err(Error::parameter(
                name,
                text,
                "a date or RFC 3339 time of the years 1 to 9999, such as 2026-01-31T09:15:02.123456Z",
            )),
        }
    }
}

fn parse_word<T: FromStr>(
    name: &'static str,
    word: &str,
    allowed: &[impl Display],
) -> Result<T, Error> {
    word.parse().map_err(|_| {
        let allowed: Vec<String> = allowed.iter().map(ToString::to_string).collect();
        Error::parameter(name, word, format!("one of {}", allowed.join(", ")))
    })
}

/// Undoes form encoding. A `%` that starts no escape stands for itself; bytes that are no UTF-8 are
/// refused, since a replacement character would search for something else.
fn decode(text: &str) -> Result<String, Error> {
    let bytes = text.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        let hex = escaped.filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match (
            hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()),
            bytes[at],
        ) {
            (Some(byte), _) => {
                decoded.push(byte);
                at += 2;
            }
            (None, b'+') => decoded.push(b' '),
            (None, byte) => decoded.push(byte),
        }
        at += 1;
    }
    String::from_utf8(decoded)
        .map_err(|_| Error::Malformed("The query of the address is not valid UTF-8.".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_refused_outside_their_range_and_never_clamped() {
        let page = |query: &str| {
            Query::parse(query)
                .and_then(|query| query.page())
                .map_err(|error| error.to_string())
        };
        assert_eq!(
            page(""),
            Ok(Page {
                limit: 50,
                offset: 0
            })
        );
        assert_eq!(
            page("limit=100&offset=9223372036854775807&x=1"),
            Ok(Page {
                limit: 100,
                offset: i64::MAX
            })
        );
        assert_eq!(
            page("limit=0"),
            Err("limit is \"0\"; it must be a whole number from 1 to 100.".to_owned())
        );
        for bad in [
            "limit=101",
            "limit=",
            "limit=1.5",
            "limit=%2B5",
            "limit=%2010",
            "limit=0x10",
            "limit=1&limit=2",
            "offset=-1",
            "offset=99999999999999999999",
            "limit=%EF%BC%91",
            "cursor=AAAA",
        ] {
            assert!(page(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn escapes_are_undone_strictly() {
        assert_eq!(decode("a%2Fb+c%").unwrap(), "a/b c%");
        assert_eq!(decode("%zz%é").unwrap(), "%zz%é");
        assert!(decode("%C0%AF").is_err() && decode("%ED%A0%80").is_err());
    }
}
