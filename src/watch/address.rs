//! Where an entry is, and by what it is known again.

use sha2::{Digest, Sha256};
use url::Url;

use crate::submission;

/// Parameters that only count visitors, beside all that begin with `utm_`.
const TRACKING: &[&str] = &["fbclid", "gclid", "mc_cid", "mc_eid", "msclkid"];

/// The address that `link` means on a page at `base`; `None` where it cannot be fetched.
pub(super) fn entry(base: &Url, link: &str) -> Option<String> {
    let url = base.join(link.trim()).ok()?;
    let url = submission::web_address(url.as_str()).ok()?;
    let mut url = Url::parse(&url).ok()?;
    if let Some(query) = url.query() {
        let kept: Vec<_> = query.split('&').filter(|pair| !counts(pair)).collect();
        let kept = kept.join("&");
        url.set_query(Some(kept.as_str()).filter(|kept| !kept.is_empty()));
    }
    Some(url.into())
}

fn counts(pair: &str) -> bool {
    let name = pair.split_once('=').map_or(pair, |(name, _)| name);
    name.starts_with("utm_") || TRACKING.contains(&name)
}

/// What an entry is known by: the digest of its address without the scheme, which many sites change to and fro.
#[must_use]
pub fn key(url: &str) -> [u8; 32] {
    let bare = url.split_once("://").map_or(url, |(_, rest)| rest);
    Sha256::digest(bare).into()
}

/// The host of a URL in one spelling, without the port: whoever serves it.
#[must_use]
pub fn host(url: &str) -> Option<String> {
    let url = Url::parse(url).ok()?;
    let host = url.host_str()?.trim_end_matches('.').to_owned();
    (!host.is_empty()).then_some(host)
}

/// What one robots.txt speaks for: `https://host:port`.
#[must_use]
pub fn origin(url: &str) -> Option<String> {
    let origin = Url::parse(url).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_absolute_and_counts_no_visitors() {
        let base = Url::parse("https://blog.example/feeds/all.xml?x=1").unwrap();
        for (link, url) in [
            ("/a", Some("https://blog.example/a")),
            (" b/c \n", Some("https://blog.example/feeds/b/c")),
            ("//other.example/", Some("https://other.example/")),
            (
                "http://A.example/p?utm_source=rss&id=7&utm_medium=x#top",
                Some("http://a.example/p?id=7"),
            ),
            (
                "https://a.example/p?utm_source=rss",
                Some("https://a.example/p"),
            ),
            (
                "https://a.example/p?a=%20&b=%2f",
                Some("https://a.example/p?a=%20&b=%2f"),
            ),
            ("mailto:a@b.example", None),
            ("javascript:alert(1)", None),
            ("http://user@a.example/", None),
            ("http://[", None),
        ] {
            assert_eq!(entry(&base, link).as_deref(), url, "{link}");
        }
    }

    #[test]
    fn an_entry_is_the_same_one_under_another_scheme() {
        assert_eq!(key("http://a.example/p"), key("https://a.example/p"));
        assert_ne!(key("http://a.example/p"), key("http://a.example/P"));
    }

    #[test]
    fn a_host_serves_every_port_and_an_origin_one() {
        assert_eq!(
            host("https://A.Example.:8443/x").as_deref(),
            Some("a.example")
        );
        assert_eq!(host("http://[::1]:80/").as_deref(), Some("[::1]"));
        assert_eq!(
            origin("https://a.example:443/x").as_deref(),
            Some("https://a.example")
        );
        assert_eq!(
            origin("http://a.example:8080/x").as_deref(),
            Some("http://a.example:8080")
        );
        assert_eq!((host("mailto:a"), origin("mailto:a")), (None, None));
    }
}
