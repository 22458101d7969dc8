//! The child's side: lock down, read the bytes, analyse, answer, end.
//!
//! Not one byte of the document is read before the lock. Only the request, which the parent wrote,
//! is decoded first: it holds the limits.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use super::{Request, lock};
use crate::analyze::reply::{Outcome, Reply};
use crate::analyze::{Origin, analyze_with};
use crate::document;

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
        io::stdin().lock().read_to_end(&mut bytes)?;
        let origin = Origin {
            name: request.name.as_deref(),
            url: request.url.as_deref(),
        };
        let limits = document::Limits::default();
        match analyze_with(&bytes, origin, &limits, &request.rules) {
            Ok(analysis) => Outcome::Analysis(Box::new(analysis)),
            Err(failure) => Outcome::Failure(failure),
        }
    };
    let mut stdout = io::BufWriter::new(io::stdout().lock());
    serde_json::to_writer(&mut stdout, &Reply { locks, outcome })?;
    stdout.flush()
}
