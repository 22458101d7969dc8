//! Word 97–2003: the text of all stories, through the piece table
//! ([MS-DOC](https://learn.microsoft.com/openspecs/office_file_formats/ms-doc/), 2.4.1).

mod pieces;
mod runs;
mod words;

use runs::Runs;

use super::package::{damaged, encrypted};
use super::{embedded, info};
use crate::document::builder::Builder;
use crate::document::compound::Compound;
use crate::format::little_endian::short;
use crate::submission::Failure;

/// Reads a document.
///
/// # Errors
/// Encrypted, damaged.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut file =
        Compound::open(bytes, out.budget()).ok_or_else(|| damaged("its streams cannot be read"))?;
    let document = file
        .stream("/WordDocument")
        .ok_or_else(|| damaged("it has no text stream"))?;
    let flags = short(&document, 10).ok_or_else(|| damaged("its header is cut"))?;
    if flags & 0x0100 != 0 {
        return Err(encrypted());
    }
    info::read_title(&mut file, out);
    let table = if flags & 0x0200 != 0 {
        "/1Table"
    } else {
        "/0Table"
    };
    let table = file.stream(table).unwrap_or_default();
    let runs = Runs::read(&document, &table);
    let text = pieces::text(&document, &table, &runs, out.limits().text)
        .ok_or_else(|| damaged("its piece table is broken"))?;
    words::write(&text, out);
    embedded::objects(&mut file, out);
    Ok(())
}

#[cfg(test)]
mod tests;
