//! Names and labels that one word announces: YARA rules, TLP labels, CWE entries.

use std::ops::Range;

use super::{candidate, stands_alone};
use crate::extract::candidate::{Candidate, Text};
use crate::indicator::Kind;

/// Longest name of a rule, in bytes.
const NAME: usize = 128;
/// How far behind the name of a rule its body may begin, in bytes: there are tags in between.
const TAGS: usize = 256;

/// `rule NAME {` or `rule NAME : tag {`, from the word `rule ` on.
pub(super) fn rule(text: &Text<'_>, word: &Range<usize>) -> Option<Candidate> {
    let bytes = text.str().as_bytes();
    let start = word.end
        + bytes[word.end..]
            .iter()
            .take(8)
            .take_while(|b| **b == b' ')
            .count();
    let length = bytes[start..]
        .iter()
        .take(NAME + 1)
        .take_while(|b| is_name(**b))
        .count();
    let end = start + length;
    if !(1..=NAME).contains(&length)
        || bytes[start].is_ascii_digit()
        || !stands_alone(text.str(), &(word.start..end))
    {
        return None;
    }
    let behind = &bytes[end..bytes.len().min(end + TAGS)];
    let open = behind.iter().position(|byte| *byte == b'{')?;
    let between = behind[..open].trim_ascii();
    let is_tags = |tags: &[u8]| {
        !tags.trim_ascii().is_empty()
            && tags
                .iter()
                .all(|byte| is_name(*byte) || byte.is_ascii_whitespace())
    };
    if !between.is_empty() && !between.strip_prefix(b":").is_some_and(is_tags) {
        return None;
    }
    let value = text.str()[start..end].to_owned();
    Some(candidate(Kind::YaraRule, value, start..end, 90))
}

fn is_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

/// `TLP:AMBER+STRICT`, from the word `TLP:` on. WHITE is what TLP 1 called CLEAR.
pub(super) fn tlp(text: &Text<'_>, word: &Range<usize>) -> Option<Candidate> {
    // The longer of two labels that begin alike stands first.
    const LABELS: &[(&str, &str)] = &[
        ("AMBER+STRICT", "TLP:AMBER+STRICT"),
        ("AMBER", "TLP:AMBER"),
        ("CLEAR", "TLP:CLEAR"),
        ("GREEN", "TLP:GREEN"),
        ("RED", "TLP:RED"),
        ("WHITE", "TLP:CLEAR"),
    ];
    let bytes = text.str().as_bytes();
    let start = word.end + usize::from(bytes.get(word.end) == Some(&b' '));
    LABELS.iter().find_map(|(label, value)| {
        let end = start + label.len();
        let said = bytes.get(start..end)?;
        let span = word.start..end;
        (said.eq_ignore_ascii_case(label.as_bytes()) && stands_alone(text.str(), &span))
            .then(|| candidate(Kind::Tlp, (*value).to_owned(), span, 98))
    })
}

/// `CWE-79`, from the word `CWE-` on.
pub(super) fn cwe(text: &Text<'_>, word: &Range<usize>) -> Option<Candidate> {
    let bytes = text.str().as_bytes();
    let digits = bytes[word.end..]
        .iter()
        .take(5)
        .take_while(|b| b.is_ascii_digit())
        .count();
    let end = word.end + digits;
    let number = &text.str()[word.end..end];
    let span = word.start..end;
    let is_number = (1..=4).contains(&digits) && !number.starts_with('0');
    (is_number && stands_alone(text.str(), &span))
        .then(|| candidate(Kind::Cwe, format!("CWE-{number}"), span, 98))
}
