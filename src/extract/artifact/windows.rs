//! Windows paths: from a drive, an environment variable, a share, or a folder that Windows has.
//! The same pass over backslashes finds registry keys.

use memchr::memchr_iter;

use super::segment::Walk;
use super::{after, before, candidate, extension, registry, wrap};
use crate::extract::candidate::{Candidate, Text};
use crate::extract::token::runs_on;
use crate::indicator::Kind;

/// How far back from a backslash its root may start, in bytes.
const LONGEST_ROOT: usize = 48;

/// Folders that every reader knows to lie on a Windows disk, lower case.
const FOLDERS: &[&str] = &[
    "$recycle.bin",
    "$windows.~bt",
    "appdata",
    "documents and settings",
    "inetpub",
    "perflogs",
    "program files",
    "program files (x86)",
    "programdata",
    "recycler",
    "system volume information",
    "system32",
    "systemroot",
    "syswow64",
    "users",
    "windows",
    "winnt",
];

/// Where a path starts and where its first part does.
struct Root {
    start: usize,
    from: usize,
    confidence: u8,
}

/// Finds registry keys and Windows paths.
pub(super) fn scan(document: &Text<'_>, found: &mut Vec<Candidate>) {
    let text = document.str();
    let mut done = 0;
    for at in memchr_iter(b'\\', text.as_bytes()) {
        if at < done {
            continue;
        }
        // A run of backslashes is one separator; counted once, or a text of nothing else is quadratic.
        let from = at
            + text.as_bytes()[at..]
                .iter()
                .take_while(|byte| **byte == b'\\')
                .count();
        let read = registry::key(text, at, from).or_else(|| path(text, at, from, done));
        if let Some(mut one) = read {
            wrap::heal(document, &mut one);
            done = one.span.end;
            found.push(one);
        } else {
            done = from;
        }
    }
}

/// A path that starts with a drive and forward slashes, `C:/Users/x`; `at` is its first slash.
pub(super) fn forward(text: &str, at: usize) -> Option<Candidate> {
    let start = match text.as_bytes()[..at].last()? {
        b':' => drive(text, at)?,
        b'%' => variable(text, at, 0)?,
        _ => return None,
    };
    if text[at..].starts_with("//") {
        return None;
    }
    finish(
        text,
        &Root {
            start,
            from: at + 1,
            confidence: 90,
        },
        b'/',
    )
}

/// The path whose first backslashes are `at..from`. Nothing before `done` is looked at again.
fn path(text: &str, at: usize, from: usize, done: usize) -> Option<Candidate> {
    let root = root(text, at, from, done)?;
    finish(text, &root, b'\\')
}

fn finish(text: &str, root: &Root, separator: u8) -> Option<Candidate> {
    let walk = Walk {
        text,
        start: root.start,
        separator,
        spaces: true,
        files: true,
    };
    let end = walk.end(root.from);
    let written = &text[root.start..end];
    let below = text[root.from..end].trim_matches(['\\', '/']);
    if !below.chars().any(char::is_alphanumeric) {
        return None;
    }
    let kept = written.trim_end_matches(['\\', '/']);
    let mut one = candidate(
        Kind::Filepath,
        kept,
        root.start..root.start + kept.len(),
        root.confidence,
    );
    one.value = single_backslashes(&one.value);
    Some(one)
}

/// Doubled backslashes become one; the two that open a share stay.
fn single_backslashes(path: &str) -> String {
    let share = path.starts_with("\\\\");
    let mut value = String::with_capacity(path.len());
    if share {
        value.push('\\');
    }
    for c in path.chars() {
        if c != '\\' || value.len() == usize::from(share) || !value.ends_with('\\') {
            value.push(c);
        }
    }
    value
}

fn root(text: &str, at: usize, from: usize, done: usize) -> Option<Root> {
    if let Some(start) = drive(text, at) {
        return Some(Root {
            start,
            from,
            confidence: 95,
        });
    }
    if let Some(start) = variable(text, at, done) {
        return Some(Root {
            start,
            from,
            confidence: 95,
        });
    }
    if let Some(root) = share(text, at, from) {
        return Some(root);
    }
    folder(text, at, from, done).or_else(|| relative(text, at, from, done))
}

/// The start of `C:` before the separator at `at`.
fn drive(text: &str, at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let letter = at.checked_sub(2)?;
    let is_drive = bytes[at - 1] == b':' && bytes[letter].is_ascii_alphabetic();
    (is_drive
        && before(text, letter).is_none_or(|c| !c.is_alphanumeric() && c != '_' || runs_on(c)))
    .then_some(letter)
}

/// The start of `%NAME%`, `$env:NAME`, `${env:NAME}`, `$HOME` or `~` before the backslash at `at`.
fn variable(text: &str, at: usize, done: usize) -> Option<usize> {
    let floor = text.ceil_char_boundary(at.saturating_sub(LONGEST_ROOT).max(done));
    let head = &text[floor..at];
    if let Some(inside) = head.strip_suffix('%') {
        let open = inside.rfind('%')?;
        let name = &inside[open + 1..];
        let named = !name.is_empty()
            && name.chars().all(|c| {
                c.is_ascii_alphanumeric() || matches!(c, '_' | '(' | ')' | '-' | ' ' | '.')
            });
        return (named && !name.starts_with(' ')).then_some(floor + open);
    }
    if head.ends_with('~') {
        let start = at - 1;
        return before(text, start).is_none_or(opens).then_some(start);
    }
    memchr::memrchr(b'$', head.as_bytes())?;
    let inside = head.strip_suffix('}').unwrap_or(head);
    let rest = inside.trim_end_matches(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':');
    let name = &inside[rest.len()..];
    let dollar = rest.trim_end_matches(['{', '(']);
    let is_variable = dollar.ends_with('$')
        && (name.len() > 4 && name[..4].eq_ignore_ascii_case("env:")
            || name.eq_ignore_ascii_case("home")
            || name.eq_ignore_ascii_case("pshome"));
    is_variable.then(|| floor + dollar.len() - 1)
}

