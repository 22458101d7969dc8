//! What a table calls the cell that a value stands in. Enter at [`of`]; [`Rows::at`] gives the cells.
//!
//! A line with tabs is a row, whether the reader of the document knew the table or not.

use std::ops::Range;

use crate::document::BlockKind;
use crate::extract::candidate::Text;
use crate::extract::lexicon::Lexicon;

/// How much of a row is looked at on either side of a value, in bytes.
const REACH: usize = 512;
/// Longest cell taken for a label, in bytes.
const LONGEST: usize = 40;

/// Column names that say nothing of what stands below, lower case.
static GENERIC: Lexicon = Lexicon::new(&[
    "attribute",
    "data",
    "indicator",
    "indicators",
    "ioc",
    "iocs",
    "item",
    "observable",
    "observables",
    "value",
    "values",
]);

/// Labels before a colon and keys of records that say nothing either, lower case.
static EMPTY: Lexicon = Lexicon::new(&[
    "#",
    "comment",
    "content",
    "http",
    "https",
    "id",
    "link",
    "links",
    "mailto",
    "name",
    "no",
    "no.",
    "object",
    "pattern",
    "reference",
    "references",
    "refs",
    "text",
]);

/// Words of the names of columns that hold indicators, lower case.
static INDICATORS: Lexicon = Lexicon::new(&[
    "address",
    "c2",
    "domain",
    "domains",
    "filename",
    "hash",
    "hashes",
    "host",
    "hostname",
    "indicator",
    "indicators",
    "ioc",
    "iocs",
    "ip",
    "md5",
    "observable",
    "sha1",
    "sha256",
    "url",
    "urls",
    "value",
]);

/// Column names and labels that say no more than the kind of a value does, lower case.
static KINDS: Lexicon = Lexicon::new(&[
    "address",
    "cve",
    "domain",
    "domain name",
    "domain names",
    "domains",
    "email",
    "email address",
    "file",
    "file hash",
    "file name",
    "file path",
    "file_name",
    "file_path",
    "filename",
    "filenames",
    "filepath",
    "files",
    "fqdn",
    "hash",
    "hash value",
    "hashes",
    "host",
    "hostname",
    "hostnames",
    "ip",
    "ip address",
    "ip addresses",
    "ips",
    "ipv4",
    "md5",
    "md5 hash",
    "path",
    "registry key",
    "sha-1",
    "sha-1 hash",
    "sha-256",
    "sha-256 hash",
    "sha1",
    "sha1 hash",
    "sha256",
    "sha256 hash",
    "uri",
    "url",
    "urls",
]);

/// A column of a table that has a name.
#[derive(Clone, Copy)]
pub(super) struct Column<'a> {
    pub(super) name: &'a str,
    /// Whether it holds words about the values beside it.
    pub(super) is_note: bool,
    /// Whether it holds names of the values beside it: a family, a detection.
    pub(super) is_naming: bool,
}

impl<'a> Column<'a> {
    fn of(name: &'a str) -> Self {
        const NOTES: &[&str] = &[
            "comment",
            "context",
            "description",
            "detail",
            "note",
            "purpose",
            "remark",
            "role",
        ];
        const NAMING: &[&str] = &["detection", "family", "malware", "threat", "tool", "name"];
        let lower = name.to_ascii_lowercase();
        let holds = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        Self {
            name,
            is_note: holds(NOTES),
            is_naming: holds(NAMING),
        }
    }
}

/// A row around one value.
#[derive(Default)]
pub(super) struct Row<'a> {
    /// All of its bytes, beyond those that were looked at.
    pub(super) whole: Range<usize>,
    /// Byte ranges of its cells, without the tabs.
    pub(super) cells: Vec<Range<usize>>,
    /// Index of the cell with the value, in `cells`.
    pub(super) own: usize,
    /// The block that names the columns.
    header: Option<usize>,
    /// The columns that it names: those of all rows below it.
    columns: Vec<Option<Column<'a>>>,
}

/// The rows of one text. The values of a row follow each other: it is cut into cells once, and those are
/// written where the cells of the last one were.
#[derive(Default)]
pub(super) struct Rows<'a> {
    last: Row<'a>,
    /// Whether all of the last one was looked at: what it holds is then the same for each of its values.
    seen: bool,
}

impl<'a> Rows<'a> {
    /// The row that holds the byte at `offset`; `None` where it stands in no table.
    pub(super) fn at(&mut self, text: &Text<'a>, offset: usize) -> Option<&Row<'a>> {
        let (bounds, header) = bounds(text, offset);
        if !(self.seen && self.last.whole == bounds) {
            self.seen = false;
            let whole = text.str();
            let start = whole.ceil_char_boundary(bounds.start.max(offset.saturating_sub(REACH)));
            let end = whole.floor_char_boundary(bounds.end.min(offset.saturating_add(REACH)));
            let window = whole.get(start..end)?;
            if header.is_none() && memchr::memchr(b'\t', window.as_bytes()).is_none() {
                return None;
            }
            let cells = cells(window).map(|cell| start + cell.start..start + cell.end);
            self.last.cells.clear();
            self.last.cells.extend(cells);
            self.seen = start == bounds.start && end == bounds.end;
            // A row that is cut to the left has lost count of its columns.
            let header = header.filter(|_| start == bounds.start);
            if self.last.header != header {
                self.last.header = header;
                self.last.columns = header.map_or(Vec::new(), |header| columns(text, header));
            }
            self.last.whole = bounds;
        }
        self.last.own = self.last.cells.iter().position(|cell| offset <= cell.end)?;
        Some(&self.last)
    }
}

/// Byte ranges of the cells of `row`, without the tabs.
pub(super) fn cells(row: &str) -> impl Iterator<Item = Range<usize>> {
    let mut from = 0;
    memchr::memchr_iter(b'\t', row.as_bytes())
        .chain([row.len()])
        .map(move |end| {
            let cell = from..end;
            from = end + 1;
            cell
        })
}

/// The bytes of the row or line that holds `offset`, and the block that names its columns.
fn bounds(text: &Text<'_>, offset: usize) -> (Range<usize>, Option<usize>) {
    let line = text.line_at(offset);
    match text.block_at(offset) {
        Some(block) => match block.kind {
            BlockKind::Row { header } => (block.span.clone(), header),
            _ => (
                line.start.max(block.span.start)..line.end.min(block.span.end),
                None,
            ),
        },
        None => (line, None),
    }
}

/// The names of the columns in the block `header`; `None` for each that has none.
fn names<'a>(text: &Text<'a>, header: usize) -> impl Iterator<Item = Option<&'a str>> {
    let block = text.document().blocks.get(header);
    let names = block.and_then(|block| text.str().get(block.span.clone()));
    let names = names.map(|names| &names[..names.floor_char_boundary(REACH)]);
    names.into_iter().flat_map(|names| {
        cells(names).map(|cell| {
            let name = names[cell].trim();
            (!name.is_empty() && name.len() <= LONGEST).then_some(name)
        })
    })
}

