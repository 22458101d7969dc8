//! Addresses, ranges, domains, URLs and mail addresses. Enter at [`scan`].
//!
//! Each word is read once from left to right over its refanged [`View`]. What a URL or a mail address
//! takes is not looked at again; what is left is cut into runs of name characters, and a run is an
//! address, a domain or nothing as a whole: no indicator is taken from inside a longer name.

mod address;
mod domain;
mod email;
mod evidence;
mod url;
mod v6;
mod wrap;

use std::ops::Range;

use crate::extract::candidate::{Candidate, Text};
use crate::extract::refang::{self, View};
use crate::extract::token::{
    self, AT, BACKSLASH, COLON, DIGIT, DOT, HEX, LETTER, NAME, OPEN, REFERENCE, SLASH, Token, WIDE,
    runs_on,
};
use crate::indicator::Kind;
use wrap::Healer;

/// Finds addresses, ranges, domains, URLs and mail addresses.
pub(crate) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let mut floor = 0;
    let mut healer = Healer::new(text);
    for token in text.tokens() {
        if token.start < floor || !may_hold(text.str(), *token) {
            continue;
        }
        let first = found.len();
        let word = healer.read(*token, floor, found);
        let holds = match word == (token.start..token.end) {
            true => token.bits,
            false => token::classes_of(&text.str().as_bytes()[word.clone()]),
        };
        floor = healer.heal(word, holds, first, found);
    }
}

/// Whether `token` may hold one, or the beginning of one.
fn may_hold(text: &str, token: Token) -> bool {
    if token.has(DOT | AT | OPEN) || token.has(WIDE) && token.has(LETTER | HEX | DIGIT) {
        return true;
    }
    // Times, labels and the names of code have a colon: what may be meant has slashes, groups, or goes on.
    let bytes = text.as_bytes();
    token.has(COLON)
        && (token.has(SLASH | BACKSLASH)
            || bytes.get(token.end) == Some(&b'\n')
            || refang::opens_after(text, token.end)
            || v6::has_groups(&bytes[token.start..token.end]))
}

/// Reads one word.
fn read(text: &Text<'_>, view: &View<'_>, found: &mut Vec<Candidate>) {
    Reader { text, view, found }.read();
}

/// Reads one word.
struct Reader<'r, 'a> {
    text: &'r Text<'a>,
    view: &'r View<'a>,
    found: &'r mut Vec<Candidate>,
}

impl<'r> Reader<'r, '_> {
    fn bytes(&self) -> &'r [u8] {
        self.view.text.as_bytes()
    }

    fn read(&mut self) {
        let bytes = self.bytes();
        let whole = self
            .view
            .whole
            .filter(|holds| holds & !(NAME | REFERENCE) == 0);
        let (mut end, mut holds) = whole.map_or((0, 0), |holds| (bytes.len(), holds));
        let mut at = 0;
        while let Some(byte) = bytes.get(at).copied() {
            if is_name(byte) {
                // A run that is read in parts is measured once.
                if end <= at {
                    (end, holds) = name_run(bytes, at);
                }
                at = self.run(at..end, holds);
            } else if byte == b'@' {
                at = email::read(self, at).unwrap_or(at + 1);
            } else {
                at += 1;
            }
        }
    }

    /// Reads a run of name characters that are of the classes `holds`; answers where to read on.
    fn run(&mut self, run: Range<usize>, holds: u32) -> usize {
        let bytes = self.bytes();
        let (run, holds) = if holds & WIDE == 0 {
            (run, holds)
        } else {
            let part = run.start..script_end(self.view.text, run);
            (part.clone(), token::classes_of(&bytes[part]))
        };
        let end = run.end;
        let next = bytes.get(end).copied();
        let joined = match next {
            // Most colons have no slash behind them.
            Some(b':') if matches!(bytes.get(end + 1), Some(b'/' | b'\\')) => url::read(self, end),
            Some(b'@') => email::read(self, end),
            _ => None,
        };
        if let Some(after) = joined {
            return after;
        }
        let beside_colon = next == Some(b':') || bytes[..run.start].last() == Some(&b':');
        if beside_colon
            && v6::may_hold(bytes, &run)
            && let Some(after) = v6::read(self, run.clone())
        {
            return after;
        }
        // Most runs are words: an address and a domain have a full stop.
        if holds & DOT == 0 || next == Some(b'@') {
            return end;
        }
        // And a domain has a letter, in its root at least.
        if holds & (LETTER | HEX | WIDE) == 0 {
            return address::read(self, run).unwrap_or(end);
        }
        domain::read(self, run);
        end
    }

    /// Hands over `value`, which stands at `live` in the view.
    fn push(&mut self, kind: Kind, value: String, live: Range<usize>, confidence: u8) {
        let defanged = self.view.defanged(live.clone());
        self.push_as(kind, value, live, confidence, defanged);
    }

    fn push_as(
        &mut self,
        kind: Kind,
        value: String,
        live: Range<usize>,
        confidence: u8,
        defanged: bool,
    ) {
        let span = self.view.written(live);
        self.found.push(Candidate {
            kind,
            value,
            span,
            defanged,
            confidence,
        });
    }
}

/// Whether `byte` may stand in a name: a host, an address, a version, a file.
fn is_name(byte: u8) -> bool {
    token::class(byte) & NAME != 0
}

/// Where the part of `run` ends that is read as one: Chinese, Japanese and Korean text puts no blank
/// before or after a name, so that `域名evil.example的` is three parts. A host in such a script stays whole.
fn script_end(text: &str, run: Range<usize>) -> usize {
    let name = &text[run.clone()];
    if name.is_ascii() {
        return run.end;
    }
    let mut last = None;
    let mut dotted = false;
    for (at, letter) in name.char_indices() {
        let changes = last.is_some_and(|last| runs_on(last) != runs_on(letter));
        if changes && letter.is_alphanumeric() && last.is_some_and(char::is_alphanumeric) {
            let whole = dotted && domain::host(name).is_some();
            return if whole { run.end } else { run.start + at };
        }
        dotted |= letter == '.';
        last = Some(letter);
    }
    run.end
}

/// Where the run of name characters ends that begins at `start`, and their classes together.
fn name_run(bytes: &[u8], start: usize) -> (usize, u32) {
    let (length, holds) = token::run(&bytes[start..], NAME);
    (start + length, holds)
}

fn name_end(bytes: &[u8], start: usize) -> usize {
    start + token::span(&bytes[start..], NAME)
}
