//! Command lines. Enter at [`scan`].
//!
//! A command fills a line, a table cell, a quotation or what follows a colon; it starts with an
//! interpreter or a tool that intruders live off, and has arguments. Prose that merely names a tool
//! is none. The value is what was written; where it was broken over lines, joined.

mod shape;
mod tools;
mod wrap;

use crate::extract::candidate::{Candidate, Text};
use crate::extract::context::label;
use crate::extract::token::{self, DIGIT, HEX, HYPHEN, LETTER, UNDERSCORE};
use crate::indicator::Kind;

/// Longest command line followed, in bytes: what `cmd.exe` takes.
const LONGEST: usize = 8_191;
/// How far the end of a quotation is looked for, in bytes: every mark on a line may open one.
const QUOTED: usize = 2_048;
/// Longest stretch that may stand before a command as its prompt, in bytes.
const PROMPT: usize = 80;
/// How far its prompt and its first word may reach, in bytes.
const NEAR: usize = 512;

/// What may stand before a command in a list or in a tree of processes.
const BULLETS: [char; 12] = [
    '•', '*', '-', '–', '+', '·', '│', '├', '└', '─', '╰', '\u{a0}',
];

/// What stands before a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    /// The start of a line or a tab.
    Cell,
    /// A quotation mark or backtick that this one closes.
    Quote(char),
    /// A star that opens emphasis.
    Emphasis,
    /// A colon and a space.
    Colon,
}

/// Finds command lines.
pub(crate) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let mut done = 0;
    let mut cell_end = None;
    for (at, opening) in openings(text) {
        if at >= done
            && may_begin(text.str(), at, opening)
            && let Some(one) = read(text, at, opening, &mut cell_end)
        {
            done = one.span.end;
            found.push(one);
        }
    }
}

/// Every place at which a command may start, rising.
fn openings(text: &Text<'_>) -> impl Iterator<Item = (usize, Opening)> {
    let bytes = text.str().as_bytes();
    let opens = move |at: usize| match bytes[at] {
        b':' => Some((at + 2, Opening::Colon)),
        // “ is E2 80 9C.
        0x9C => bytes[..at]
            .ends_with(&[0xE2, 0x80])
            .then_some((at + 1, Opening::Quote('”'))),
        b'*' => Some((at + 1, Opening::Emphasis)),
        // Behind a letter a mark closes, or is an apostrophe.
        mark @ (b'"' | b'`' | b'\'') => {
            let inside = at > 0 && bytes[at - 1].is_ascii_alphanumeric();
            (!inside).then_some((at + 1, Opening::Quote(char::from(mark))))
        }
        _ => Some((at + 1, Opening::Cell)),
    };
    std::iter::once((0, Opening::Cell)).chain(text.marks().iter().copied().filter_map(opens))
}

/// Whether the first bytes at `at` leave it open that a command starts there. Nearly every place fails
/// here, at the price of its first word.
fn may_begin(whole: &str, at: usize, opening: Opening) -> bool {
    let bytes = whole.as_bytes();
    let near = &bytes[at..bytes.len().min(at + NEAR)];
    let blanks = near.iter().take_while(|byte| **byte == b' ').count();
    let near = &near[blanks..];
    match near.first() {
        Some(byte) if byte.is_ascii_alphanumeric() => {}
        Some(b'"' | b'\'' | b'%' | b'$' | b'.' | b'/' | b'\\' | b'~' | b'@' | b'<' | 0x80..) => {
            return true;
        }
        Some(b'\n' | b'\t') | None => return false,
        Some(byte) => {
            let bullet = BULLETS.contains(&char::from(*byte));
            return opening == Opening::Cell && (bullet || has_prompt_mark(near));
        }
    }
    let plain = token::span(near, DIGIT | HEX | LETTER | HYPHEN | UNDERSCORE);
    if opening == Opening::Quote('"') && near[plain..].starts_with(b"\"") {
        // A string of one word, or a quote that is escaped by another.
        return near[plain..].starts_with(b"\"\"");
    }
    if near.get(plain) != Some(&b' ') {
        // A word alone is no command.
        return match memchr::memchr3(b' ', b'\n', b'\t', &near[plain..]) {
            Some(end) => near[plain + end] == b' ',
            None => near.len() == NEAR - blanks,
        };
    }
    // A first word of letters must be a tool, where no prompt follows and no schedule begins.
    let start = at + blanks;
    let word = &whole[start..start + plain];
    tools::needs(word).is_some()
        || opening == Opening::Cell
            && (word.bytes().all(|byte| byte.is_ascii_digit()) || may_be_prompt(word, near))
}

