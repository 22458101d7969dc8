//! What a reader answers to the process that started it, and what of that is believed. Enter at
//! [`Reply::decode`].
//!
//! The reader has seen hostile bytes and may be in other hands by now. It can lie about what a document says,
//! for nobody else has read it; it cannot make the answer contradict itself, hold what the store refuses, or
//! cost more than its length. Every answer of an honest reader is believed: the fuzz targets see to it.

use std::collections::HashSet;
use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::{Analysis, TITLE_CHARS};
use crate::extract::{CustomRule, MOST_FINDINGS};
use crate::indicator::{Evidence, Finding, Kind, Reason};
use crate::submission::{Failure, FailureCode};

/// Longest sentence around a value, beside the value itself, in bytes.
const MAX_CONTEXT: usize = 16 << 10;
/// Longest sentence, in bytes.
const MAX_SENTENCE: usize = 16 << 10;
/// Longest name of a rule, a warning or a language, in bytes.
const MAX_WORD: usize = 64;
/// Most flags of a finding, and most warnings of a document.
const MAX_LIST: usize = 100;

/// What a reader answers, in one JSON value.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reply {
    /// The locks that hold for the reader.
    pub locks: Locks,
    /// What became of the document.
    pub outcome: Outcome,
}

/// Which locks hold on this machine. Kernels before 5.13 and old container engines lack Landlock.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Locks {
    /// Landlock refuses files, and network and signals where the kernel is new enough.
    pub landlock: bool,
    /// seccomp kills the process at any other system call.
    pub seccomp: bool,
}

impl Locks {
    /// Whether every lock holds.
    #[must_use]
    pub const fn complete(self) -> bool {
        self.landlock && self.seccomp
    }
}

/// What became of a document.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It was read.
    Analysis(Box<Analysis>),
    /// It cannot be read.
    Failure(Failure),
    /// A lock that was required is not to be had on this machine.
    Unlocked,
}

