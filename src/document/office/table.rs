//! Tables of a text document, nested as they may be.

use crate::document::builder::Builder;
use crate::document::header::names_columns;

/// Nested tables told apart; the cells of deeper ones belong to the last.
const MAX_TABLES: usize = 256;
/// Cells of one row told apart; what is in later ones belongs to the last.
const MAX_CELLS: usize = 16_384;

/// The open tables, the innermost last.
#[derive(Default)]
pub(super) struct Tables {
    open: Vec<Table>,
    /// Tables open beyond the cap.
    deeper: usize,
}

#[derive(Default)]
struct Table {
    cells: Vec<String>,
    cell: String,
    links: Vec<String>,
    header: Option<usize>,
    is_header: bool,
    rows: usize,
}

impl Tables {
    pub(super) fn in_table(&self) -> bool {
        !self.open.is_empty()
    }

    pub(super) fn open(&mut self) {
        if self.open.len() < MAX_TABLES {
            self.open.push(Table::default());
        } else {
            self.deeper += 1;
        }
    }

    /// The row being read names the columns, by its own properties.
    pub(super) fn mark_header(&mut self, on: bool) {
        if let Some(table) = self.open.last_mut() {
            table.is_header |= on;
        }
    }

    /// A paragraph inside a cell: one line of it.
    pub(super) fn paragraph(&mut self, text: &str, links: Vec<String>) {
        let Some(table) = self.open.last_mut() else {
            return;
        };
        if !table.cell.is_empty() && !text.is_empty() {
            table.cell.push('\n');
        }
        table.cell.push_str(text);
        table.links.extend(links);
    }

    pub(super) fn end_cell(&mut self) {
        if let Some(table) = self.open.last_mut()
            && table.cells.len() < MAX_CELLS
        {
            table.cells.push(std::mem::take(&mut table.cell));
        }
    }

    pub(super) fn end_row(&mut self, out: &mut Builder) {
        if let Some(table) = self.open.last_mut() {
            table.write_row(out);
        }
    }

    pub(super) fn close(&mut self, out: &mut Builder) {
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        if let Some(mut table) = self.open.pop() {
            table.write_row(out);
        }
    }

    /// Writes what a damaged part has left open.
    pub(super) fn finish(&mut self, out: &mut Builder) {
        while !self.open.is_empty() {
            self.deeper = 0;
            self.close(out);
        }
    }
}

impl Table {
    fn write_row(&mut self, out: &mut Builder) {
        if !self.cell.is_empty() {
            self.cells.push(std::mem::take(&mut self.cell));
        }
        let cells = std::mem::take(&mut self.cells);
        let marked = std::mem::take(&mut self.is_header);
        if !cells.iter().all(|cell| cell.trim().is_empty()) {
            self.rows += 1;
            // A box drawn as a table of one cell is text.
            if cells.len() == 1 && !marked && self.header.is_none() {
                out.paragraph(&cells[0]);
            } else if marked || self.rows == 1 && names_columns(&cells) {
                self.header = out.row(&cells, None);
            } else {
                out.row(&cells, self.header);
            }
        }
        std::mem::take(&mut self.links)
            .iter()
            .for_each(|link| out.link(link));
    }
}
