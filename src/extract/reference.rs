//! References to public registers: CVE, autonomous systems, MITRE ATT&CK. Enter at [`scan`].

use std::ops::Range;

use memchr::memmem;

use crate::extract::candidate::{Candidate, Text};
use crate::extract::token::{self, DIGIT, HEX, LETTER, REFERENCE};
use crate::indicator::Kind;

/// Longest run of letters and digits that can be part of one: an ASN of ten digits.
const LONGEST: usize = 13;

/// Finds CVE, ASN and ATT&CK identifiers.
pub(crate) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let bytes = text.str().as_bytes();
    let mut attack = None;
    for token in text.tokens() {
        if !token.has(DIGIT)
            || !token.has(REFERENCE) && !is_continued(bytes, token.start)
            || token.end - token.start > LONGEST && token.bits & !(DIGIT | HEX | REFERENCE) == 0
        {
            continue;
        }
        let mut at = token.start;
        while at < token.end {
            let length = token::span(&bytes[at..token.end], DIGIT | HEX | LETTER);
            let run = at..at + length;
            if (1..=LONGEST).contains(&length)
                && bytes[run.end - 1].is_ascii_digit()
                && may_be_one(bytes, &run)
            {
                let candidate = cve(text, &run)
                    .or_else(|| asn(text, &run))
                    .or_else(|| technique(text, &run, &mut attack));
                found.extend(candidate);
            }
            at = run.end + 1;
        }
    }
}

/// Whether `run` begins like one of them, or is a number behind what may divide one: few are.
fn may_be_one(bytes: &[u8], run: &Range<usize>) -> bool {
    match &bytes[run.clone()] {
        [b'0'..=b'9', ..] => may_follow(&bytes[..run.start], run.len()),
        [b'A' | b'a', b'S' | b's', ..] => true,
        [b'T' | b't' | b'M' | b'S' | b'G', rest @ ..] => matches!(rest.len(), 4 | 5),
        _ => false,
    }
}

/// Whether a number of `length` digits may follow `before`: a year and a divider, or a label and one or two.
fn may_follow(before: &[u8], length: usize) -> bool {
    match before {
        [.., 0x80..=0xff] => true,
        [.., b'0'..=b'9', b'-' | b'_' | b' ' | b':'] => (4..=7).contains(&length),
        [.., b'S' | b's' | b'N' | b'n', b'-' | b'_' | b' ' | b':']
        | [.., b'-' | b'_' | b' ' | b':' | 0x80..=0xff, b' '] => true,
        _ => false,
    }
}

/// Whether the word that begins at `at` may be the number behind `AS `, `ASN: ` or `CVE-2021 `, or the year
/// behind `CVE `.
fn is_continued(bytes: &[u8], at: usize) -> bool {
    match &bytes[..at] {
        [.., b'1' | b'2', b'0' | b'9', b'0'..=b'9', b'0'..=b'9', b' '] => true,
        [.., last, b' '] => matches!(
            last,
            b'E' | b'e' | b'S' | b's' | b'N' | b'n' | b'-' | b'_' | b':' | 0x80..
        ),
        _ => false,
    }
}

fn all_digits(bytes: &[u8]) -> bool {
    bytes.iter().all(u8::is_ascii_digit)
}

/// Whether a name goes on at `at` or before it.
fn joins(byte: Option<&u8>) -> bool {
    byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}

/// Length of one hyphen, dash, underscore or blank that ends at `end`.
fn separator_before(text: &str, end: usize) -> usize {
    text[..end]
        .chars()
        .next_back()
        .filter(|letter| is_separator(*letter))
        .map_or(0, char::len_utf8)
}

fn is_separator(letter: char) -> bool {
    matches!(
        letter,
        '-' | '_' | ' ' | ':' | '\u{a0}' | '\u{2010}'..='\u{2014}' | '\u{2212}'
    )
}

/// `CVE-2021-44228`, from the run of its number.
fn cve(text: &Text<'_>, number: &Range<usize>) -> Option<Candidate> {
    let whole = text.str();
    let bytes = whole.as_bytes();
    if !(4..=7).contains(&number.len())
        || !all_digits(&bytes[number.clone()])
        || joins(bytes.get(number.end))
    {
        return None;
    }
    let year_end = number.start - separator_before(whole, number.start);
    let year_start = year_end
        .checked_sub(4)
        .filter(|_| year_end < number.start)?;
    let year: u32 = whole.get(year_start..year_end)?.parse().ok()?;
    let mut word_end = year_start - separator_before(whole, year_start);
    if word_end < year_start && whole[word_end..year_start] == *" " {
        // `CVE: 2021-44228`, `CVE - 2021-44228`.
        word_end -= separator_before(whole, word_end);
    }
    let start = word_end.checked_sub(3).filter(|_| word_end < year_start)?;
    if !(1999..=2099).contains(&year)
        || !bytes[start..word_end].eq_ignore_ascii_case(b"cve")
        || start > 0 && joins(bytes.get(start - 1))
    {
        return None;
    }
    let value = format!("CVE-{year}-{}", &whole[number.clone()]);
    Some(Candidate {
        kind: Kind::Cve,
        value,
        span: start..number.end,
        defanged: false,
        confidence: 98,
    })
}

