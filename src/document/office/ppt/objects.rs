//! Embedded objects: compound files, packed or not, between the slides.

use flate2::bufread::ZlibDecoder;

use super::record::{OBJECT_STORAGE, Record};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::member::Fate;
use crate::document::office::embedded;

/// Objects read in one presentation.
const MAX_OBJECTS: usize = 1_000;
/// The instance of a storage that is packed: its size stands before it.
const PACKED: u16 = 1;

/// Reads the documents in those of `records` that are objects. Sound ones do not overlap: together they
/// are no larger than the stream of `length` bytes.
pub(super) fn read<'a>(
    records: impl Iterator<Item = Record<'a>>,
    length: usize,
    out: &mut Builder,
) {
    let mut left = length;
    let mut storages = records
        .filter(|record| record.kind == OBJECT_STORAGE)
        .take(MAX_OBJECTS)
        .peekable();
    if storages.peek().is_some() {
        out.begin(Place::Whole);
    }
    for storage in storages {
        let Some(rest) = left.checked_sub(storage.data.len()) else {
            return;
        };
        left = rest;
        let unpacked;
        let bytes = if storage.instance == PACKED {
            let packed = storage.data.get(4..).unwrap_or_default();
            let decoder = ZlibDecoder::new(packed);
            unpacked = out.budget().meter(decoder, packed.len() as u64).read_all();
            &unpacked.bytes[..]
        } else {
            storage.data
        };
        if out.is_full() || embedded::part("", bytes, out) == Fate::Exhausted {
            return;
        }
    }
}
