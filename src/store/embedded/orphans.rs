//! A server that outlived the process it belonged to: found, and stopped, before the next one starts.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::StartError;

/// When an orphaned server that was asked to stop is asked harder, and when it is ended.
const QUIT: Duration = Duration::from_secs(15);
const KILL: Duration = Duration::from_secs(25);
const POLL: Duration = Duration::from_millis(10);

/// Server processes that work in `dir`: the server changes into its data directory, and so do its children.
/// By name as well, because a person's shell may stand there too.
fn find(dir: &Path) -> Vec<Pid> {
    let processes = fs::read_dir("/proc").into_iter().flatten().flatten();
    let ours = |process: &Path| {
        fs::read_to_string(process.join("comm"))
            .is_ok_and(|name| matches!(name.trim_end(), "postgres" | "initdb"))
            && fs::read_link(process.join("cwd")).is_ok_and(|cwd| cwd.starts_with(dir))
    };
    processes
        .filter_map(|entry| {
            Some((
                entry
                    .file_name()
                    .to_str()?
                    .parse()
                    .ok()
                    .and_then(Pid::from_raw)?,
                entry.path(),
            ))
        })
        .filter_map(|(pid, process)| ours(&process).then_some(pid))
        .collect()
}

/// Waits for the server of a killed predecessor to end; the kernel has told it to already. Ours is the lock,
/// so nobody else can have started one since.
pub(super) fn stop(dir: &Path) -> Result<(), StartError> {
    let asked = Instant::now();
    let mut next = Some(Signal::INT);
    loop {
        let left = find(dir);
        if left.is_empty() {
            return Ok(());
        }
        if let Some(signal) = next.take() {
            tracing::info!(
                ?signal,
                "stopping the Postgres that an earlier iocsift left behind"
            );
            send(signal, &left, dir);
        }
        let before = asked.elapsed();
        std::thread::sleep(POLL);
        let now = asked.elapsed();
        for (at, signal) in [(QUIT, Signal::QUIT), (KILL, Signal::KILL)] {
            if before < at && now >= at {
                next = Some(signal);
            }
        }
        if now > KILL * 2 {
            return Err(StartError::Failed(format!(
                "processes {left:?} hold {} and do not end",
                dir.display()
            )));
        }
    }
}

/// Sends `signal` to the one of `processes` that leads the others, or to all where none does.
fn send(signal: Signal, processes: &[Pid], dir: &Path) {
    let leader = fs::read_to_string(dir.join("data/postmaster.pid")).ok();
    let leader = leader.as_deref().and_then(|text| {
        text.lines()
            .next()?
            .trim()
            .parse()
            .ok()
            .and_then(Pid::from_raw)
    });
    let leader = leader.filter(|leader| signal != Signal::KILL && processes.contains(leader));
    for &process in processes
        .iter()
        .filter(|process| leader.is_none_or(|leader| leader == **process))
    {
        // It may have ended just now; the next look will tell.
        let _ = kill_process(process, signal);
    }
}
