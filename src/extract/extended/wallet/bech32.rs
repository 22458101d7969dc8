//! Segregated witness addresses of Bitcoin:
//! [BIP 173](https://github.com/bitcoin/bips/blob/master/bip-0173.mediawiki) and
//! [BIP 350](https://github.com/bitcoin/bips/blob/master/bip-0350.mediawiki).

const CHECKSUM: usize = 6;
/// What a right checksum leaves in version 0, and in later versions.
const BECH32: u32 = 1;
const BECH32M: u32 = 0x2bc8_30a3;

/// Whether `run`, which begins with `bc1` in any case, is an address of the main network.
pub(super) fn is_segwit(run: &str) -> bool {
    let lower = run.to_ascii_lowercase();
    if run != lower && run != run.to_ascii_uppercase() {
        return false;
    }
    let digits: Option<Vec<u8>> = lower.bytes().skip(3).map(digit).collect();
    let Some(digits) = digits else {
        return false;
    };
    let Some((data, _)) = digits.split_at_checked(digits.len().saturating_sub(CHECKSUM)) else {
        return false;
    };
    let Some((version, program)) = data.split_first() else {
        return false;
    };
    // Five bits a digit; what is left over is less than one and zero.
    let (bytes, rest) = (program.len() * 5 / 8, program.len() * 5 % 8);
    let filled = rest < 5
        && program
            .last()
            .is_some_and(|last| *last & ((1 << rest) - 1) == 0);
    let fits = match version {
        0 => matches!(bytes, 20 | 32),
        1..=16 => (2..=40).contains(&bytes),
        _ => false,
    };
    let right = if *version == 0 { BECH32 } else { BECH32M };
    filled && fits && remainder(&digits) == right
}

fn digit(letter: u8) -> Option<u8> {
    const ALPHABET: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
    let place = ALPHABET.iter().position(|known| *known == letter)?;
    u8::try_from(place).ok()
}

/// The remainder of the checksum's polynomial over `bc`, spread out as the standard has it, and `digits`.
fn remainder(digits: &[u8]) -> u32 {
    const GENERATOR: [u32; 5] = [
        0x3b6a_57b2,
        0x2650_8e6d,
        0x1ea1_19fa,
        0x3d42_33dd,
        0x2a14_62b3,
    ];
    let prefix = [b'b' >> 5, b'c' >> 5, 0, b'b' & 31, b'c' & 31];
    prefix.iter().chain(digits).fold(1, |sum: u32, digit| {
        let top = sum >> 25;
        let shifted = (sum & 0x01ff_ffff) << 5 ^ u32::from(*digit);
        GENERATOR
            .iter()
            .enumerate()
            .filter(|(bit, _)| top >> bit & 1 == 1)
            .fold(shifted, |sum, (_, term)| sum ^ term)
    })
}
