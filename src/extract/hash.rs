//! File hashes by their length. Enter at [`scan`].
//!
//! A hash is a whole run of hex digits: longer numbers, identifiers with letters around them and
//! fingerprints of other things (import hash, TLS client, certificate) have the same look.

use std::ops::Range;

use crate::document::BlockKind;
use crate::extract::candidate::{Candidate, Text};
use crate::extract::context::label;
use crate::extract::lexicon::Lexicon;
use crate::extract::token::{self, DIGIT, HEX, HYPHEN, LETTER, REFERENCE, Token, UNDERSCORE};
use crate::indicator::Kind;

/// Digits of the shortest hash.
const SHORTEST: usize = 32;
/// Shortest part of a hash that was wrapped over lines.
const SHORTEST_PART: usize = 4;
/// Digits of a checksum, the most that lines of a list of them have.
const CHECKSUM: usize = 8;
/// Lines that one wrapped hash may fill.
const LINES: usize = 5;
/// How far before a hash its label may stand.
const LABEL_REACH: usize = 40;

/// Labels of numbers that only look like a file hash, lower case.
static OTHER_LABELS: Lexicon = Lexicon::new(&[
    "authentihash",
    "clsid",
    "dhash",
    "fingerprint",
    "guid",
    "imphash",
    "ja3",
    "ja3s",
    "ja4",
    "jarm",
    "pdb",
    "pehash",
    "rich",
    "richhash",
    "serial",
    "serialnumber",
    "ssdeep",
    "telfhash",
    "thumbprint",
    "tlsh",
    "uuid",
    "vhash",
]);

/// What goes into a cipher beside its key, lower case.
static SALTS: Lexicon = Lexicon::new(&["iv", "nonce", "salt"]);

/// Whose key a number may be, lower case.
static CIPHERS: Lexicon = Lexicon::new(&[
    "aes",
    "blowfish",
    "chacha20",
    "cipher",
    "decryption",
    "des",
    "encryption",
    "rc4",
    "salsa20",
    "session",
    "xor",
]);

/// Words for hashes of files, lower case.
static HASHES: Lexicon = Lexicon::new(&["md5", "sha", "sha1", "sha2", "sha256", "sha512"]);

/// Finds MD5, SHA-1, SHA-256 and SHA-512.
pub(crate) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let mut floor = 0;
    for token in text.tokens() {
        if token.start < floor {
            continue;
        }
        if token.end - token.start >= SHORTEST {
            whole(text, *token, found);
        }
        if may_wrap(text.str().as_bytes(), token.end)
            && let Some(candidate) = wrapped(text, *token)
        {
            floor = candidate.span.end;
            found.push(candidate);
        }
    }
}

/// Whether the word that ends at `end` may end with digits and its line with the word.
fn may_wrap(bytes: &[u8], end: usize) -> bool {
    let is_blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\r');
    token::class(bytes[end - 1]) & (DIGIT | HEX | HYPHEN) != 0
        && match &bytes[end..] {
            [b'\n', ..] => true,
            [blank, next, ..] => is_blank(*blank) && (is_blank(*next) || *next == b'\n'),
            _ => false,
        }
}

fn kind(digits: usize) -> Option<Kind> {
    match digits {
        32 => Some(Kind::HashMd5),
        40 => Some(Kind::HashSha1),
        64 => Some(Kind::HashSha256),
        128 => Some(Kind::HashSha512),
        _ => None,
    }
}

/// What a hash may not touch.
const WORD: u32 = DIGIT | HEX | LETTER | UNDERSCORE;

fn is_word(byte: u8) -> bool {
    token::class(byte) & WORD != 0
}

/// The hashes that stand whole in `token`.
fn whole(text: &Text<'_>, token: Token, found: &mut Vec<Candidate>) {
    // Most stand alone: such a word need not be read.
    if is_hex(token) {
        found.extend(hash(text, token.start..token.end));
        return;
    }
    let bytes = text.str().as_bytes();
    let mut floor = token.start;
    // A hash that begins at or behind `floor` has its 32nd digit no earlier than here.
    let mut at = floor + SHORTEST - 1;
    while at < token.end {
        if !bytes[at].is_ascii_hexdigit() {
            floor = at + 1;
            at += SHORTEST;
            continue;
        }
        let before = bytes[floor..at].iter().rev();
        let start = at - before.take_while(|byte| is_word(**byte)).count();
        let end = at + token::span(&bytes[at..token.end], WORD);
        if kind(end - start).is_some()
            && token::span(&bytes[start..end], DIGIT | HEX) == end - start
            && (start == token.start || !is_word(bytes[start - 1]))
        {
            found.extend(hash(text, start..end));
        }
        floor = end;
        at = end + SHORTEST;
    }
}

