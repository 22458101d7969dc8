//! Base 58 in its two ways: one number (Bitcoin), and blocks (Monero).

/// The value of `letter`: no `0`, `O`, `I` and `l`.
fn digit(letter: u8) -> Option<u8> {
    const ALPHABET: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
    let place = ALPHABET.iter().position(|known| *known == letter)?;
    u8::try_from(place).ok()
}

/// The number that `text` spells, as exactly `N` bytes; `None` where it has more or fewer.
///
/// Each leading `1` is a byte of zeros: an address has as many as its number wants.
pub(super) fn number<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    for letter in text.bytes() {
        let mut carry = u32::from(digit(letter)?);
        for byte in bytes.iter_mut().rev() {
            carry += u32::from(*byte) * 58;
            *byte = carry.to_le_bytes()[0];
            carry >>= 8;
        }
        if carry > 0 {
            return None;
        }
    }
    let ones = text.bytes().take_while(|letter| *letter == b'1').count();
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    (ones == zeros).then_some(bytes)
}

/// The bytes of blocks of 11 characters, each 8 bytes, and of a shorter last one.
pub(super) fn blocks(text: &str) -> Option<Vec<u8>> {
    /// Bytes of a block by its number of characters; 0 where there is no such block.
    const SIZES: [usize; 12] = [0, 0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8];
    let mut bytes = Vec::with_capacity(text.len());
    for block in text.as_bytes().chunks(11) {
        let size = SIZES[block.len()];
        let mut value: u128 = 0;
        for letter in block {
            value = value * 58 + u128::from(digit(*letter)?);
        }
        if size == 0 || value >> (8 * size) != 0 {
            return None;
        }
        bytes.extend_from_slice(&value.to_be_bytes()[16 - size..]);
    }
    Some(bytes)
}
