//! Names of mutexes, by their label: `Mutex: x`, `creates a mutex named "x"`, `CreateMutexA(…, "x")`, a
//! column or a list under the word. Enter at [`read`].

use std::ops::Range;

use super::below::{self, Below};
use super::candidate;
use super::labelled::{self, Said};
use crate::extract::candidate::{Candidate, Text};
use crate::indicator::Kind;

/// Words between the label and the name.
const GLUE: &[&str] = &[
    "a", "es", "is", "name", "names", "object", "objects", "s", "string", "the", "value", "with",
];
const NAMING: &[&str] = &["called", "named"];
/// How far behind a call's name its argument may stand, in bytes.
const CALL: usize = 200;
/// Longest and shortest name, in bytes; Windows allows no longer path of an object.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=260;

/// Reads the names that `label`, the word `mutex`, announces.
pub(super) fn read(
    text: &Text<'_>,
    label: Range<usize>,
    below: &mut Below,
    found: &mut Vec<Candidate>,
) {
    let cells = below.cells(text, &label);
    if !cells.is_empty() {
        found.extend(cells.into_iter().filter_map(|cell| lone(text, cell)));
        return;
    }
    match said(text, &label) {
        Some(candidate) => found.push(candidate),
        None => {
            let lines = below::list(text, &label).into_iter();
            found.extend(lines.map_while(|line| telling(text, line)));
        }
    }
}

fn said(text: &Text<'_>, label: &Range<usize>) -> Option<Candidate> {
    let whole = text.str();
    let before = &whole[..label.start];
    if before.ends_with("Create") || before.ends_with("Open") {
        return argument(text, label.end);
    }
    match labelled::after(text, label.end, GLUE, NAMING)? {
        Said::Quoted(span) => name(text, span, 92),
        Said::Rest(span) => {
            let word = first_word(whole, &span);
            if word == span {
                lone(text, word)
            } else {
                telling(text, word)
            }
        }
        // `the mutex Global\x`: nothing but the name itself says that it is one.
        Said::Bare(span) => {
            let word = first_word(whole, &span);
            let is_path =
                whole[word.clone()].contains('\\') || whole[word.clone()].starts_with('{');
            telling(text, word).filter(|_| is_path)
        }
    }
}

/// The first string among the arguments of a call whose name ends at `end`.
fn argument(text: &Text<'_>, end: usize) -> Option<Candidate> {
    let whole = text.str();
    let line_end = whole.floor_char_boundary(text.line_at(end).end.min(end + CALL));
    let arguments = &whole[end..line_end];
    let open = end + arguments.find('(').filter(|at| *at <= 3)?;
    let start = open + whole[open..line_end].find('"')? + 1;
    let length = whole[start..line_end].find('"')?;
    name(text, start..start + length, 92)
}

fn first_word(whole: &str, span: &Range<usize>) -> Range<usize> {
    let said = &whole[span.clone()];
    let length = said.find(char::is_whitespace).unwrap_or(said.len());
    span.start
        ..span.start
            + said[..length]
                .trim_end_matches(['.', ',', ';', ')', ']', '"', '\'', '`', '*'])
                .len()
}

/// A name that is all that its cell or line holds.
fn lone(text: &Text<'_>, span: Range<usize>) -> Option<Candidate> {
    if text.str()[span.clone()].contains(char::is_whitespace) {
        return telling(text, first_word(text.str(), &span));
    }
    name(text, span, 85)
}

/// A name that looks like one, among other words.
fn telling(text: &Text<'_>, span: Range<usize>) -> Option<Candidate> {
    let word = &text.str()[span.clone()];
    let marked = word.contains(|letter: char| {
        letter.is_ascii_digit() || matches!(letter, '\\' | '_' | '{' | '-')
    });
    let mixed = word
        .as_bytes()
        .windows(2)
        .any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    (marked || mixed).then(|| name(text, span, 80))?
}

fn name(text: &Text<'_>, span: Range<usize>, confidence: u8) -> Option<Candidate> {
    let written = &text.str()[span.clone()];
    let value = written.trim().replace("\\\\", "\\");
    (LENGTH.contains(&value.len())
        && !labelled::says_nothing(&value)
        && value.contains(char::is_alphanumeric))
    .then(|| candidate(Kind::Mutex, value, span, confidence))
}
