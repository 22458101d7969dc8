//! Compound files ([MS-CFB](https://learn.microsoft.com/openspecs/windows_protocols/ms-cfb/)): a folder
//! of streams in one file, around old Office documents, Outlook messages and embedded objects.
//!
//! Danger: the sectors of one stream may be those of many others. What is read is charged to the account
//! of the upload, as if it were inflated.

use std::io::Cursor;

use super::budget::Budget;

/// Streams and storages looked at in one place.
const MAX_ENTRIES: usize = 5_000;

/// An open compound file.
pub(super) struct Compound<'a> {
    file: cfb::CompoundFile<Cursor<&'a [u8]>>,
    budget: Budget,
}

impl<'a> Compound<'a> {
    /// Opens the file, where it is one.
    pub(super) fn open(bytes: &'a [u8], budget: &Budget) -> Option<Self> {
        Some(Self {
            file: cfb::CompoundFile::open(Cursor::new(bytes)).ok()?,
            budget: budget.clone(),
        })
    }

    /// The bytes of a stream, up to the limits.
    pub(super) fn stream(&mut self, path: &str) -> Option<Vec<u8>> {
        let stream = self.file.open_stream(path).ok()?;
        let length = stream.len();
        Some(self.budget.meter(stream, length).read_all().bytes)
    }

    /// Whether there is such a stream.
    pub(super) fn has(&self, path: &str) -> bool {
        self.file.is_stream(path)
    }

    /// The names of what stands in a storage.
    pub(super) fn names(&self, storage: &str) -> Vec<String> {
        let Ok(entries) = self.file.read_storage(storage) else {
            return Vec::new();
        };
        entries
            .take(MAX_ENTRIES)
            .map(|entry| entry.name().to_owned())
            .collect()
    }

    /// The paths of all streams with one of these names, wherever they stand.
    pub(super) fn find(&self, names: &[&str]) -> Vec<String> {
        self.file
            .walk()
            .take(MAX_ENTRIES)
            .filter(|entry| entry.is_stream() && names.contains(&entry.name()))
            .map(|entry| entry.path().to_string_lossy().into_owned())
            .collect()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Cursor, Write};

    /// A compound file of `streams`, paths and bytes, for tests of the readers.
    pub(in crate::document) fn compound(streams: &[(&str, &[u8])]) -> Vec<u8> {
        let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).unwrap();
        for (path, bytes) in streams {
            let storage = path.rsplit_once('/').unwrap().0;
            if !storage.is_empty() {
                file.create_storage_all(storage).unwrap();
            }
            file.create_stream(path).unwrap().write_all(bytes).unwrap();
        }
        file.flush().unwrap();
        file.into_inner().into_inner()
    }
}
