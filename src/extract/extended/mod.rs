//! The kinds that an answer holds only where they are asked for. Enter at [`scan`].
//!
//! They are read always, so that nobody has to read a document again to see them, and settled apart: none
//! takes a place from a standard kind, so that an answer without them is what it would be if they did
//! not exist. Passes here look for labels, for colons, and at long words: prose costs them next to nothing.

mod agent;
mod below;
pub(super) mod custom;
mod fingerprint;
mod labelled;
mod marks;
mod mutex;
mod onion;
mod register;
mod rules;
mod runs;
mod ssdeep;
mod wallet;

use std::ops::Range;

use crate::extract::candidate::{Candidate, Text};
use crate::indicator::Kind;

use below::Below;
use marks::Mark;
pub use rules::EXTENDED_RULES;

/// Adds the values of extended kinds to `found`, which holds the settled values of the standard ones.
pub(super) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    onion::scan(found);
    let (mut mutexes, mut agents) = (Below::default(), Below::default());
    let mut fingerprints = false;
    for (mark, label) in marks::marks(text.str()) {
        match mark {
            Mark::Fingerprint => fingerprints = true,
            Mark::Mutex => mutex::read(text, label, &mut mutexes, found),
            Mark::Agent => agent::labelled(text, label, &mut agents, found),
            Mark::Browser => found.extend(agent::browser(text, label.start)),
            Mark::Rule => found.extend(register::rule(text, &label)),
            Mark::Tlp => found.extend(register::tlp(text, &label)),
            Mark::Cwe => found.extend(register::cwe(text, &label)),
        }
    }
    for run in runs::long(text) {
        if let Some((kind, value)) = wallet::of(&text.str()[run.clone()]) {
            found.push(candidate(kind, value, run, 97));
        } else if fingerprints {
            found.extend(fingerprint::of(text, run));
        }
    }
    ssdeep::scan(text, found);
}

fn candidate(kind: Kind, value: String, span: Range<usize>, confidence: u8) -> Candidate {
    Candidate {
        kind,
        value,
        span,
        defanged: false,
        confidence,
    }
}

/// Whether `span` is a word by itself, and not part of a longer one. Scripts without blanks do not join.
fn stands_alone(whole: &str, span: &Range<usize>) -> bool {
    let joins = |letter: char| letter == '_' || letter.is_alphanumeric() && letter < '\u{2e80}';
    !whole[..span.start].ends_with(joins) && !whole[span.end..].starts_with(joins)
}

#[cfg(test)]
mod tests;
