//! What the document calls a value. Enter at [`of`].
//!
//! In order of trust: the note in its table row, the label before its colon, the words beside it,
//! its column or the first cell, the heading above its list.

use std::borrow::Cow;
use std::ops::Range;

use super::heading::Headings;
use super::label::{self, Row};
use super::{Surroundings, at_colon, folded, heading, markup, offset_of, phrase};
use crate::document::BlockKind;
use crate::extract::candidate::Text;
use crate::extract::{letters, sweep};

/// Longest description, in characters.
pub(super) const LONGEST: usize = 120;
/// Longest label before a colon, in bytes.
pub(super) const LABEL: usize = 64;

/// What the document calls the value at `span`, as it is written there; `None` where it does not say.
pub(super) fn of<'f>(
    text: &Text<'f>,
    span: &Range<usize>,
    found: &Surroundings<'_, 'f>,
    headings: &'f mut Headings,
) -> Option<Cow<'f, str>> {
    match found.row {
        Some(row) => in_row(text, span, row, headings),
        None => on_line(text, span, &found.around, headings),
    }
}

fn in_row<'f>(
    text: &Text<'f>,
    span: &Range<usize>,
    row: &Row<'f>,
    headings: &'f mut Headings,
) -> Option<Cow<'f, str>> {
    if let Some(note) = note(text, row) {
        return Some(note.into());
    }
    let name = name(text, row);
    // A column that only repeats the kind says less than a name beside the value does.
    let other = match name.as_deref().is_none_or(label::is_kind) {
        true => alias(text, row).or_else(|| headings.above(text, span.start).map(Cow::Borrowed)),
        false => None,
    };
    other.or(name)
}

/// What the document calls the value at `span` where nothing stands beside it on its line.
pub(super) fn of_alone<'f>(
    text: &Text<'f>,
    span: &Range<usize>,
    headings: &'f mut Headings,
) -> Option<&'f str> {
    mail_header(text, &text.line_at(span.start)).or_else(|| headings.above(text, span.start))
}

fn on_line<'f>(
    text: &Text<'f>,
    span: &Range<usize>,
    sentence: &Range<usize>,
    headings: &'f mut Headings,
) -> Option<Cow<'f, str>> {
    let whole = text.str();
    let line = text.line_at(span.start);
    let head = &whole[line.start..span.start];
    let tail = whole.get(span.end..line.end).unwrap_or_default();
    if head.trim_start().is_empty() && tail.trim_start().is_empty() {
        // Nothing stands beside the value.
        return of_alone(text, span, headings).map(Cow::Borrowed);
    }
    let near = sentence.start.max(line.start)..sentence.end.min(line.end);
    let labelled = before_colon(whole, &line, span);
    let (kind, telling) = match labelled {
        Some(label) if label::is_kind(label) => (Some(label), None),
        label => (None, label.filter(|label| !label::is_empty(label))),
    };
    telling
        .or_else(|| mail_header(text, &line))
        .or_else(|| delimited(whole, &line, span))
        .or_else(|| sibling(text, &line, span))
        .map(Cow::Borrowed)
        .or_else(|| {
            let beside = phrase::beside(whole, &near, span);
            beside.filter(|said| says_more(said)).map(Cow::Owned)
        })
        .or_else(|| behind_dash(whole, &line, span).map(Cow::Borrowed))
        .or_else(|| headings.above(text, span.start).map(Cow::Borrowed))
        .or(kind.map(Cow::Borrowed))
}

/// What is made of what documents say. Values below one heading, and those of one column, are called the
/// same, one behind the other: the name is made once.
#[derive(Default)]
pub(super) struct Names {
    said: String,
    name: Option<String>,
}

impl Names {
    /// The description that `said` makes; `None` where it says nothing.
    pub(super) fn of(&mut self, said: &str) -> Option<String> {
        if self.said != said {
            self.name = named(said);
            self.said.clear();
            self.said.push_str(said);
        }
        self.name.clone()
    }
}

/// `said` without markup, white space folded, cut where it is long.
fn named(said: &str) -> Option<String> {
    let (said, _) = markup::plain(said, 0..0);
    let mut said = folded(clean(&said)).into_owned();
    if said.len() > LONGEST {
        said.truncate(offset_of(&said, LONGEST));
    }
    let telling = letters::count(&said) > 1;
    let marked = sweep::twice(said.as_bytes(), |byte| byte == b'*');
    (telling && !marked).then_some(said)
}

