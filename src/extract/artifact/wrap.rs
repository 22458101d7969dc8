//! Windows paths and registry keys that a page or a table cell wrapped. Enter at [`heal`].
//!
//! The break must stand inside the path: the next line goes on with a part and a backslash, and has no
//! root of its own. A last part without one is joined only under lines that were joined, of one width.

use super::{after, extension, registry};
use crate::extract::candidate::{Candidate, Text};

/// Lines that one path may fill.
const LINES: usize = 5;
/// Longest part of a path that is joined, in bytes.
const LONGEST: usize = 260;
/// A line shorter than this was not wrapped.
const NARROWEST: usize = 20;
/// Characters by which lines that were wrapped at the same place differ.
const SLACK: usize = 3;

/// Reads `one`, which ends where its line ends, on in the lines below.
pub(super) fn heal(text: &Text<'_>, one: &mut Candidate) {
    let whole = text.str();
    let width = text.line_at(one.span.start).len();
    for line in 1..LINES {
        let end = one.span.end;
        if after(whole, end) != Some('\n') || text.block_at(end) != text.block_at(end + 1) {
            return;
        }
        let above = text.line_at(end);
        let part = one.value.rsplit('\\').next().unwrap_or_default();
        if above.len() < NARROWEST || part.is_empty() || extension::ends_file(part) {
            return;
        }
        let below = word(&whole[end + 1..]);
        let goes_on = below.contains('\\') && !has_root(below) && text.wraps(&above);
        let closes = line > 1 && width.abs_diff(above.len()) <= SLACK && is_rest(below);
        if below.is_empty() || !(goes_on || closes) {
            return;
        }
        if goes_on && is_spaced(part, below) {
            one.value.push(' ');
        }
        one.value.push_str(below.trim_end_matches('\\'));
        one.span.end = end + 1 + below.len();
    }
}

/// What `line` begins with, up to a blank or a mark that ends a path.
fn word(line: &str) -> &str {
    let near = &line[..line.floor_char_boundary(LONGEST)];
    let end = near.find(|c: char| {
        c.is_whitespace() || matches!(c, ',' | ';' | '"' | '\'' | '|' | '<' | '>' | ')' | '”')
    });
    near[..end.unwrap_or(near.len())].trim_end_matches('.')
}

/// Whether `word` begins a path of its own.
fn has_root(word: &str) -> bool {
    let first = word.split('\\').next().unwrap_or_default();
    first.is_empty()
        || first.contains([':', '%', '$'])
        || registry::is_hive(first)
        || first.eq_ignore_ascii_case("windows")
        || first.eq_ignore_ascii_case("users")
}

/// Whether `word` reads like the rest of a name and not like the next word of a sentence.
fn is_rest(word: &str) -> bool {
    word.len() > 1
        && !super::is_function_word(word)
        && word
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'))
}

/// Whether the break stands at the blank of a well-known name: `Program Files`.
fn is_spaced(part: &str, below: &str) -> bool {
    const NAMES: [(&str, &str); 9] = [
        ("program", "files"),
        ("common", "files"),
        ("windows", "nt"),
        ("windows", "defender"),
        ("application", "data"),
        ("start", "menu"),
        ("local", "settings"),
        ("internet", "explorer"),
        ("control", "panel"),
    ];
    let first = below.split('\\').next().unwrap_or_default();
    NAMES.iter().any(|(left, right)| {
        left.eq_ignore_ascii_case(part)
            && first
                .get(..right.len())
                .is_some_and(|start| start.eq_ignore_ascii_case(right))
    })
}
