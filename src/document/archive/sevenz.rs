//! 7z ([7zFormat.txt](https://github.com/ip7z/7zip/blob/main/DOC/7zFormat.txt)): members in the order of
//! the blocks that they are packed in. What is encrypted is tried with one password.
//!
//! The crate grows its window with what comes out, whatever a header declares; what a block takes at once
//! (see `model`) and what comes out of the list of members itself (see `directory`) are bounded before it is
//! asked.

mod directory;
mod key;
mod model;

use std::io::Cursor;

use key::Keys;
use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::{Contents, PASSWORD, damaged, locked, path};
use crate::document::builder::Builder;
use crate::submission::Failure;

/// Why a member has no text.
const CLOSED: &str = "It is damaged, or packed in a way that is not read.";

/// Reads every member.
///
/// # Errors
/// Damaged; too large, where the list of members alone is; encrypted, where no member opens.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut keys = Keys::default();
    let ciphers = directory::ciphers(bytes)?;
    if !keys.afford(&ciphers, out.budget()) {
        return Err(locked(""));
    }
    let password = Password::new(PASSWORD);
    let mut source = Cursor::new(bytes);
    let archive = Archive::read(&mut source, &password).map_err(|_| {
        if ciphers.is_empty() {
            damaged("its list of members cannot be read")
        } else {
            locked("")
        }
    })?;
    let (count, most) = (archive.files.len(), out.limits().entries);
    if count > most {
        out.truncated(&format!(
            "the archive has {count} members, more than the {most} that are read"
        ));
    }
    let mut left = most;
    let mut contents = Contents::default();
    for (index, block) in archive.blocks.iter().enumerate() {
        let decoder = BlockDecoder::new(1, index, &archive, &password, &mut source);
        let paths: Vec<_> = decoder.entries().iter().take(left).map(path_of).collect();
        left -= paths.len();
        let ciphers = key::ciphers(block);
        let reading = Reading {
            encrypted: !ciphers.is_empty(),
            packed: bytes.len() as u64,
            paths,
            contents: &mut contents,
        };
        if !model::is_bearable(block) {
            reading.closed(out);
        } else if !keys.afford(&ciphers, out.budget()) {
            reading.rest(0, out);
        } else if !reading.read(decoder, out) {
            break;
        }
    }
    contents.finish(out)
}

/// One block that is being read.
struct Reading<'c> {
    encrypted: bool,
    packed: u64,
    /// The paths of its members; `None` for what is none that someone packed.
    paths: Vec<Option<String>>,
    contents: &'c mut Contents,
}

impl Reading<'_> {
    /// Reads the members. `false` when no further one of the archive is worth a look.
    fn read(self, decoder: BlockDecoder<'_, Cursor<&[u8]>>, out: &mut Builder) -> bool {
        let (mut seen, mut goes_on, mut cut) = (0, true, false);
        // An error speaks of the member behind those that were seen.
        let result = decoder.for_each_entries(&mut |_, reader| {
            let Some(path) = self.paths.get(seen) else {
                return Ok(false);
            };
            // What is not wanted is unpacked and charged as well: the next member stands behind it.
            let inflated = out.budget().meter(reader, self.packed).read_all();
            if inflated.error.is_some() && (self.encrypted || inflated.bytes.is_empty()) {
                return Err(Error::ChecksumVerificationFailed);
            }
            seen += 1;
            cut = inflated.cut;
            let damaged = inflated.error.is_some();
            if let Some(path) = path {
                goes_on = self.contents.unpacked(path, &inflated, out);
            }
            if damaged {
                return Err(Error::ChecksumVerificationFailed);
            }
            Ok(goes_on && !cut)
        });
        if result.is_err() && goes_on {
            self.rest(seen, out);
        } else if cut {
            // They stand behind the one that was too large: nobody unpacks it all to get there.
            for path in self.paths.iter().skip(seen).flatten() {
                self.contents.passed.push(path);
            }
        }
        goes_on
    }

    /// Names the members from one on: they cannot be read.
    fn rest(self, from: usize, out: &mut Builder) {
        for path in self.paths.iter().skip(from).flatten() {
            if self.encrypted {
                self.contents.locked.push(path);
            } else {
                self.contents.closed(path, CLOSED, out);
            }
        }
    }

    /// Names all members: what they are packed with is out of reach.
    fn closed(self, out: &mut Builder) {
        for path in self.paths.iter().flatten() {
            self.contents.closed(path, CLOSED, out);
        }
    }
}

/// The path of a member; `None` for folders, links and what systems leave behind.
fn path_of(entry: &ArchiveEntry) -> Option<String> {
    // Programs on Unix put the mode into the upper half.
    let is_link = entry.windows_attributes >> 16 & 0o170_000 == 0o120_000;
    if entry.is_directory || !entry.has_stream || is_link {
        return None;
    }
    path::tidy(entry.name.as_bytes())
}

#[cfg(test)]
mod tests;
