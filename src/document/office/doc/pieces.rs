//! The piece table: which stretches of the stream make up the text, and in which encoding.

use std::ops::Range;

use encoding_rs::Encoding;

use super::runs::Runs;
use crate::format::little_endian::{long, short};

/// Where the header says the table is, and how long (`fcClx`, `lcbClx`).
const CLX: usize = 0x01a2;
/// A piece whose characters take one byte each.
const COMPRESSED: u32 = 1 << 30;

/// The text of all stories, and what stretches of it are.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) text: String,
    /// Byte ranges of what tracked changes took out, and of headings: in order and apart.
    pub(super) deleted: Vec<Range<usize>>,
    pub(super) headings: Vec<Range<usize>>,
}

/// The text of all stories, at most `limit` bytes; `None` where the table is broken.
pub(super) fn text(document: &[u8], table: &[u8], runs: &Runs, limit: usize) -> Option<Text> {
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
    let mut text = Text::default();
    // `n` pieces are `n + 1` places of 4 bytes and `n` descriptions of 8.
    let count = pieces.len().saturating_sub(4) / 12;
    for i in 0..count {
        let characters = long(pieces, 4 * i + 4)?.checked_sub(long(pieces, 4 * i)?)? as usize;
        let at = long(pieces, 4 * (count + 1) + 8 * i + 2)?;
        let offset = (at & !COMPRESSED) as usize;
        if at & COMPRESSED != 0 {
            let place = stretch(document, offset / 2, characters);
            text.add(document, place, encoding_rs::WINDOWS_1252, runs);
        } else {
            let place = stretch(document, offset, characters.saturating_mul(2));
            text.add(document, place, encoding_rs::UTF_16LE, runs);
        }
        // Pieces may overlap: a small file can claim endless text.
        if text.text.len() > limit {
            break;
        }
    }
    Some(text)
}

impl Text {
    /// Adds a stretch of the stream, part by part: one ends where a run begins or ends.
    fn add(
        &mut self,
        document: &[u8],
        place: Range<usize>,
        encoding: &'static Encoding,
        runs: &Runs,
    ) {
        let mut at = place.start;
        while at < place.end {
            let (deleted, deleted_to) = inside(&runs.deleted, at);
            let (heading, heading_to) = inside(&runs.headings, at);
            let mut end = deleted_to.min(heading_to).min(place.end);
            // Wide characters are two bytes.
            if encoding == encoding_rs::UTF_16LE && (end - at) % 2 == 1 {
                end = (end + 1).min(place.end);
            }
            let from = self.text.len();
            let part = document.get(at..end).unwrap_or_default();
            self.text
                .push_str(&encoding.decode_without_bom_handling(part).0);
            if deleted {
                add_range(&mut self.deleted, from..self.text.len());
            }
            if heading {
                add_range(&mut self.headings, from..self.text.len());
            }
            at = end;
        }
    }
}

/// Whether `at` lies in one of `runs`, and up to where that holds.
fn inside(runs: &[Range<usize>], at: usize) -> (bool, usize) {
    match runs.get(runs.partition_point(|run| run.end <= at)) {
        Some(run) if run.start <= at => (true, run.end),
        Some(run) => (false, run.start),
        None => (false, usize::MAX),
    }
}

/// Adds a range; one that goes on from the last makes it longer.
fn add_range(ranges: &mut Vec<Range<usize>>, range: Range<usize>) {
    match ranges.last_mut() {
        Some(last) if last.end == range.start => last.end = range.end,
        _ => ranges.push(range),
    }
}

/// What is there of a stretch.
fn stretch(document: &[u8], start: usize, length: usize) -> Range<usize> {
    let end = start.saturating_add(length).min(document.len());
    start.min(end)..end
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
fn simple(document: &[u8]) -> Option<Text> {
    let (start, end) = (
        long(document, 0x18)? as usize,
        long(document, 0x1c)? as usize,
    );
    let place = stretch(document, start, end.checked_sub(start)?);
    let mut text = Text::default();
    text.add(document, place, encoding_rs::WINDOWS_1252, &Runs::default());
    Some(text)
}
