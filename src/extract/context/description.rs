//! What the document calls a value. Enter at [`of`].
//!
//! In order of trust: the note in its table row, the label before its colon, the words beside it,
//! its column or the first cell, the heading above its list.

use std::ops::Range;

use super::heading::Headings;
use super::label::{self, Row};
use super::{folded, phrase};
use crate::extract::candidate::Text;

/// Longest description, in characters.
pub(super) const LONGEST: usize = 120;
/// Longest label before a colon, in bytes.
pub(super) const LABEL: usize = 64;
/// What the document calls the value at `span`; `None` where it does not say. `row` is the table row
/// that it stands in, `sentence` what is around it elsewhere.
pub(super) fn of(
    text: &Text<'_>,
    span: &Range<usize>,
    row: Option<&Row>,
    sentence: &Range<usize>,
    headings: &mut Headings,
) -> Option<String> {
    let said = match row {
        Some(row) => note(text, row).or_else(|| name(text, row)),
        None => {
            let whole = text.str();
            let line = text.line_at(span.start);
            let near = sentence.start.max(line.start)..sentence.end.min(line.end);
            before_colon(whole, &line, span)
                .or_else(|| phrase::beside(whole, &near, span))
                .or_else(|| behind_dash(whole, &line, span))
                .or_else(|| headings.above(text, span.start))
        }
    }?;
    let said: String = folded(said.trim()).chars().take(LONGEST).collect();
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

/// Without the marks of lists and headings around it.
pub(super) fn clean(said: &str) -> &str {
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
    fn a_document_that_does_not_say_has_no_description() {
        assert_eq!(
            said("We went to evil.example and left.", "evil.example"),
            None
        );
        assert_eq!(said("evil.example", "evil.example"), None);
    }
}
