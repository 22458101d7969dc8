//! Whether a block is the header of a member of a TAR: nothing in it is magic in every dialect, but its
//! checksum is.

/// Bytes of a header.
pub(crate) const BLOCK: usize = 512;

/// Whether `bytes` begin with a header whose checksum is right.
pub(crate) fn begins(bytes: &[u8]) -> bool {
    let Some(block) = bytes.get(..BLOCK) else {
        return false;
    };
    let own = 148..156;
    let sum: u64 = block
        .iter()
        .enumerate()
        .map(|(at, &byte)| u64::from(if own.contains(&at) { b' ' } else { byte }))
        .sum();
    let digits = block[own].split(|&byte| byte == 0).next();
    let stored = digits.and_then(|digits| std::str::from_utf8(digits).ok());
    stored.and_then(|digits| u64::from_str_radix(digits.trim(), 8).ok()) == Some(sum)
}