/// Why an answer is not believed.
#[derive(Debug, thiserror::Error)]
pub enum Unbelievable {
    /// It is no answer.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// No reader says such a thing.
    #[error("{0} is not as readers say it")]
    Claim(&'static str),
}

impl Reply {
    /// The answer that `json` is, where it may be believed. `rules` are those that the reader was given.
    ///
    /// Takes time and memory in proportion to `json`.
    ///
    /// # Errors
    /// What is no answer, contradicts itself, or is nothing that a reader says.
    pub fn decode(json: &[u8], rules: &[CustomRule]) -> Result<Self, Unbelievable> {
        let reply: Self = serde_json::from_slice(json)?;
        match &reply.outcome {
            Outcome::Analysis(analysis) => check(analysis, rules)?,
            Outcome::Failure(failure) => {
                claim(is_of_reading(failure.code), "the code of the failure")?;
                claim(!failure.message.is_empty(), "the failure")?;
                text(&failure.message, MAX_SENTENCE, "the failure")?;
            }
            Outcome::Unlocked => {}
        }
        Ok(reply)
    }
}

fn claim(holds: bool, what: &'static str) -> Result<(), Unbelievable> {
    if holds {
        Ok(())
    } else {
        Err(Unbelievable::Claim(what))
    }
}

/// Postgres stores no U+0000.
fn text(text: &str, most: usize, what: &'static str) -> Result<(), Unbelievable> {
    claim(text.len() <= most && !text.contains('\0'), what)
}

/// Whether a document can be at fault in this way: the others are told by those who see them.
fn is_of_reading(code: FailureCode) -> bool {
    matches!(
        code,
        FailureCode::UnsupportedType
            | FailureCode::Malformed
            | FailureCode::Encrypted
            | FailureCode::TooLarge
            | FailureCode::NoText
    )
}

fn check(analysis: &Analysis, rules: &[CustomRule]) -> Result<(), Unbelievable> {
    text(&analysis.text, usize::MAX, "the text")?;
    // Four bytes are the most of a character.
    let title = analysis.title.as_deref().unwrap_or_default();
    text(title, 4 * TITLE_CHARS, "the title")?;
    let summary = analysis.summary.as_deref().unwrap_or_default();
    text(summary, MAX_SENTENCE, "the summary")?;
    let language = analysis.language.as_deref().unwrap_or_default();
    let tagged = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_tag = language.len() <= MAX_WORD && language.bytes().all(tagged);
    claim(is_tag, "the language")?;
    claim(analysis.warnings.len() <= MAX_LIST, "the warnings")?;
    for warning in &analysis.warnings {
        text(&warning.code, MAX_WORD, "a warning")?;
        text(&warning.message, MAX_SENTENCE, "a warning")?;
    }
    claim(analysis.findings.len() <= MOST_FINDINGS, "the findings")?;
    let mut distinct = HashSet::new();
    let mut place = Position::default();
    for finding in &analysis.findings {
        let is_new = distinct.insert((finding.kind, finding.value.as_str()));
        claim(is_new, "a finding that stands twice")?;
        claim(is_known(finding.kind, rules), "the kind of a finding")?;
        place.is_of(finding, &analysis.text)?;
        check_finding(finding)?;
    }
    Ok(())
}

fn check_finding(finding: &Finding) -> Result<(), Unbelievable> {
    claim(!finding.value.is_empty(), "a value")?;
    // A URL may have a megabyte. Names in punycode and spelled-out hives are longer than what is written.
    let written = finding.raw.len();
    let longest = written.saturating_mul(4).saturating_add(64);
    text(&finding.value, longest, "a value")?;
    claim(has_form(finding.kind, &finding.value), "a value")?;
    let longest = written.saturating_add(MAX_CONTEXT);
    text(&finding.context, longest, "a context")?;
    let description = finding.description.as_deref().unwrap_or_default();
    text(description, MAX_SENTENCE, "a description")?;
    let sheet = finding.location.sheet.as_deref().unwrap_or_default();
    text(sheet, MAX_SENTENCE, "the name of a sheet")?;
    claim(finding.flags.len() <= MAX_LIST, "the flags of a finding")?;
    for flag in &finding.flags {
        text(&flag.reason, MAX_SENTENCE, "a flag")?;
        text(&flag.list, MAX_WORD, "a flag")?;
    }
    claim(finding.occurrences >= 1, "how often a finding stands")?;
    let confidence = finding.evidence.len() <= Reason::ALL.len()
        && finding.confidence == Evidence::total(&finding.evidence);
    claim(confidence, "the confidence of a finding")
}

fn is_known(kind: Kind, rules: &[CustomRule]) -> bool {
    !matches!(kind, Kind::Custom(_)) || rules.iter().any(|rule| rule.kind() == kind)
}

/// Whether exports may take `value` for one of `kind`: the forms that others parse.
fn has_form(kind: Kind, value: &str) -> bool {
    let all = |fits: fn(u8) -> bool| value.bytes().all(fits);
    let hex = |digits: RangeInclusive<usize>| {
        digits.contains(&value.len()) && all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
    };
    let blank = |c: char| c.is_whitespace() || c.is_control();
    match kind {
        Kind::Ipv4 => value.parse::<std::net::Ipv4Addr>().is_ok(),
        Kind::Ipv6 => value.parse::<std::net::Ipv6Addr>().is_ok(),
        Kind::IpPort => value.parse::<std::net::SocketAddr>().is_ok(),
        Kind::IpRange => all(|b| b.is_ascii_hexdigit() || b".:/- ".contains(&b)),
        Kind::Domain | Kind::Onion => {
            all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_'))
        }
        Kind::Url => value.contains("://") && !value.contains(blank),
        Kind::Email => value.contains('@') && !value.contains(blank),
        Kind::HashMd5 | Kind::Imphash | Kind::Ja3 => hex(32..=32),
        Kind::HashSha1 => hex(40..=40),
        Kind::HashSha256 => hex(64..=64),
        Kind::HashSha512 => hex(128..=128),
        Kind::Cve | Kind::Cwe | Kind::Asn | Kind::MitreAttack => {
            all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.'))
        }
        Kind::Bitcoin | Kind::Ethereum | Kind::Monero => all(|b| b.is_ascii_alphanumeric()),
        _ => true,
    }
}

/// A place in the text, found by going on from the one before: findings stand in their order.
#[derive(Default)]
struct Position {
    byte: usize,
    chars: u64,
    line: u32,
}

impl Position {
    /// Goes on to where `finding` stands in `text`, and checks that it does.
    fn is_of(&mut self, finding: &Finding, text: &str) -> Result<(), Unbelievable> {
        let location = &finding.location;
        let steps = location.offset.checked_sub(self.chars);
        let steps = steps.ok_or(Unbelievable::Claim("the order of the findings"))?;
        let rest = &text[self.byte..];
        let mut passed = 0;
        // Never more than the text is long, whatever the offset.
        for c in rest
            .chars()
            .take(usize::try_from(steps).unwrap_or(usize::MAX))
        {
            self.byte += c.len_utf8();
            self.line += u32::from(c == '\n');
            passed += 1;
        }
        self.chars += passed;
        let raw = &finding.raw;
        let stands = passed == steps
            && !raw.is_empty()
            && text[self.byte..].starts_with(raw.as_str())
            && raw.chars().count() as u64 == location.length
            && location.line == self.line + 1;
        claim(stands, "the place of a finding")
    }
}

#[cfg(test)]
mod tests;
