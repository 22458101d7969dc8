//! How much memory the server is given.

use std::fs;

const MIB: u64 = 1 << 20;
/// Pages of the database that the server keeps, in MiB: what Postgres takes by itself, and what suffices for ten million
/// indicators.
const BUFFERS: (u64, u64) = (128, 2048);
/// The part of the memory that they may take.
const PART: u64 = 8;

/// Settings of the server for a machine, or a container, with this much memory.
pub(super) fn settings() -> [String; 3] {
    let buffers = (available() / MIB / PART).clamp(BUFFERS.0, BUFFERS.1);
    [
        format!("shared_buffers={buffers}MB"),
        // What it may take the system to keep beside: nothing is reserved.
        format!("effective_cache_size={}MB", 3 * buffers),
        format!("maintenance_work_mem={}MB", (buffers / 4).max(64)),
    ]
}

/// Memory of the machine, or what its container may take; 0 where neither is told.
fn available() -> u64 {
    let limits = [
        "/sys/fs/cgroup/memory.max",
        "/sys/fs/cgroup/memory/memory.limit_in_bytes",
    ];
    let limits = limits
        .iter()
        .filter_map(|path| fs::read_to_string(path).ok()?.trim().parse().ok());
    let machine = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    limits.fold(total(&machine), u64::min)
}

/// `MemTotal` of `/proc/meminfo`, in bytes.
fn total(meminfo: &str) -> u64 {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemTotal:"));
    let kibibytes = line.and_then(|line| line.trim().strip_suffix(" kB"));
    kibibytes.and_then(|n| n.parse::<u64>().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_the_machine_is_read() {
        assert_eq!(
            total("MemTotal:       24737412 kB\nMemFree:  1 kB\n"),
            24_737_412 * 1024
        );
        assert_eq!(total(""), 0);
    }
}
