//! IPv6 addresses, with a prefix or a port. Enter at [`read`].
//!
//! Times, MAC addresses, `std::vector` and serial numbers look alike: a run of hex groups is read as a
//! whole or not at all.

use std::net::Ipv6Addr;
use std::ops::Range;

use super::Reader;
use super::address::{closes_sentence, is_port, number};
use crate::extract::token::{self, COLON, NAME};
use crate::indicator::Kind;

/// Longest written form: eight groups, the last two in dotted decimal.
const LONGEST: usize = 45;

/// The address that `text` is, if it reads as one and not as code: more than `::`, and a digit or
/// many groups in it.
pub(super) fn parse(text: &str) -> Option<Ipv6Addr> {
    if text.len() > LONGEST || text.len() < 3 {
        return None;
    }
    let address: Ipv6Addr = text.parse().ok()?;
    let groups = text.split(':').filter(|group| !group.is_empty()).count();
    (text.bytes().any(|byte| byte.is_ascii_digit()) || groups > 3).then_some(address)
}

/// Whether `word` has the colons of an address: two together, or those of six groups.
pub(super) fn has_groups(word: &[u8]) -> bool {
    let (mut colons, mut last) = (0, 0);
    for byte in word {
        if *byte == b':' {
            if last == b':' {
                return true;
            }
            colons += 1;
        }
        last = *byte;
    }
    colons >= 6
}

fn is_part(byte: u8) -> bool {
    token::class(byte) & (NAME | COLON) != 0
}

/// Whether `run` may be a part of an address: few are, and the others are not read.
pub(super) fn may_hold(bytes: &[u8], run: &Range<usize>) -> bool {
    goes_on(bytes, run.end) || bytes[..run.start].ends_with(b"::")
}

/// Whether what follows the run that ends at `at` is as an address goes on: groups up to `::`, or as
/// many as stand before the last four bytes of one.
fn goes_on(bytes: &[u8], mut at: usize) -> bool {
    const GROUPS: usize = 6;
    const LONGEST_GROUP: usize = 4;
    for _ in 0..GROUPS {
        if bytes.get(at) != Some(&b':') {
            return false;
        }
        let group = bytes[at + 1..].iter().take(LONGEST_GROUP);
        match group.take_while(|byte| byte.is_ascii_hexdigit()).count() {
            0 => return bytes.get(at + 1) == Some(&b':'),
            length => at += 1 + length,
        }
    }
    true
}

/// Reads the run of groups around `run`; answers where to read on, `None` if no address is there.
pub(super) fn read(reader: &mut Reader<'_, '_>, run: Range<usize>) -> Option<usize> {
    let bytes = reader.bytes();
    let mut start = run.start;
    while start < run.end && matches!(bytes[start], b'.' | b'-') {
        start += 1;
    }
    let first = start;
    while start > 0 && bytes[start - 1] == b':' && first - start < 2 {
        start -= 1;
    }
    // Longer than any address: not one, and not worth reading to its end.
    let near = &bytes[start..bytes.len().min(start + LONGEST + 8)];
    let length = token::span(near, NAME | COLON);
    // Times and hardware addresses have too few groups; most runs end here.
    if !has_groups(&bytes[start..start + length]) {
        return None;
    }
    let mut end = start + length;
    while end > start
        && (matches!(bytes[end - 1], b'.' | b'-')
            || bytes[end - 1] == b':' && !bytes[start..end].ends_with(b"::"))
    {
        end -= 1;
    }
    let mut address = parse(reader.view.text.get(start..end)?);
    if address.is_none() && first == start {
        // A label before it: `IPv6:2001:db8::1`.
        let label = bytes[start..end].iter().position(|byte| *byte == b':')?;
        if bytes[start..start + label]
            .iter()
            .all(u8::is_ascii_hexdigit)
        {
            return None;
        }
        start += label + 1;
        address = parse(reader.view.text.get(start..end)?);
    }
    let address = address?;
    if start > 0 && (bytes[start - 1].is_ascii_alphanumeric() || bytes[start - 1] == b'_') {
        return None;
    }
    let after = bytes.get(end).copied();
    if after == Some(b'/')
        && let Some((prefix, stop)) = number(bytes, end + 1)
        && prefix <= 128
        && !bytes
            .get(stop)
            .is_some_and(|byte| byte.is_ascii_alphanumeric())
    {
        reader.push(
            Kind::IpRange,
            format!("{address}/{prefix}"),
            start..stop,
            95,
        );
        return Some(stop);
    }
    let bracketed = start > 0 && bytes[start - 1] == b'[' && bytes[end..].starts_with(b"]:");
    let port = bracketed.then(|| number(bytes, end + 2)).flatten();
    reader.push(Kind::Ipv6, address.to_string(), start..end, 92);
    if let Some((port, stop)) = port
        && is_port(port)
        && !reader
            .bytes()
            .get(stop)
            .is_some_and(|byte| is_part(*byte) && !closes_sentence(reader.bytes(), stop))
    {
        reader.push(
            Kind::IpPort,
            format!("[{address}]:{port}"),
            start - 1..stop,
            95,
        );
        return Some(stop);
    }
    Some(end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colons_of_an_address_are_told_from_those_of_a_time() {
        for word in ["2001:db8::7", "::1", "1:2:3:4:5:6:192.0.2.1", "std::vector"] {
            assert!(has_groups(word.as_bytes()), "{word}");
        }
        for word in ["17:10:17", "AB:F2:C9:A6:B3:4F", "note:", "a:b"] {
            assert!(!has_groups(word.as_bytes()), "{word}");
        }
    }
}
