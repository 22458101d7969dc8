//! CPU time: what else the machine does in the meantime costs nothing.

use std::fs;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

/// What this thread has computed so far. Where the kernel does not tell, the time since the first call.
///
/// The kernel counts in ticks of some milliseconds: measure much longer stretches.
pub(super) fn now() -> Duration {
    static START: OnceLock<Instant> = OnceLock::new();
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = told.and_then(|told| told.split(' ').next()?.parse().ok());
    nanoseconds.map_or_else(
        || START.get_or_init(Instant::now).elapsed(),
        Duration::from_nanos,
    )
}

/// What one call of `run` takes: the mean of as many as fill `at_least`.
pub(super) fn mean(at_least: Duration, mut run: impl FnMut()) -> Duration {
    let start = now();
    for runs in 1.. {
        run();
        let taken = now().saturating_sub(start);
        if taken >= at_least {
            return taken / runs;
        }
    }
    Duration::ZERO
}
