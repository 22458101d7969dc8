//! What the document calls a value. Enter at [`of`].
//!
//! In order of trust: the note in its table row, the label before its colon, the words beside it,
//! its column or the first cell, the heading above its list.

use std::ops::Range;

use super::label::{self, Row};
use super::{phrase, sentence};
use crate::document::BlockKind;
use crate::extract::candidate::{Candidate, Text};
use crate::extract::lexicon::Lexicon;

/// Longest description, in characters.
const LONGEST: usize = 120;
/// Longest label before a colon, in bytes.
const LABEL: usize = 64;
/// How many lines or blocks a heading may stand above a value of its list.
const LIST: usize = 128;

/// Headings that say no more than that indicators follow, lower case.
static GENERIC: Lexicon = Lexicon::new(&[
    "appendix",
    "appendix a",
    "appendix b",
    "host-based indicators",
    "indicator of compromise",
    "indicators",
    "indicators of compromise",
    "indicators of compromise (iocs)",
    "ioc",
    "iocs",
    "network indicators",
    "references",
]);

/// What the document calls `candidate`; `None` where it does not say.
pub(super) fn of(text: &Text<'_>, candidate: &Candidate) -> Option<String> {
    let span = &candidate.span;
    let said = match label::row(text, span.start) {
        Some(row) => note(text, &row).or_else(|| name(text, &row)),
        None => {
            let whole = text.str();
            let line = text.line_at(span.start);
            let around = sentence::around(whole, line.clone(), span.clone());
            before_colon(whole, &line, span)
                .or_else(|| phrase::beside(whole, &around, span))
                .or_else(|| behind_dash(whole, &line, span))
                .or_else(|| heading(text, span))
        }
    }?;
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    let said: String = said.chars().take(LONGEST).collect();
    (said.chars().any(char::is_alphabetic)).then_some(said)
}

/// The cell of the row that describes the value in words.
fn note(text: &Text<'_>, row: &Row) -> Option<String> {
    let cells = row
        .cells
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != row.own);
    let described = cells.clone().find(|(index, _)| {
        row.header(text, *index).is_some_and(|name| {
            let name = name.to_ascii_lowercase();
            [
                "note",
                "description",
                "comment",
                "detail",
                "context",
                "remark",
                "purpose",
                "role",
                "notes",
            ]
            .iter()
            .any(|word| name.contains(word))
        })
    });
    let words = |(_, cell): (usize, &Range<usize>)| {
        let cell = text.str().get(cell.clone())?.trim();
        (cell.contains(' ') && cell.len() <= 4 * LONGEST && phrase::is_words(cell))
            .then(|| cell.to_owned())
    };
    described.and_then(words).or_else(|| {
        cells
            .clone()
            .filter(|(index, _)| *index > row.own)
            .find_map(words)
    })
}

/// The name of the value's column, or the first cell where that is a label.
fn name(text: &Text<'_>, row: &Row) -> Option<String> {
    let column = row
        .header(text, row.own)
        .filter(|name| !label::is_generic(name));
    column
        .or_else(|| row.type_cell(text))
        .map(|name| name.replace('_', " "))
}

/// "C2 server: evil.example".
fn before_colon(whole: &str, line: &Range<usize>, span: &Range<usize>) -> Option<String> {
    let start = whole.ceil_char_boundary(line.start.max(span.start.saturating_sub(LABEL)));
    let head = whole
        .get(start..span.start)?
        .trim_end()
        .trim_end_matches(['"', '\'', '`', '“', '[', '*', ' ']);
    let label = head
        .strip_suffix([':', '=', '：'])
        .or_else(|| head.strip_suffix(" -"))
        .or_else(|| head.strip_suffix(" –"))?;
    let label = label.rsplit(['.', ';', ',', '|', '\t']).next()?;
    let label = clean(label);
    let known = start == line.start || whole[start..].find(label).is_some_and(|at| at > 0);
    (known && label.len() > 1 && label.split_whitespace().count() <= 8 && phrase::is_words(label))
        .then(|| label.to_owned())
}

/// "evil.example – C2 server" in a list.
fn behind_dash(whole: &str, line: &Range<usize>, span: &Range<usize>) -> Option<String> {
    let opens = whole
        [whole.ceil_char_boundary(line.start.max(span.start.saturating_sub(8)))..span.start]
        .chars()
        .all(|c| !c.is_alphanumeric());
    let end = whole.floor_char_boundary(line.end.min(span.end.saturating_add(LONGEST + 8)));
    let tail = whole
        .get(span.end..end)?
        .trim_start_matches(['"', '\'', '`', '”', ']', ')'])
        .trim_start();
    let rest = tail
        .strip_prefix("- ")
        .or_else(|| tail.strip_prefix("– "))
        .or_else(|| tail.strip_prefix("— "))
        .or_else(|| tail.strip_prefix(": "))?;
    let rest = clean(rest);
    (opens && line.end <= end && phrase::is_words(rest)).then(|| rest.to_owned())
}

