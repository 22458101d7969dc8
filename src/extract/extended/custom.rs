//! Kinds that the settings define: a name and a pattern. Enter at [`scan`].
//!
//! Patterns are those of the [regex](https://docs.rs/regex) crate, which never backtracks. Going from match to
//! match may still take a square of the text for patterns that look far ahead, so that each looks at one line at a
//! time, and at one piece of a long line.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use regex::{Regex, RegexBuilder};
use serde::{Deserialize, Serialize};

use super::candidate;
use crate::extract::candidate::{Candidate, Text};
use crate::indicator::{CustomKind, Kind, UnknownCustomKind};

/// Longest pattern, in bytes.
const PATTERN: usize = 1_000;
/// Memory that one compiled pattern may take, in bytes.
const COMPILED: usize = 1 << 20;
/// Longest line that is read in one piece, in bytes. A longer one is cut, at a blank where there is one.
const PIECE: usize = 4 << 10;
/// How sure a pattern is of the form: it defines it.
const CONFIDENCE: u8 = 90;

/// A kind that the settings define, as `name=pattern`.
///
/// A value is what the pattern matches within a line: its first group, where it has one.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct CustomRule {
    kind: CustomKind,
    regex: Regex,
}

/// A text that is no [`CustomRule`], and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct InvalidRule(String);

impl FromStr for CustomRule {
    type Err = InvalidRule;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, pattern) = text
            .split_once('=')
            .ok_or_else(|| InvalidRule(format!("{text:?} is not of the form name=pattern")))?;
        let kind: CustomKind = name
            .trim()
            .parse()
            .map_err(|error: UnknownCustomKind| InvalidRule(error.to_string()))?;
        let refused = |why: String| InvalidRule(format!("the pattern of {kind:?} {why}"));
        if pattern.len() > PATTERN {
            return Err(refused(format!("is longer than {PATTERN} bytes")));
        }
        // It would also grow sixfold on its way to the reader, which takes it as an argument.
        if pattern.contains(|c: char| c.is_control() && c != '\t') {
            return Err(refused(
                r"holds a control character: write it as \x00 to \x1f".to_owned(),
            ));
        }
        let regex = RegexBuilder::new(pattern)
            .multi_line(true)
            .size_limit(COMPILED)
            .dfa_size_limit(COMPILED)
            .build()
            .map_err(|error| refused(format!("does not compile: {error}")))?;
        if regex.is_match("") {
            return Err(refused("matches where nothing is".to_owned()));
        }
        Ok(Self { kind, regex })
    }
}

impl TryFrom<String> for CustomRule {
    type Error = InvalidRule;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<CustomRule> for String {
    fn from(rule: CustomRule) -> Self {
        rule.to_string()
    }
}

impl fmt::Display for CustomRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}={}", self.kind.as_str(), self.regex)
    }
}

/// Finds the values of `rules`.
pub(in crate::extract) fn scan(text: &Text<'_>, rules: &[CustomRule], found: &mut Vec<Candidate>) {
    let whole = text.str();
    // Most patterns match nothing in most texts, and one look over all of it says so.
    for rule in rules.iter().filter(|rule| rule.regex.is_match(whole)) {
        for piece in pieces(whole) {
            let offset = piece.start;
            let values = rule.values(&whole[piece]);
            found.extend(values.map(|(value, span)| {
                let span = offset + span.start..offset + span.end;
                candidate(Kind::Custom(rule.kind), value.to_owned(), span, CONFIDENCE)
            }));
        }
    }
}

impl CustomRule {
    /// The kind that it defines.
    #[must_use]
    pub fn kind(&self) -> Kind {
        Kind::Custom(self.kind)
    }

    fn values<'t>(&self, piece: &'t str) -> impl Iterator<Item = (&'t str, Range<usize>)> {
        let group = usize::from(self.regex.captures_len() > 1);
        self.regex
            .captures_iter(piece)
            .filter_map(move |captures| captures.get(group))
            .filter(|hit| !hit.as_str().trim().is_empty())
            .map(|hit| (hit.as_str(), hit.range()))
    }
}

