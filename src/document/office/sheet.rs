//! Rows of a sheet → row blocks, whichever file they come from.

use crate::document::builder::Builder;
use crate::document::header::names_columns;

/// Empty columns kept between two cells so that columns stay under their names. A wider gap is
/// folded: a cell in the last column must not cost 16,383 tabs.
const MAX_GAP: usize = 64;
/// Rows among which the one that names the columns is looked for: titles and notes may stand above.
const HEADER_ROWS: usize = 20;

/// Writes the rows of one sheet.
#[derive(Default)]
pub(super) struct Rows {
    cells: Vec<String>,
    /// The column after the last cell, as the sheet counts.
    next: usize,
    bytes: usize,
    rows: usize,
    header: Option<usize>,
}

impl Rows {
    /// Adds a cell at `column`, from 0. Cells come from left to right.
    pub(super) fn cell(&mut self, column: usize, text: String, out: &Builder) {
        // One string shared by every cell of a row may be asked for thousands of times.
        if text.trim().is_empty() || self.bytes > out.limits().text {
            return;
        }
        self.bytes += text.len();
        let gap = column.saturating_sub(self.next).min(MAX_GAP);
        self.cells.extend(std::iter::repeat_n(String::new(), gap));
        self.cells.push(text);
        self.next = column.saturating_add(1);
    }

    /// The column that a cell without a place of its own stands in.
    pub(super) fn next_column(&self) -> usize {
        self.next
    }

    /// Ends the row.
    pub(super) fn end(&mut self, out: &mut Builder) {
        let cells = std::mem::take(&mut self.cells);
        (self.next, self.bytes) = (0, 0);
        if cells.is_empty() {
            return;
        }
        self.rows += 1;
        let names = self.header.is_none() && self.rows <= HEADER_ROWS && names_columns(&cells);
        let index = out.row(&cells, self.header);
        if names {
            self.header = index;
        }
    }
}

/// A number as a person wrote it: without exponent or fraction where it is whole.
pub(super) fn number(written: &str) -> String {
    let plain = written.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    match written.parse::<f64>() {
        Ok(value) if !plain && value.fract() == 0.0 && value.abs() < 1e15 => format!("{value:.0}"),
        _ => written.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{BlockKind, Limits};

    #[test]
    fn whole_numbers_have_no_exponent() {
        assert_eq!(number("4.43E+2"), "443");
        assert_eq!(number("8080.0"), "8080");
        assert_eq!(number("1.5"), "1.5");
        assert_eq!(number("-7"), "-7");
        assert_eq!(number("12345678901234567890"), "12345678901234567890");
    }

    #[test]
    fn columns_stay_under_their_names_and_far_cells_cost_little() {
        let mut out = Builder::new(&Limits::default());
        let mut rows = Rows::default();
        for row in [
            vec![(1, "Type"), (3, "Value")],
            vec![(3, "192.0.2.1")],
            vec![(0, "a"), (16_383, "b")],
        ] {
            for (column, text) in row {
                rows.cell(column, text.to_owned(), &out);
            }
            rows.end(&mut out);
        }
        let doc = out.finish().unwrap();
        assert!(
            doc.text
                .starts_with("\tType\t\tValue\n\t\t\t192.0.2.1\na\t")
        );
        assert_eq!(doc.blocks[1].kind, BlockKind::Row { header: Some(0) });
        assert!(doc.text.len() < 120);
    }
}
