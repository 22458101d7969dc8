//! Plain text, logs, YAML, Markdown and AsciiDoc: the text stays as written, its blocks are told
//! apart by the signs of the dialect.

use std::borrow::Cow;

use super::builder::Builder;
use super::delimited;
use super::header::names_columns;
use super::markup::{Dialect, Line, is_rule, unescape};

/// Reads `text` into blocks.
pub(super) fn read(text: &str, dialect: Dialect, out: &mut Builder) {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut text = text;
    if let Some((matter, body)) = dialect.front_matter(text) {
        if let Some(title) = matter.lines().find_map(|line| line.strip_prefix("title:")) {
            out.title(title.trim().trim_matches(['"', '\'']));
        }
        out.code(matter);
        text = body;
    }
    let dialect = dialect.or_asciidoc(text);
    let mut state = State::new(dialect, dialect.escapes(text));
    let mut body = text;
    if dialect == Dialect::Plain
        && let Some((title, rest)) = opening_title(text)
    {
        out.heading(title);
        body = rest;
    }
    for line in body.split('\n') {
        if out.is_full() {
            return;
        }
        state.line(line.trim_end_matches('\r'), out);
    }
    state.flush(out);
    state.close_table(out);
}

/// Longest first line that may be a title, in characters.
const MAX_TITLE: usize = 150;

/// The first line, where it reads like the title of what follows, and the rest.
fn opening_title(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (line, rest) = text.split_once('\n')?;
    let title = line.trim().trim_start_matches('#').trim_start();
    let words = title.split_whitespace().count();
    let sound = title.starts_with(char::is_uppercase)
        && (2..=25).contains(&words)
        && title.chars().count() <= MAX_TITLE
        && !title.ends_with(['.', ',', ';', ':', '!', '|'])
        && title.split_whitespace().all(is_word);
    (sound && !rest.trim().is_empty()).then_some((title, rest))
}

/// Neither an address nor a hash nor a path.
fn is_word(word: &str) -> bool {
    let digits = word.bytes().filter(u8::is_ascii_digit).count();
    word.chars().count() <= 30
        && digits <= 8
        && !word.contains(['\\', '@', '=', '|', '[', ']', '"', '<', '>', '{', '}', '\t'])
        && !word.contains("://")
}

struct State {
    dialect: Dialect,
    /// Whether a backslash may escape what follows it.
    escapes: bool,
    paragraph: String,
    item: bool,
    /// The sign that closes the open code block, and its text.
    fence: Option<(String, String)>,
    table: Option<Table>,
}

#[derive(Default)]
struct Table {
    header: Option<usize>,
    /// The first row, until it is known whether it names the columns.
    first: Option<Vec<String>>,
    asciidoc: Option<Columns>,
}

/// An AsciiDoc table: cells flow, rows are cut by the number of columns.
#[derive(Default)]
struct Columns {
    width: usize,
    cells: Vec<String>,
}

impl State {
    fn new(dialect: Dialect, escapes: bool) -> Self {
        Self {
            dialect,
            escapes,
            paragraph: String::new(),
            item: false,
            fence: None,
            table: None,
        }
    }

    fn line(&mut self, line: &str, out: &mut Builder) {
        if let Some((close, code)) = &mut self.fence {
            if line.trim_end() == close
                || close.starts_with('`') && line.trim().starts_with(close.as_str())
            {
                out.code(code);
                self.fence = None;
            } else {
                code.push_str(line);
                code.push('\n');
            }
            return;
        }
        if self
            .table
            .as_ref()
            .is_some_and(|table| table.asciidoc.is_some())
        {
            return self.asciidoc_row(line, out);
        }
        let line = &*if self.escapes {
            unescape(line)
        } else {
            Cow::Borrowed(line)
        };
        let kind = self.dialect.line(line);
        if self.table.is_some() && !matches!(kind, Line::Cells(_)) {
            self.close_table(out);
        }
        match kind {
            Line::Blank => self.flush(out),
            Line::Heading(text) => {
                self.flush(out);
                out.heading(text);
            }
            Line::Underline => self.underlined(line, out),
            Line::Item(text) => {
                self.flush(out);
                self.item = true;
                self.push(text);
            }
            Line::Fence(close) => {
                self.flush(out);
                self.fence = Some((close, String::new()));
            }
            Line::Cells(cells) => {
                self.flush(out);
                self.cells(cells, out);
            }
            Line::TableFence => {
                self.flush(out);
                self.table = Some(Table {
                    asciidoc: Some(Columns::default()),
                    ..Table::default()
                });
            }
            Line::Words => self.push(line),
        }
    }

