//! IPv4 addresses, with a port, a prefix or a second address. Enter at [`read`].
//!
//! Four numbers with full stops are as often a version or an object identifier: what stands before
//! them decides.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::{Reader, is_name, name_end};
use crate::document::BlockKind;
use crate::extract::candidate::{Candidate, Text};
use crate::indicator::Kind;

/// Four octets, nothing else, no leading zero: what is read is written as its value is.
pub(super) fn parse(text: &str) -> Option<Ipv4Addr> {
    text.parse().ok()
}

/// Reads `run`, which has no letter, as an address or a range; answers where to read on, `None` if it is neither.
pub(super) fn read(reader: &mut Reader<'_, '_>, run: Range<usize>) -> Option<usize> {
    let bytes = reader.bytes();
    let mut live = run.clone();
    while live.start < live.end && matches!(bytes[live.start], b'-' | b'.') {
        live.start += 1;
    }
    while live.start < live.end && matches!(bytes[live.end - 1], b'.' | b'-' | b'_') {
        live.end -= 1;
    }
    let view = reader.view;
    let name = &view.text[live.clone()];
    if let Some(dash) = bytes[live.clone()].iter().position(|byte| *byte == b'-') {
        let (first, last) = (parse(&name[..dash])?, parse(&name[dash + 1..])?);
        if looks_like_version(first) && looks_like_version(last)
            || says_version(reader.text, reader.view.written(live.clone()).start)
        {
            return Some(run.end);
        }
        reader.push(Kind::IpRange, format!("{first}-{last}"), live, 85);
        return Some(run.end);
    }
    let address = parse(name)?;
    let defanged = reader.view.defanged(live.clone());
    if !defanged && is_version(reader, &live, address) {
        return Some(run.end);
    }
    if live.end == run.end
        && bytes.get(live.end) == Some(&b'/')
        && let Some((prefix, end)) = number(bytes, live.end + 1)
        && prefix <= 32
        && !bytes.get(end).is_some_and(|byte| {
            is_name(*byte) && !closes_sentence(bytes, end)
                || matches!(byte, b'/' | b'=')
                || *byte == b'?' && end + 1 < bytes.len()
        })
    {
        reader.push(
            Kind::IpRange,
            format!("{name}/{prefix}"),
            live.start..end,
            95,
        );
        return Some(end);
    }
    reader.push(
        Kind::Ipv4,
        name.to_owned(),
        live.clone(),
        if defanged { 99 } else { 92 },
    );
    if live.end == run.end
        && bytes_at(reader, live.end) == Some(b':')
        && let Some((port, end)) = number(reader.bytes(), live.end + 1)
        && is_port(port)
        && !reader
            .bytes()
            .get(end)
            .is_some_and(|byte| is_name(*byte) && !closes_sentence(reader.bytes(), end))
    {
        reader.push(Kind::IpPort, format!("{name}:{port}"), live.start..end, 95);
        return Some(end);
    }
    let span = reader.view.written(live.clone());
    if live.end == reader.bytes().len()
        && let Some(port) = piped_port(&reader.text.str()[span.end..])
    {
        let end = span.end + 1 + port.len();
        reader.found.push(Candidate {
            kind: Kind::IpPort,
            value: format!("{name}:{port}"),
            span: span.start..end,
            defanged,
            confidence: 85,
        });
    }
    Some(run.end)
}

/// The port in `192.0.2.1|443`, as threat platforms write the pair; `rest` is what stands behind the address.
fn piped_port(rest: &str) -> Option<&str> {
    let rest = rest.strip_prefix('|')?;
    let (port, length) = number(rest.as_bytes(), 0)?;
    let ends = rest[length..]
        .chars()
        .next()
        .is_none_or(char::is_whitespace);
    (is_port(port) && length > 1 && ends).then(|| &rest[..length])
}

fn bytes_at(reader: &Reader<'_, '_>, at: usize) -> Option<u8> {
    reader.bytes().get(at).copied()
}

/// A full stop or a dash at `at` that nothing of a name follows.
pub(super) fn closes_sentence(bytes: &[u8], at: usize) -> bool {
    matches!(bytes[at], b'.' | b'-' | b'_')
        && bytes[at..name_end(bytes, at)]
            .iter()
            .all(|byte| matches!(byte, b'.' | b'-' | b'_'))
}

