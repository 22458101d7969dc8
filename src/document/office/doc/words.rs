//! The marks in the text of a Word document → paragraphs, rows and links
//! ([MS-DOC](https://learn.microsoft.com/openspecs/office_file_formats/ms-doc/), 2.4.1, 2.8.25).

use crate::document::builder::Builder;
use crate::document::header::names_columns;
use crate::document::office::field;

/// Fields inside fields that are told apart.
const MAX_FIELDS: usize = 100;

/// Writes `text` into blocks.
pub(super) fn write(text: &str, out: &mut Builder) {
    let mut state = State::default();
    for c in text.chars() {
        if out.is_full() {
            return;
        }
        state.character(c, out);
    }
    state.end_row(out);
    state.end_paragraph(out);
}

#[derive(Default)]
struct State {
    text: String,
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
                self.cells
                    .push(std::mem::take(&mut self.text).trim().to_owned());
                self.after_cell = true;
            }
            // A paragraph inside a cell is a line of it; outside of a table it is the end of a block.
            '\r' if !self.cells.is_empty() => self.text.push('\n'),
            '\r' | '\u{c}' => self.end_paragraph(out),
            '\u{b}' => self.text.push('\n'),
            '\u{1e}' => self.text.push('-'),
            '\u{1f}' => {}
            c => self.text.push(c),
        }
    }

    fn instruction(&mut self) {
        if let Some(instruction) = self.fields.last_mut().and_then(Option::take) {
            self.links.extend(field::targets(&instruction));
        }
    }

    fn end_paragraph(&mut self, out: &mut Builder) {
        out.paragraph(&std::mem::take(&mut self.text));
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
        write(
            "One\u{b}two\r\u{13} HYPERLINK \"http://a.example/\" \u{14}here\u{15} and on\rType\u{7}Value\u{7}\u{7}c2\u{7}192.0.2.1\u{7}\u{7}after\u{1e}all\r",
            &mut out,
        );
        let doc = out.finish().unwrap();
        assert_eq!(
            doc.text,
            "One\ntwo\nhere and on\nhttp://a.example/\nType\tValue\nc2\t192.0.2.1\nafter-all"
        );
        assert_eq!(doc.blocks[4].kind, BlockKind::Row { header: Some(3) });
    }
}