    fn push(&mut self, line: &str) {
        if !self.paragraph.is_empty() {
            self.paragraph.push('\n');
        }
        self.paragraph.push_str(line);
    }

    /// `====` under a line makes it a heading, where exactly one line stands above it.
    fn underlined(&mut self, line: &str, out: &mut Builder) {
        let one_line = !self.paragraph.is_empty() && !self.paragraph.contains('\n') && !self.item;
        if one_line {
            out.heading(&self.paragraph);
            self.paragraph.clear();
        } else if self.paragraph.is_empty() {
            // A rule between paragraphs says nothing.
        } else {
            self.push(line);
        }
    }

    fn flush(&mut self, out: &mut Builder) {
        if self.item {
            out.item(&self.paragraph);
        } else if self.dialect == Dialect::Verbatim {
            out.code(&self.paragraph);
        } else if delimited::is_table(&self.paragraph) {
            // A file of values, copied into a mail or a report.
            delimited::read(&self.paragraph, Some(','), out);
        } else {
            out.paragraph(&self.paragraph);
        }
        self.paragraph.clear();
        self.item = false;
        if let Some((_, code)) = self.fence.take() {
            out.code(&code);
        }
    }

    /// A row between pipes. A row of dashes under the first one says that it names the columns.
    fn cells(&mut self, cells: Vec<String>, out: &mut Builder) {
        let table = self.table.get_or_insert_with(Table::default);
        if is_rule(&cells) {
            if let Some(first) = table.first.take() {
                table.header = out.row(&first, None);
            }
        } else if table.header.is_none() && table.first.is_none() {
            table.first = Some(cells);
        } else {
            if let Some(first) = table.first.take() {
                out.row(&first, None);
            }
            out.row(&cells, table.header);
        }
    }

    fn asciidoc_row(&mut self, line: &str, out: &mut Builder) {
        if line.starts_with("|===") {
            return self.close_table(out);
        }
        let Some(table) = &mut self.table else { return };
        let Some(columns) = &mut table.asciidoc else {
            return;
        };
        if line.trim().is_empty() {
            return;
        }
        match self.dialect.asciidoc_cells(line) {
            Some(cells) => {
                if columns.width == 0 {
                    columns.width = cells.len();
                }
                columns.cells.extend(cells);
            }
            // A line without a pipe goes on with the cell above it.
            None => match columns.cells.last_mut() {
                Some(cell) => {
                    cell.push('\n');
                    cell.push_str(line.trim());
                }
                None => columns.cells.push(line.trim().to_owned()),
            },
        }
        // The last cell may go on in the next line: a row leaves when the next one has begun.
        while columns.width > 0 && columns.cells.len() > columns.width {
            let row: Vec<String> = columns.cells.drain(..columns.width).collect();
            table.header = emit(&row, table.header, &mut table.first, out);
        }
    }

    fn close_table(&mut self, out: &mut Builder) {
        let Some(mut table) = self.table.take() else {
            return;
        };
        if let Some(columns) = table.asciidoc.take()
            && !columns.cells.is_empty()
        {
            table.header = emit(&columns.cells, table.header, &mut table.first, out);
        }
        if let Some(first) = table.first {
            out.row(&first, None);
        }
    }
}

