//! The marks in the text of a Word document → paragraphs, rows and links
//! ([MS-DOC](https://learn.microsoft.com/openspecs/office_file_formats/ms-doc/), 2.4.1, 2.8.25).

use std::ops::Range;

use super::pieces::Text;
use crate::document::builder::Builder;
use crate::document::header::names_columns;
use crate::document::office::field;

/// Fields inside fields that are told apart.
const MAX_FIELDS: usize = 100;

/// Writes `text` into blocks.
pub(super) fn write(text: &Text, out: &mut Builder) {
    let mut state = State::default();
    let (mut deleted, mut headings) = (&text.deleted[..], &text.headings[..]);
    for (at, c) in text.text.char_indices() {
        if out.is_full() {
            return;
        }
        state.is_deleted = is_in(&mut deleted, at);
        state.is_heading = is_in(&mut headings, at);
        state.character(c, out);
    }
    state.end_row(out);
    state.end_paragraph(out);
}

/// Whether `at` lies in one of `ranges`; those that end before it are dropped.
fn is_in(ranges: &mut &[Range<usize>], at: usize) -> bool {
    while let Some((first, rest)) = ranges.split_first() {
        if at < first.end {
            return first.start <= at;
        }
        *ranges = rest;
    }
    false
}

#[derive(Default)]
struct State {
    text: String,
    /// Text that a tracked change took out. It stands apart: inside the text it would make values that
    /// nobody wrote.
    deleted: String,
    /// Whether the character was taken out, and whether it belongs to a heading.
    is_deleted: bool,
    is_heading: bool,
    /// Cells of the open row.
    cells: Vec<String>,
    /// Whether the last character ended a cell: another end of a cell then ends the row.
    after_cell: bool,
    header: Option<usize>,
    rows: usize,
    /// Instructions of the open fields; `None` once the result of one has begun.
    fields: Vec<Option<String>>,
    links: Vec<String>,
}

impl State {
    fn character(&mut self, c: char, out: &mut Builder) {
        let after_cell = std::mem::replace(&mut self.after_cell, false);
        match c {
            '\u{13}' if self.fields.len() < MAX_FIELDS => self.fields.push(Some(String::new())),
            '\u{14}' => self.instruction(),
            '\u{15}' => {
                self.instruction();
                self.fields.pop();
            }
            c if matches!(self.fields.last(), Some(Some(_))) => {
                if let Some(Some(instruction)) = self.fields.last_mut() {
                    instruction.push(c);
                }
            }
            '\u{7}' if after_cell => self.end_row(out),
            '\u{7}' => {
                let mut cell = std::mem::take(&mut self.text);
                if !self.deleted.is_empty() {
                    cell.push('\n');
                    cell.push_str(&std::mem::take(&mut self.deleted));
                }
                self.cells.push(cell.trim().to_owned());
                self.after_cell = true;
            }
            // A paragraph inside a cell is a line of it; outside of a table it is the end of a block.
            '\r' if !self.cells.is_empty() => self.text.push('\n'),
            '\r' | '\u{c}' => self.end_paragraph(out),
            '\u{b}' => self.push('\n'),
            '\u{1e}' => self.push('-'),
            '\u{1f}' => {}
            c => self.push(c),
        }
    }

    fn push(&mut self, c: char) {
        if self.is_deleted {
            self.deleted.push(c);
        } else {
            self.text.push(c);
        }
    }

    fn instruction(&mut self) {
        if let Some(instruction) = self.fields.last_mut().and_then(Option::take) {
            self.links.extend(field::targets(&instruction));
        }
    }

    fn end_paragraph(&mut self, out: &mut Builder) {
        let text = std::mem::take(&mut self.text);
        // The style of a paragraph is that of the mark at its end.
        if self.is_heading {
            out.heading(&text);
        } else {
            out.paragraph(&text);
        }
        out.paragraph(&std::mem::take(&mut self.deleted));
        (self.header, self.rows) = (None, 0);
        self.write_links(out);
    }

    fn end_row(&mut self, out: &mut Builder) {
        let cells = std::mem::take(&mut self.cells);
        if cells.is_empty() {
            return;
        }
        self.rows += 1;
        let names = self.rows == 1 && names_columns(&cells);
        let index = if cells.len() == 1 {
            None
        } else {
            out.row(&cells, self.header)
        };
        if cells.len() == 1 {
            out.paragraph(&cells[0]);
        }
        if names {
            self.header = index;
        }
        self.write_links(out);
    }

    fn write_links(&mut self, out: &mut Builder) {
        std::mem::take(&mut self.links)
            .iter()
            .for_each(|link| out.link(link));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{BlockKind, Limits};

    #[test]
    fn marks_become_blocks() {
        let mut out = Builder::new(&Limits::default());
        let text = "One\u{b}two\r\u{13} HYPERLINK \"http://a.example/\" \u{14}here\u{15} and on\rType\u{7}Value\u{7}\u{7}c2\u{7}192.0.2.1\u{7}\u{7}after\u{1e}all\r";
        let text = Text {
            text: text.to_owned(),
            ..Text::default()
        };
        write(&text, &mut out);
        let doc = out.finish().unwrap();
        assert_eq!(
            doc.text,
            "One\ntwo\nhere and on\nhttp://a.example/\nType\tValue\nc2\t192.0.2.1\nafter-all"
        );
        assert_eq!(doc.blocks[4].kind, BlockKind::Row { header: Some(3) });
    }

    #[test]
    fn text_that_was_taken_out_stands_apart() {
        let mut out = Builder::new(&Limits::default());
        let text = Text {
            text: "Head\rnew.example old.example\ra\u{7}bold\u{7}\u{7}".to_owned(),
            deleted: vec![17..28, 32..35],
            headings: std::iter::once(0..5).collect(),
        };
        write(&text, &mut out);
        let doc = out.finish().unwrap();
        assert_eq!(doc.text, "Head\nnew.example\nold.example\na\tb\nold");
        assert_eq!(doc.blocks[0].kind, BlockKind::Heading);
        assert_eq!(doc.blocks[1].kind, BlockKind::Paragraph);
    }
}
