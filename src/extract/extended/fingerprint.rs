//! Import hashes and TLS fingerprints: 32 hex digits like an MD5, told by their label alone. Enter at [`of`].

use std::ops::Range;

use super::candidate;
use crate::extract::candidate::{Candidate, Text};
use crate::extract::context::label;
use crate::indicator::Kind;

/// How far before the digits their label may stand, in bytes.
const REACH: usize = 60;
/// Words between a label and the digits: `JA3 hash (MD5) of the client is …`.
const WORDS: usize = 6;
/// Longest line that is a label by itself.
const HEADING: usize = 40;

/// The fingerprint that `run`, a whole run of letters and digits, is by its label.
pub(super) fn of(text: &Text<'_>, run: Range<usize>) -> Option<Candidate> {
    let digits = &text.str()[run.clone()];
    if digits.len() != 32 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let kind = before(text, run.start)
        .or_else(|| named(label::of(text, run.start)?.split(|c: char| !c.is_alphanumeric())))?;
    Some(candidate(kind, digits.to_ascii_lowercase(), run, 95))
}

/// The label before `at` on its line, or all of the line above where nothing stands before.
fn before(text: &Text<'_>, at: usize) -> Option<Kind> {
    let mut words = text.words_before(at, REACH, "").take(WORDS).peekable();
    if words.peek().is_some() {
        // Past other digits a label is theirs.
        return named(words.take_while(|word| word.len() < 32));
    }
    let above = text.line_at(text.line_at(at).start.checked_sub(1)?);
    let is_label = above.len() <= HEADING;
    named(text.words_before(above.end, REACH, "").filter(|_| is_label))
}

/// The kind that `words`, the nearest first or in order, name.
fn named<'a>(words: impl Iterator<Item = &'a str>) -> Option<Kind> {
    let words: Vec<_> = words.map(str::to_ascii_lowercase).collect();
    let neighbours = |pair: &[String], a, b| pair[0] == a && pair[1] == b;
    words
        .iter()
        .find_map(|word| match word.as_str() {
            "imphash" => Some(Kind::Imphash),
            "ja3" | "ja3s" => Some(Kind::Ja3),
            _ => None,
        })
        .or_else(|| {
            let import_hash = |pair: &[String]| {
                neighbours(pair, "hash", "import") || neighbours(pair, "import", "hash")
            };
            words.windows(2).any(import_hash).then_some(Kind::Imphash)
        })
}
