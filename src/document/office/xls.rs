//! Excel 97–2003, through `calamine`.
//!
//! Danger: on hostile files that crate panics, which is caught, or asks for memory without bound. Only the
//! limits of the process around it stop that; do not call this outside of the sandbox.

use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, Reader, Xls, XlsError};

use super::package::{damaged, encrypted};
use super::sheet::{Rows, number};
use super::{embedded, info};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::compound::Compound;
use crate::submission::Failure;

/// Reads a workbook.
///
/// # Errors
/// Encrypted, damaged.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut workbook = match catch_unwind(|| Xls::new(Cursor::new(bytes))) {
        Ok(Ok(workbook)) => workbook,
        Ok(Err(XlsError::Password)) => return Err(encrypted()),
        Ok(Err(_)) | Err(_) => return Err(damaged("its workbook cannot be read")),
    };
    let names = workbook.sheet_names();
    let limit = out.limits().pages;
    if names.len() > limit {
        let count = names.len();
        out.truncated(&format!(
            "the workbook has {count} sheets and {limit} were read"
        ));
    }
    for name in names.into_iter().take(limit) {
        if out.is_full() {
            break;
        }
        // It copies the cells that it holds: a panic leaves the other sheets as they were.
        let range = catch_unwind(AssertUnwindSafe(|| workbook.worksheet_range(&name)));
        let Ok(Ok(range)) = range else {
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
    if let Some(mut file) = Compound::open(bytes, out.budget()) {
        info::read_title(&mut file, out);
        embedded::objects(&mut file, out);
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

#[cfg(test)]
mod tests {
    use crate::document::compound::tests::compound;
    use crate::document::office::info::tests::summary;
    use crate::document::{BlockKind, Limits, Place, read};

    /// One record of a workbook stream.
    fn record(kind: u16, data: &[u8]) -> Vec<u8> {
        [
            &kind.to_le_bytes()[..],
            &(data.len() as u16).to_le_bytes(),
            data,
        ]
        .concat()
    }

    fn label(row: u16, column: u16, text: &str) -> Vec<u8> {
        let mut data: Vec<u8> = [row, column, 0, text.len() as u16]
            .iter()
            .flat_map(|n| n.to_le_bytes())
            .collect();
        data.push(0);
        data.extend(text.bytes());
        record(0x0204, &data)
    }

    /// A workbook of one sheet with `cells`.
    fn xls(cells: &[Vec<u8>]) -> Vec<u8> {
        let begin = |kind: u8| record(0x0809, &[0, 6, kind, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        let end = record(0x000a, &[]);
        let name = b"IOCs";
        let sheet_at = |at: u32| {
            let mut data = at.to_le_bytes().to_vec();
            data.extend([0, 0, name.len() as u8, 0]);
            data.extend(name);
            record(0x0085, &data)
        };
        let globals = begin(5).len() + sheet_at(0).len() + end.len();
        let stream = [
            begin(5),
            sheet_at(globals as u32),
            end.clone(),
            begin(16),
            cells.concat(),
            end,
        ]
        .concat();
        let info = summary(1252, b"List\0");
        compound(&[("/Workbook", &stream), ("/\u{5}SummaryInformation", &info)])
    }

    #[test]
    fn cells_of_old_workbooks_are_rows() {
        let mut port = vec![1, 0, 2, 0, 0, 0];
        port.extend(8080f64.to_le_bytes());
        let cells = [
            label(0, 0, "Type"),
            label(0, 1, "Value"),
            label(0, 2, "Port"),
            label(1, 0, "ip"),
            label(1, 1, "192.0.2.1"),
            record(0x0203, &port),
        ];
        let (_, document) = read(&xls(&cells), None, &Limits::default()).unwrap();
        assert_eq!(document.title.as_deref(), Some("List"));
        assert_eq!(document.text, "Type\tValue\tPort\nip\t192.0.2.1\t8080");
        assert_eq!(document.blocks[1].kind, BlockKind::Row { header: Some(0) });
        assert_eq!(document.places, [Place::Sheet("IOCs".into())]);
    }
}
