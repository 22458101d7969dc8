//! Commands that a shell, a page or a table cell broke over lines. Enter at [`extend`].
//!
//! A shell says so itself (`^`, `\`, a pipe at the end); a page does not, and there a line is joined
//! only if it cannot stand alone: an open quotation is closed in it, or the one above is wrapped and it
//! begins like an argument. A line that begins with a tool is a command of its own.

use std::ops::Range;

use super::shape;
use super::{LONGEST, cell};
use crate::extract::candidate::Text;

/// Lines that one command may fill.
const LINES: usize = 24;
/// A line shorter than this was not wrapped by a page.
const NARROWEST: usize = 40;
/// A line at least this long may have been, whatever the others are.
const LONG: usize = 60;
/// Letters on both sides of a break that make it one inside a long encoded argument.
const ENCODED: usize = 16;

/// How a line goes on.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seam {
    /// The shell's own mark at its end, which is not part of the command.
    Mark,
    /// A pipe, or the end of a word that a blank follows.
    Word,
    /// Inside a word.
    Inside,
}

/// The command at `line`, joined with the lines it goes on in; `None` if it ends with its line.
pub(super) fn extend(text: &Text<'_>, line: Range<usize>) -> Option<(String, Range<usize>)> {
    let whole = text.str();
    let block = text.block_at(line.start).map(|block| block.span.clone());
    let limit = block.map_or(whole.len(), |block| block.end);
    let mut command = whole[line.clone()].to_owned();
    let mut end = line.end;
    for _ in 1..LINES {
        if whole.as_bytes().get(end) != Some(&b'\n') || end + 1 >= limit {
            break;
        }
        let next = cell(&whole[end + 1..limit]);
        let Some(seam) = seam(text, &command, end, next) else {
            break;
        };
        if command.len() + next.len() > LONGEST {
            break;
        }
        command.truncate(command.trim_end().len());
        if seam == Seam::Mark {
            command.pop();
            command.truncate(command.trim_end().len());
        }
        if seam != Seam::Inside {
            command.push(' ');
        }
        command.push_str(next.trim());
        end += 1 + next.len();
    }
    (end > line.end).then(|| {
        let kept = whole[..end].trim_end().len();
        (command, line.start..kept)
    })
}

/// How `command`, whose last line ends at `end`, goes on with `next`; `None` if it does not.
fn seam(text: &Text<'_>, command: &str, end: usize, next: &str) -> Option<Seam> {
    let (above, below) = (command.trim_end(), next.trim());
    if below.is_empty() {
        return None;
    }
    let escaped = above.ends_with(" \\") || above.ends_with(" `");
    if escaped || above.ends_with('^') && !above.ends_with("^^") {
        return Some(Seam::Mark);
    }
    let line = text.line_at(end);
    let long = line.len() >= LONG || text.wraps(&line);
    if long && awaits_value(above, below) {
        return Some(Seam::Word);
    }
    let piped = above.ends_with('|') || above.ends_with("&&");
    if shape::head(below).is_some() {
        return piped.then_some(Seam::Word);
    }
    if open_quotation(above) && open_quotation(below) && line.len() >= NARROWEST {
        return Some(seam_of(above, below));
    }
    if long && begins_argument(below) || line.len() >= NARROWEST && encoded(above, below) {
        return Some(seam_of(above, below));
    }
    None
}

fn seam_of(above: &str, below: &str) -> Seam {
    if encoded(above, below) {
        Seam::Inside
    } else {
        Seam::Word
    }
}

/// Whether the break stands inside a long encoded word: `-enc SQBFAFgA…`.
fn encoded(above: &str, below: &str) -> bool {
    let is_code = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let last = above
        .bytes()
        .rev()
        .take(ENCODED)
        .take_while(|byte| is_code(byte));
    let first = below.bytes().take_while(is_code);
    let word = below.split_whitespace().next().unwrap_or_default();
    let hash = matches!(word.len(), 32 | 40 | 64 | 128)
        && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    last.count() == ENCODED
        && !hash
        && first.count() == word.len()
        && (word.len() >= ENCODED || word.ends_with('=') || word.len() == below.len())
        && word.bytes().any(|byte| !byte.is_ascii_lowercase())
}

/// Whether `line` holds one mark of a quotation without the other.
fn open_quotation(line: &str) -> bool {
    line.matches('"').count() % 2 == 1
}

/// Whether `above` ends with an option and `below` begins with what may be its value.
fn awaits_value(above: &str, below: &str) -> bool {
    let option = above.split_whitespace().next_back().unwrap_or_default();
    let value = below.starts_with(['"', '%', '$', '\\'])
        || below.get(1..3) == Some(":\\")
        || below.starts_with("http");
    option.len() > 1 && option.starts_with(['-', '/']) && value
}

/// Whether `line` begins with what only stands behind a command: an option, a pipe, a redirection.
fn begins_argument(line: &str) -> bool {
    let word = line.split_whitespace().next().unwrap_or_default();
    let rest = word.get(1..).unwrap_or_default();
    match word.as_bytes().first() {
        Some(b'-') => rest
            .trim_start_matches('-')
            .starts_with(char::is_alphabetic),
        Some(b'/') => {
            rest.starts_with(|c: char| c.is_alphabetic() || c == '?') && !rest.contains(['/', '.'])
        }
        Some(b'|' | b'>') => rest.is_empty() || word == ">>" || word == "||",
        Some(b'&') => word == "&&" || word == "&",
        Some(b'2') => word.starts_with("2>"),
        _ => false,
    }
}