/// The lines of `whole`, long ones in pieces.
fn pieces(whole: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at;
        let rest = whole.get(start..).filter(|rest| !rest.is_empty())?;
        let window = &rest[..rest.floor_char_boundary(PIECE)];
        let cut = |end: usize| start..start + end;
        let (piece, next) = match memchr::memchr(b'\n', window.as_bytes()) {
            Some(end) => (cut(end), end + 1),
            None if window.len() == rest.len() => (cut(rest.len()), rest.len()),
            None => {
                let end = window
                    .rfind([' ', '\t'])
                    .map_or(window.len(), |blank| blank + 1);
                (cut(end), end)
            }
        };
        at = start + next;
        Some(piece)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::extract::scan_with;

    fn values(rule: &str, text: &str) -> Vec<String> {
        let document = Document {
            text: text.into(),
            ..Document::default()
        };
        let rule: CustomRule = rule.parse().unwrap();
        scan_with(&document, None, &[rule])
            .findings
            .into_iter()
            .filter(|finding| matches!(finding.kind, Kind::Custom(_)))
            .map(|finding| finding.value)
            .collect()
    }

    #[test]
    fn a_value_is_what_the_pattern_or_its_first_group_matches() {
        assert_eq!(
            values(r"x_case=CASE-\d+", "CASE-1, CASE-22\nCASE-1"),
            ["CASE-1", "CASE-22"]
        );
        assert_eq!(
            values(r"x_case=(?i)case (\d+)", "Case 12 and CASE 13"),
            ["12", "13"]
        );
        assert_eq!(
            values(r"x_case=^id=(\w+)$", "id=a\nid=b c\nid=d"),
            ["a", "d"]
        );
        assert_eq!(values(r"x_case=a\s+b", "a\nb"), Vec::<String>::new());
    }

    #[test]
    fn a_long_line_is_read_in_pieces_that_end_at_blanks() {
        let text = "CASE-7 ".repeat(3_000) + &"x".repeat(10_000) + " CASE-8";
        assert_eq!(values(r"x_case=\bCASE-\d\b", &text), ["CASE-7", "CASE-8"]);
        assert!(pieces(&text).all(|piece| piece.len() <= PIECE));
        assert_eq!(
            pieces(&text).map(|piece| piece.len()).sum::<usize>(),
            text.len()
        );
    }

    #[test]
    fn a_pattern_that_looks_to_the_end_for_every_match_takes_no_square_of_time() {
        let text = "A".repeat(1 << 18);
        assert_eq!(values("x_a=[A-Z].*[0-9]|[A-Z]", &text), ["A"]);
    }

    #[test]
    fn what_cannot_be_a_rule_is_refused_in_words() {
        let long = format!("x_a={}", "a".repeat(PATTERN + 1));
        for (rule, why) in [
            ("x_a", "name=pattern"),
            ("ipv4=a", "names no kind"),
            ("x_a=(", "unclosed group"),
            ("x_a=a*", "where nothing is"),
            ("x_a=", "where nothing is"),
            ("x_a=a\u{1}", "control character"),
            (r"x_a=\w{900}{900}", "does not compile"),
            (long.as_str(), "longer than"),
        ] {
            let refused = rule.parse::<CustomRule>().unwrap_err().to_string();
            assert!(refused.contains(why), "{rule}: {refused}");
        }
    }

    #[test]
    fn a_rule_survives_the_way_to_the_reader() {
        let rule: CustomRule = r#"x_a="\d=é"#.parse().unwrap();
        let sent = serde_json::to_string(&rule).unwrap();
        let read: CustomRule = serde_json::from_str(&sent).unwrap();
        assert_eq!(read.to_string(), r#"x_a="\d=é"#);
    }
}
