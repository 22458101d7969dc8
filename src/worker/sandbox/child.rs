//! The child's side: lock down, read the bytes, analyse, answer, end.
//!
//! Not one byte of the document is read before the lock. Only the request, which the parent wrote,
//! is decoded first: it holds the limits.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use super::conversation::PICTURE;
use super::{Pictures, Request, lock};
use crate::analyze::reply::{Outcome, Reply};
use crate::analyze::{Origin, analyze_with};
use crate::document::{self, Picture, Recogniser, Recognition};

/// Bytes of what the parent says of a picture, at most.
const MAX_RECOGNITION: u64 = 16 << 20;

/// Becomes a reader: called first thing in `main`, before any thread exists. `request` is the
/// argument behind the subcommand.
#[must_use]
pub fn main(request: &str) -> ExitCode {
    match answer(request) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The parent keeps the first bytes of this pipe.
            let _ = writeln!(io::stderr(), "{error}");
            ExitCode::FAILURE
        }
    }
}

fn answer(request: &str) -> io::Result<()> {
    let request: Request = serde_json::from_str(request)?;
    let locks = lock::lock_down(&request.limits)?;
    let outcome = if request.locks_required && !locks.complete() {
        Outcome::Unlocked
    } else {
        let mut bytes = Vec::new();
        let mut document = io::stdin().lock().take(request.length);
        document.read_to_end(&mut bytes)?;
        drop(document);
        let origin = Origin {
            name: request.name.as_deref(),
            url: request.url.as_deref(),
        };
        let limits = document::Limits::default();
        let recogniser = match request.pictures {
            Pictures::All => Some(Recogniser::new(show)),
            Pictures::First { count, cause } => Some(
                Recogniser::new(show)
                    .at_most(count, format!("the first attempt got no further: {cause}")),
            ),
            Pictures::None => None,
        };
        match analyze_with(&bytes, origin, &limits, &request.rules, recogniser.as_ref()) {
            Ok(analysis) => Outcome::Analysis(Box::new(analysis)),
            Err(failure) => Outcome::Failure(failure),
        }
    };
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    serde_json::to_writer(&mut stdout, &Reply { locks, outcome })?;
    stdout.flush()
}

/// Hands a picture over, and waits for what it says.
fn show(picture: &Picture) -> Recognition {
    ask(picture).unwrap_or_else(|_| Recognition::Enough("nobody read them".to_owned()))
}

fn ask(picture: &Picture) -> io::Result<Recognition> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(&[PICTURE])?;
    stdout.write_all(&picture.width.to_le_bytes())?;
    stdout.write_all(&picture.height.to_le_bytes())?;
    stdout.write_all(&picture.pixels)?;
    stdout.flush()?;
    let mut stdin = io::stdin().lock();
    let mut length = [0; 4];
    stdin.read_exact(&mut length)?;
    let length = u64::from(u32::from_le_bytes(length)).min(MAX_RECOGNITION);
    Ok(serde_json::from_reader(stdin.take(length))?)
}
