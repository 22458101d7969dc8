//! The sentence around a value, found without being fooled by the dots of indicators and
//! abbreviations. Enter at [`around`].

use std::ops::Range;

use super::at_colon;
use crate::extract::{sweep, token};

/// How far a sentence is followed to either side of a value, in bytes.
const REACH: usize = 400;
/// A line shorter than this was ended by its author and not by the margin, in bytes.
const FULL_LINE: usize = 50;

/// Abbreviations that end in a dot and no sentence, lower case.
const ABBREVIATIONS: &[&str] = &[
    "al", "approx", "cf", "corp", "dr", "e.g", "eg", "etc", "fig", "i.e", "ie", "inc", "incl",
    "jr", "ltd", "mr", "mrs", "ms", "no", "nr", "p.m", "resp", "sec", "sr", "st", "u.k", "u.s",
    "ver", "vol", "vs",
];

/// The sentence of `bounds` that holds `value`; at most [`REACH`] bytes to either side of it.
pub(super) fn around(text: &str, bounds: Range<usize>, value: Range<usize>) -> Range<usize> {
    let (from, window) = window(text, &bounds, &value);
    let start = last_end(window, value.start - from).unwrap_or(0);
    let end = next_end(window, value.end - from).unwrap_or(window.len());
    from + start..from + end
}

/// Whether the sentence of `bounds` that holds `value`, with which a line begins, begins with it.
pub(super) fn begins_with_line(text: &str, bounds: &Range<usize>, value: &Range<usize>) -> bool {
    let (from, window) = window(text, bounds, value);
    let above = (value.start - from).checked_sub(1);
    above.is_none_or(|end| ends_line(window, end))
}

/// Where it begins, and what is looked at around `value` inside `bounds`.
fn window<'t>(text: &'t str, bounds: &Range<usize>, value: &Range<usize>) -> (usize, &'t str) {
    // A value that was joined over a line break reaches beyond its line.
    let from = bounds.start.max(value.start.saturating_sub(REACH));
    let from = text.ceil_char_boundary(from).min(value.start);
    let to = bounds.end.min(value.end.saturating_add(REACH));
    let to = text.floor_char_boundary(to).max(value.end);
    (from, &text[from..to])
}

/// The first bytes of what may end a sentence; all others are passed over unread.
static MAY_END: [bool; 256] = token::table(b"\n!?.\xE3\xEF");

fn may_end(byte: &u8) -> bool {
    MAY_END[usize::from(*byte)]
}

/// Whether the byte at `at` of `window` is a dot inside a name, an address or a number: most dots are.
fn is_inner_dot(window: &str, at: usize) -> bool {
    let bytes = window.as_bytes();
    bytes[at] == b'.' && bytes.get(at + 1).is_some_and(u8::is_ascii_alphanumeric)
}

/// The end of the last sentence that ends before byte `to` of `window`.
fn last_end(window: &str, mut to: usize) -> Option<usize> {
    loop {
        to = window.as_bytes()[..to].iter().rposition(may_end)?;
        if !is_inner_dot(window, to)
            && let Some(end) = end_of_sentence(window, to)
        {
            return Some(end);
        }
    }
}

/// The end of the first sentence that a character at byte `from` of `window` or behind it closes.
fn next_end(window: &str, mut from: usize) -> Option<usize> {
    loop {
        from += window.as_bytes()[from..].iter().position(may_end)?;
        if !is_inner_dot(window, from)
            && let Some(end) = end_of_sentence(window, from)
        {
            return Some(end);
        }
        from += 1;
    }
}

/// The end of the sentence that the character at byte `at` of `window` closes, if it closes one.
fn end_of_sentence(window: &str, at: usize) -> Option<usize> {
    let c = window[at..].chars().next()?;
    ends_sentence(window, at, c).then_some(at + c.len_utf8())
}

