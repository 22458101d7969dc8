//! Word 97–2003: the text of all stories, through the piece table
//! ([MS-DOC](https://learn.microsoft.com/openspecs/office_file_formats/ms-doc/), 2.4.1).

pub(super) mod info;
mod pieces;
mod runs;
mod words;

use std::io::{Cursor, Read};

use runs::Runs;

use super::package::damaged;
use crate::document::builder::Builder;
use crate::submission::{Failure, FailureCode};

/// Bytes read from one stream. The file itself is no larger than an upload may be, but a chain of
/// sectors may name the same one again and again.
const MAX_STREAM: u64 = 64 << 20;

/// Reads a document.
///
/// # Errors
/// Encrypted, damaged.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut file = cfb::CompoundFile::open(Cursor::new(bytes))
        .map_err(|_| damaged("its streams cannot be read"))?;
    let document =
        stream(&mut file, "/WordDocument").ok_or_else(|| damaged("it has no text stream"))?;
    let flags = short(&document, 10).ok_or_else(|| damaged("its header is cut"))?;
    if flags & 0x0100 != 0 {
        return Err(Failure::new(
            FailureCode::Encrypted,
            "The document is protected with a password: hand in a copy without one.",
        ));
    }
    if let Some(title) =
        stream(&mut file, "/\u{5}SummaryInformation").and_then(|info| info::title(&info))
    {
        out.title(&title);
    }
    let table = if flags & 0x0200 != 0 {
        "/1Table"
    } else {
        "/0Table"
    };
    let table = stream(&mut file, table).unwrap_or_default();
    let runs = Runs::read(&document, &table);
    let text = pieces::text(&document, &table, &runs, out.limits().text)
        .ok_or_else(|| damaged("its piece table is broken"))?;
    words::write(&text, out);
    Ok(())
}

pub(super) fn stream(file: &mut cfb::CompoundFile<Cursor<&[u8]>>, name: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    file.open_stream(name)
        .ok()?
        .take(MAX_STREAM)
        .read_to_end(&mut bytes)
        .ok()?;
    Some(bytes)
}

fn short(bytes: &[u8], at: usize) -> Option<u16> {
    Some(u16::from_le_bytes(
        bytes.get(at..at.checked_add(2)?)?.try_into().ok()?,
    ))
}

fn long(bytes: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(
        bytes.get(at..at.checked_add(4)?)?.try_into().ok()?,
    ))
}

#[cfg(test)]
mod tests;
