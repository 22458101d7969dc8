//! What HTTP clients call themselves: by the label `User-Agent`, or by the form that all browsers share.

use std::ops::Range;

use super::below::Below;
use super::candidate;
use super::labelled::{self, LONGEST, Said};
use crate::extract::candidate::{Candidate, Text};
use crate::indicator::Kind;

/// Words between the label and the value.
const GLUE: &[&str] = &[
    "field", "header", "is", "s", "string", "strings", "the", "value",
];

/// Reads what `label`, the words `User-Agent`, announces.
pub(super) fn labelled(
    text: &Text<'_>,
    label: Range<usize>,
    below: &mut Below,
    found: &mut Vec<Candidate>,
) {
    let cells = below.cells(text, &label);
    found.extend(cells.into_iter().filter_map(|cell| agent(text, cell)));
    found.extend(match labelled::after(text, label.end, GLUE, &[]) {
        Some(Said::Quoted(span)) => told(text, span),
        Some(Said::Rest(span)) => agent(text, span),
        _ => None,
    });
}

/// Without quotes, what names no product with its version must be one word: all else may be prose.
fn agent(text: &Text<'_>, span: Range<usize>) -> Option<Candidate> {
    let said = &text.str()[span.clone()];
    (said.split(' ').any(is_product) || !said.contains(char::is_whitespace))
        .then(|| told(text, span))?
}

/// All of `span`, but for a browser: that announces itself, wherever it stands.
fn told(text: &Text<'_>, span: Range<usize>) -> Option<Candidate> {
    let said = &text.str()[span.clone()];
    // The line end of a request that was dumped with its escapes.
    let end = ["\\r", "\\n"]
        .iter()
        .filter_map(|mark| said.find(mark))
        .min();
    let said = said[..end.unwrap_or(said.len())]
        .trim_end_matches(['"', '\'', '`', ',', ';', '.', '*', ' ']);
    let is_whole = (2..=LONGEST).contains(&said.len()) && said.contains(char::is_alphanumeric);
    (is_whole && !said.starts_with("Mozilla/") && !labelled::says_nothing(said)).then(|| {
        candidate(
            Kind::UserAgent,
            said.to_owned(),
            span.start..span.start + said.len(),
            88,
        )
    })
}

/// What a browser, or who plays one, calls itself: `Mozilla/5.0 (…) …` from `start` on.
pub(super) fn browser(text: &Text<'_>, start: usize) -> Option<Candidate> {
    let whole = text.str();
    let line = text.line_at(start);
    let limit = whole.floor_char_boundary(line.end.min(start + LONGEST));
    let bytes = &whole.as_bytes()[..limit];
    let mut end = start + word(&bytes[start..]).len();
    if !is_product(&whole[start..end]) {
        return None;
    }
    let mut has_comment = false;
    while bytes.get(end) == Some(&b' ') {
        let next = end + 1;
        if bytes.get(next) == Some(&b'(') {
            end = next + comment(&bytes[next..])?;
            has_comment = true;
            continue;
        }
        let said = &whole[next..next + word(&bytes[next..]).len()];
        let product = said.trim_end_matches(['.', ',', ';', ':', '\'']);
        let is_part = is_product(product)
            || matches!(product, "Gecko" | "Mobile" | "Safari")
            || product == "like" && bytes[next..].starts_with(b"like Gecko");
        if !is_part {
            break;
        }
        end = next + product.len();
        if product.len() < said.len() {
            break;
        }
    }
    has_comment.then(|| {
        candidate(
            Kind::UserAgent,
            whole[start..end].to_owned(),
            start..end,
            95,
        )
    })
}

/// The bytes of `bytes` up to a blank or what ends a quotation.
fn word(bytes: &[u8]) -> &[u8] {
    let ends = |byte: &u8| {
        !byte.is_ascii_graphic()
            || matches!(byte, b'"' | b'<' | b'>' | b'`' | b'|' | b'\\' | b'(' | b')')
    };
    &bytes[..bytes.iter().position(ends).unwrap_or(bytes.len())]
}

/// Length of the comment in brackets that `bytes` begins with.
fn comment(bytes: &[u8]) -> Option<usize> {
    let mut depth = 0;
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' if depth == 1 => return Some(at + 1),
            b')' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// `name/1.0`.
fn is_product(word: &str) -> bool {
    word.split_once('/').is_some_and(|(name, version)| {
        name.starts_with(|letter: char| letter.is_ascii_alphabetic())
            && version.starts_with(|letter: char| letter.is_ascii_digit())
    })
}