/// A share, `\\host\folder`; also `\\.\pipe\name`.
fn share(text: &str, at: usize, from: usize) -> Option<Root> {
    let doubled = from - at;
    if doubled != 2 && doubled != 4 || before(text, at).is_some_and(|c| !opens(c)) {
        return None;
    }
    let rest = &text[from..text.floor_char_boundary(text.len().min(from + 255))];
    let host = &rest[..rest.find('\\')?];
    let below = &rest[host.len()..];
    let backslashes = below.bytes().take_while(|byte| *byte == b'\\').count();
    let is_host = host == "."
        || host.len() > 1
            && host.chars().all(|c| {
                c.is_alphanumeric()
                    || matches!(c, '.' | '-' | '_' | '@' | '$' | '%' | '<' | '>' | '[' | ']')
            });
    let named = below[backslashes..].starts_with(|c: char| {
        c.is_alphanumeric() || matches!(c, '%' | '<' | '[' | '{' | '$' | '_' | '.')
    });
    // In source code a single backslash is written twice: `\\Software\\X` is no share, `\\x41\\x42` no path.
    let escaped = doubled == 2 && backslashes > 1 || is_escape(host);
    (is_host && named && !escaped && host.chars().any(|c| c.is_alphanumeric() || c == '.'))
        .then_some(Root {
            start: at,
            from,
            confidence: 90,
        })
}

fn is_escape(word: &str) -> bool {
    let hex = word
        .strip_prefix(['x', 'u', 'U'])
        .is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    hex && word.len() <= 9 || word.len() <= 3 && word.bytes().all(|byte| byte.is_ascii_digit())
}

/// A path that starts at a well-known folder, with a backslash before it or without.
fn folder(text: &str, at: usize, from: usize, done: usize) -> Option<Root> {
    let bytes = text.as_bytes();
    let floor = text.ceil_char_boundary(at.saturating_sub(LONGEST_ROOT).max(done));
    let head = &bytes[floor..at];
    for name in FOLDERS {
        let named = head.len().checked_sub(name.len());
        if !named.is_some_and(|from| head[from..].eq_ignore_ascii_case(name.as_bytes())) {
            continue;
        }
        let mut start = at - name.len();
        if start > done && bytes[start - 1] == b'\\' {
            start -= 1;
        }
        if before(text, start).is_none_or(opens) {
            return Some(Root {
                start,
                from,
                confidence: 75,
            });
        }
    }
    // `\ProgramData\x`: the backslash opens the path.
    if !before(text, at).is_none_or(opens) {
        return None;
    }
    let rest = &text[from..text.floor_char_boundary(text.len().min(from + LONGEST_ROOT))];
    let first = rest[..rest.find('\\')?].to_ascii_lowercase();
    let known =
        FOLDERS.binary_search(&first.as_str()).is_ok() || first == "pipe" || first == "device";
    known.then_some(Root {
        start: at,
        from,
        confidence: 75,
    })
}

/// A path without a root, believed where it ends in a file: `sub\dir\run.exe`.
fn relative(text: &str, at: usize, from: usize, done: usize) -> Option<Root> {
    const ENOUGH: usize = 200;
    if from - at > 2 {
        return None;
    }
    let floor = text.ceil_char_boundary(at.saturating_sub(LONGEST_ROOT).max(done));
    let head = &text[floor..at];
    let name = head.trim_end_matches(|c: char| {
        c.is_alphanumeric()
            || matches!(c, '_' | '-' | '.' | '$' | '<' | '>' | '[' | ']' | '~' | '%')
    });
    let start = floor + name.len();
    let bounded = before(text, start).is_none_or(opens) && !head[name.len()..].starts_with('.');
    if !bounded {
        return None;
    }
    let rest = &text[from..text.floor_char_boundary(text.len().min(from + ENOUGH))];
    let end = rest
        .find(|c: char| {
            !c.is_alphanumeric()
                && !matches!(c, '_' | '-' | '.' | '$' | '\\' | '~' | '%' | '{' | '}')
        })
        .unwrap_or(rest.len());
    let path = rest[..end].trim_end_matches('.');
    let file = path.rsplit('\\').next().unwrap_or_default();
    let believed =
        extension::of(file) == Some(extension::Strength::Sure) && !path.starts_with(['.', '\\']);
    let rooted = start < at || path.contains('\\');
    (believed && rooted && after(text, from + end) != Some('(')).then_some(Root {
        start,
        from,
        confidence: 60,
    })
}

/// Whether a path may start behind `c`.
fn opens(c: char) -> bool {
    runs_on(c)
        || !c.is_alphanumeric()
            && !matches!(
                c,
                '\\' | '/' | '_' | '-' | '.' | '%' | '$' | ')' | ']' | '}'
            )
}

#[cfg(test)]
mod tests;
