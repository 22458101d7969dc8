//! ZIP ([APPNOTE](https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT)): members in the order
//! of the directory, which is walked and never held. Encrypted ones are tried with one password.

mod salvage;

use std::io::Cursor;

use zip::ZipReadOptions;
use zip::read::{Config, ZipFileEntry};
use zip::result::ZipError;
use zip::unstable::read::ZipIterable;

use super::{Contents, PASSWORD, damaged, path};
use crate::document::budget::{Budget, Inflated};
use crate::document::builder::Builder;
use crate::submission::Failure;

/// Milliseconds that it takes to make a key.
const KEY_WORK: usize = 2;

/// Reads every member.
///
/// # Errors
/// Damaged; encrypted, where no member opens.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let unreadable = |_| damaged("its directory cannot be read");
    let Ok(mut archive) = ZipIterable::try_new(Cursor::new(bytes), Config::default()) else {
        return salvage::read(bytes, out);
    };
    let (count, most) = (archive.len(), out.limits().entries);
    let mut contents = Contents::default();
    for entry in archive.files().map_err(unreadable)?.take(most) {
        let Ok(entry) = entry else {
            let message =
                "The directory of the archive is damaged: what stands behind is left out.";
            out.warn("member_failed", message);
            break;
        };
        let Some(path) = path::tidy(entry.name_raw()).filter(|_| entry.is_file()) else {
            continue;
        };
        match inflate(entry, bytes, out.budget()) {
            Ok(inflated) => {
                if !contents.unpacked(&path, &inflated, out) {
                    break;
                }
            }
            Err(Closed::Locked) => contents.locked.push(&path),
            Err(Closed::Unknown) => {
                let why = "It is damaged, or packed in a way that is not read.";
                contents.closed(&path, why, out);
            }
        }
    }
    if count > most {
        out.truncated(&format!(
            "the archive has {count} members, more than the {most} that are read"
        ));
    }
    contents.finish(out)
}

/// Why nothing comes out of a member.
enum Closed {
    Locked,
    Unknown,
}

fn inflate(entry: ZipFileEntry<'_>, bytes: &[u8], budget: &Budget) -> Result<Inflated, Closed> {
    let encrypted = entry.encrypted();
    if encrypted && !budget.take_key(KEY_WORK) {
        return Err(Closed::Locked);
    }
    let mut reader = Cursor::new(bytes);
    let options = ZipReadOptions::new().password(Some(PASSWORD.as_bytes()));
    let file = entry
        .with_reader(&mut reader, options)
        .map_err(|error| match error {
            ZipError::InvalidPassword => Closed::Locked,
            _ => Closed::Unknown,
        })?;
    let packed = file.compressed_size();
    let inflated = budget.meter(file, packed).read_all();
    // The old encryption tells a wrong password by one byte only: the others come out as noise.
    if encrypted && inflated.error.is_some() {
        return Err(Closed::Locked);
    }
    if inflated.error.is_some() && inflated.bytes.is_empty() {
        return Err(Closed::Unknown);
    }
    Ok(inflated)
}

#[cfg(test)]
mod tests;
