//! One sheet of a spreadsheet. Rows and cells say how often they repeat: a sheet is a million rows of
//! nothing, so that what is empty must cost nothing, and what is filled is repeated a few times only.

use quick_xml::events::BytesStart;

use crate::document::builder::Builder;
use crate::document::office::sheet::Rows;
use crate::document::office::xml::attribute;

/// Times that a filled cell or row is written, however often it repeats.
const MAX_REPEAT: usize = 64;
/// Longest cell that is repeated, in bytes.
const MAX_REPEATED: usize = 4 << 10;
/// Cells kept of one row. A sheet has 16,384 columns.
const MAX_CELLS: usize = 16_384;

/// The sheet being read.
#[derive(Default)]
pub(super) struct Sheet {
    rows: Rows,
    repeat: usize,
    column: usize,
    cells: Vec<Cell>,
    cell: Option<Cell>,
    /// Comments and shapes at the cells of the row.
    asides: Vec<String>,
    links: Vec<String>,
    /// Tables open inside of the sheet.
    pub(super) inner: usize,
}

#[derive(Default)]
struct Cell {
    column: usize,
    repeat: usize,
    text: String,
    /// The value behind the text, for a cell that shows none.
    value: String,
}

impl Sheet {
    pub(super) fn open_row(&mut self, tag: &BytesStart<'_>) {
        (self.repeat, self.column) = (repeat(tag, "number-rows-repeated"), 0);
    }

    pub(super) fn open_cell(&mut self, tag: &BytesStart<'_>) {
        let value = ["string-value", "date-value", "time-value", "value"]
            .iter()
            .find_map(|key| attribute(tag, key));
        self.cell = Some(Cell {
            column: self.column,
            repeat: repeat(tag, "number-columns-repeated"),
            text: String::new(),
            value: value.unwrap_or_default(),
        });
    }

    /// A paragraph of the open cell. Answers whether there is one.
    pub(super) fn paragraph(&mut self, text: &str) -> bool {
        let Some(cell) = &mut self.cell else {
            return false;
        };
        if !cell.text.is_empty() {
            cell.text.push('\n');
        }
        cell.text.push_str(text);
        true
    }

    /// What stands beside the cells: it follows the row.
    pub(super) fn aside(&mut self, text: String) {
        self.asides.push(text);
    }

    pub(super) fn links(&mut self, links: impl IntoIterator<Item = String>) {
        self.links.extend(links);
    }

    pub(super) fn end_cell(&mut self) {
        let Some(mut cell) = self.cell.take() else {
            return;
        };
        self.column = self.column.saturating_add(cell.repeat);
        if cell.text.is_empty() {
            cell.text = std::mem::take(&mut cell.value);
        }
        if !cell.text.trim().is_empty() && self.cells.len() < MAX_CELLS {
            self.cells.push(cell);
        }
    }

    pub(super) fn end_row(&mut self, out: &mut Builder) {
        self.end_cell();
        let cells = std::mem::take(&mut self.cells);
        let size: usize = cells.iter().map(|cell| cell.text.len()).sum();
        let repeat = if size > MAX_REPEATED { 1 } else { self.repeat };
        if !cells.is_empty() {
            for _ in 0..repeat.clamp(1, MAX_REPEAT) {
                if out.is_full() {
                    return;
                }
                self.write(&cells, out);
            }
        }
        for text in std::mem::take(&mut self.asides) {
            out.paragraph(&text);
        }
        for link in std::mem::take(&mut self.links) {
            out.link(&link);
        }
    }

    fn write(&mut self, cells: &[Cell], out: &mut Builder) {
        for cell in cells {
            let long = cell.text.len() > MAX_REPEATED;
            let repeat = if long { 1 } else { cell.repeat };
            for i in 0..repeat.clamp(1, MAX_REPEAT) {
                self.rows
                    .cell(cell.column.saturating_add(i), cell.text.clone(), out);
            }
        }
        self.rows.end(out);
    }
}

fn repeat(tag: &BytesStart<'_>, key: &str) -> usize {
    attribute(tag, key)
        .and_then(|times| times.parse().ok())
        .unwrap_or(1)
}
