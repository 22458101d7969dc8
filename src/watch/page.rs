//! A page for people in place of a feed: which feed it names.

use html5gum::{Token, Tokenizer};
use url::Url;

use super::{Unreadable, address};

/// Bytes in which a page names its feeds.
const HEAD: usize = 512 << 10;
/// Media types of feeds.
const FEEDS: [&str; 3] = [
    "application/rss+xml",
    "application/atom+xml",
    "application/rdf+xml",
];

/// Why the page at `base` is none that can be watched.
pub(super) fn refuse(html: &str, base: &Url) -> Unreadable {
    let mut end = html.len().min(HEAD);
    while !html.is_char_boundary(end) {
        end -= 1;
    }
    for Ok(token) in Tokenizer::new(&html[..end]) {
        let Token::StartTag(tag) = token else {
            continue;
        };
        let value = |name: &[u8]| {
            let (_, value) = tag
                .attributes
                .iter()
                .find(|(key, _)| key.as_slice() == name)?;
            std::str::from_utf8(value).ok()
        };
        let is_feed = tag.name.as_slice() == b"link"
            && value(b"rel").is_some_and(|rel| {
                rel.split_ascii_whitespace()
                    .any(|word| word.eq_ignore_ascii_case("alternate"))
            })
            && value(b"type").is_some_and(|kind| {
                let kind = kind.split(';').next().unwrap_or_default().trim();
                FEEDS.iter().any(|feed| kind.eq_ignore_ascii_case(feed))
            });
        if is_feed && let Some(feed) = value(b"href").and_then(|href| address::entry(base, href)) {
            return Unreadable::NamesFeed(feed);
        }
    }
    Unreadable::WebPage
}