/// Whether `port` can be one.
pub(super) fn is_port(port: u32) -> bool {
    (1..=65_535).contains(&port)
}

/// The number of at most five digits at `at`, without leading zero, and its end.
pub(super) fn number(bytes: &[u8], at: usize) -> Option<(u32, usize)> {
    let digits = bytes
        .get(at..)?
        .iter()
        .take(6)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    if digits == 0 || digits > 5 || digits > 1 && bytes[at] == b'0' {
        return None;
    }
    let value = bytes[at..at + digits]
        .iter()
        .fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    Some((value, at + digits))
}

/// Whether what stands around says that the four numbers are a version or part of a longer name.
fn is_version(reader: &Reader<'_, '_>, live: &Range<usize>, address: Ipv4Addr) -> bool {
    let before = &reader.bytes()[..live.start];
    // `Chrome/96.0.4664.45`, but not `//192.0.2.1` and not `/192.0.2.1`.
    if before.len() > 1
        && before.ends_with(b"/")
        && before[before.len() - 2].is_ascii_alphanumeric()
    {
        return true;
    }
    let written = reader.view.written(live.clone());
    says_version(reader.text, written.start)
        || looks_like_version(address)
            && (is_release(reader.text, written.start) || names_product(reader.text, written))
}

/// Whether a heading begins at `at`, as in a change log: `## [2.4.1.3]`.
fn is_release(text: &Text<'_>, at: usize) -> bool {
    const MARKS: usize = 8;
    let start = text.line_at(at).start;
    let Some(head) = text.str().as_bytes().get(start..at) else {
        return false;
    };
    let heading = || {
        let block = text.block_at(at);
        block.is_some_and(|block| block.kind == BlockKind::Heading)
    };
    head.len() <= MARKS
        && head
            .iter()
            .all(|byte| matches!(byte, b'#' | b' ' | b'[' | b'v'))
        && (head.first() == Some(&b'#') || heading())
}

/// Whether the word before `at` announces a version.
fn says_version(text: &Text<'_>, at: usize) -> bool {
    const REACH: usize = 24;
    const WORDS: [&str; 15] = [
        "version",
        "versions",
        "ver",
        "v",
        "build",
        "builds",
        "firmware",
        "fileversion",
        "productversion",
        "release",
        "rev",
        "revision",
        "oid",
        "assemblyversion",
        "netmask",
    ];
    let nearest = text.words_before(at, REACH, "").next();
    nearest.is_some_and(|word| WORDS.iter().any(|known| known.eq_ignore_ascii_case(word)))
}

/// Small numbers, as versions have and few hosts: `4.0.9.3`, `13.0.0.206`. Networks for private use are
/// none of them.
fn looks_like_version(address: Ipv4Addr) -> bool {
    let octets = address.octets();
    let small = octets.iter().filter(|octet| **octet < 20).count();
    (1..32).contains(&octets[0])
        && octets[0] != 10
        && small >= 3
        && octets.iter().any(|octet| *octet != octets[0])
}

/// Whether a product stands right before the numbers at `written`, or words that compare versions
/// around them.
fn names_product(text: &Text<'_>, written: Range<usize>) -> bool {
    const REACH: usize = 24;
    const BEFORE: [&str; 7] = ["before", "through", "prior", "than", "until", "since", "x"];
    const AFTER: [&str; 7] = [
        " and earlier",
        " and later",
        " or later",
        " or earlier",
        " and prior",
        " and below",
        " on windows",
    ];
    const HOSTS: [&str; 14] = [
        "ip",
        "ips",
        "address",
        "addresses",
        "server",
        "host",
        "c2",
        "dns",
        "from",
        "proxy",
        "gateway",
        "resolver",
        "ipv4",
        "port",
    ];
    let whole = text.str();
    let after = &whole.as_bytes()[written.end..];
    if AFTER.iter().any(|phrase| {
        after.len() >= phrase.len() && after[..phrase.len()].eq_ignore_ascii_case(phrase.as_bytes())
    }) {
        return true;
    }
    if !whole[..written.start].ends_with(' ') {
        return false;
    }
    let Some(word) = text.words_before(written.start, REACH, "").next() else {
        return false;
    };
    let known = |list: &[&str]| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    let directly = whole[..written.start - 1].ends_with(word);
    let product = word.len() > 1 && word.starts_with(|first: char| first.is_ascii_uppercase());
    directly && (known(&BEFORE) || product && !known(&HOSTS))
}