/// Whether a name says more than the kind of the value does.
pub(super) fn says_more(said: &str) -> bool {
    !label::is_kind(said) && !label::is_empty(said)
}

/// The cell of the row that describes the value in words.
fn note<'t>(text: &Text<'t>, row: &Row<'t>) -> Option<&'t str> {
    let cells = row
        .cells
        .iter()
        .enumerate()
        .filter(|(index, _)| *index != row.own);
    let described = cells
        .clone()
        .find(|(index, _)| row.column(*index).is_some_and(|column| column.is_note));
    let words = |(_, cell): (usize, &Range<usize>)| {
        let cell = text.str().get(cell.clone())?.trim();
        (cell.len() <= 4 * LONGEST
            && memchr::memchr(b' ', cell.as_bytes()).is_some()
            && phrase::is_words(cell))
        .then_some(cell)
    };
    described.and_then(words).or_else(|| {
        cells
            .clone()
            .filter(|(index, _)| *index > row.own)
            .find_map(words)
    })
}

/// Another cell that names the value where no cell describes it: a family, a detection, a file.
fn alias<'t>(text: &Text<'t>, row: &Row<'t>) -> Option<Cow<'t, str>> {
    let named =
        |cell: &(usize, &Range<usize>)| row.column(cell.0).is_some_and(|column| column.is_naming);
    let mut others = row.cells.iter().enumerate();
    let last = row.cells.len() - 1;
    let last = (last > row.own).then(|| (last, &row.cells[last]));
    let (_, cell) = others
        .find(|cell| cell.0 != row.own && named(cell))
        .or(last)?;
    let (cell, _) = markup::plain(text.str().get(cell.clone())?.trim(), 0..0);
    let value = cell.contains(['\\', '@', '[', '|', '\n'])
        || cell.contains("://")
        || cell.bytes().filter(u8::is_ascii_digit).count() * 2 > cell.len()
        || label::is_kind(&cell);
    let named = letters::count(&cell) > 2 && cell.len() <= LONGEST / 2;
    (named && !value && !cell.contains("0x")).then_some(cell)
}

/// The name of the value's column, or the first cell where that is a label.
fn name<'t>(text: &Text<'t>, row: &Row<'t>) -> Option<Cow<'t, str>> {
    let column = row
        .column(row.own)
        .filter(|column| !label::is_generic(column.name) && !column.is_note);
    column
        .map(|column| column.name)
        .or_else(|| row.type_cell(text))
        .map(|name| match memchr::memchr(b'_', name.as_bytes()) {
            Some(_) => name.replace('_', " ").into(),
            None => name.into(),
        })
}

/// "C2 server: evil.example".
fn before_colon<'t>(whole: &'t str, line: &Range<usize>, span: &Range<usize>) -> Option<&'t str> {
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
    // `name: Discovery - T1057`: the first colon labels the label.
    let label = label.rsplit(": ").next()?;
    let label = clean(label);
    // `r.php?key=…` is a part of a URL.
    if label.contains(['?', '&']) && head.ends_with('=') {
        return None;
    }
    let known = start == line.start || !whole[start..].starts_with(label);
    (known && label.len() > 1 && label.split_whitespace().count() <= 8 && phrase::is_words(label))
        .then_some(label)
}

/// `domain,evil.example,C2 server` and `0a1b… | a.exe | C2 server`: a row that no reader took for one.
fn delimited<'t>(whole: &'t str, line: &Range<usize>, span: &Range<usize>) -> Option<&'t str> {
    let end = whole.floor_char_boundary(line.end.min(span.end.saturating_add(4 * LONGEST)));
    let head = whole.get(line.start..span.start)?;
    let rest = whole.get(span.end..end)?;
    let rest = rest.trim_start_matches(['`', '"', '*', ' ']);
    let bar = rest.starts_with('|');
    let tight = rest.starts_with(',')
        && !rest.starts_with(", ")
        && (head.is_empty() || head.ends_with(','));
    if !bar && !tight {
        return None;
    }
    let mark = if bar { '|' } else { ',' };
    let cells = || {
        rest[1..].split(mark).map(clean).filter(|cell| {
            cell.len() <= LONGEST
                && letters::count(cell) > 2
                && phrase::is_words(cell)
                && !label::is_kind(cell)
        })
    };
    cells()
        .find(|cell| cell.contains(' '))
        .or_else(|| cells().next())
}

