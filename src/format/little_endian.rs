//! Numbers as old Office documents, compound files and ZIPs store them: the least byte first.

/// Two bytes from `at` on; `None` where they end before.
pub(crate) fn short(bytes: &[u8], at: usize) -> Option<u16> {
    let number = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_le_bytes(number.try_into().ok()?))
}

/// Four bytes from `at` on; `None` where they end before.
pub(crate) fn long(bytes: &[u8], at: usize) -> Option<u32> {
    let number = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(number.try_into().ok()?))
}
