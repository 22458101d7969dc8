//! Fuzzy hashes of [ssdeep](https://ssdeep-project.github.io/ssdeep/): `block size:hash:hash`. Enter at [`scan`].

use memchr::memchr_iter;

use super::{candidate, stands_alone};
use crate::extract::candidate::{Candidate, Text};
use crate::extract::token::{COLON, DIGIT, Token};
use crate::indicator::Kind;

/// Longest of the two hashes, in characters.
const LONGEST: usize = 64;
/// Shortest hashes without a label: a clock or a list of numbers has shorter ones.
const BARE: (usize, usize) = (12, 6);
/// Shortest first hash with a label.
const LABELLED: usize = 3;
/// How far before the value its label may stand, in bytes.
const REACH: usize = 24;

/// Finds fuzzy hashes, from the colon behind the block size on.
pub(super) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let bytes = text.str().as_bytes();
    let may_hold = |word: &&Token| word.has(COLON) && word.has(DIGIT);
    for word in text.tokens().iter().filter(may_hold) {
        for colon in memchr_iter(b':', &bytes[word.start..word.end]) {
            found.extend(at(text, bytes, word.start + colon));
        }
    }
}

fn at(text: &Text<'_>, bytes: &[u8], colon: usize) -> Option<Candidate> {
    // Most colons follow a letter.
    if !bytes[..colon].last().is_some_and(u8::is_ascii_digit) {
        return None;
    }
    let digits = bytes[..colon]
        .iter()
        .rev()
        .take(11)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let start = colon - digits;
    if start > 0 && is_hash(bytes[start - 1]) || !is_block_size(&text.str()[start..colon]) {
        return None;
    }
    let first = length(&bytes[colon + 1..])?;
    let second_at = colon + 1 + first + 1;
    if bytes.get(second_at - 1) != Some(&b':') {
        return None;
    }
    let second = length(&bytes[second_at..])?;
    let end = second_at + second;
    let goes_on = bytes.get(end) == Some(&b':') || !stands_alone(text.str(), &(start..end));
    let tells_itself = first >= BARE.0 && second >= BARE.1;
    let is_one = tells_itself || first >= LABELLED && is_labelled(text, start);
    if goes_on || !is_one {
        return None;
    }
    let value = text.str()[start..end].to_owned();
    Some(candidate(Kind::Ssdeep, value, start..end, 93))
}

/// Three times a power of two.
fn is_block_size(digits: &str) -> bool {
    let size: u64 = digits.parse().unwrap_or(0);
    !digits.starts_with('0') && size.is_multiple_of(3) && (size / 3).is_power_of_two()
}

fn is_hash(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
}

/// Length of the hash that `bytes` begins with; `None` where it is too long for one.
fn length(bytes: &[u8]) -> Option<usize> {
    let length = bytes
        .iter()
        .take(LONGEST + 1)
        .take_while(|byte| is_hash(**byte))
        .count();
    (1..=LONGEST).contains(&length).then_some(length)
}

fn is_labelled(text: &Text<'_>, at: usize) -> bool {
    text.words_before(at, REACH, "")
        .take(2)
        .any(|word| word.eq_ignore_ascii_case("ssdeep"))
}
