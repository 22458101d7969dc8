//! What is looked up: a value as somebody wrote it, live or defanged, in a path or in a body. Enter at [`Asked::new`].

use axum::http::Uri;

use super::super::error::Error;
use super::super::{feed, query};
use crate::indicator::Kind;
use crate::lists::recognise;
use crate::store::LookedUp;

/// Where the addresses of values begin.
pub(super) const PATH: &str = "/api/v1/ioc/";
/// Characters of a value.
const MAX_CHARS: usize = 2048;
/// Kinds that can be looked up, each with its word and what it is called.
const TYPES: &[(Kind, &str, &str)] = &[
    (Kind::Ipv4, "ipv4", "IPv4 Address"),
    (Kind::Ipv6, "ipv6", "IPv6 Address"),
    (Kind::Domain, "domain", "Domain"),
    (Kind::Url, "url", "URL"),
    (Kind::HashMd5, "md5", "MD5 Hash"),
    (Kind::HashSha1, "sha1", "SHA1 Hash"),
    (Kind::HashSha256, "sha256", "SHA256 Hash"),
    (Kind::HashSha512, "sha512", "SHA512 Hash"),
    (Kind::Email, "email", "Email Address"),
    (Kind::IpPort, "ip_port", "IP Address and Port"),
    (Kind::Cve, "cve", "CVE"),
    (Kind::Asn, "asn", "Autonomous System"),
];

/// A value that can be looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Asked {
    pub(super) kind: Kind,
    /// In its normal form.
    pub(super) value: String,
    /// Its type, and what that is called.
    pub(super) named: (&'static str, &'static str),
}

impl Asked {
    /// The value that `text` stands for.
    pub(super) fn new(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        if text.is_empty() {
            return Err(Error::EmptyValue);
        }
        if text.contains('\0') || text.chars().count() > MAX_CHARS {
            return Err(Error::InvalidIoc);
        }
        let live = query::readings(text).pop().unwrap_or_default();
        let bare = live
            .strip_prefix('[')
            .and_then(|bare| bare.strip_suffix(']'))
            .unwrap_or(&live);
        let (kind, value) = recognise(bare).ok_or(Error::InvalidIoc)?;
        let named = match kind {
            Kind::IpRange if value.contains('/') => ("cidr", "CIDR Range"),
            Kind::IpRange => ("ip_range", "IP Range"),
            kind => {
                let known = TYPES.iter().find(|(known, ..)| *known == kind);
                known
                    .map(|(_, name, called)| (*name, *called))
                    .ok_or(Error::InvalidIoc)?
            }
        };
        Ok(Self { kind, value, named })
    }

    /// The value in the path of `uri`, which is `decoded`. A URL may stand there as it is: then the query is its own, and
    /// one of two slashes may have been lost on the way.
    pub(super) fn in_path(uri: &Uri, decoded: &str) -> Result<Self, Error> {
        let written = uri.path().strip_prefix(PATH).unwrap_or_default();
        let mut text = decoded.to_owned();
        let mut last = written;
        if is_url(written)
            && let Some(query) = uri.query()
        {
            text = format!("{text}?{query}");
            last = query;
        }
        // An encoded slash belongs to the value.
        if last.ends_with('/') {
            text.pop();
        }
        match text.split_once(":/") {
            Some((scheme, rest)) if is_url(written) && !rest.starts_with('/') => {
                Self::new(&format!("{scheme}://{rest}"))
            }
            _ => Self::new(&text),
        }
    }

    /// The value as reports may show it.
    pub(super) fn in_reports(&self) -> LookedUp {
        let kinds = match self.kind {
            Kind::Domain if self.value.ends_with(".onion") => vec![Kind::Domain, Kind::Onion],
            kind => vec![kind],
        };
        LookedUp {
            kinds,
            spellings: feed::spellings(&self.value),
        }
    }
}

/// Whether a URL begins here that was not encoded.
fn is_url(raw: &str) -> bool {
    raw.split_once(":/").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_in_a_path_may_be_encoded_or_stand_there_as_it_is() {
        for (path, decoded, value) in [
            ("8.8.8.8", "8.8.8.8", "8.8.8.8"),
            ("192.0.2.9/24/", "192.0.2.9/24/", "192.0.2.0/24"),
            (
                "https://a.example/b/",
                "https://a.example/b/",
                "https://a.example/b",
            ),
            (
                "https:/a.example/b",
                "https:/a.example/b",
                "https://a.example/b",
            ),
            (
                "https://a.example/b?c=d/",
                "https://a.example/b",
                "https://a.example/b?c=d",
            ),
            (
                "https%3A%2F%2Fa.example%2Fb%2F/?key=1",
                "https://a.example/b//",
                "https://a.example/b/",
            ),
            (
                "https%3A%2F%2Fa.example%2Fb%2F",
                "https://a.example/b/",
                "https://a.example/b/",
            ),
        ] {
            let uri: Uri = format!("{PATH}{path}").parse().unwrap();
            let asked = Asked::in_path(&uri, decoded).unwrap();
            assert_eq!(asked.value, value, "{path}");
        }
    }

    #[test]
    fn what_is_of_no_kind_is_refused() {
        for text in [
            "zz",
            "\0",
            "../../etc/passwd",
            "999.999.999.999",
            "http://",
            "a b",
        ] {
            assert!(matches!(Asked::new(text), Err(Error::InvalidIoc)), "{text}");
        }
        assert!(matches!(Asked::new(" "), Err(Error::EmptyValue)));
        let long = format!("https://a.example/{}", "a".repeat(MAX_CHARS));
        assert!(matches!(Asked::new(&long), Err(Error::InvalidIoc)));
    }
}