/// The sentences of `text`, in order.
pub(in crate::extract) fn split(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut from = 0;
    while let Some(end) = next_end(text, from) {
        sentences.push(text[from..end].trim());
        from = end;
    }
    sentences.push(text[from..].trim());
    sentences.retain(|sentence| !sentence.is_empty());
    sentences
}

/// Whether the character `c` at `at` of `window` ends a sentence.
fn ends_sentence(window: &str, at: usize, c: char) -> bool {
    let behind = &window[at + c.len_utf8()..];
    match c {
        '\n' => ends_line(window, at),
        '。' | '！' | '？' => true,
        '!' | '?' => behind.starts_with(char::is_whitespace),
        '.' => ends_at_dot(&window[..at], behind),
        _ => false,
    }
}

fn ends_at_dot(head: &str, behind: &str) -> bool {
    let closed = behind.trim_start_matches(['"', '”', '’', ')', '\'']);
    if !closed.starts_with(char::is_whitespace) {
        return false;
    }
    let next = closed.trim_start_matches([' ', '\u{a0}']);
    let begins = next.chars().next().is_some_and(|c| {
        c.is_uppercase()
            || c.is_numeric()
            || matches!(c, '"' | '“' | '‘' | '(' | '[' | '\'' | '`' | '\n')
            || !c.is_ascii() && c.is_alphabetic()
    });
    if !begins {
        return false;
    }
    let near = &head[head.ceil_char_boundary(head.len().saturating_sub(16))..];
    let word = near
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default();
    let mut letters = word.chars();
    let initial = letters.next().is_some_and(char::is_uppercase) && letters.next().is_none();
    let abbreviated = || {
        ABBREVIATIONS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(word))
    };
    !initial && !abbreviated()
}

/// Whether the line that ends at `at` was ended on purpose: it is short, closes a thought, is an entry
/// of a list, or the next word would have fitted on it.
fn ends_line(window: &str, at: usize) -> bool {
    const LINE: usize = 400;
    let near = &window.as_bytes()[at.saturating_sub(FULL_LINE)..at];
    // Most lines are short. White space or a comma at its end may hide that it ends in a link.
    let plain = near
        .last()
        .is_none_or(|last| last.is_ascii_graphic() && *last != b',');
    if plain && sweep::any(near, |byte| byte == b'\n') {
        return true;
    }
    let head = &window[window.ceil_char_boundary(at.saturating_sub(LINE))..at];
    let (above, line) = last_line(head);
    let text = line.trim();
    let linked = text.ends_with("),");
    let is_open = text.len() >= FULL_LINE
        && memchr::memchr(b' ', text.as_bytes()).is_some()
        && !text.ends_with([':', ';', '.', '!', '?', '|']);
    if !is_open && !linked {
        return true;
    }
    let ahead = &window[at + 1..window.floor_char_boundary(window.len().min(at + 1 + LINE))];
    let end = memchr::memchr(b'\n', ahead.as_bytes()).unwrap_or(ahead.len());
    let next = &ahead[..end];
    // A line that breaks off behind one link of several.
    if linked && text.contains("](") && next.starts_with('[') {
        return false;
    }
    let goes_on = is_open
        && next.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '(' | '"' | '“' | '\''));
    if !goes_on || is_delimited(text) || is_entry(text) && is_entry(next) || is_labelled(next) {
        return true;
    }
    let (_, above) = last_line(above);
    let width = above.len().max(line.len()).max(next.len());
    let word = memchr::memchr(b' ', next.as_bytes()).unwrap_or(next.len());
    line.len() + 1 + word <= width
}

/// What stands above the last line of `text`, and that line.
fn last_line(text: &str) -> (&str, &str) {
    match memchr::memrchr(b'\n', text.as_bytes()) {
        Some(end) => (&text[..end], &text[end + 1..]),
        None => ("", text),
    }
}

