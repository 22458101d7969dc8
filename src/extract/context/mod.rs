//! What a document says around a value. Enter at [`describe`].
//!
//! The context is the sentence, row or line, whole where it is not long; the description is what
//! the document itself calls the value. Nothing is made up: no words, no description.

mod description;
pub(super) mod label;
#[cfg(test)]
mod panics;
mod phrase;
pub(super) mod sentence;

use std::ops::Range;

use crate::document::BlockKind;
use crate::extract::candidate::{Candidate, Text};

/// Longest context kept, in characters.
const LONGEST: usize = 500;

/// The context of `candidate`, white space folded, and what the document calls it.
pub(crate) fn describe(text: &Text<'_>, candidate: &Candidate) -> (String, Option<String>) {
    let whole = text.str();
    let span = candidate.span.clone();
    let description = description::of(text, candidate);
    if let Some(row) = label::row(text, span.start) {
        let start = row.cells.first().map_or(span.start, |cell| cell.start);
        let end = row
            .cells
            .last()
            .map_or(span.end, |cell| cell.end)
            .max(span.end);
        let (head, tail) = (&whole[start..span.start], &whole[span.end..end]);
        return (
            cut(&joined(head), &folded(&whole[span]), &joined(tail)),
            description,
        );
    }
    let bounds = bounds(text, &span);
    let around = sentence::around(whole, bounds, span.clone());
    let (head, tail) = (
        &whole[around.start.min(span.start)..span.start],
        &whole[span.end..around.end.max(span.end)],
    );
    (
        cut(&folded(head), &folded(&whole[span]), &folded(tail)),
        description,
    )
}

/// The bytes that a sentence around `span` may reach over: its block, or its line in code.
fn bounds(text: &Text<'_>, span: &Range<usize>) -> Range<usize> {
    match text.block_at(span.start) {
        Some(block) if block.kind != BlockKind::Code => {
            block.span.start..block.span.end.max(span.end)
        }
        None => 0..text.str().len(),
        Some(_) => {
            let line = text.line_at(span.start);
            line.start..line.end.max(span.end)
        }
    }
}

/// White space folded; one blank stays at either end where there was some.
fn folded(part: &str) -> String {
    let mut out = part.split_whitespace().collect::<Vec<_>>().join(" ");
    if part.ends_with(char::is_whitespace) && !out.is_empty() {
        out.push(' ');
    }
    if part.starts_with(char::is_whitespace) {
        out.insert(0, ' ');
    }
    out
}

/// The cells of a part of a row, joined by ` | `.
fn joined(part: &str) -> String {
    let mut out = String::with_capacity(part.len());
    for (index, cell) in part.split('\t').enumerate() {
        let cell = folded(cell);
        if index > 0 {
            out.truncate(out.trim_end().len());
            out.push_str(" | ");
            out.push_str(cell.trim_start());
        } else {
            out.push_str(&cell);
        }
    }
    out
}

/// `head`, `value` and `tail` as one line of at most [`LONGEST`] characters, cut at words.
fn cut(head: &str, value: &str, tail: &str) -> String {
    let head = head.trim_start();
    let tail = tail.trim_end();
    let room = LONGEST.saturating_sub(value.chars().count());
    let (before, after) = (head.chars().count(), tail.chars().count());
    let for_tail = room.saturating_sub(before.min(room / 2));
    let tail = if after > for_tail {
        first_words(tail, for_tail)
    } else {
        tail.to_owned()
    };
    let for_head = room.saturating_sub(tail.chars().count());
    let head = if before > for_head {
        last_words(head, for_head)
    } else {
        head.to_owned()
    };
    let line: String = head
        .chars()
        .chain(value.chars())
        .chain(tail.chars())
        .take(LONGEST)
        .collect();
    line.trim_matches(|c: char| c.is_whitespace() || c == '|')
        .trim()
        .to_owned()
}

fn first_words(text: &str, characters: usize) -> String {
    let kept: String = text.chars().take(characters.saturating_sub(1)).collect();
    let end = kept.rfind(' ').unwrap_or(kept.len());
    format!("{}…", &kept[..end])
}

fn last_words(text: &str, characters: usize) -> String {
    let skipped = text
        .chars()
        .count()
        .saturating_sub(characters.saturating_sub(1));
    let kept: String = text.chars().skip(skipped).collect();
    let start = kept.find(' ').map_or(0, |at| at + 1);
    format!("…{}", &kept[start..])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::indicator::Kind;

    pub(super) fn described(text: &str, value: &str) -> (String, Option<String>) {
        let document = Document {
            text: text.into(),
            ..Document::default()
        };
        let at = text.find(value).unwrap();
        let candidate = Candidate {
            kind: Kind::Domain,
            value: value.into(),
            span: at..at + value.len(),
            defanged: false,
            confidence: 90,
        };
        describe(&Text::new(&document), &candidate)
    }

    #[test]
    fn the_context_is_the_sentence_or_the_row() {
        assert_eq!(
            described("One.  It asks   evil.example\nnow. Two.", "evil.example").0,
            "It asks evil.example"
        );
        assert_eq!(
            described("domain\tevil.example\t\tC2 of it\nx\ty", "evil.example").0,
            "domain | evil.example | | C2 of it"
        );
    }

    #[test]
    fn a_long_context_is_cut_at_words_around_the_value() {
        let text = format!(
            "{} evil.example {}",
            "before ".repeat(200),
            "after ".repeat(200)
        );
        let context = described(&text, "evil.example").0;
        assert!(
            context.chars().count() <= LONGEST
                && context.contains(" evil.example ")
                && context.starts_with("…before")
                && context.ends_with("after…"),
            "{context}"
        );
    }
}
