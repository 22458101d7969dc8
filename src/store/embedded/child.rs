//! Between fork and exec: our own executable, started once more under the server's user, asks the kernel for
//! a signal at its parent's death and becomes the server. Doing so needs no `unsafe`, and it must happen
//! after the change of user, which would clear that wish.

use std::ffi::OsString;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::Command;

/// The hidden subcommand; its arguments go to [`exec_child`].
pub const SUBCOMMAND: &str = "__postgres";

/// At the head of an argument: the directory that the child is started in. The program changes its directory
/// and forgets it, so the child replaces this by a descriptor that stays open.
pub(super) const STARTED_IN: &str = "/proc/self/cwd";

/// Becomes the program that `arguments` name: the parent's process id, the program, its arguments. Returns
/// only when that is not possible.
pub fn exec_child(arguments: impl IntoIterator<Item = OsString>) -> io::Error {
    let mut arguments = arguments.into_iter();
    let parent = arguments
        .next()
        .and_then(|parent| parent.to_str()?.parse::<i32>().ok());
    let (Some(parent), Some(program)) = (parent, arguments.next()) else {
        return io::Error::new(
            io::ErrorKind::InvalidInput,
            "not meant to be called by hand",
        );
    };
    if let Err(error) = follow(parent) {
        return error;
    }
    match keep_open(arguments) {
        Ok(arguments) => Command::new(program).args(arguments).exec(),
        Err(error) => error,
    }
}

/// `arguments` with [`STARTED_IN`] replaced by a descriptor of that directory, which the program inherits.
#[cfg(target_os = "linux")]
fn keep_open(arguments: impl Iterator<Item = OsString>) -> io::Result<Vec<OsString>> {
    use std::os::fd::{AsRawFd, IntoRawFd};

    use rustix::fs::{Mode, OFlags};

    let here = rustix::fs::open(".", OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?;
    let kept = format!("/proc/self/fd/{}", here.as_raw_fd());
    // Never closed here: the program that this process becomes is its owner.
    let _ = here.into_raw_fd();
    let replaced = |argument: OsString| match argument.to_str() {
        Some(text) if text.contains(STARTED_IN) => text.replace(STARTED_IN, &kept).into(),
        _ => argument,
    };
    Ok(arguments.map(replaced).collect())
}

/// Other systems have no `/proc`, and no argument names it.
#[cfg(not(target_os = "linux"))]
fn keep_open(arguments: impl Iterator<Item = OsString>) -> io::Result<Vec<OsString>> {
    Ok(arguments.collect())
}

/// Has the kernel send SIGINT, Postgres' fast shutdown, when the thread that started us ends.
#[cfg(target_os = "linux")]
fn follow(parent: i32) -> io::Result<()> {
    use rustix::process::{Signal, getppid, set_parent_process_death_signal};

    set_parent_process_death_signal(Some(Signal::INT))?;
    // It may have died before the wish was heard.
    if getppid().map(|pid| pid.as_raw_nonzero().get()) == Some(parent) {
        Ok(())
    } else {
        Err(io::Error::other("the parent is gone"))
    }
}

/// Other systems have no such signal: after a kill -9 the next start stops the server that was left.
#[cfg(not(target_os = "linux"))]
fn follow(_parent: i32) -> io::Result<()> {
    Ok(())
}
