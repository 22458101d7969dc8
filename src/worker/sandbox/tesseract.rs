//! Text recognition (OCR) by the program `tesseract`, where it is installed. Enter at [`Tesseract::begin`].
//!
//! Each picture is read by a process of its own: this same executable under a hidden subcommand locks itself
//! down and becomes `tesseract`. It gets raw pixels, so that no decoder of images sees what a stranger wrote,
//! reads programs, libraries and its language data, and writes nothing but its answer. What it answers is
//! read by the sandboxed child alone.
//!
//! Whatever it does costs one page: see [`Recognition::Failed`].

mod become_it;

use std::io;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use tokio::io::AsyncWriteExt;
use tokio::process::ChildStderr;
use tokio::time::Instant;

pub use self::become_it::main;
use super::confined::Confined;
use super::conversation::drain;
use super::memory::Memory;
use super::{Limits, STDERR_BYTES};
use crate::document::{Picture, Recognition};

/// The hidden subcommand under which the executable becomes `tesseract`.
pub const RECOGNISE: &str = "__recognise";
/// Address space, in bytes: a page at 300 dots an inch takes some 80 MB, libraries and models as much again.
const MEMORY: u64 = 1 << 30;
/// Bytes of text on one page: a page full of small print has 20,000.
const OUTPUT: u64 = 256 << 10;
/// Where `tesseract` looks for its language data, if not where it was installed.
const DATA: &str = "TESSDATA_PREFIX";

/// The program, and how much of it a document gets.
#[derive(Debug, Clone)]
pub struct Tesseract {
    /// Where it is.
    pub program: PathBuf,
    /// Languages as it names them: `eng`, `deu+eng`.
    pub language: String,
    /// Pages read in one document.
    pub pages: usize,
    /// Seconds for one page, of CPU time and by the clock.
    pub seconds: u64,
    /// Time for all pages of one document, by the clock.
    pub total: Duration,
}

/// What is asked of a process, as JSON in its one argument.
#[derive(Debug, Serialize, Deserialize)]
struct Request {
    program: PathBuf,
    language: String,
    /// Language data that is kept elsewhere.
    data: Option<PathBuf>,
    limits: Limits,
    locks_required: bool,
}

/// Reads the pictures of one document, and remembers what they say.
pub(super) struct Eyes<'a> {
    tesseract: &'a Tesseract,
    executable: &'a Path,
    required: bool,
    pictures: usize,
    memory: Memory,
    /// What of [`Tesseract::total`] is left.
    left: Duration,
}

impl Tesseract {
    /// Where the program is, on the `PATH` of this process.
    #[must_use]
    pub fn find() -> Option<PathBuf> {
        let path = std::env::var_os("PATH")?;
        let mut programs = std::env::split_paths(&path).map(|folder| folder.join("tesseract"));
        programs.find(|program| program.is_absolute() && is_program(program))
    }

    /// Begins with a document; `executable` knows [`RECOGNISE`].
    pub(super) fn begin<'a>(&'a self, executable: &'a Path, required: bool) -> Eyes<'a> {
        Eyes {
            tesseract: self,
            executable,
            required,
            pictures: 0,
            memory: Memory::default(),
            left: self.total,
        }
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata()
        .is_ok_and(|file| file.is_file() && file.permissions().mode() & 0o111 != 0)
}

/// The first bytes of what is said on `pipe`; the rest is heard and forgotten, so that it goes on.
async fn first(mut pipe: ChildStderr) -> io::Result<Vec<u8>> {
    let kept = drain(&mut pipe, STDERR_BYTES).await?;
    tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await?;
    Ok(kept)
}

impl Eyes<'_> {
    /// Pictures that were looked at.
    pub(super) fn pictures(&self) -> usize {
        self.pictures
    }

    /// Those of them whose answers are remembered.
    pub(super) fn remembered(&self) -> usize {
        self.memory.len()
    }

    /// Another reader begins with the document.
    pub(super) fn begin_again(&mut self) {
        self.memory.rewind();
    }

    /// What the picture says, where a reader before this one has handed it over already.
    pub(super) fn recall(&mut self, picture: &Picture) -> Option<Recognition> {
        self.memory.recall(picture)
    }

