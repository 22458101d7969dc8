//! The sentence around a value, found without being fooled by the dots of indicators and
//! abbreviations. Enter at [`around`].

use std::ops::Range;

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
    // A value that was joined over a line break reaches beyond its line.
    let from = bounds.start.max(value.start.saturating_sub(REACH));
    let from = text.ceil_char_boundary(from).min(value.start);
    let to = bounds.end.min(value.end.saturating_add(REACH));
    let to = text.floor_char_boundary(to).max(value.end);
    let window = &text[from..to];
    let start = (0..value.start - from)
        .rev()
        .find_map(|at| end_of_sentence(window, at));
    let end = (value.end - from..window.len()).find_map(|at| end_of_sentence(window, at));
    from + start.unwrap_or(0)..end.map_or(to, |end| from + end)
}

/// The first bytes of what may end a sentence; all others are passed over unread.
static MAY_END: [bool; 256] = {
    let mut table = [false; 256];
    let mut bytes: &[u8] = b"\n!?.\xE3\xEF";
    while let [byte, rest @ ..] = bytes {
        table[*byte as usize] = true;
        bytes = rest;
    }
    table
};

/// The end of the sentence that the character at byte `at` of `window` closes, if it closes one.
fn end_of_sentence(window: &str, at: usize) -> Option<usize> {
    if !MAY_END[usize::from(window.as_bytes()[at])] {
        return None;
    }
    let c = window[at..].chars().next()?;
    ends_sentence(window, at, c).then_some(at + c.len_utf8())
}

/// The sentences of `text`, in order.
pub(in crate::extract) fn split(text: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut from = 0;
    for at in 0..text.len() {
        if let Some(end) = end_of_sentence(text, at) {
            sentences.push(text[from..end].trim());
            from = end;
        }
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
    let near = &head[head.ceil_char_boundary(head.len().saturating_sub(16))..];
    let word = near
        .rsplit(|c: char| c.is_whitespace() || c == '(')
        .next()
        .unwrap_or_default();
    let initial = word.chars().count() == 1 && word.chars().all(char::is_uppercase);
    begins && !initial && !ABBREVIATIONS.contains(&word.to_lowercase().as_str())
}

/// Whether the line that ends at `at` was ended on purpose.
fn ends_line(window: &str, at: usize) -> bool {
    let head = &window[window.ceil_char_boundary(at.saturating_sub(200))..at];
    let line = head.rsplit('\n').next().unwrap_or_default().trim();
    let next = &window[at + 1..];
    let wrapped = line.len() >= FULL_LINE
        && line.contains(' ')
        && !line.ends_with([':', ';', '.', '!', '?', '|'])
        && next.starts_with(|c: char| c.is_alphanumeric() || matches!(c, '(' | '"' | '“' | '\''));
    !wrapped
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
    fn a_text_splits_into_its_sentences() {
        assert_eq!(
            split("One is here. Two? Three"),
            ["One is here.", "Two?", "Three"]
        );
        assert_eq!(split(""), [""; 0]);
    }
}
