//! Absolute Unix paths, `~/…`, `$HOME/…`, and Windows drives written with forward slashes.
//!
//! A slash says little: URLs, dates, options, media types and `and/or` have one. A path starts
//! behind white space or an opening mark, at a directory that systems have or ends in a file.

use memchr::memchr;

use super::segment::{LONGEST, Walk};
use super::{before, candidate, extension, windows};
use crate::extract::candidate::{Candidate, Text};
use crate::extract::token::{self, DOT, OPEN, SLASH, runs_on};
use crate::indicator::Kind;

/// First directories of absolute paths on Linux, macOS, appliances and Android.
const DIRECTORIES: &[&str] = &[
    "Applications",
    "Library",
    "Network",
    "System",
    "Users",
    "Volumes",
    "bin",
    "boot",
    "cores",
    "data",
    "dev",
    "etc",
    "export",
    "flash",
    "home",
    "jffs",
    "lib",
    "lib32",
    "lib64",
    "media",
    "mnt",
    "netscaler",
    "nsconfig",
    "opt",
    "private",
    "proc",
    "root",
    "run",
    "sbin",
    "sdcard",
    "snap",
    "srv",
    "storage",
    "sys",
    "system",
    "tmp",
    "usr",
    "var",
    "vendor",
    "vmfs",
];
/// Those whose file names hold spaces as a habit.
const SPACED: &[&str] = &["Applications", "Library", "System", "Users", "Volumes"];

/// Finds Unix paths.
pub(super) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let text = text.str();
    let bytes = text.as_bytes();
    let mut done = 0;
    let next = |done: usize| Some(done + memchr(b'/', bytes.get(done..)?)?);
    while let Some(at) = next(done) {
        // Most slashes follow a letter, and only the names of homes end with one.
        let inside = bytes[..at].last().is_some_and(|byte| {
            byte.is_ascii_alphanumeric() && !matches!(byte, b'E' | b'R' | b'h')
        });
        if inside && bytes.get(at + 1) != Some(&b'/') {
            done = at + 1;
        } else if let Some(one) = windows::forward(text, at).or_else(|| path(text, at)) {
            done = one.span.end;
            found.push(one);
        } else if bytes[at + 1..].first() == Some(&b'/') {
            // Whatever has two slashes is a URL, a comment or a rule: nothing in it is a path.
            let rest = bytes[at + 2..].iter();
            done = at + 2 + rest.take_while(|byte| !ENDS_URL[**byte as usize]).count();
        } else {
            done = at + 1;
        }
    }
}

static ENDS_URL: [bool; 256] = token::table(b" \t\n\x0c\r\"'<>`|");

/// The path whose first slash is at `at`.
fn path(text: &str, at: usize) -> Option<Candidate> {
    let start = home(text, at).unwrap_or(at);
    let opened = match before(text, start) {
        None => true,
        Some(c) => {
            c.is_whitespace()
                || runs_on(c)
                || matches!(
                    c,
                    '"' | '\''
                        | '`'
                        | '“'
                        | '‘'
                        | '«'
                        | '「'
                        | '*'
                        | '('
                        | '['
                        | '{'
                        | '='
                        | ','
                        | ':'
                        | ';'
                        | '|'
                        | '>'
                        | '@'
                        | '+'
                        | '^'
                        | '：'
                        | '、'
                )
        }
    };
    if !opened || text[at + 1..].starts_with('/') {
        return None;
    }
    let rest = &text[at + 1..];
    let first = &rest[..rest
        .bytes()
        .take(16)
        .take_while(|byte| byte.is_ascii_alphanumeric())
        .count()];
    let known = DIRECTORIES.binary_search(&first).is_ok();
    let rooted = start < at || known && rest[first.len()..].starts_with('/');
    let spaces = SPACED.contains(&first);
    if !rooted && !spaces && is_bare(text, at) {
        return None;
    }
    let walk = Walk {
        text,
        start,
        separator: b'/',
        spaces,
        files: true,
    };
    let end = walk.end(at + 1);
    // A shell's prompt ends in `$`.
    let kept = text[start..end].trim_end_matches(['/', '$']);
    let below = kept.get(at + 1 - start..)?;
    let file = below.rsplit('/').next().unwrap_or_default();
    let proves =
        start < at || known && below.len() > first.len() && below[first.len()..].starts_with('/');
    // Requests name web pages the same way: `/gate.php`. A program or library is none.
    let local = below.contains('/') && is_local(file);
    if !(proves || local)
        || !below.chars().any(char::is_alphanumeric)
        || is_markup(text, start, below)
    {
        return None;
    }
    let confidence = if proves { 85 } else { 60 };
    Some(candidate(
        Kind::Filepath,
        kept,
        start..start + kept.len(),
        confidence,
    ))
}

