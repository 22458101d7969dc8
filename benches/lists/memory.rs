//! What this process takes, as Linux tells; nothing elsewhere.

use std::fs;

/// Bytes in memory now.
pub(super) fn resident() -> u64 {
    field("VmRSS:")
}

/// The most bytes in memory so far.
pub(super) fn peak() -> u64 {
    field("VmHWM:")
}

fn field(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) << 10
}
