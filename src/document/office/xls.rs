//! Excel 97–2003, through `calamine`.
//!
//! Danger: on hostile files that crate panics or asks for memory without bound. Only the limits of the
//! process around it stop that; do not call this outside of the sandbox.

use std::io::Cursor;

use calamine::{Data, Reader, Xls, XlsError};

use super::package::damaged;
use super::sheet::{Rows, number};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::submission::{Failure, FailureCode};

/// Reads a workbook.
///
/// # Errors
/// Encrypted, damaged.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut workbook = Xls::new(Cursor::new(bytes)).map_err(|error| match error {
        XlsError::Password => Failure::new(
            FailureCode::Encrypted,
            "The workbook is protected with a password: hand in a copy without one.",
        ),
        _ => damaged("its workbook cannot be read"),
    })?;
    let limit = out.limits().pages;
    for name in workbook.sheet_names().into_iter().take(limit) {
        if out.is_full() {
            break;
        }
        let Ok(range) = workbook.worksheet_range(&name) else {
            out.warn(
                "page_failed",
                format!("The sheet {name} is damaged and was left out."),
            );
            continue;
        };
        out.begin(Place::Sheet(name));
        let mut rows = Rows::default();
        for row in range.rows() {
            if out.is_full() {
                break;
            }
            for (column, cell) in row.iter().enumerate() {
                rows.cell(column, text(cell), out);
            }
            rows.end(out);
        }
    }
    Ok(())
}

fn text(cell: &Data) -> String {
    match cell {
        Data::Empty | Data::Error(_) => String::new(),
        Data::Float(value) => number(&value.to_string()),
        cell => cell.to_string(),
    }
}
