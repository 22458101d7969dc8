//! A look at where the list of members stands: most often it is packed, and nothing bounds what the
//! crate unpacks it to.

use sevenz_rust2::EncoderMethod;

use super::model;
use crate::document::archive::damaged;
use crate::submission::{Failure, FailureCode};

/// Bytes of the signature, the version, and the place of the list.
const START: usize = 32;
/// Bytes of a list of members, as it stands and unpacked. Some 100 for a member are usual.
const MAX_LIST: u64 = 2 << 20;
/// Coders of a block, and streams, that the crate follows.
const MAX_COUNT: u64 = 64;

const ENCODED: u8 = 0x17;
const PACK_INFO: u8 = 0x06;
const UNPACK_INFO: u8 = 0x07;
const FOLDER: u8 = 0x0b;
const SIZES: u8 = 0x0c;
const SIZE: u8 = 0x09;
const DIGESTS: u8 = 0x0a;
const END: u8 = 0;

/// The properties of the ciphers behind which the list of members stands; none for most archives.
///
/// # Errors
/// Damaged; too large.
pub(super) fn ciphers(bytes: &[u8]) -> Result<Vec<Vec<u8>>, Failure> {
    let cut = || damaged("it is cut, or its start is");
    let list = list(bytes).ok_or_else(cut)?;
    if list.len() as u64 > MAX_LIST {
        return Err(too_large());
    }
    if list.first() != Some(&ENCODED) {
        return Ok(Vec::new());
    }
    let (ciphers, unpacked) = packing(&list[1..]).ok_or_else(cut)?;
    if unpacked > MAX_LIST {
        return Err(too_large());
    }
    Ok(ciphers)
}

fn too_large() -> Failure {
    let message = "The archive has a list of members larger than what is read.";
    Failure::new(FailureCode::TooLarge, message)
}

/// The list, as it stands. Where its place is not told the crate would search for it; we do not.
fn list(bytes: &[u8]) -> Option<&[u8]> {
    let start = bytes.get(..START)?;
    let number = |at: usize| -> Option<usize> {
        let number = u64::from_le_bytes(start.get(at..at + 8)?.try_into().ok()?);
        usize::try_from(number).ok()
    };
    if start[8..12] == [0; 4] {
        return None;
    }
    let at = START.checked_add(number(12)?)?;
    bytes.get(at..at.checked_add(number(20)?)?)
}

/// The ciphers and the largest unpacked size in the description of a packed list.
fn packing(description: &[u8]) -> Option<(Vec<Vec<u8>>, u64)> {
    let mut input = Input(description);
    if input.byte()? != PACK_INFO {
        return None;
    }
    input.number()?;
    let streams = input.number().filter(|&count| count <= MAX_COUNT)?;
    loop {
        match input.byte()? {
            END => break,
            SIZE => {
                for _ in 0..streams {
                    input.number()?;
                }
            }
            DIGESTS => {
                // All are defined, or the crate has no use for the archive either.
                if input.byte()? == 0 {
                    return None;
                }
                input.take(4 * usize::try_from(streams).ok()?)?;
            }
            _ => return None,
        }
    }
    if (input.byte()?, input.byte()?, input.number()?, input.byte()?) != (UNPACK_INFO, FOLDER, 1, 0)
    {
        return None;
    }
    let (ciphers, outputs) = block(&mut input)?;
    if input.byte()? != SIZES {
        return None;
    }
    let mut most = 0;
    for _ in 0..outputs {
        most = most.max(input.number()?);
    }
    Some((ciphers, most))
}

/// The ciphers of a block and the number of streams that come out of its coders.
fn block(input: &mut Input<'_>) -> Option<(Vec<Vec<u8>>, u64)> {
    let (mut ciphers, mut models) = (Vec::new(), Vec::new());
    let (mut inputs, mut outputs) = (0u64, 0u64);
    for _ in 0..input.number().filter(|&count| count <= MAX_COUNT)? {
        let flags = input.byte()?;
        let method = input.take(usize::from(flags & 0x0f))?;
        let (ins, outs) = if flags & 0x10 == 0 {
            (1, 1)
        } else {
            (input.number()?, input.number()?)
        };
        inputs = inputs.checked_add(ins)?;
        outputs = outputs.checked_add(outs)?;
        let properties = if flags & 0x20 == 0 {
            &[]
        } else {
            let length = usize::try_from(input.number()?).ok()?;
            input.take(length)?
        };
        models.push(model::size(method, properties));
        if method == EncoderMethod::ID_AES256_SHA256 {
            ciphers.push(properties.to_vec());
        }
    }
    if inputs > MAX_COUNT || outputs > MAX_COUNT || !model::bearable(models.into_iter()) {
        return None;
    }
    let pairs = outputs.checked_sub(1)?;
    for _ in 0..pairs {
        input.number()?;
        input.number()?;
    }
    let packed = inputs.checked_sub(pairs)?;
    if packed > 1 {
        for _ in 0..packed {
            input.number()?;
        }
    }
    Some((ciphers, outputs))
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|taken| taken[0])
    }

    /// A number whose first byte tells by its leading ones how many follow.
    fn number(&mut self) -> Option<u64> {
        let first = self.byte()?;
        let more = first.leading_ones();
        let mut value = 0;
        for i in 0..more {
            value |= u64::from(self.byte()?) << (8 * i);
        }
        // What is left of the first byte are the highest bits.
        let high = match more {
            7 | 8 => 0,
            more => u64::from(first & (0x7f >> more)) << (8 * more),
        };
        Some(value | high)
    }
}