/// Writes a row of an AsciiDoc table; the first one heads it where it reads like one.
fn emit(
    row: &[String],
    header: Option<usize>,
    first: &mut Option<Vec<String>>,
    out: &mut Builder,
) -> Option<usize> {
    let begins = header.is_none() && first.is_none();
    let index = out.row(row, header);
    if begins {
        *first = Some(Vec::new());
        return index.filter(|_| names_columns(row));
    }
    header
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{BlockKind, Document, Limits};

    fn document(text: &str, dialect: Dialect) -> Document {
        let mut out = Builder::new(&Limits::default());
        read(text, dialect, &mut out);
        out.finish().unwrap()
    }

    fn kinds(document: &Document) -> Vec<(BlockKind, &str)> {
        document
            .blocks
            .iter()
            .map(|b| (b.kind, &document.text[b.span.clone()]))
            .collect()
    }

    #[test]
    fn paragraphs_keep_their_line_breaks() {
        let doc = document("one\r\ntwo\r\n\r\nthree\n# no heading", Dialect::Plain);
        assert_eq!(
            kinds(&doc),
            [
                (BlockKind::Paragraph, "one\ntwo"),
                (BlockKind::Paragraph, "three\n# no heading")
            ]
        );
    }

    #[test]
    fn a_first_line_that_reads_like_a_title_is_a_heading() {
        let doc = document(
            "Some Actors Target Hospitals\nMay 10, 2021\nThe text.",
            Dialect::Plain,
        );
        assert_eq!(
            kinds(&doc)[0],
            (BlockKind::Heading, "Some Actors Target Hospitals")
        );
        for text in [
            "GET http://a.example/ now\nx",
            "one word\nx",
            "A sentence ends.\nx",
            "Jan 10 10:00:00 host sshd[1]: x\ny",
            "Alone at last",
        ] {
            assert_eq!(
                document(text, Dialect::Plain).blocks[0].kind,
                BlockKind::Paragraph,
                "{text}"
            );
        }
    }

    #[test]
    fn markdown_tables_have_their_header() {
        let doc = document(
            "# IOCs\n\n| Type | Value |\n|---|:--|\n| c2 | `a\\|b` |\ntext",
            Dialect::Markdown,
        );
        assert_eq!(
            kinds(&doc),
            [
                (BlockKind::Heading, "IOCs"),
                (BlockKind::Row { header: None }, "Type\tValue"),
                (BlockKind::Row { header: Some(1) }, "c2\ta|b"),
                (BlockKind::Paragraph, "text"),
            ]
        );
    }

    #[test]
    fn escaped_brackets_of_markdown_are_brackets_except_in_code() {
        let doc = document(
            "evil\\[.\\]example\n\n```\na\\[b\\]\n```\n",
            Dialect::Markdown,
        );
        assert_eq!(doc.text, "evil[.]example\na\\[b\\]");
    }

    #[test]
    fn asciidoc_cells_flow_into_rows() {
        let text = "= Title\n\n[options=\"header\"]\n|====\n|SHA-1 hash|Name\n|`aa` |one\n|bb\n|two\nmore\n|====\n----\n  code\n----\n";
        let doc = document(text, Dialect::Plain);
        assert_eq!(
            kinds(&doc),
            [
                (BlockKind::Heading, "Title"),
                (BlockKind::Row { header: None }, "SHA-1 hash\tName"),
                (BlockKind::Row { header: Some(1) }, "aa\tone"),
                (BlockKind::Row { header: Some(1) }, "bb\ttwo\nmore"),
                (BlockKind::Code, "  code"),
            ]
        );
    }

    #[test]
    fn an_open_fence_loses_nothing() {
        let doc = document("```\n198.51.100.7", Dialect::Markdown);
        assert_eq!(kinds(&doc), [(BlockKind::Code, "198.51.100.7")]);
    }

    #[test]
    fn underlined_lines_are_headings() {
        let doc = document(
            "Network\n=======\n\n- one\n  more\n- two\n",
            Dialect::Markdown,
        );
        assert_eq!(
            kinds(&doc),
            [
                (BlockKind::Heading, "Network"),
                (BlockKind::ListItem, "one\n  more"),
                (BlockKind::ListItem, "two")
            ]
        );
    }
}
