//! A process of this same executable under a hidden subcommand, which locks itself down before it does
//! anything else. Enter at [`Confined::start`].

use std::ffi::OsString;
use std::io;
use std::path::Path;
use std::process::Stdio;

use serde::Serialize;
use tokio::process::{Child, ChildStderr, ChildStdin, ChildStdout, Command};

/// The process and its three pipes. Dropped, it is killed.
pub(super) struct Confined {
    pub(super) child: Child,
    pub(super) stdin: ChildStdin,
    pub(super) stdout: ChildStdout,
    pub(super) stderr: ChildStderr,
}

impl Confined {
    /// Starts `executable` as `subcommand` with `request` as its one argument, and nothing of the service's
    /// environment but `environment`.
    ///
    /// # Errors
    /// Where no process is to be had.
    pub(super) fn start(
        executable: &Path,
        subcommand: &str,
        request: &impl Serialize,
        environment: impl IntoIterator<Item = (&'static str, OsString)>,
    ) -> io::Result<Self> {
        let mut child = Command::new(executable)
            .args([subcommand, &serde_json::to_string(request)?])
            .env_clear()
            .envs(environment)
            .current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(stdin), Some(stdout), Some(stderr)) = pipes else {
            return Err(io::Error::other("a pipe to a reader is missing"));
        };
        Ok(Self {
            child,
            stdin,
            stdout,
            stderr,
        })
    }
}
