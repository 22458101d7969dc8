//! The piece table: which stretches of the stream make up the text, and in which encoding.

use super::{long, short};

/// Where the header says the table is, and how long (`fcClx`, `lcbClx`).
const CLX: usize = 0x01a2;
/// A piece whose characters take one byte each.
const COMPRESSED: u32 = 1 << 30;

/// The text of all stories, at most `limit` bytes; `None` where the table is broken.
pub(super) fn text(document: &[u8], table: &[u8], limit: usize) -> Option<String> {
    let (start, length) = (
        long(document, CLX)? as usize,
        long(document, CLX + 4)? as usize,
    );
    let Some(pieces) = table
        .get(start..start.checked_add(length)?)
        .filter(|clx| !clx.is_empty())
        .and_then(pieces)
    else {
        return simple(document);
    };
    let mut text = String::new();
    // `n` pieces are `n + 1` places of 4 bytes and `n` descriptions of 8.
    let count = pieces.len().saturating_sub(4) / 12;
    for i in 0..count {
        let characters = long(pieces, 4 * i + 4)?.checked_sub(long(pieces, 4 * i)?)? as usize;
        let at = long(pieces, 4 * (count + 1) + 8 * i + 2)?;
        let offset = (at & !COMPRESSED) as usize;
        if at & COMPRESSED != 0 {
            let bytes = stretch(document, offset / 2, characters);
            text.push_str(
                &encoding_rs::WINDOWS_1252
                    .decode_without_bom_handling(bytes)
                    .0,
            );
        } else {
            let bytes = stretch(document, offset, characters.saturating_mul(2));
            text.push_str(&encoding_rs::UTF_16LE.decode_without_bom_handling(bytes).0);
        }
        // Pieces may overlap: a small file can claim endless text.
        if text.len() > limit {
            break;
        }
    }
    Some(text)
}

/// The bytes that are there of a stretch.
fn stretch(document: &[u8], start: usize, length: usize) -> &[u8] {
    let end = start.saturating_add(length).min(document.len());
    document.get(start..end).unwrap_or_default()
}

/// The pieces inside the table: formatting may stand before them.
fn pieces(clx: &[u8]) -> Option<&[u8]> {
    let mut at = 0;
    loop {
        match clx.get(at)? {
            1 => at += 3 + usize::from(short(clx, at + 1)?),
            2 => {
                let length = long(clx, at + 1)? as usize;
                return clx.get(at + 5..(at + 5).checked_add(length)?);
            }
            _ => return None,
        }
    }
}

/// Word 6 and 95: one stretch of bytes (`fcMin`, `fcMac`).
fn simple(document: &[u8]) -> Option<String> {
    let (start, end) = (
        long(document, 0x18)? as usize,
        long(document, 0x1c)? as usize,
    );
    let bytes = stretch(document, start, end.checked_sub(start)?);
    Some(
        encoding_rs::WINDOWS_1252
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
    )
}