/// The columns that the block `header` names.
fn columns<'a>(text: &Text<'a>, header: usize) -> Vec<Option<Column<'a>>> {
    names(text, header)
        .map(|name| name.map(Column::of))
        .collect()
}

impl<'a> Row<'a> {
    /// Its bytes, as far as they were looked at.
    pub(super) fn bounds(&self) -> Range<usize> {
        let last = self.cells.last().map_or(0, |cell| cell.end);
        self.cells.first().map_or(last, |cell| cell.start)..last
    }

    /// The column of cell `index`, where it has a name.
    pub(super) fn column(&self, index: usize) -> Option<Column<'a>> {
        *self.columns.get(index)?
    }

    /// The first cell, where it names what stands beside it: `file_name`, `Command line`.
    pub(super) fn type_cell(&self, text: &Text<'a>) -> Option<&'a str> {
        if self.own == 0 {
            return None;
        }
        let cell = text.str().get(self.cells.first()?.clone())?.trim();
        is_label(cell).then_some(cell)
    }
}

/// The label of the cell at `offset`: its column's name, or else the first cell of its row.
pub(in crate::extract) fn of(text: &Text<'_>, offset: usize) -> Option<String> {
    let (bounds, header) = bounds(text, offset);
    // Called for every name that may be a file: a value far from the start of its row has no label.
    if offset - bounds.start > REACH {
        return None;
    }
    let head = text.str().get(bounds.start..offset)?;
    let index = memchr::memchr_iter(b'\t', head.as_bytes()).count();
    let name = header.and_then(|header| names(text, header).nth(index)?);
    let first = || {
        head.split('\t')
            .next()
            .map(str::trim)
            .filter(|cell| index > 0 && is_label(cell))
    };
    name.filter(|name| !is_generic(name))
        .or_else(first)
        .map(str::to_owned)
}

/// Whether a column of the table that the block `header` heads is one of indicators.
pub(in crate::extract) fn names_indicators(text: &Text<'_>, header: usize) -> bool {
    let block = text.document().blocks.get(header);
    let names = block.and_then(|block| text.str().get(block.span.clone()));
    let names = names.unwrap_or_default();
    names[..names.floor_char_boundary(REACH)]
        .split(|letter: char| !letter.is_alphanumeric() && letter != '&')
        .any(|word| INDICATORS.contains_any_case(word))
}

/// Whether a column name or heading says nothing of what stands below it.
pub(super) fn is_generic(name: &str) -> bool {
    GENERIC.contains_any_case(name.trim())
}

/// Whether the label before a colon, or the key of a record, says nothing of its value.
pub(super) fn is_empty(label: &str) -> bool {
    is_generic(label) || EMPTY.contains_any_case(label.trim())
}

/// Whether a label says no more than the kind of the value behind it.
pub(super) fn is_kind(name: &str) -> bool {
    KINDS.contains_any_case(name.trim())
}

/// Whether `cell` is a few words and no value.
pub(super) fn is_label(cell: &str) -> bool {
    !cell.is_empty()
        && cell.len() <= LONGEST
        && cell.split_whitespace().count() <= 5
        && cell.starts_with(char::is_alphabetic)
        && !cell
            .bytes()
            .any(|byte| matches!(byte, b'.' | b'\\' | b'/' | b'@' | b'[' | b':' | b'%'))
        && cell.bytes().filter(u8::is_ascii_digit).count() <= 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Block, Document};

    #[test]
    fn a_cell_is_named_by_its_column_or_by_the_first_cell() {
        let text = "Name\tHash\nevil.exe\t0a1b\n".to_owned();
        let blocks = vec![
            Block {
                span: 0..9,
                kind: BlockKind::Row { header: None },
                place: 0,
            },
            Block {
                span: 10..23,
                kind: BlockKind::Row { header: Some(0) },
                place: 0,
            },
        ];
        let document = Document {
            text,
            blocks,
            ..Document::default()
        };
        assert_eq!(of(&Text::new(&document), 20).as_deref(), Some("Hash"));
        assert_eq!(of(&Text::new(&document), 11).as_deref(), Some("Name"));

        let document = Document {
            text: "file_name\tevil.exe\tx\nno table".into(),
            ..Document::default()
        };
        assert_eq!(of(&Text::new(&document), 12).as_deref(), Some("file_name"));
        assert_eq!(of(&Text::new(&document), 2), None);
        assert_eq!(of(&Text::new(&document), 25), None);
    }
}