/// Whether `line`, which begins with `word` and a blank, may begin with a prompt: that of PowerShell, or one
/// with the name of a host.
fn may_be_prompt(word: &str, line: &[u8]) -> bool {
    let window = &line[..line.len().min(PROMPT)];
    (word == "PS" || memchr::memchr(b'@', window).is_some()) && has_prompt_mark(window)
}

/// Whether one of the marks that end a prompt stands near the start of a line.
fn has_prompt_mark(line: &[u8]) -> bool {
    let window = &line[..line.len().min(PROMPT)];
    memchr::memchr3(b'>', b'$', b'#', window).is_some()
}

/// The command that starts at `at` and goes on at most to the end of its line or cell. `cell_end` is
/// kept from one place to the next, so that a long line with many of them is searched once.
fn read(
    text: &Text<'_>,
    at: usize,
    opening: Opening,
    cell_end: &mut Option<usize>,
) -> Option<Candidate> {
    let whole = text.str();
    // Nearly every place fails here: it must cost little, whatever the length of the line.
    let near = cell(&whole[at..whole.floor_char_boundary(at.saturating_add(NEAR))]);
    let skipped = skip_prompt(near, opening);
    let head = shape::head(&near[skipped..])?;
    let start = at + skipped;
    let reach = match opening {
        Opening::Quote(_) | Opening::Emphasis => QUOTED,
        Opening::Cell | Opening::Colon => LONGEST - skipped,
    };
    let end = match *cell_end {
        Some(end) if start <= end => end,
        _ => *cell_end.insert(start + cell(&whole[start..]).len()),
    };
    let rough = &whole[start..whole.floor_char_boundary(end.min(start.saturating_add(reach)))];
    let said = opening == Opening::Cell && is_labelled(text, start);
    let line = match opening {
        Opening::Quote(mark) => &rough[..closing(rough, mark)?],
        Opening::Emphasis => &rough[..closing_emphasis(rough)?],
        // `*cmd /c dir*` on a line of its own.
        Opening::Cell | Opening::Colon if whole[..start].ends_with('*') => {
            &rough[..closing_emphasis(rough).unwrap_or(rough.len())]
        }
        Opening::Cell => rough,
        Opening::Colon => sentence(rough),
    };
    let line = line.trim_end();
    let fills = matches!(opening, Opening::Cell | Opening::Colon) && start + line.len() == end;
    let line = if matches!(opening, Opening::Quote(_)) || said {
        line
    } else {
        without_full_stop(line)
    };
    if line.len() <= head.end {
        return None;
    }
    let arguments = line[head.end..].trim_start_matches(['"', '\'']).trim();
    let confidence = if said && arguments.contains(|c: char| !c.is_alphabetic()) {
        90
    } else if shape::is_command(&head, arguments) {
        85
    } else {
        return None;
    };
    if arguments.is_empty() {
        return None;
    }
    let span = start..start + line.len();
    let (value, span) = fills
        .then(|| wrap::extend(text, span.clone()))
        .flatten()
        .unwrap_or_else(|| {
            // The pipe that ends a row of a table whose reader saw none.
            let kept = line.trim_end_matches(" |");
            (kept.to_owned(), start..start + kept.len())
        });
    Some(Candidate {
        kind: Kind::Command,
        value,
        span,
        defanged: false,
        confidence,
    })
}

/// Whether the table says that this cell holds a command.
fn is_labelled(text: &Text<'_>, at: usize) -> bool {
    label::of(text, at).is_some_and(|label| {
        let label = label.to_ascii_lowercase();
        label.contains("command") && !label.contains("and control")
            || label.contains("cmdline")
            || label == "cmd"
    })
}

/// `rest` up to the end of its line or table cell.
fn cell(rest: &str) -> &str {
    &rest[..memchr::memchr2(b'\n', b'\t', rest.as_bytes()).unwrap_or(rest.len())]
}