/// The name of the header of a mail that the value stands in: `From`.
fn mail_header<'t>(text: &Text<'t>, line: &Range<usize>) -> Option<&'t str> {
    let block = text
        .block_at(line.start)
        .filter(|block| block.kind == BlockKind::Code)?;
    let code = text.str().get(block.span.clone())?;
    let (name, _) = at_colon(text.str().get(line.clone())?)?;
    let named = name
        .bytes()
        .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    (named && heading::opens_mail(code)).then_some(name)
}

/// What another line of the same record says: `comment: C2 server` below `value: evil.example`.
fn sibling<'t>(text: &Text<'t>, line: &Range<usize>, span: &Range<usize>) -> Option<&'t str> {
    const TELLING: [&str; 6] = [
        "comment",
        "description",
        "title",
        "name",
        "labels",
        "category",
    ];
    const RECORD: usize = 2_048;
    let whole = text.str();
    let (label, _) = at_colon(whole.get(line.start..span.start)?)?;
    if !(label::is_empty(label) || label::is_kind(label)) {
        return None;
    }
    let block = text.block_at(span.start)?.span.clone();
    let from = whole.ceil_char_boundary(block.start.max(span.start.saturating_sub(RECORD)));
    let to = whole.floor_char_boundary(block.end.min(span.end.saturating_add(RECORD)));
    let record = whole.get(from..to)?;
    let mut told = [None; TELLING.len()];
    for (key, said) in record.lines().filter_map(at_colon) {
        if let Some(index) = TELLING.iter().position(|telling| *telling == key) {
            told[index].get_or_insert(said.trim());
        }
    }
    told.into_iter()
        .flatten()
        .find(|said| said.len() > 1 && said.len() <= LONGEST && phrase::is_words(said))
}

/// "evil.example – C2 server" in a list.
fn behind_dash<'t>(whole: &'t str, line: &Range<usize>, span: &Range<usize>) -> Option<&'t str> {
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
    (opens && line.end <= end && phrase::is_words(rest)).then_some(rest)
}

/// Without the marks of lists and headings around it.
pub(super) fn clean(said: &str) -> &str {
    let is_mark = |c: char| {
        matches!(
            c,
            '#' | '=' | '*' | '-' | '•' | '–' | '`' | '"' | '“' | '”' | ':' | ',' | '>' | '\''
        ) || c.is_whitespace()
    };
    // A dot may open a name: `.NET loader`.
    said.trim_start_matches(is_mark)
        .trim_end_matches(|c: char| is_mark(c) || c == '.')
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
            said("sha256\t0a1b2c\tForshare", "0a1b2c").as_deref(),
            Some("Forshare")
        );
        assert_eq!(said("sha256\t0a1b2c", "0a1b2c").as_deref(), Some("sha256"));
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
    fn a_row_with_commas_and_a_record_name_their_value() {
        assert_eq!(
            said("url,evil.example,C2 server of it", "evil.example").as_deref(),
            Some("C2 server of it")
        );
        assert_eq!(
            said("`0a1b2c` | `a.exe` | Win32/A.B | Small shell.", "0a1b2c").as_deref(),
            Some("Small shell")
        );
        assert_eq!(
            said("evil.example (.NET loader)", "evil.example").as_deref(),
            Some(".NET loader")
        );
        let record = r#"{"type": "domain", "value": "evil.net", "comment": "C2 of the loader", "tags": [1]}"#;
        let (_, document) =
            crate::document::read(record.as_bytes(), None, &Default::default()).unwrap();
        let finding = &crate::extract::scan(&document)[0];
        assert_eq!(finding.description.as_deref(), Some("C2 of the loader"));
    }

    #[test]
    fn a_document_that_does_not_say_has_no_description() {
        assert_eq!(
            said("We went to evil.example and left.", "evil.example"),
            None
        );
        assert_eq!(said("evil.example", "evil.example"), None);
        assert_eq!(said("evil.example/r.php?key=0a1b2c", "0a1b2c"), None);
    }
}
