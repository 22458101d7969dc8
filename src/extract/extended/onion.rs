//! Tor onion services, read from the domains that were found: those are refanged and whole.
//!
//! [Version 3](https://spec.torproject.org/rend-spec/encoding-onion-addresses.html): 56 characters of
//! base32 that hold a key, a checksum and the version. Version 2 has 16 and no checksum.

use sha3::{Digest, Sha3_256};

use super::candidate;
use crate::extract::candidate::Candidate;
use crate::indicator::Kind;

const VERSION: u8 = 3;

/// Adds the onion service of each domain that leads to one.
pub(super) fn scan(found: &mut Vec<Candidate>) {
    let services: Vec<_> = found.iter().filter_map(service).collect();
    found.extend(services);
}

fn service(domain: &Candidate) -> Option<Candidate> {
    if domain.kind != Kind::Domain {
        return None;
    }
    let below = domain.value.strip_suffix(".onion")?;
    let label = below.rsplit('.').next()?;
    let confidence = match label.len() {
        56 if holds(label) => 98,
        16 if label.bytes().all(|letter| digit(letter).is_some()) => 85,
        _ => return None,
    };
    Some(Candidate {
        defanged: domain.defanged,
        ..candidate(
            Kind::Onion,
            format!("{label}.onion"),
            domain.span.clone(),
            confidence,
        )
    })
}

/// The five bits that `letter` stands for in base32.
fn digit(letter: u8) -> Option<u8> {
    match letter {
        b'a'..=b'z' => Some(letter - b'a'),
        b'2'..=b'7' => Some(letter - b'2' + 26),
        _ => None,
    }
}

/// Whether the checksum in `label`, of 56 characters, is that of its key.
fn holds(label: &str) -> bool {
    let mut bytes = Vec::with_capacity(35);
    for group in label.as_bytes().chunks(8) {
        let mut bits: u64 = 0;
        for letter in group {
            let Some(digit) = digit(*letter) else {
                return false;
            };
            bits = bits << 5 | u64::from(digit);
        }
        bytes.extend_from_slice(&bits.to_be_bytes()[3..]);
    }
    let (key, end) = bytes.split_at(32);
    let mut hash = Sha3_256::new();
    hash.update(b".onion checksum");
    hash.update(key);
    hash.update([VERSION]);
    let checksum = hash.finalize();
    end == [checksum[0], checksum[1], VERSION]
}
