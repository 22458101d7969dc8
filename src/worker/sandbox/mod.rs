//! Reads one document in a child process that can do nothing but compute. Enter at [`Sandbox::analyze`].
//!
//! The child is this same executable under a hidden subcommand. It gets the bytes over one pipe and
//! answers over another; it never gets a socket, a file or the environment. What comes back is not
//! trusted: it is bounded, and believed as far as [`Reply::decode`] goes.
//!
//! A reader may crash, hang, or ask for more than its limits: each is a [`ReadError`] of that one
//! document, never of the service.

mod child;
mod confined;
mod conversation;
mod lock;
mod memory;
mod tesseract;

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use self::child::main as child_main;
use self::confined::Confined;
use self::conversation::{Conversation, converse};
pub use self::lock::{lock_down, lock_down_to_become};
use self::tesseract::Eyes;
pub use self::tesseract::{RECOGNISE, Tesseract, main as tesseract_main};
pub use crate::analyze::reply::Locks;
use crate::analyze::reply::{Outcome, Reply};
use crate::analyze::{Analysis, Origin};
use crate::document::{Picture, Recognition};
use crate::extract::CustomRule;
use crate::format::Format;
use crate::submission::{Failure, FailureCode, Warning};

/// The hidden subcommand under which the executable becomes a reader.
pub const SUBCOMMAND: &str = "__read";
/// Standard error kept of a child: enough for the message of a panic or a failed allocation.
const STDERR_BYTES: u64 = 4 << 10;

/// Bounds of the child process.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub struct Limits {
    /// Address space, in bytes. Spreadsheets, and what may hold one, get twice as much.
    pub memory: u64,
    /// CPU time, in whole seconds.
    pub cpu_seconds: u64,
    /// Wall-clock time, in whole seconds; more than the CPU time, so that a busy machine is no fault
    /// of the document.
    pub wall_seconds: u64,
    /// Bytes of the answer.
    pub output: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory: 512 << 20,
            cpu_seconds: 20,
            wall_seconds: 60,
            output: 128 << 20,
        }
    }
}

/// What the parent asks of a child, as JSON in its one argument; the bytes come over the pipe.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    name: Option<String>,
    url: Option<String>,
    /// Bytes of the document: what follows them answers pictures.
    length: u64,
    pictures: Pictures,
    limits: Limits,
    /// Refuse to read where a lock cannot be set.
    locks_required: bool,
    /// Compiled anew by the child.
    rules: Vec<CustomRule>,
}

/// Which pictures a reader may hand over, to be read.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Pictures {
    All,
    /// So many: a reader that went on died, of `cause`.
    First {
        count: usize,
        cause: String,
    },
    None,
}

/// Why a document has no analysis.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// A fact about the document: the same bytes end the same way again.
    #[error("{0}")]
    Input(Failure),
    /// The reader died. Most likely the document's doing, but the machine may have been at fault.
    #[error("the reader died: {0}")]
    Crashed(String),
    /// A fault of ours: no process to be had, a broken pipe.
    #[error("the reader could not be run: {0}")]
    Fault(#[from] io::Error),
}

/// Starts readers.
#[derive(Debug, Clone)]
pub struct Sandbox {
    /// The executable that knows [`SUBCOMMAND`].
    pub executable: PathBuf,
    /// Bounds of each reader.
    pub limits: Limits,
    /// Refuse to read on a machine that lacks Landlock or seccomp, rather than read with less.
    pub required: bool,
    /// Kinds of indicator that the settings define.
    pub rules: Vec<CustomRule>,
    /// Reads the pages that have no text, where it is there.
    pub tesseract: Option<Tesseract>,
}

impl Sandbox {
    /// A sandbox that runs this very executable, even when its file was replaced meanwhile.
    #[must_use]
    pub fn new(limits: Limits, required: bool) -> Self {
        Self {
            executable: PathBuf::from("/proc/self/exe"),
            limits,
            required,
            rules: Vec::new(),
            tesseract: None,
        }
    }

    /// Which locks a reader has on this machine, found out by running one on nothing.
    ///
    /// # Errors
    /// Where no reader can be run.
    pub async fn probe(&self) -> Result<Locks, ReadError> {
        let reply = self.run(b"probe", Origin::default(), Pictures::None, None);
        Ok(reply.await?.locks)
    }

    /// Tries `tesseract`, where it is set, on an empty page.
    ///
    /// # Errors
    /// Why it reads none, as the end of a sentence.
    pub async fn try_tesseract(&self) -> Result<(), String> {
        let Some(tesseract) = &self.tesseract else {
            return Ok(());
        };
        let mut eyes = tesseract.begin(&self.executable, self.required);
        match eyes.read(&Picture::empty()).await {
            Recognition::Text(_) => Ok(()),
            Recognition::Failed(reason) | Recognition::Enough(reason) => Err(reason),
        }
    }

