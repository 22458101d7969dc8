//! One document, packed: gzip ([RFC 1952](https://www.rfc-editor.org/rfc/rfc1952)), bzip2, xz
//! ([format](https://tukaani.org/xz/xz-file-format.txt)), Zstandard
//! ([RFC 8878](https://www.rfc-editor.org/rfc/rfc8878)). It is read as that document: its title and what is
//! wrong with it are those of the whole. Zeros behind the last stream are padding and no damage.
//!
//! A stream may ask for a window of gigabytes: what is larger than [`MAX_WINDOW`] is not unpacked.

mod streams;
mod zstd;

use std::io::Read;

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use streams::Streams;

use super::path;
use crate::document::builder::Builder;
use crate::document::member::{self, Label};
use crate::format::Format;
use crate::submission::Failure;

/// Bytes that tell whether a TAR is inside.
const HEAD: u64 = 512;
/// Bytes of the window of a stream. The highest settings of the usual programs ask for that many.
const MAX_WINDOW: u32 = 128 << 20;
/// What the window is kept in, by the reckoning of the reader of xz.
const BESIDE_WINDOW: u32 = 1 << 20;
/// Endings of names, and what they stand for without the packing.
const ENDINGS: &[(&str, &str)] = &[
    ("gz", ""),
    ("bz2", ""),
    ("xz", ""),
    ("zst", ""),
    ("tgz", ".tar"),
    ("tbz", ".tar"),
    ("tbz2", ".tar"),
    ("txz", ".tar"),
    ("tzst", ".tar"),
];

/// Reads what gzip packed. `name` is the name of the file.
///
/// # Errors
/// Damaged from the start on; those of the document inside.
pub(in crate::document) fn gzip(
    bytes: &[u8],
    name: Option<&str>,
    out: &mut Builder,
) -> Result<(), Failure> {
    let mut decoder = GzDecoder::new(bytes);
    // Reads the header; what comes out says whether it is sound.
    let _ = decoder.read(&mut []);
    let stored = decoder.header().and_then(|header| header.filename());
    let stored = stored.and_then(path::tidy);
    let decoder = |bytes| Streams(GzDecoder::new(bytes));
    read(bytes, stored, name, decoder, out)
}

/// As [`gzip`], for bzip2.
pub(in crate::document) fn bzip2(
    bytes: &[u8],
    name: Option<&str>,
    out: &mut Builder,
) -> Result<(), Failure> {
    let decoder = |bytes| Streams(BzDecoder::new(bytes));
    read(bytes, None, name, decoder, out)
}

/// As [`gzip`], for xz.
pub(in crate::document) fn xz(
    bytes: &[u8],
    name: Option<&str>,
    out: &mut Builder,
) -> Result<(), Failure> {
    read(bytes, None, name, xz_reader, out)
}

fn xz_reader(bytes: &[u8]) -> XzReader<&[u8]> {
    XzReader::new_mem_limit(bytes, true, (MAX_WINDOW + BESIDE_WINDOW) >> 10)
}

/// As [`gzip`], for Zstandard.
pub(in crate::document) fn zstd(
    bytes: &[u8],
    name: Option<&str>,
    out: &mut Builder,
) -> Result<(), Failure> {
    read(bytes, None, name, zstd::Frames::new, out)
}

/// `stored` is the name that stands in the file, `name` that of the file.
fn read<'b, R: Read>(
    bytes: &'b [u8],
    stored: Option<String>,
    name: Option<&str>,
    decoder: impl Fn(&'b [u8]) -> R,
    out: &mut Builder,
) -> Result<(), Failure> {
    let mut head = Vec::new();
    let sound = decoder(bytes).take(HEAD).read_to_end(&mut head);
    if sound.is_err() && head.is_empty() {
        return Err(super::damaged("it cannot be unpacked"));
    }
    let packed = bytes.len() as u64;
    let inflated = if Format::sniff(&head, None) == Some(Format::Tar) {
        out.budget().meter_archive(decoder(bytes), packed)
    } else {
        out.budget().meter(decoder(bytes), packed)
    }
    .read_all();
    if inflated.cut {
        out.truncated("it unpacks to more than what is read");
    }
    if inflated.error.is_some() {
        let message = "It is damaged: only what could be unpacked was read.";
        out.warn("member_failed", message);
    }
    let name = stored.or_else(|| name.map(unpacked_name));
    let label = Label {
        role: "",
        name: name.as_deref().unwrap_or_default(),
    };
    member::only(label, &inflated.bytes, out)
}

/// `a.csv` for `a.csv.gz`, `a.tar` for `a.tgz`.
fn unpacked_name(name: &str) -> String {
    let unpacked = name.rsplit_once('.').and_then(|(stem, end)| {
        let found = ENDINGS
            .iter()
            .find(|(packed, _)| end.eq_ignore_ascii_case(packed));
        found.map(|(_, ending)| format!("{stem}{ending}"))
    });
    unpacked.unwrap_or_else(|| name.to_owned())
}

#[cfg(test)]
mod tests;
