//! An archive without a directory: it stands at the end, and is lost where a file is cut short. Each member
//! has a header before it, which is looked for behind the member before.
//!
//! Where an archive was written as a stream, the length of a member is told behind it only, by a *data
//! descriptor*: Deflate ends by itself, and what is stored ends where the next signature stands. No byte is
//! looked at twice for that, however the headers lie.

use std::io;

use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use memchr::memmem::{self, Finder};
use zip::read::read_zipfile_from_stream_with_options;
use zip::{CompressionMethod, ZipReadOptions};

use super::{Contents, damaged, path};
use crate::document::budget::{Budget, Inflated};
use crate::document::builder::Builder;
use crate::submission::Failure;

const HEADER: &[u8] = b"PK\x03\x04";
/// What a descriptor may begin with.
const DESCRIPTOR: &[u8] = b"PK\x07\x08";

/// Reads the members as far as they go.
///
/// # Errors
/// Damaged, where no member is found.
pub(super) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut contents = Contents::default();
    let (mut rest, mut members) = (bytes, 0);
    let header = Finder::new(HEADER);
    while members < out.limits().entries
        && let Some(at) = header.find(rest)
    {
        rest = &rest[at..];
        let Some((path, inflated)) = next(&mut rest, out.budget()) else {
            continue;
        };
        members += 1;
        if let Some(path) = path
            && !contents.unpacked(&path, &inflated, out)
        {
            break;
        }
    }
    if members == 0 {
        return Err(damaged("its directory cannot be read"));
    }
    let message = "The archive is cut short: its members were read as far as they can be told.";
    out.warn("member_failed", message);
    contents.finish(out)
}

/// Takes the member that `rest` begins with off it: its path, if it is a file, and what it holds. Where it
/// is encrypted or packed in a way that is not read there is `None`, and its header is taken.
fn next(rest: &mut &[u8], budget: &Budget) -> Option<(Option<String>, Inflated)> {
    // Of a member whose length stands behind it, the header only is read here.
    let options = ZipReadOptions::new().override_compressed_size(0);
    let file = read_zipfile_from_stream_with_options(rest, options).ok()??;
    let path = path::tidy(file.name_raw()).filter(|_| file.is_file());
    if !file.flags().is_using_data_descriptor() {
        let packed = file.compressed_size();
        return Some((path, budget.meter(file, packed).read_all()));
    }
    let (method, size) = (file.compression(), file.size());
    drop(file);
    let inflated = match method {
        CompressionMethod::Deflated => deflated(rest, budget),
        CompressionMethod::Stored => stored(rest, size, budget),
        _ => return None,
    };
    Some((path, inflated))
}

fn deflated(rest: &mut &[u8], budget: &Budget) -> Inflated {
    let mut stream = DeflateDecoder::new(*rest);
    // It is not told how much is packed: at most what is left.
    let packed = rest.len() as u64;
    let inflated = budget.meter(&mut stream, packed).read_all();
    *rest = stream.into_inner();
    checked(inflated, rest)
}

/// `size` is 0 where it is not told.
fn stored(rest: &mut &[u8], size: u64, budget: &Budget) -> Inflated {
    let told = usize::try_from(size).ok();
    let told = told.filter(|&size| size > 0 && size <= rest.len());
    let end = told.or_else(|| signature(rest));
    let (data, behind) = rest.split_at(end.unwrap_or(rest.len()));
    *rest = behind;
    let bare = bare_descriptor(data);
    let cut = end.is_none() && bare.is_none();
    let (data, descriptor) = bare.unwrap_or((data, behind));
    let mut inflated = budget.meter(data, data.len() as u64).read_all();
    if cut {
        inflated.error = Some(io::ErrorKind::UnexpectedEof.into());
    }
    checked(inflated, descriptor)
}

/// Where a descriptor, a header or the directory begins.
fn signature(bytes: &[u8]) -> Option<usize> {
    memmem::find_iter(bytes, b"PK").find(|&at| {
        let kind = bytes.get(at + 2..at + 4);
        matches!(kind, Some([1, 2] | [3, 4] | [7, 8]))
    })
}

/// Splits off a descriptor without a signature: its sizes are those of what stands before it.
fn bare_descriptor(data: &[u8]) -> Option<(&[u8], &[u8])> {
    let (data, descriptor) = data.split_at_checked(data.len().checked_sub(12)?)?;
    let size = u32::try_from(data.len()).ok()?.to_le_bytes();
    (descriptor[4..] == [size, size].concat()).then_some((data, descriptor))
}

/// A member that came out whole is damaged if its sum is not that of the descriptor, unless that is lost.
fn checked(mut inflated: Inflated, descriptor: &[u8]) -> Inflated {
    let told = descriptor.strip_prefix(DESCRIPTOR).unwrap_or(descriptor);
    let mut sum = Crc::new();
    sum.update(&inflated.bytes);
    let sound = told
        .first_chunk()
        .is_none_or(|told| *told == sum.sum().to_le_bytes());
    if !sound && !inflated.cut && inflated.error.is_none() {
        inflated.error = Some(io::ErrorKind::InvalidData.into());
    }
    inflated
}

#[cfg(test)]
mod tests;