/// Whether `token` is a run of hex digits and nothing else.
fn is_hex(token: Token) -> bool {
    token.bits & !(DIGIT | HEX | REFERENCE) == 0
}

/// The hash that `run` is, a whole run of hex digits.
fn hash(text: &Text<'_>, run: Range<usize>) -> Option<Candidate> {
    let kind = kind(run.len())?;
    if is_letter_at(text.str(), run.end) || labelled_otherwise(text, run.start) {
        return None;
    }
    Some(Candidate {
        kind,
        value: text.str()[run.clone()].to_ascii_lowercase(),
        span: run,
        defanged: false,
        confidence: 97,
    })
}

/// Whether a letter beyond ASCII stands at `at`.
fn is_letter_at(text: &str, at: usize) -> bool {
    text[at..]
        .chars()
        .next()
        .is_some_and(|next| !next.is_ascii() && next.is_alphabetic() && next < '\u{2e80}')
}

/// Whether the word before `at`, or the column that it stands in, says that another sort of number follows.
fn labelled_otherwise(text: &Text<'_>, at: usize) -> bool {
    // Most hashes begin their line: no word is before them.
    let begins_line = matches!(text.str().as_bytes()[..at], [] | [.., b'\n']);
    !begins_line && announced_otherwise(text, at) || is_in_other_column(text, at)
}

/// Whether the word before `at` says that another sort of number follows.
fn announced_otherwise(text: &Text<'_>, at: usize) -> bool {
    const FILLERS: [&str; 6] = ["hash", "header", "value", "number", "of", "is"];
    let fills = |word: &str| {
        FILLERS
            .iter()
            .any(|filler| filler.eq_ignore_ascii_case(word))
    };
    // The label of an earlier value says nothing of this one.
    let names_another = |word: &str| word.len() >= 16 || HASHES.contains_any_case(word);
    let mut words = text
        .words_before(at, LABEL_REACH, "")
        .take_while(|word| !names_another(word))
        .filter(|word| !fills(word));
    let near = [words.next(), words.next()];
    let other = |word: &&str| OTHER_LABELS.contains_any_case(word);
    near.iter().flatten().any(other) || is_key(near)
}

/// Whether the words before a number, the nearest first, make it the key of a cipher.
fn is_key(words: [Option<&str>; 2]) -> bool {
    let [Some(nearest), before] = words else {
        return false;
    };
    SALTS.contains_any_case(nearest)
        || nearest.eq_ignore_ascii_case("key")
            && before.is_some_and(|word| CIPHERS.contains_any_case(word))
}

/// Whether the column that `at` stands in is one of other numbers.
fn is_in_other_column(text: &Text<'_>, at: usize) -> bool {
    let headed = text
        .block_at(at)
        .is_some_and(|block| matches!(block.kind, BlockKind::Row { header: Some(_) }));
    headed
        && label::of(text, at).is_some_and(|label| {
            label
                .split(|c: char| !c.is_alphanumeric())
                .any(|word| OTHER_LABELS.contains_any_case(word))
        })
}

/// The hash that begins with the digits at the end of `token`'s line and goes on in the next lines.
///
/// Joined only if no part is a hash by its length and the whole is one: lists stay lists.
fn wrapped(text: &Text<'_>, token: Token) -> Option<Candidate> {
    let whole = text.str();
    let bytes = whole.as_bytes();
    let first = last_digits(bytes, token);
    if first.len() < SHORTEST_PART || first.len() > 127 {
        return None;
    }
    // `sha256,<32 digits>` at the end of a line is half of a hash, not one.
    let half = kind(first.len()).is_some();
    if half && !labelled_longer(whole, first.clone()) {
        return None;
    }
    let next = next_line(bytes, token.end).filter(|next| bytes[*next].is_ascii_hexdigit())?;
    let (last, kind) = last_part(bytes, first.len(), next)?;
    // What costs more is asked of the few that are left.
    let is_apart = first.start == token.start || !is_word(bytes[first.start - 1]);
    let block = text.block_at(first.start);
    if !is_apart
        || block.is_some_and(|block| last.start >= block.span.end)
        || labelled_otherwise(text, first.start)
    {
        return None;
    }
    let span = first.start..last.end;
    let mut value = whole[span.clone()].to_ascii_lowercase();
    value.retain(|letter| letter.is_ascii_hexdigit());
    // Words below each other are no hash, and nor are years, dates or ports.
    let digits = value.bytes().filter(u8::is_ascii_digit).count();
    (1..value.len()).contains(&digits).then_some(Candidate {
        kind,
        value,
        span,
        defanged: false,
        confidence: 85,
    })
}