/// `AS64496`, `ASN 64496`.
fn asn(text: &Text<'_>, run: &Range<usize>) -> Option<Candidate> {
    let whole = text.str();
    let bytes = whole.as_bytes();
    let digits = run.start
        + bytes[run.clone()]
            .iter()
            .take_while(|byte| byte.is_ascii_alphabetic())
            .count();
    if !all_digits(&bytes[digits..run.end])
        || bytes[digits] == b'0'
        || digits == run.end
        || joins(bytes.get(run.end))
    {
        return None;
    }
    if matches!(bytes.get(run.end), Some(b'.' | b'-'))
        && bytes
            .get(run.end + 1)
            .is_some_and(u8::is_ascii_alphanumeric)
    {
        return None;
    }
    let (start, long) = if digits > run.start {
        let label = &bytes[run.start..digits];
        let long = label.eq_ignore_ascii_case(b"asn");
        if !long && !label.eq_ignore_ascii_case(b"as") {
            return None;
        }
        (run.start, long)
    } else {
        spaced_label(whole, run.start)?
    };
    if start > 0
        && (joins(bytes.get(start - 1))
            || matches!(
                bytes[start - 1],
                b'.' | b'-' | b'/' | b'\\' | b'@' | b'%' | b'='
            ))
        && !follows_url_slash(bytes, start)
    {
        return None;
    }
    let number: u32 = whole[digits..run.end].parse().ok()?;
    // AS2 and AS4 are protocols of data exchange, AS400 a computer.
    if !long && number < 100 || number == 400 {
        return None;
    }
    let confidence = if digits > run.start { 95 } else { 85 };
    Some(Candidate {
        kind: Kind::Asn,
        value: format!("AS{number}"),
        span: start..run.end,
        defanged: false,
        confidence,
    })
}

fn follows_url_slash(bytes: &[u8], start: usize) -> bool {
    bytes[start - 1] == b'/' || bytes[start - 1] == b'='
}

/// `AS 64496`: start of the label before digits at `at`, and whether it is the long form.
fn spaced_label(whole: &str, at: usize) -> Option<(usize, bool)> {
    let bytes = whole.as_bytes();
    let end = at - separator_before(whole, at);
    let end = if end < at && bytes[end] == b' ' {
        end - separator_before(whole, end)
    } else {
        end
    };
    if end == at || whole[end..at].contains('_') {
        return None;
    }
    if end >= 3 && bytes[end - 3..end].eq_ignore_ascii_case(b"asn") {
        return Some((end - 3, true));
    }
    let start = end
        .checked_sub(2)
        .filter(|start| bytes[*start..end] == *b"AS")?;
    // `JUST AS 2024`: a word in a shout.
    let shout = start > 1
        && bytes[start - 1] == b' '
        && bytes[start - 2].is_ascii_uppercase()
        && bytes[..start - 1].ends_with(b"T AS");
    (!shout).then_some((start, false))
}

/// `T1059`, `T1059.001`, `TA0002`, `M1036`; groups and software where the text speaks of ATT&CK.
fn technique(text: &Text<'_>, run: &Range<usize>, attack: &mut Option<bool>) -> Option<Candidate> {
    let whole = text.str();
    let bytes = whole.as_bytes();
    let id = &bytes[run.clone()];
    let tactic = id.len() == 6
        && id[..2].eq_ignore_ascii_case(b"ta")
        && all_digits(&id[2..])
        && id[2] == b'0';
    let plain = id.len() == 5
        && id[0].is_ascii_alphabetic()
        && all_digits(&id[1..])
        && matches!(id[1], b'0' | b'1');
    if !tactic && !plain
        || run.start > 0
            && (joins(bytes.get(run.start - 1))
                || matches!(bytes[run.start - 1], b'.' | b'-' | b'@')
                    // The tags of Sigma rules: `attack.t1218.011`.
                    && !bytes[..run.start].ends_with(b"attack."))
    {
        return None;
    }
    let mut end = run.end;
    let fits = tactic
        || match id[0].to_ascii_uppercase() {
            b'T' => true,
            b'M' => id[0] == b'M' && id[1] == b'1',
            b'S' | b'G' => {
                id[0].is_ascii_uppercase() && *attack.get_or_insert_with(|| speaks_of_attack(whole))
            }
            _ => false,
        };
    if !fits {
        return None;
    }
    let mut value = whole[run.clone()].to_ascii_uppercase();
    let separator = bytes.get(end).copied();
    let digits = bytes[(end + 1).min(bytes.len())..]
        .iter()
        .take(4)
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let in_url = separator == Some(b'/') && bytes[..run.start].ends_with(b"techniques/");
    if value.starts_with('T') && !tactic && (separator == Some(b'.') || in_url) && digits > 0 {
        if digits != 3 || joins(bytes.get(end + 4)) {
            return None;
        }
        value = format!("{value}.{}", &whole[end + 1..end + 4]);
        end += 4;
    }
    if joins(bytes.get(end))
        || matches!(bytes.get(end), Some(b'-' | b'.' | b'@')) && joins(bytes.get(end + 1))
    {
        return None;
    }
    Some(Candidate {
        kind: Kind::MitreAttack,
        value,
        span: run.start..end,
        defanged: false,
        confidence: 90,
    })
}

/// Whether the text names the ATT&CK register anywhere.
fn speaks_of_attack(text: &str) -> bool {
    ["ATT&CK", "attack.mitre.org", "MITRE", "Mitre"]
        .iter()
        .any(|name| memmem::find(text.as_bytes(), name.as_bytes()).is_some())
}