    /// Reads `bytes`; `origin` is the file name, a hint, or an [`Origin`].
    ///
    /// # Errors
    /// See [`ReadError`]. Dropping the future kills the reader.
    pub async fn analyze<'a>(
        &self,
        bytes: &[u8],
        origin: impl Into<Origin<'a>>,
    ) -> Result<Analysis, ReadError> {
        let origin = origin.into();
        let (reply, left_out) = self.read(bytes, origin).await;
        match reply?.outcome {
            Outcome::Analysis(mut analysis) => {
                analysis.warnings.extend(left_out.map(|message| Warning {
                    code: "no_text_pages".to_owned(),
                    message,
                }));
                Ok(*analysis)
            }
            Outcome::Failure(mut failure) => {
                if let Some(left_out) = left_out.filter(|_| failure.code == FailureCode::NoText) {
                    failure.message = format!("{} {left_out}", failure.message);
                }
                Err(ReadError::Input(failure))
            }
            Outcome::Unlocked if !self.required => {
                let message = "it lacks a lock that nobody asked for";
                Err(ReadError::Crashed(message.to_owned()))
            }
            Outcome::Unlocked => {
                let message =
                    "this machine lacks Landlock or seccomp, and the sandbox is set to `required`";
                Err(ReadError::Fault(io::Error::other(message)))
            }
        }
    }

    /// What a reader answers, and what to say of pictures that were left out for it.
    ///
    /// What pictures cost must not take the rest of the document away, nor a bad one those before it: where the
    /// reader dies, another gets as many as went well, from memory, and the last gets none.
    async fn read(
        &self,
        bytes: &[u8],
        origin: Origin<'_>,
    ) -> (Result<Reply, ReadError>, Option<String>) {
        let Some(tesseract) = &self.tesseract else {
            let reply = self.run(bytes, origin, Pictures::None, None).await;
            return (reply, None);
        };
        let mut eyes = tesseract.begin(&self.executable, self.required);
        let reply = self.run(bytes, origin, Pictures::All, Some(&mut eyes));
        let reply = reply.await;
        let format = Format::sniff(bytes, origin.name);
        if eyes.pictures() == 0 && !format.is_some_and(Format::holds_documents) {
            return (reply, None);
        }
        let Some(mut cause) = death(&reply) else {
            return (reply, None);
        };
        if eyes.remembered() > 0 {
            eyes.begin_again();
            let count = eyes.remembered();
            let pictures = Pictures::First { count, cause };
            let reply = self.run(bytes, origin, pictures, Some(&mut eyes)).await;
            match death(&reply) {
                Some(again) => cause = again,
                None => return (reply, None),
            }
        }
        let left_out = format!("Text recognition (OCR) was left out, because with it {cause}.");
        let reply = self.run(bytes, origin, Pictures::None, None).await;
        (reply, Some(left_out))
    }

    /// What a reader answers that may hand over `pictures` to these eyes.
    async fn run(
        &self,
        bytes: &[u8],
        origin: Origin<'_>,
        pictures: Pictures,
        eyes: Option<&mut Eyes<'_>>,
    ) -> Result<Reply, ReadError> {
        let limits = self.limits_for(bytes, origin.name);
        let request = Request {
            name: origin.name.map(str::to_owned),
            url: origin.url.map(str::to_owned),
            length: bytes.len() as u64,
            pictures,
            limits,
            locks_required: self.required,
            rules: self.rules.clone(),
        };
        let reader = Confined::start(&self.executable, SUBCOMMAND, &request, [])?;
        let ended = converse(reader, bytes, &limits, eyes).await?;
        ended.judge(&limits, &self.rules)
    }

    /// A workbook is a table in memory where other documents are a stream; an archive or a mail may hold
    /// one, and stays in memory beside it.
    fn limits_for(&self, bytes: &[u8], name: Option<&str>) -> Limits {
        let format = Format::sniff(bytes, name);
        let large = format.is_some_and(Format::holds_documents);
        Limits {
            memory: self.limits.memory * if large { 2 } else { 1 },
            ..self.limits
        }
    }
}

/// What a reader died of, if the document is why. The log has it in full, for the next reader may do better.
fn death(reply: &Result<Reply, ReadError>) -> Option<String> {
    let error = reply.as_ref().err()?;
    let cause = match error {
        ReadError::Input(failure) => failure.message.clone(),
        ReadError::Crashed(_) => "the reader died".to_owned(),
        ReadError::Fault(_) => return None,
    };
    tracing::warn!(%error, "a document is read again, with fewer pictures");
    Some(cause)
}

impl Conversation {
    fn judge(self, limits: &Limits, rules: &[CustomRule]) -> Result<Reply, ReadError> {
        let input = |code, message: String| Err(ReadError::Input(Failure::new(code, message)));
        if self.stdout.len() as u64 > limits.output {
            let message = format!(
                "reading gave more than the limit of {} bytes",
                limits.output
            );
            return input(FailureCode::OutputLimit, message);
        }
        if self.status.success() {
            return Reply::decode(&self.stdout, rules)
                .map_err(|error| ReadError::Crashed(format!("its answer is broken: {error}")));
        }
        let said = one_line(&self.stderr);
        if said.contains("memory allocation of") || said.contains("out of memory") {
            let message = format!(
                "reading needed more than the limit of {} MiB of memory",
                limits.memory >> 20
            );
            return input(FailureCode::MemoryLimit, message);
        }
        match self.status.signal() {
            // SIGKILL comes from the kernel at the hard CPU limit, or when the machine is out of memory:
            // the first is told by the soft limit's SIGXCPU one second before.
            Some(libc::SIGXCPU) => Err(ReadError::Input(timeout(limits.cpu_seconds))),
            Some(libc::SIGSYS) => input(
                FailureCode::SandboxViolation,
                "reading tried something that the sandbox forbids".to_owned(),
            ),
            _ => Err(ReadError::Crashed(format!("{} {}", self.status, said))),
        }
    }
}

/// What a reader said at its end, for a line of the log.
fn one_line(stderr: &[u8]) -> String {
    let said = String::from_utf8_lossy(stderr);
    let printed = said.replace(char::is_control, " ");
    printed.trim().to_owned()
}

fn timeout(seconds: u64) -> Failure {
    Failure::new(
        FailureCode::ReadTimeout,
        format!("reading took longer than the limit of {seconds} seconds"),
    )
}
