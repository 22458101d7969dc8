//! Domains. Enter at [`read`] for a run in a text, at [`host`] for one that stands where a host must.
//!
//! What has the form of a domain is one only if [`super::evidence`] does not speak against it.

use std::ops::Range;

use super::{Reader, evidence};
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
    if name.len() > 4 * DOMAIN || !name.contains('.') {
        return None;
    }
    let value = if name.is_ascii() {
        name.to_ascii_lowercase()
    } else {
        idna::domain_to_ascii_cow(name.as_bytes(), idna::AsciiDenyList::EMPTY)
            .ok()?
            .into_owned()
    };
    if value.len() > DOMAIN {
        return None;
    }
    let labels = value.split('.').count();
    for (index, label) in value.split('.').enumerate() {
        if !is_label(label, labels - index <= 2) {
            return None;
        }
    }
    let root = value.rfind('.')? + 1;
    let suffix = psl::suffix(value.as_bytes())?;
    let (known, length) = (suffix.typ(), suffix.as_bytes().len());
    if known.is_none() && !OTHER_ROOTS.contains(&&value[root..]) {
        return None;
    }
    if known == Some(psl::Type::Icann) && length == value.len() {
        return None;
    }
    Some(Domain {
        deep: length > value.len() - root,
        value,
        labels,
        root,
    })
}

fn is_label(label: &str, registered: bool) -> bool {
    let bytes = label.as_bytes();
    let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else {
        return false;
    };
    bytes.len() <= LABEL
        && (first.is_ascii_alphanumeric() || *first == b'_' && !registered)
        && last.is_ascii_alphanumeric()
        && bytes.iter().all(|byte| {
            byte.is_ascii_alphanumeric() || *byte == b'-' || *byte == b'_' && !registered
        })
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
    if !name.contains('.') {
        return;
    }
    let Some(domain) = host(name) else { return };
    let Some(confidence) = evidence::judge(reader, &domain, live.clone()) else {
        return;
    };
    reader.push(Kind::Domain, domain.value, live, confidence);
}
