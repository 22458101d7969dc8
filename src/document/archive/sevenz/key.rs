//! What it costs to make the keys of an archive. The work is set by the archive, and may be minutes.

use sevenz_rust2::{Block, EncoderMethod};

use crate::document::budget::Budget;

/// Rounds that take a millisecond.
const ROUNDS: usize = 4_096;
/// Rounds, as a power of two, that no honest archive asks for.
const MAX_POWER: u8 = 24;
/// The power that stands for a key without any work.
const RAW: u8 = 0x3f;

/// The keys that were paid for. The crate keeps the last one.
#[derive(Default)]
pub(super) struct Keys {
    last: Option<Vec<u8>>,
}

impl Keys {
    /// Takes the work for these ciphers off the account, `false` when they ask for more than is left.
    pub(super) fn afford(&mut self, ciphers: &[Vec<u8>], budget: &Budget) -> bool {
        ciphers.iter().all(|properties| {
            let Some((power, salt)) = parse(properties) else {
                return false;
            };
            let key = [&[power], salt].concat();
            if power == RAW || self.last.as_ref() == Some(&key) {
                return true;
            }
            let affordable = power <= MAX_POWER && budget.take_key((1 << power) / ROUNDS + 1);
            if affordable {
                self.last = Some(key);
            }
            affordable
        })
    }
}

/// The properties of every cipher in a block.
pub(super) fn ciphers(block: &Block) -> Vec<Vec<u8>> {
    block
        .coders
        .iter()
        .filter(|coder| coder.encoder_method_id() == EncoderMethod::ID_AES256_SHA256)
        .map(|coder| coder.properties().to_vec())
        .collect()
}

/// The power and the salt.
fn parse(properties: &[u8]) -> Option<(u8, &[u8])> {
    let (&first, rest) = properties.split_first()?;
    let power = first & 0x3f;
    let Some((&second, rest)) = rest.split_first() else {
        return Some((power, &[]));
    };
    let salt = usize::from(first >> 7) + usize::from(second >> 4);
    Some((power, rest.get(..salt)?))
}

#[cfg(test)]
mod tests {
    use super::Keys;
    use crate::document::Limits;
    use crate::document::budget::Budget;

    #[test]
    fn the_same_key_is_paid_for_once_and_endless_work_never() {
        let budget = Budget::new(&Limits::default());
        let mut keys = Keys::default();
        let usual = vec![19, 0x00];
        assert!((0..10_000).all(|_| keys.afford(std::slice::from_ref(&usual), &budget)));
        for power in [25, 40, 62] {
            for _ in 0..2 {
                assert!(!keys.afford(&[vec![power, 0]], &budget));
            }
        }
        let salted = |salt: u16| {
            let [a, b] = salt.to_le_bytes();
            vec![0x80 | 19, 0x10, a, b]
        };
        let afforded = (0..1_000).filter(|&salt| keys.afford(&[salted(salt)], &budget));
        assert!(afforded.count() < 20);
    }
}
