//! The words that announce a value. Enter at [`marks`].
//!
//! One vectorised search for all of them: each stands in the spellings that documents have, because a
//! search that ignores case is several times slower.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

/// What a word announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    /// An import hash or a TLS fingerprint, somewhere in the document.
    Fingerprint,
    Mutex,
    Agent,
    /// The beginning of what a browser calls itself.
    Browser,
    Rule,
    Tlp,
    Cwe,
}

const MARKS: &[(&str, Mark)] = &[
    ("imphash", Mark::Fingerprint),
    ("Imphash", Mark::Fingerprint),
    ("ImpHash", Mark::Fingerprint),
    ("impHash", Mark::Fingerprint),
    ("IMPHASH", Mark::Fingerprint),
    ("import hash", Mark::Fingerprint),
    ("Import hash", Mark::Fingerprint),
    ("Import Hash", Mark::Fingerprint),
    ("ja3", Mark::Fingerprint),
    ("Ja3", Mark::Fingerprint),
    ("JA3", Mark::Fingerprint),
    ("mutex", Mark::Mutex),
    ("Mutex", Mark::Mutex),
    ("MUTEX", Mark::Mutex),
    ("user-agent", Mark::Agent),
    ("User-agent", Mark::Agent),
    ("User-Agent", Mark::Agent),
    ("USER-AGENT", Mark::Agent),
    ("user agent", Mark::Agent),
    ("User agent", Mark::Agent),
    ("User Agent", Mark::Agent),
    ("user_agent", Mark::Agent),
    ("UserAgent", Mark::Agent),
    ("useragent", Mark::Agent),
    ("Mozilla/", Mark::Browser),
    ("rule ", Mark::Rule),
    ("TLP:", Mark::Tlp),
    ("tlp:", Mark::Tlp),
    ("CWE-", Mark::Cwe),
    ("cwe-", Mark::Cwe),
];

// A few fixed words always make a searcher; the examples of the rules would notice if not.
static SEARCHER: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .match_kind(MatchKind::LeftmostFirst)
        .build(MARKS.iter().map(|(word, _)| word))
        .ok()
});

/// Every mark of `text` with the bytes of its word, in order.
pub(super) fn marks(text: &str) -> impl Iterator<Item = (Mark, Range<usize>)> + '_ {
    SEARCHER
        .iter()
        .flat_map(move |searcher| searcher.find_iter(text))
        .map(|hit| (MARKS[hit.pattern().as_usize()].1, hit.range()))
}