    pub(super) async fn read(&mut self, picture: &Picture) -> Recognition {
        let most = self.tesseract.pages;
        if self.pictures >= most {
            return Recognition::Enough(if most == 1 {
                "1 page was read, the most that is".to_owned()
            } else {
                format!("{most} pages were read, the most that are")
            });
        }
        if self.left.is_zero() {
            return self.used_up();
        }
        self.pictures += 1;
        let begin = Instant::now();
        let looked = self.look(picture).await;
        self.left = self.left.saturating_sub(begin.elapsed());
        let recognition = match looked {
            Ok(Recognition::Failed(_)) if self.left.is_zero() => self.used_up(),
            Ok(recognition) => recognition,
            Err(error) => {
                tracing::warn!(%error, program = %self.tesseract.program.display(), "tesseract cannot be run");
                Recognition::Enough("tesseract cannot be run".to_owned())
            }
        };
        if !matches!(recognition, Recognition::Enough(_)) {
            self.memory.keep(picture, &recognition);
        }
        recognition
    }

    async fn look(&self, picture: &Picture) -> io::Result<Recognition> {
        let seconds = self.tesseract.seconds;
        let data = std::env::var_os(DATA).filter(|data| !data.is_empty());
        let request = Request {
            program: self.tesseract.program.clone(),
            language: self.tesseract.language.clone(),
            data: data.as_ref().map(PathBuf::from),
            limits: Limits {
                memory: MEMORY,
                cpu_seconds: seconds,
                wall_seconds: seconds,
                output: OUTPUT,
            },
            locks_required: self.required,
        };
        // More threads would take the cores of other documents; they are forbidden, too.
        let threads = ("OMP_THREAD_LIMIT", "1".into());
        let environment = [threads].into_iter().chain(data.map(|data| (DATA, data)));
        let Confined {
            mut child,
            mut stdin,
            stdout,
            stderr,
        } = Confined::start(self.executable, RECOGNISE, &request, environment)?;
        let show = async move {
            let head = format!("P5 {} {} 255\n", picture.width, picture.height);
            // What it says when it ends early tells more than the broken pipe.
            if stdin.write_all(head.as_bytes()).await.is_ok() {
                let _ = stdin.write_all(&picture.pixels).await;
            }
            Ok(())
        };
        let hear = async {
            let text = drain(stdout, OUTPUT).await?;
            if text.len() as u64 > OUTPUT {
                child.kill().await?;
            }
            Ok((text, child.wait().await?))
        };
        let talk = async { tokio::try_join!(show, first(stderr), hear) };
        let time = self.left.min(Duration::from_secs(seconds));
        match tokio::time::timeout(time, talk).await {
            Ok(ended) => {
                let ((), errors, (text, status)) = ended?;
                Ok(self.judge(&text, &errors, status))
            }
            // Dropped, it is killed.
            Err(_elapsed) => Ok(self.late()),
        }
    }

    fn used_up(&self) -> Recognition {
        let seconds = self.tesseract.total.as_secs();
        Recognition::Enough(format!(
            "all pages of a document together may take {seconds} s, which are used up"
        ))
    }

    fn late(&self) -> Recognition {
        let seconds = self.tesseract.seconds;
        let noun = if seconds == 1 { "second" } else { "seconds" };
        Recognition::Failed(format!("it took longer than the limit of {seconds} {noun}"))
    }

    fn judge(&self, text: &[u8], errors: &[u8], status: ExitStatus) -> Recognition {
        if text.len() as u64 > OUTPUT {
            return Recognition::Failed(format!("it gave more than {OUTPUT} bytes of text"));
        }
        if status.success() {
            return Recognition::Text(String::from_utf8_lossy(text).into_owned());
        }
        let said = String::from_utf8_lossy(errors);
        let language = &self.tesseract.language;
        if said.contains("couldn't load any languages") {
            return Recognition::Enough(format!(
                "the data of its language `{language}` is not installed"
            ));
        }
        tracing::warn!(%status, said = said.trim(), "tesseract failed");
        if status.code() == Some(become_it::UNLOCKED) {
            return Recognition::Enough(
                "this machine lacks Landlock, without which it could read every file of the service, or it lacks seccomp, which is `required`"
                    .to_owned(),
            );
        }
        match status.signal() {
            Some(libc::SIGXCPU) => self.late(),
            Some(signal) => {
                Recognition::Failed(format!("it crashed, or was stopped, by signal {signal}"))
            }
            None => Recognition::Failed(format!(
                "it gave up with exit code {}",
                status.code().unwrap_or_default()
            )),
        }
    }
}