/// Length of what stands before a command on a line of a session or list: `$ `, `PS C:\> `, `- `.
fn skip_prompt(cell: &str, opening: Opening) -> usize {
    let blank = cell.len() - cell.trim_start().len();
    let mut rest = &cell[blank..];
    if opening == Opening::Cell {
        rest = match schedule(rest) {
            0 => rest.trim_start_matches(|c| BULLETS.contains(&c) || c == ' '),
            scheduled => &rest[scheduled..],
        };
        let near = &rest[..rest.floor_char_boundary(PROMPT)];
        let is_prompt = |head: &str| {
            head.starts_with("PS ")
                || head.contains(":\\") && !head.contains(' ')
                || head.contains('@')
                || head.trim().is_empty()
        };
        let prompt = memchr::memchr3(b'>', b'$', b'#', near.as_bytes())
            .filter(|at| is_prompt(&near[..*at]) && near[*at..].len() > 1);
        if let Some(at) = prompt {
            let after = &rest[at + 1..];
            let session = after.starts_with(' ') || rest[..at].contains(":\\");
            rest = if session { after.trim_start() } else { rest };
        }
    }
    cell.len() - rest.len()
}

/// Length of the schedule that opens a line of a crontab: five fields or a name, and the user.
fn schedule(line: &str) -> usize {
    const FIELDS: usize = 5;
    // Few lines begin like one.
    if !line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '*' | '/' | ',' | '-' | '@')) {
        return 0;
    }
    let near = &line[..line.floor_char_boundary(PROMPT)];
    let is_field = |word: &str| {
        word.contains(|c: char| c.is_ascii_digit() || c == '*')
            && word
                .bytes()
                .all(|byte| byte.is_ascii_digit() || matches!(byte, b'*' | b'/' | b',' | b'-'))
    };
    let mut at = 0;
    let mut fields = 0;
    for word in near.split_inclusive([' ', '\t']) {
        let bare = word.trim_end();
        if fields == 0 && matches!(bare, "@reboot" | "@hourly" | "@daily") {
            fields = FIELDS;
        } else if fields < FIELDS && is_field(bare) {
            fields += 1;
        } else if fields == FIELDS && bare == "root" {
            return at + word.len();
        } else {
            break;
        }
        at += word.len();
    }
    if fields == FIELDS { at } else { 0 }
}

/// Where the emphasis ends that a star opened: at one that is no wildcard.
fn closing_emphasis(rest: &str) -> Option<usize> {
    rest.match_indices('*').map(|(at, _)| at).find(|at| {
        let wild = rest[..*at].ends_with([' ', '\\', '/', '*', '.']);
        let behind = rest[at + 1..].chars().next();
        !wild && behind.is_none_or(|c| !c.is_alphanumeric() && !matches!(c, '.' | '\\' | '/'))
    })
}

/// Where the quotation ends that `mark` closes; an escaped mark (`\"`, `""`) does not.
fn closing(rest: &str, mark: char) -> Option<usize> {
    let end = rest.match_indices(mark).map(|(at, _)| at).find(|at| {
        let doubled =
            mark == '"' && (rest[..*at].ends_with('"') || rest[at + 1..].starts_with('"'));
        !rest[..*at].ends_with('\\') && !doubled
    });
    // An apostrophe inside an argument ends nothing, and what lies beyond cannot be told.
    end.filter(|at| {
        let behind = rest[*at..].chars().nth(1);
        mark != '\''
            || behind.is_none_or(|c| c.is_whitespace() || matches!(c, '.' | ',' | ';' | ')'))
    })
}

/// `line` up to the end of the first sentence, where another follows it.
fn sentence(line: &str) -> &str {
    let end = line.match_indices(". ").map(|(at, _)| at).find(|at| {
        let next = line[at + 2..].split(' ').next().unwrap_or_default();
        line[..*at].ends_with(|c: char| c.is_alphanumeric() || matches!(c, '"' | '\'' | ')'))
            && next.starts_with(char::is_uppercase)
            && next.chars().skip(1).all(char::is_lowercase)
    });
    end.map_or(line, |end| &line[..=end])
}

/// `line` without the full stop of the sentence that it closes.
fn without_full_stop(line: &str) -> &str {
    match line.strip_suffix(['.', ';', ',']) {
        Some(kept)
            if kept.ends_with(|c: char| {
                c.is_alphanumeric() || matches!(c, '"' | '\'' | ')' | '”')
            }) =>
        {
            kept
        }
        _ => line,
    }
}

#[cfg(test)]
mod tests;
