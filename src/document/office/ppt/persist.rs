//! Edits: where each object of the document stands since the last one.

use std::collections::HashMap;

use super::record::{DIRECTORY, Record, USER_EDIT};
use crate::format::little_endian::long;

/// Edits followed back.
const MAX_EDITS: usize = 10_000;
/// Objects looked at over all edits.
const MAX_OBJECTS: usize = 1_000_000;
/// The mark of an encrypted file.
const ENCRYPTED: u32 = 0xf3d1_c4df;

/// One edit.
#[derive(Debug, Default)]
pub(super) struct Edit {
    /// The number of the object that lists all others.
    pub(super) document: u32,
    before: u32,
    directory: u32,
    encrypted: bool,
}

impl Edit {
    /// The last edit, as the stream of the user names it. An empty one where nothing is found.
    pub(super) fn last(document: &[u8], user: &[u8]) -> Self {
        let mark = long(user, 12);
        let edit = long(user, 16).and_then(|at| Self::at(document, at));
        let mut edit = edit.unwrap_or_default();
        edit.encrypted |= mark == Some(ENCRYPTED);
        edit
    }

    pub(super) fn is_encrypted(&self) -> bool {
        self.encrypted
    }

    fn at(document: &[u8], at: u32) -> Option<Self> {
        let record = Record::at(document, usize::try_from(at).ok()?)?;
        if record.kind != USER_EDIT {
            return None;
        }
        Some(Self {
            document: record.number(16)?,
            before: record.number(8)?,
            directory: record.number(12)?,
            encrypted: record.number(28).is_some_and(|key| key != 0),
        })
    }
}

/// Where the objects stand.
pub(super) struct Directory {
    places: HashMap<u32, u32>,
}

impl Directory {
    /// Collects the places from `edit` back to the first one: the latest counts.
    pub(super) fn read(document: &[u8], edit: &Edit) -> Self {
        let mut places = HashMap::new();
        let mut left = MAX_OBJECTS;
        let (mut at, mut before) = (edit.directory, edit.before);
        for _ in 0..MAX_EDITS {
            add(document, at, &mut places, &mut left);
            // An earlier edit stands earlier in the file.
            match Edit::at(document, before) {
                Some(edit) if before != 0 && edit.before < before => {
                    (at, before) = (edit.directory, edit.before);
                }
                _ => break,
            }
        }
        Self { places }
    }

    /// All objects, in the order of the file.
    pub(super) fn objects<'a>(&self, document: &'a [u8]) -> impl Iterator<Item = Record<'a>> {
        let mut places: Vec<u32> = self.places.values().copied().collect();
        places.sort_unstable();
        places.dedup();
        let places = places.into_iter().map_while(|at| usize::try_from(at).ok());
        places.filter_map(|at| Record::at(document, at))
    }

    /// The object of the number `reference`.
    pub(super) fn object<'a>(&self, document: &'a [u8], reference: u32) -> Option<Record<'a>> {
        let at = self.places.get(&reference)?;
        Record::at(document, usize::try_from(*at).ok()?)
    }
}

/// Adds the places of one directory: runs of a first number and a count, then the places.
fn add(document: &[u8], at: u32, places: &mut HashMap<u32, u32>, left: &mut usize) {
    let record = usize::try_from(at)
        .ok()
        .and_then(|at| Record::at(document, at));
    let Some(record) = record.filter(|record| record.kind == DIRECTORY) else {
        return;
    };
    let mut numbers = record
        .data
        .chunks_exact(4)
        .filter_map(|bytes| long(bytes, 0));
    while let Some(run) = numbers.next() {
        let (first, count) = (run & 0xf_ffff, run >> 20);
        for reference in first..first + count {
            let Some(place) = numbers.next().filter(|_| *left > 0) else {
                return;
            };
            *left -= 1;
            places.entry(reference).or_insert(place);
        }
    }
}
