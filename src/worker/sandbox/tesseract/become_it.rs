//! The child's side: lock down, and become `tesseract`, which is never trusted with more than pixels.

use std::io::{self, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, ExitCode};

use super::super::{Locks, lock};
use super::Request;

/// The exit code that says that a lock that it needs is not to be had.
pub(super) const UNLOCKED: i32 = 97;
/// The exit code that says that the program could not be started.
const NOT_STARTED: u8 = 98;

/// Becomes `tesseract`: called first thing in `main`, before any thread exists. `request` is the argument
/// behind the subcommand. Comes back only where that failed.
#[must_use]
pub fn main(request: &str) -> ExitCode {
    match become_it(request) {
        Ok(unlocked) => unlocked,
        Err(error) => {
            // The parent keeps the first bytes of this pipe.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::from(NOT_STARTED)
        }
    }
}

fn become_it(request: &str) -> io::Result<ExitCode> {
    let request: Request = serde_json::from_str(request)?;
    let readable: Vec<&Path> = [&request.program]
        .into_iter()
        .chain(&request.data)
        .map(AsRef::as_ref)
        .collect();
    let locks = lock::lock_down_to_become(&request.limits, &readable)?;
    if !suffice(locks, request.locks_required) {
        return Ok(ExitCode::from(UNLOCKED as u8));
    }
    Err(Command::new(&request.program)
        .args(["stdin", "stdout", "-l", &request.language, "--psm", "3"])
        .exec())
}

/// Whether the program may run behind these. It opens files, and without Landlock those of the service as well:
/// best effort is too little for that.
fn suffice(locks: Locks, required: bool) -> bool {
    locks.landlock && (locks.seccomp || !required)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_landlock_there_is_no_program_whatever_is_required() {
        for seccomp in [true, false] {
            for required in [true, false] {
                for landlock in [true, false] {
                    let locks = Locks { landlock, seccomp };
                    let expected = landlock && (seccomp || !required);
                    assert_eq!(suffice(locks, required), expected, "{locks:?} {required}");
                }
            }
        }
    }
}
