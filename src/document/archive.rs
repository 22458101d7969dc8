//! Archives: each member is read as a document of its own, behind a heading with its path.
//!
//! Nothing is unpacked to anywhere; a path is words. What is inflated, and how many members are looked
//! at, is charged to the account of the whole upload.

pub(super) mod packed;
mod path;
pub(super) mod sevenz;
pub(super) mod tar;
pub(super) mod zip;

use super::budget::Inflated;
use super::builder::Builder;
use super::member::{self, Fate, Label};
use crate::submission::{Failure, FailureCode};

/// What malware is passed around under, so that no mail filter looks inside.
const PASSWORD: &str = "infected";
/// Names listed of members that are not read.
const MAX_LISTED: usize = 200;
/// Names that fit into a sentence.
const MAX_NAMED: usize = 5;
/// Bytes of the reason why nothing was read.
const MAX_REASON: usize = 300;

/// What the members of one archive came to.
#[derive(Default)]
struct Contents {
    read: usize,
    /// Paths of members that gave no text: pictures, programs, what is damaged or out of reach.
    passed: Names,
    /// Paths of members behind another password.
    locked: Names,
}

/// Some names, and how many there are.
#[derive(Default)]
struct Names {
    first: Vec<String>,
    count: usize,
}

impl Contents {
    /// Reads one member that was packed. `false` when no further one is worth a look.
    fn unpacked(&mut self, path: &str, inflated: &Inflated, out: &mut Builder) -> bool {
        if inflated.cut {
            let name = member::shown(path);
            out.truncated(&format!("{name} unpacks to more than what is read"));
        }
        if inflated.error.is_some() {
            self.cut_short(path, out);
        }
        let goes_on = self.member(path, &inflated.bytes, out);
        let spent = out.budget().is_spent();
        if spent {
            out.truncated("its members unpack to more than what is read");
        }
        goes_on && !spent
    }

    /// Reads one member. `false` when no further one is worth a look.
    fn member(&mut self, path: &str, bytes: &[u8], out: &mut Builder) -> bool {
        match member::read(label(path), bytes, out) {
            Fate::Read => self.read += 1,
            Fate::Passed | Fate::Failed => self.passed.push(path),
            Fate::Exhausted => return false,
        }
        true
    }

    /// Says that only the first part of a member is there.
    fn cut_short(&self, path: &str, out: &mut Builder) {
        let why = "It is damaged: only what could be unpacked was read.";
        member::failed(label(path), why, out);
    }

    /// Names a member out of which nothing came.
    fn closed(&mut self, path: &str, why: &str, out: &mut Builder) {
        member::failed(label(path), why, out);
        self.passed.push(path);
    }

    /// Lists what was not read, or says why nothing was.
    fn finish(self, out: &mut Builder) -> Result<(), Failure> {
        if self.read == 0 && self.locked.count > 0 {
            return Err(locked(&format!(" It holds {}.", self.locked.sentence())));
        }
        if self.locked.count > 0 {
            out.warn(
                "member_failed",
                format!(
                    "Protected with a password other than `{PASSWORD}` and left out: {}.",
                    self.locked.sentence()
                ),
            );
        }
        if self.read == 0 {
            out.empty_because(self.nothing(out.first_warning()));
        } else if self.passed.count > 0 {
            self.list_passed(out);
        }
        Ok(())
    }

    fn list_passed(&self, out: &mut Builder) {
        out.member(false, |out| out.heading("Members that were not read"));
        for name in &self.passed.first {
            out.member(false, |out| out.item(name));
        }
        let more = self.passed.count - self.passed.first.len();
        if more > 0 {
            out.item(&format!("and {more} more"));
        }
    }

    /// Why there is no text.
    fn nothing(&self, warning: Option<&str>) -> String {
        let mut sentence = if self.passed.count == 0 {
            "The archive holds no files.".to_owned()
        } else {
            let held = self.passed.sentence();
            format!("The archive holds no document that could be read, only {held}.")
        };
        if let Some(warning) = warning {
            // An archive in an archive has a sentence of this kind itself.
            sentence.push(' ');
            sentence.push_str(&warning[..warning.floor_char_boundary(MAX_REASON)]);
        }
        sentence
    }
}

impl Names {
    fn push(&mut self, name: &str) {
        if self.first.len() < MAX_LISTED {
            self.first.push(member::shown(name));
        }
        self.count += 1;
    }

    /// `a, b and 3 more`.
    fn sentence(&self) -> String {
        let named = &self.first[..self.first.len().min(MAX_NAMED)];
        let list = named.join(", ");
        match self.count - named.len() {
            0 => list,
            more => format!("{list} and {more} more"),
        }
    }
}

fn label(path: &str) -> Label<'_> {
    Label {
        role: "",
        name: path,
    }
}

/// A failure for an archive behind a password. `held` is one more sentence.
fn locked(held: &str) -> Failure {
    let message = format!(
        "The archive is protected with a password other than `{PASSWORD}`: hand in the documents inside it without one.{held}"
    );
    Failure::new(FailureCode::Encrypted, message)
}

/// A failure for an archive that breaks its rules.
fn damaged(why: &str) -> Failure {
    let message = format!("The archive is damaged: {why}.");
    Failure::new(FailureCode::Malformed, message)
}