/// Whether what stands behind the slash at `at`, which no quote precedes, is one word without another slash
/// and a full stop: no file in a folder.
fn is_bare(text: &str, at: usize) -> bool {
    let bytes = text.as_bytes();
    let rest = &bytes[at + 1..bytes.len().min(at + LONGEST)];
    let (word, classes) = token::word(rest);
    let quoted = matches!(
        before(text, at),
        Some('"' | '\'' | '`' | '“' | '‘' | '«' | '「' | '*')
    );
    !quoted
        // Brackets and placeholders may hold blanks.
        && classes & OPEN == 0
        && rest.get(word) != Some(&b'<')
        && (classes & SLASH == 0 || classes & DOT == 0)
}

/// The start of `~`, `$HOME` or `${HOME}` before the slash at `at`.
fn home(text: &str, at: usize) -> Option<usize> {
    // Most slashes follow another letter.
    if !matches!(
        text.as_bytes()[..at].last()?,
        b'}' | b'E' | b'R' | b'~' | b'h'
    ) {
        return None;
    }
    ["${HOME}", "$HOME", "$TMPDIR", "~", "%h"]
        .iter()
        .find(|home| text[..at].ends_with(**home))
        .map(|home| at - home.len())
}

/// Whether `file` ends like what lies on a disk and is not served by a web server.
fn is_local(file: &str) -> bool {
    const LOCAL: &[&str] = &[
        "appex", "conf", "dmg", "dylib", "elf", "kext", "ko", "plist", "service", "so", "sock",
    ];
    file.rsplit_once('.').is_some_and(|(stem, extension)| {
        !stem.is_empty() && LOCAL.binary_search(&extension).is_ok()
    }) && extension::ends_file(file)
}

/// Whether the slash closes a tag or a date rather than starting a path.
fn is_markup(text: &str, start: usize, below: &str) -> bool {
    before(text, start) == Some('<')
        || below
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte == b'/')
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    fn paths(text: &str) -> Vec<String> {
        found(Kind::Filepath, text)
    }

    #[test]
    fn the_directories_are_sorted() {
        assert!(DIRECTORIES.is_sorted());
    }

    #[test]
    fn absolute_and_home_paths_are_found() {
        for path in [
            "/etc/cron.d/evil",
            "/tmp/.ICE-unix/evil",
            "/usr/lib/systemd/system/evil.service",
            "~/Library/LaunchAgents/com.example.plist",
            "$HOME/.config/evil",
            "/Library/Application Support/Evil/evil",
            "/tmp/evil.sh",
            "/opt/x/libevil.so.1",
        ] {
            assert_eq!(paths(path), [path]);
            assert_eq!(paths(&format!("It writes {path}, then ends.")), [path]);
        }
        assert_eq!(paths("/etc/a and /tmp/b"), ["/etc/a", "/tmp/b"]);
        assert_eq!(paths("curl x >/tmp/b; sh /tmp/b"), ["/tmp/b", "/tmp/b"]);
    }

    #[test]
    fn urls_dates_options_and_alternatives_are_no_paths() {
        for text in [
            "http://evil.example/etc/passwd is a URL",
            "hxxps://evil[.]example/tmp/x",
            "and/or TCP/IP 10/12/2020 text/html application/x-sh",
            "cmd /c /s /q",
            "GET /wp-admin/gate.php HTTP/1.1",
            "<br/> </etc> a // comment",
            "/ /a /etc",
            "evil.example/usr/bin/x",
        ] {
            assert_eq!(paths(text), [""; 0], "{text}");
        }
    }
}