/// The hex digits at the end of `token`, before a hyphen that divides a word.
fn last_digits(bytes: &[u8], token: Token) -> Range<usize> {
    if is_hex(token) {
        return token.start..token.end;
    }
    let digits = hex_before(bytes, token.start, token.end);
    if digits.is_empty() && bytes[token.end - 1] == b'-' {
        return hex_before(bytes, token.start, token.end - 1);
    }
    digits
}

/// The last part of a hash whose first part has `first` digits and whose second begins at `next`, and what
/// the hash is.
fn last_part(bytes: &[u8], first: usize, mut next: usize) -> Option<(Range<usize>, Kind)> {
    let half = kind(first).is_some();
    let mut length = first;
    // Short numbers that are all as long are a list.
    let mut even = first <= CHECKSUM;
    for _ in 1..LINES {
        let digits = bytes[next..]
            .iter()
            .take(128)
            .take_while(|byte| byte.is_ascii_hexdigit())
            .count();
        let stop = next + digits;
        if digits == 0
            || kind(digits).is_some() && !half
            || bytes
                .get(stop)
                .is_some_and(|byte| is_word(*byte) || *byte >= 0x80)
        {
            return None;
        }
        length += digits;
        even &= digits == first;
        if let Some(kind) = kind(length) {
            let ends_line = bytes.get(stop).is_none_or(|byte| {
                matches!(
                    byte,
                    b'\n' | b'\r' | b'\t' | b' ' | b',' | b';' | b'|' | b'"' | b'<'
                )
            });
            let sure = digits >= SHORTEST_PART
                || bytes
                    .get(stop)
                    .is_none_or(|byte| matches!(byte, b'\n' | b'\r' | b'\t'));
            return (ends_line && sure && !even).then_some((next..stop, kind));
        }
        if length > 127 {
            return None;
        }
        next = next_line(bytes, stop)?;
    }
    None
}

/// Whether the word right before `part` names a hash of more digits than it has.
fn labelled_longer(whole: &str, part: Range<usize>) -> bool {
    const LABELS: [(&str, usize); 6] = [
        ("sha1", 40),
        ("sha-1", 40),
        ("sha256", 64),
        ("sha-256", 64),
        ("sha512", 128),
        ("sha-512", 128),
    ];
    let bytes = &whole.as_bytes()[..part.start];
    let between = bytes
        .iter()
        .rev()
        .take(4)
        .take_while(|byte| matches!(byte, b' ' | b',' | b':' | b';' | b'\t' | b'='))
        .count();
    let before = &bytes[..bytes.len() - between];
    // All of them end in one.
    if !before.last().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    LABELS.iter().any(|(label, digits)| {
        let start = before.len().checked_sub(label.len());
        *digits > part.len()
            && start.is_some_and(|start| before[start..].eq_ignore_ascii_case(label.as_bytes()))
    })
}

fn hex_before(bytes: &[u8], start: usize, end: usize) -> Range<usize> {
    let digits = bytes[start..end]
        .iter()
        .rev()
        .take(129)
        .take_while(|byte| byte.is_ascii_hexdigit())
        .count();
    end - digits..end
}

/// Where the text of the line after `at` begins, if nothing but blanks ends the line of `at`.
fn next_line(bytes: &[u8], at: usize) -> Option<usize> {
    const INDENT: usize = 80;
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r');
    let newline = at
        + bytes[at..]
            .iter()
            .take(4)
            .take_while(|byte| blank(byte))
            .count();
    if bytes.get(newline) != Some(&b'\n') {
        return None;
    }
    let next = newline
        + 1
        + bytes[newline + 1..]
            .iter()
            .take(INDENT)
            .take_while(|byte| blank(byte))
            .count();
    bytes.get(next).filter(|byte| **byte != b'\n').map(|_| next)
}
