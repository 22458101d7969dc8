//! Domains. Enter at [`read`] for a run in a text, at [`host`] for one that stands where a host must.
//!
//! What has the form of a domain is one only if [`super::evidence`] does not speak against it.

use std::ops::Range;

use super::{Reader, evidence};
use crate::extract::token::{self, DIGIT, DOT, HEX, HYPHEN, LETTER, UNDERSCORE};
use crate::indicator::Kind;

/// Longest domain and label that DNS allows.
const DOMAIN: usize = 253;
const LABEL: usize = 63;

/// Roots that the public DNS lacks and reports name.
const OTHER_ROOTS: [&str; 8] = ["onion", "i2p", "bit", "bazar", "emc", "coin", "lib", "loki"];

/// A name that DNS could hold.
pub(super) struct Domain {
    /// Lower case and ASCII.
    pub(super) value: String,
    pub(super) labels: usize,
    /// Start of the top-level domain in the value.
    pub(super) root: usize,
    /// Whether somebody registers names under more than the top-level domain: `surge.sh`, `co.uk`.
    pub(super) deep: bool,
}

/// `name` as a domain, if its labels are well-formed and its root exists.
pub(super) fn host(name: &str) -> Option<Domain> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let bytes = name.as_bytes();
    // Most names that are none end in a digit: versions and numbers.
    if name.len() > 4 * DOMAIN || bytes.last().is_some_and(u8::is_ascii_digit) && !is_idn(name) {
        return None;
    }
    if name.is_ascii() {
        // Few are one: nothing is allocated before that is known.
        let mut lower = [0; DOMAIN];
        let lower = lower.get_mut(..bytes.len())?;
        lower.copy_from_slice(bytes);
        lower.make_ascii_lowercase();
        return domain(lower, || name.to_ascii_lowercase());
    }
    if !name.contains('.') {
        return None;
    }
    let value = idna::domain_to_ascii_cow(bytes, idna::AsciiDenyList::EMPTY).ok()?;
    domain(value.as_bytes(), || value.to_string())
}

/// `name`, ASCII in lower case, as a domain; its `value` is asked for where it is one.
fn domain(name: &[u8], value: impl FnOnce() -> String) -> Option<Domain> {
    let root = name.iter().rposition(|byte| *byte == b'.')? + 1;
    let suffix = psl::suffix(name)?;
    let (known, length) = (suffix.typ(), suffix.as_bytes().len());
    let is_other = || {
        OTHER_ROOTS
            .iter()
            .any(|known| known.as_bytes() == &name[root..])
    };
    if known.is_none() && !is_other() || known == Some(psl::Type::Icann) && length == name.len() {
        return None;
    }
    Some(Domain {
        labels: labels(name)?,
        deep: length > name.len() - root,
        value: value(),
        root,
    })
}

/// Whether the last label of `name` is one of another script, in ASCII: those alone may end in a digit.
fn is_idn(name: &str) -> bool {
    let root = name.rsplit('.').next().unwrap_or(name);
    root.get(..4)
        .is_some_and(|mark| mark.eq_ignore_ascii_case("xn--"))
}

/// Number of the labels of `name`, two or more; `None` if it is too long or one of them is malformed.
fn labels(name: &[u8]) -> Option<usize> {
    if name.len() > DOMAIN {
        return None;
    }
    // The label that is read, the last one with an underscore, both from 1; where the first begins.
    let (mut label, mut underscored, mut start) = (1, 0, 0);
    for (at, byte) in name.iter().enumerate() {
        let class = token::class(*byte);
        if class & (LETTER | HEX | DIGIT) != 0 {
            continue;
        }
        match class {
            HYPHEN if at > start => {}
            UNDERSCORE => underscored = label,
            DOT if ends_label(&name[start..at]) => {
                label += 1;
                start = at + 1;
            }
            _ => return None,
        }
    }
    // The name that somebody registered has no underscore.
    (label > 1 && ends_label(&name[start..]) && underscored + 2 <= label).then_some(label)
}

/// Whether the characters of `label` that were read so far may be all.
fn ends_label(label: &[u8]) -> bool {
    label.len() <= LABEL && label.last().is_some_and(u8::is_ascii_alphanumeric)
}

/// The part of `run` that a name can be: without the punctuation around it.
fn trimmed(bytes: &[u8], mut run: Range<usize>) -> Range<usize> {
    // `%2Fevil.example`: the escape is not part of the name.
    if run.start > 0
        && bytes[run.start - 1] == b'%'
        && run.len() > 2
        && bytes[run.start..run.start + 2]
            .iter()
            .all(u8::is_ascii_hexdigit)
    {
        run.start += 2;
    }
    while run.start < run.end && matches!(bytes[run.start], b'.' | b'-') {
        run.start += 1;
    }
    while run.start < run.end && matches!(bytes[run.end - 1], b'.' | b'-' | b'_') {
        run.end -= 1;
    }
    run
}

/// Reads `run`, a run of name characters, as a domain.
pub(super) fn read(reader: &mut Reader<'_, '_>, run: Range<usize>) {
    let live = trimmed(reader.bytes(), run.clone());
    let name = &reader.view.text[live.clone()];
    let Some(domain) = host(name) else { return };
    let Some(confidence) = evidence::judge(reader, &domain, live.clone()) else {
        return;
    };
    reader.push(Kind::Domain, domain.value, live, confidence);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_counted_where_each_is_one() {
        let long = "a".repeat(LABEL);
        for (name, count) in [
            ("evil.example", Some(2)),
            ("_dmarc.evil.example", Some(3)),
            ("a-b.c--d.0", Some(3)),
            (&format!("{long}.example"), Some(2)),
            (&format!("{long}a.example"), None),
            (&format!("{}example", "a.".repeat(DOMAIN / 2)), None),
            ("", None),
            ("example", None),
            ("evil..example", None),
            ("evil.example.", None),
            ("-evil.example", None),
            ("evil-.example", None),
            ("ev_il.example", None),
            ("a.ev_il.b.example", Some(4)),
            ("ev+il.example", None),
        ] {
            assert_eq!(labels(name.as_bytes()), count, "{name}");
        }
    }
}
