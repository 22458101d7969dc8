//! Domains. Enter at [`read`] for a run in a text, at [`host`] for one that stands where a host must.
//!
//! Many names that end in a top-level domain are none: files (`setup.py`), code (`item.name`),
//! sentences without a blank (`payload.In using`). Where the top-level domain is of that sort, a
//! domain needs evidence: defanging, `www.`, labels, a word before it.

use std::ops::Range;

use super::{Reader, is_name};
use crate::extract::candidate::Text;
use crate::indicator::Kind;

/// Longest domain and label that DNS allows.
const DOMAIN: usize = 253;
const LABEL: usize = 63;

/// Roots that the public DNS lacks and reports name.
const OTHER_ROOTS: [&str; 8] = ["onion", "i2p", "bit", "bazar", "emc", "coin", "lib", "loki"];

/// Top-level domains that are file extensions as well.
const FILES: [&str; 30] = [
    "ai", "app", "bar", "bz", "cab", "cat", "cc", "cpa", "dot", "java", "lib", "md", "mm", "mo",
    "mov", "mp", "pl", "pm", "ps", "py", "rs", "sc", "sh", "so", "st", "tf", "vi", "pub", "zip",
    "gdn",
];

/// Top-level domains that are members, methods or modules in code, or words that begin a sentence.
const WORDS: [&str; 78] = [
    "as",
    "at",
    "be",
    "bot",
    "build",
    "by",
    "call",
    "case",
    "channel",
    "click",
    "codes",
    "contact",
    "data",
    "date",
    "dev",
    "do",
    "domains",
    "download",
    "email",
    "events",
    "exchange",
    "expert",
    "gov",
    "group",
    "help",
    "host",
    "how",
    "id",
    "in",
    "info",
    "int",
    "io",
    "is",
    "it",
    "java",
    "link",
    "map",
    "me",
    "med",
    "menu",
    "mil",
    "mobi",
    "my",
    "name",
    "network",
    "news",
    "no",
    "now",
    "office",
    "open",
    "page",
    "pay",
    "phone",
    "play",
    "post",
    "prod",
    "properties",
    "read",
    "report",
    "run",
    "safe",
    "save",
    "search",
    "security",
    "select",
    "services",
    "show",
    "so",
    "store",
    "stream",
    "style",
    "support",
    "system",
    "to",
    "top",
    "watch",
    "world",
    "zone",
];

/// A name that DNS could hold.
pub(super) struct Domain {
    /// Lower case and ASCII.
    pub(super) value: String,
    labels: usize,
    /// Start of the top-level domain in the value.
    root: usize,
    /// Whether somebody registers names under more than the top-level domain: `surge.sh`, `co.uk`.
    deep: bool,
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
    let Some(confidence) = judge(reader, &domain, live.clone()) else {
        return;
    };
    reader.push(Kind::Domain, domain.value, live, confidence);
}

/// How sure it is that `domain` at `live` is one; `None` if it is something else.
fn judge(reader: &Reader<'_, '_>, domain: &Domain, live: Range<usize>) -> Option<u8> {
    let bytes = reader.bytes();
    let written = reader.view.written(live.clone());
    let before = live.start.checked_sub(1).map(|at| bytes[at]);
    let after = bytes.get(live.end).copied();
    if reader.view.defanged(live.clone()) {
        return Some(99);
    }
    let name = &reader.view.text[live.clone()];
    let root = &domain.value[domain.root..];
    let written_root = &name[name.rfind('.').map_or(0, |at| at + 1)..];
    // Code, a blob, a path, a path on a share.
    if matches!(before, Some(b'$' | b'%' | b'\\' | b'~' | b'#' | b'&'))
        && !bytes[..live.start].ends_with(b"\\\\")
    {
        return None;
    }
    if after == Some(b'(')
        || bytes[live.end..].starts_with(b"::")
        || bytes[..live.start].ends_with(b"::")
        || bytes[..live.start].ends_with(b"->")
    {
        return None;
    }
    let blob = |side: Option<u8>, doubled: bool| side == Some(b'+') && !doubled;
    if after == Some(b'\\')
        || blob(after, bytes[live.end..].starts_with(b"++"))
        || blob(before, bytes[..live.start].ends_with(b"++"))
    {
        return None;
    }
    let capital = written_root.starts_with(|first: char| first.is_ascii_uppercase());
    if capital {
        // `server.It was`, `item.Name`, `hoh4.AI`.
        let shouted = written_root.bytes().all(|byte| byte.is_ascii_uppercase());
        let all_shouted = !name.bytes().any(|byte| byte.is_ascii_lowercase());
        if !all_shouted && !(shouted && matches!(root, "com" | "net" | "org")) {
            return None;
        }
    }
    let file = FILES.contains(&root);
    let word = WORDS.contains(&root);
    if name.starts_with("www.") {
        return Some(95);
    }
    if !file && !word {
        return Some(if before == Some(b'/') { 80 } else { 90 });
    }
    if before == Some(b'/') && (file || domain.labels == 2) {
        return None;
    }
    let strong = domain.deep || announced(reader.text, written.start);
    if file {
        return (strong || after == Some(b'/') && domain.labels >= 2 && is_path(bytes, live.end))
            .then_some(75);
    }
    if domain.labels > 2 || strong {
        return Some(80);
    }
    // Two labels, a word of code or of a sentence as the root: only as a word of its own.
    let alone = before.is_none_or(|byte| {
        matches!(
            byte,
            b'(' | b'[' | b'\'' | b',' | b';' | b'*' | b'=' | b':' | b'-'
        )
    }) && after.is_none_or(|byte| {
        matches!(
            byte,
            b')' | b']' | b'\'' | b',' | b';' | b'*' | b'/' | b':' | b'?' | b'!' | b' '
        )
    });
    (alone && !is_code(reader, &live)).then_some(60)
}

/// `/` and what may be a path follow `at`.
fn is_path(bytes: &[u8], at: usize) -> bool {
    bytes
        .get(at + 1)
        .is_some_and(|byte| is_name(*byte) || *byte == b'~')
}

/// Whether the line around looks like a statement of a program.
fn is_code(reader: &Reader<'_, '_>, live: &Range<usize>) -> bool {
    let bytes = reader.bytes();
    if bytes[live.end..].starts_with(b";") && live.end + 1 == bytes.len() {
        return true;
    }
    matches!(bytes.get(live.end), Some(b'=' | b'['))
}

/// Whether a word before `at` on its line says that a host follows.
fn announced(text: &Text<'_>, at: usize) -> bool {
    const REACH: usize = 48;
    const WORDS: [&str; 22] = [
        "domain",
        "domains",
        "c2",
        "c2s",
        "c&c",
        "cnc",
        "host",
        "hosts",
        "hostname",
        "hostnames",
        "dns",
        "fqdn",
        "site",
        "sites",
        "website",
        "websites",
        "url",
        "urls",
        "subdomain",
        "subdomains",
        "server",
        "servers",
    ];
    let whole = text.str();
    let line = text.line_at(at).start;
    let start = whole.ceil_char_boundary(line.max(at.saturating_sub(REACH)));
    whole[start..at]
        .rsplit(|letter: char| !(letter.is_alphanumeric() || letter == '&'))
        .filter(|word| !word.is_empty())
        .take(4)
        .any(|word| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
}