/// The heading or the paragraph with a colon above the list that the value stands in.
fn heading(text: &Text<'_>, span: &Range<usize>) -> Option<String> {
    let whole = text.str();
    if let Some(block) = text
        .block_at(span.start)
        .filter(|block| !matches!(block.kind, BlockKind::Paragraph | BlockKind::Heading))
    {
        let blocks = &text.document().blocks;
        let own = blocks.partition_point(|other| other.span.start < block.span.start);
        for earlier in blocks[..own].iter().rev().take(LIST) {
            let said = whole.get(earlier.span.clone())?;
            match earlier.kind {
                BlockKind::Heading => return title(said),
                BlockKind::Paragraph => return title(last_clause(said)?),
                _ => {}
            }
        }
        return None;
    }
    let mut line = text.line_at(span.start);
    if !is_entry(whole.get(line.clone())?) {
        return None;
    }
    let mut blank = 0;
    for _ in 0..LIST {
        line = text.line_at(line.start.checked_sub(1)?);
        let said = whole.get(line.clone())?.trim();
        if said.is_empty()
            || said
                .bytes()
                .all(|byte| matches!(byte, b'-' | b'=' | b'`' | b'~'))
        {
            blank += 1;
            if blank > 3 {
                return None;
            }
        } else if let Some(said) = last_clause(said).and_then(title).or_else(|| marked(said)) {
            return Some(said);
        } else if is_entry(said) {
            blank = 0;
        } else {
            // A short line of words that stands alone above a list is its heading.
            return (said.len() <= LABEL && blank == 0 && !said.ends_with(['.', ',']))
                .then(|| title(said))
                .flatten();
        }
    }
    None
}

/// Whether a line is one entry of a list: a value with hardly a word.
fn is_entry(line: &str) -> bool {
    let line = line
        .get(..line.floor_char_boundary(LABEL * 4))
        .unwrap_or(line);
    let words = line
        .split_whitespace()
        .filter(|word| word.len() > 1 && word.chars().all(char::is_alphabetic))
        .count();
    words <= 3
        && line
            .chars()
            .any(|c| c.is_ascii_digit() || matches!(c, '.' | '\\' | '/' | '['))
}

/// The end of a text that closes with a colon: "… the following C2 servers:".
fn last_clause(said: &str) -> Option<&str> {
    let said = said.trim_end().strip_suffix([':', '：'])?;
    let near = &said[said.ceil_char_boundary(said.len().saturating_sub(LONGEST))..];
    near.rsplit(['.', '\n', ';']).next()
}

/// A heading of a markup language: `## C2`, `== C2`, `.C2`.
fn marked(line: &str) -> Option<String> {
    line.starts_with("# ")
        .then_some(())
        .or_else(|| line.starts_with("##").then_some(()))
        .or_else(|| line.starts_with("==").then_some(()))?;
    title(line)
}

/// `said` as the title of a list; `None` where it says nothing.
fn title(said: &str) -> Option<String> {
    let said = clean(said);
    (said.len() > 1
        && said.len() <= LONGEST
        && !GENERIC.contains_any_case(said)
        && phrase::is_words(said))
    .then(|| said.to_owned())
}

/// Without the marks of lists and headings around it.
fn clean(said: &str) -> &str {
    said.trim().trim_matches(|c: char| {
        matches!(
            c,
            '#' | '='
                | '*'
                | '-'
                | '•'
                | '–'
                | '`'
                | '"'
                | '“'
                | '”'
                | ':'
                | '.'
                | ','
                | '>'
                | '\''
        ) || c.is_whitespace()
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::described;

    fn said(text: &str, value: &str) -> Option<String> {
        described(text, value).1
    }

    #[test]
    fn a_row_names_its_value_by_its_note_or_its_label() {
        assert_eq!(
            said("sha256\t0a1b2c\tDriver used by it", "0a1b2c").as_deref(),
            Some("Driver used by it")
        );
        assert_eq!(
            said("C2 server\tevil.example", "evil.example").as_deref(),
            Some("C2 server")
        );
    }

    #[test]
    fn a_label_before_a_colon_names_the_value() {
        assert_eq!(
            said("- C2 server: evil.example", "evil.example").as_deref(),
            Some("C2 server")
        );
        assert_eq!(
            said("SHA256 of the loader: 0a1b2c", "0a1b2c").as_deref(),
            Some("SHA256 of the loader")
        );
        assert_eq!(
            said("* evil.example - first relay", "evil.example").as_deref(),
            Some("first relay")
        );
    }

    #[test]
    fn the_heading_of_a_list_names_its_values() {
        assert_eq!(
            said(
                "We saw these.\n\nC2 servers:\na.example\nb.example\n\nc.example",
                "c.example"
            )
            .as_deref(),
            Some("C2 servers")
        );
        assert_eq!(
            said("## Phishing pages\n\na.example\n", "a.example").as_deref(),
            Some("Phishing pages")
        );
        assert_eq!(
            said("Indicators of compromise:\n\na.example\n", "a.example"),
            None
        );
    }

    #[test]
    fn a_document_that_does_not_say_has_no_description() {
        assert_eq!(
            said("We went to evil.example and left.", "evil.example"),
            None
        );
        assert_eq!(said("evil.example", "evil.example"), None);
    }
}