/// Whether `line` is a row of values with commas: `domain,evil.example,C2 server`.
fn is_delimited(line: &str) -> bool {
    const CELLS: usize = 2;
    let bytes = line.as_bytes();
    let tight = |at: usize| {
        bytes
            .get(at + 1)
            .is_some_and(|byte| !byte.is_ascii_whitespace())
    };
    memchr::memchr_iter(b',', bytes)
        .filter(|at| tight(*at) && !bytes[at + 1].is_ascii_digit())
        .nth(CELLS - 1)
        .is_some()
}

/// Whether `line` begins with a value: a hash, an address, a path.
fn is_entry(line: &str) -> bool {
    const LONG: usize = 20;
    let word = line.split_whitespace().next().unwrap_or_default();
    let bytes = word.as_bytes();
    let begins_value = |at: usize| {
        let rest = &bytes[at..];
        [&b"[."[..], b"://", b":\\"]
            .iter()
            .any(|mark| rest.starts_with(mark))
    };
    memchr::memchr2_iter(b'[', b':', bytes).any(begins_value)
        || bytes.len() >= LONG && bytes.iter().any(u8::is_ascii_digit)
}

/// Whether `line` begins with a label: `pattern: …`.
fn is_labelled(line: &str) -> bool {
    const LABEL: usize = 30;
    let near = &line[..line.floor_char_boundary(LABEL)];
    at_colon(near)
        .is_some_and(|(label, _)| label.starts_with(char::is_alphabetic) && !label.contains(' '))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sentence(text: &str, value: &str) -> String {
        let at = text.find(value).unwrap();
        text[around(text, 0..text.len(), at..at + value.len())]
            .trim()
            .to_owned()
    }

    #[test]
    fn dots_of_indicators_and_abbreviations_end_no_sentence() {
        let text = "First one. The loader, e.g. evil.exe, asks hxxp://evil[.]example/a.php for v1.2 of it. Then Dr. X came.";
        assert_eq!(
            sentence(text, "evil.exe"),
            "The loader, e.g. evil.exe, asks hxxp://evil[.]example/a.php for v1.2 of it."
        );
        assert_eq!(sentence(text, "First"), "First one.");
        assert_eq!(sentence(text, "X came"), "Then Dr. X came.");
    }

    #[test]
    fn a_line_broken_by_the_margin_goes_on_and_a_short_line_ends() {
        let text = "Hashes\nThe actor used the following server in all of the attacks\nthat we saw: 192.0.2.1\nother";
        assert_eq!(
            sentence(text, "192.0.2.1"),
            "The actor used the following server in all of the attacks\nthat we saw: 192.0.2.1"
        );
        assert_eq!(sentence("a.exe\nb.exe\nc.exe", "b.exe"), "b.exe");
    }

    #[test]
    fn a_line_that_had_room_for_the_next_word_was_ended_on_purpose() {
        let text = "Figure 4: the first of the scripts sends visitors to it\n\
                    The second script then asks two.example for a template, which is the page that visitors see at the end of it all.";
        assert_eq!(
            sentence(text, "two.example"),
            text.split_once('\n').unwrap().1
        );
    }

    #[test]
    fn entries_rows_and_labels_stand_on_lines_of_their_own() {
        for lines in [
            [
                "0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d (the first dropper of it)",
                "1a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d (the second dropper)",
            ],
            [
                "file_path,C:\\new folder\\locker.exe,Path of the ransomware executable",
                "filename,Restore.txt,Note of the ransomware",
            ],
            [
                "pattern: [domain-name:value = 'a-long-name-of-a-host.example']",
                "valid_from: 2026-02-25T07:16:10Z of the year that it was seen",
            ],
        ] {
            let text = lines.join("\n");
            let (first, second) = (&lines[0][..10], &lines[1][..10]);
            assert_eq!(sentence(&text, first), lines[0]);
            assert_eq!(sentence(&text, second), lines[1]);
        }
    }

    #[test]
    fn a_text_splits_into_its_sentences() {
        assert_eq!(
            split("One is here. Two? Three"),
            ["One is here.", "Two?", "Three"]
        );
        assert_eq!(split(""), [""; 0]);
    }
}
