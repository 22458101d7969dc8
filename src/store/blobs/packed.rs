//! The bytes of a blob as they are kept: a first byte that says how, then the content, deflated where that helps.

use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::ZlibDecoder;
use flate2::write::ZlibEncoder;

const AS_IS: u8 = 0;
const DEFLATED: u8 = 1;
/// Bytes that are tried: most documents are packed already, and packing them again only costs time.
const SAMPLE: usize = 64 << 10;

/// `bytes` as they are kept.
pub(in super::super) fn pack(bytes: &[u8]) -> Vec<u8> {
    let sample = bytes.get(..SAMPLE).unwrap_or(bytes);
    let helps = |packed: &[u8], of: &[u8]| packed.len() < of.len() / 10 * 9;
    let packed = deflated(sample)
        .filter(|packed| helps(packed, sample))
        .and_then(|packed| {
            if sample.len() == bytes.len() {
                Some(packed)
            } else {
                deflated(bytes)
            }
        })
        .filter(|packed| helps(packed, bytes));
    match packed {
        Some(packed) => [&[DEFLATED], packed.as_slice()].concat(),
        None => [&[AS_IS], bytes].concat(),
    }
}

/// `None` never happens: writing to memory does not fail.
fn deflated(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// What [`pack`] was given. What it inflates to was within the limits of uploads and texts: whoever writes here is ourselves.
pub(in super::super) fn unpack(kept: &[u8]) -> io::Result<Vec<u8>> {
    match kept.split_first() {
        Some((&AS_IS, bytes)) => Ok(bytes.to_vec()),
        Some((&DEFLATED, packed)) => {
            let mut bytes = Vec::new();
            ZlibDecoder::new(packed).read_to_end(&mut bytes)?;
            Ok(bytes)
        }
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "this is no blob of ours",
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_packed_comes_back_and_is_smaller_where_that_can_be() {
        let prose = b"the same words again and again ".repeat(10_000);
        let noise: Vec<u8> = (0..200_000u32)
            .map(|n| (n.wrapping_mul(2_654_435_761) >> 13) as u8 ^ (n.wrapping_mul(n) >> 7) as u8)
            .collect();
        for bytes in [&prose[..], &noise, b"x", b""] {
            let kept = pack(bytes);
            assert!(kept.len() <= bytes.len() + 1);
            assert_eq!(unpack(&kept).unwrap(), bytes);
        }
        assert!(pack(&prose).len() < prose.len() / 10);
        assert!(unpack(b"").is_err() && unpack(b"\x07x").is_err());
    }
}
