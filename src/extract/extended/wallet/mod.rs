//! Addresses of crypto-currencies. Enter at [`of`].
//!
//! Nothing but a checksum tells an address from any other run of letters and digits: where one exists it
//! must hold.

mod base58;
mod bech32;

use sha2::Sha256;
use sha3::{Digest, Keccak256};

use crate::indicator::Kind;

/// The currency and the normal form of the address that `run`, letters and digits alone, is.
pub(super) fn of(run: &str) -> Option<(Kind, String)> {
    match (run.as_bytes(), run.len()) {
        ([b'1' | b'3', ..], 26..=35) => {
            is_base58check(run).then(|| (Kind::Bitcoin, run.to_owned()))
        }
        ([b'b' | b'B', b'c' | b'C', b'1', ..], 42..=74) => {
            bech32::is_segwit(run).then(|| (Kind::Bitcoin, run.to_ascii_lowercase()))
        }
        ([b'0', b'x', digits @ ..], 42) => {
            is_ethereum(digits).then(|| (Kind::Ethereum, run.to_ascii_lowercase()))
        }
        ([b'4' | b'8', ..], 95 | 106) => is_monero(run).then(|| (Kind::Monero, run.to_owned())),
        _ => None,
    }
}

/// Pay to public key hash or to script hash on the main network.
fn is_base58check(run: &str) -> bool {
    let Some(bytes) = base58::number::<25>(run) else {
        return false;
    };
    let (payload, checksum) = bytes.split_at(21);
    matches!(payload[0], 0x00 | 0x05) && Sha256::digest(Sha256::digest(payload))[..4] == *checksum
}

/// [EIP-55](https://eips.ethereum.org/EIPS/eip-55): letters of both cases spell a checksum.
fn is_ethereum(digits: &[u8]) -> bool {
    if !digits.iter().all(u8::is_ascii_hexdigit) {
        return false;
    }
    let upper = digits.iter().any(u8::is_ascii_uppercase);
    let lower = digits.iter().any(u8::is_ascii_lowercase);
    if !(upper && lower) {
        return true;
    }
    let hash = Keccak256::digest(digits.to_ascii_lowercase());
    digits.iter().enumerate().all(|(place, letter)| {
        let nibble = hash[place / 2] >> (4 * (1 - place % 2)) & 0xf;
        !letter.is_ascii_alphabetic() || letter.is_ascii_uppercase() == (nibble >= 8)
    })
}

/// A standard, integrated or sub-address of the main network.
fn is_monero(run: &str) -> bool {
    let Some(bytes) = base58::blocks(run) else {
        return false;
    };
    let Some((payload, checksum)) = bytes.split_last_chunk::<4>() else {
        return false;
    };
    matches!(
        (payload.first(), payload.len()),
        (Some(18 | 42), 65) | (Some(19), 73)
    ) && Keccak256::digest(payload)[..4] == *checksum
}
