//! What a label is followed by on its line: `Mutex name: "x"`, `"mutex": "x"`, `a mutex named x`. Enter at [`after`].

use std::ops::Range;

use super::below::trimmed;
use crate::extract::candidate::Text;

/// How far behind a label its value may begin, in bytes.
const REACH: usize = 40;
/// Longest value, in bytes.
pub(super) const LONGEST: usize = 512;

/// A value behind a label.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// What stood in quotes, without them.
    Quoted(Range<usize>),
    /// The rest of the line or cell behind a colon or the like.
    Rest(Range<usize>),
    /// The rest of the line or cell right behind the label.
    Bare(Range<usize>),
}

/// What stands behind a label that ends at `end`. Words of `glue` may stand in between; those of `naming` say
/// as much as a colon.
pub(super) fn after(text: &Text<'_>, end: usize, glue: &[&str], naming: &[&str]) -> Option<Said> {
    let whole = text.str();
    let bytes = whole.as_bytes();
    let line_end = whole.floor_char_boundary(text.line_at(end).end.min(end + REACH + LONGEST));
    let plain = |span| trimmed(whole, span, &['*']);
    // The quote that closes a key.
    let mut at = end + usize::from(matches!(bytes.get(end), Some(b'"' | b'\'' | b'`')));
    let mut is_separated = false;
    while at < line_end && at <= end + REACH {
        let next = whole[at..line_end].chars().next()?;
        if let Some(close) = closing(next) {
            let start = at + next.len_utf8();
            let length = whole[start..line_end].find(close)?;
            return (length > 0).then(|| Said::Quoted(plain(start..start + length)));
        }
        match next {
            ' ' | '*' | '_' | '-' | '>' => at += 1,
            ':' | '=' | '\t' | '|' | '(' => {
                is_separated = true;
                at += 1;
            }
            _ => {
                let rest = &whole[at..line_end];
                let length = rest.find(['\t', '|', '<', '\r']).unwrap_or(rest.len());
                let value = plain(at..at + length);
                if is_separated {
                    return Some(Said::Rest(value));
                }
                let word = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
                let is = |words: &[&str]| {
                    words
                        .iter()
                        .any(|known| known.eq_ignore_ascii_case(&rest[..word]))
                };
                is_separated = is(naming);
                if !is_separated && !is(glue) {
                    return Some(Said::Bare(value));
                }
                at += word;
            }
        }
    }
    None
}

/// The quote that closes what `open` opens.
fn closing(open: char) -> Option<char> {
    match open {
        '"' | '\'' | '`' => Some(open),
        '“' | '”' => Some('”'),
        '‘' | '’' => Some('’'),
        '«' => Some('»'),
        _ => None,
    }
}

/// Whether a value says that there is none.
pub(super) fn says_nothing(value: &str) -> bool {
    const NOTHING: &[&str] = &[
        "created", "false", "n/a", "nan", "no", "none", "null", "true", "unknown", "yes",
    ];
    NOTHING.iter().any(|word| word.eq_ignore_ascii_case(value))
}
