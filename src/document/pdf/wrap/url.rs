//! URLs that were wrapped over lines: where the line below goes on with one.
//!
//! A program that sets text breaks a long URL behind a slash or a hyphen when what follows does not fit, and
//! anywhere when nothing else helps. Either shows in how far the line reaches. What begins something of its
//! own below it is never taken: a list of URLs, hosts and hashes stays a list.

use super::{LENGTHS, Line};

/// Longest address that is put together, in bytes.
const LONGEST: usize = 4 << 10;
/// A line is full when fewer characters than this would still fit: the next one may be a wide one.
const LOOSE: f64 = 2.0;
/// Ends of names that are files, where they could be hosts.
const FILES: &[&str] = &[
    "7z", "apk", "asp", "aspx", "bat", "bin", "bmp", "cab", "cgi", "css", "csv", "dat", "dll",
    "doc", "docx", "exe", "gif", "gz", "hta", "htm", "html", "ico", "iso", "jar", "jpeg", "jpg",
    "js", "json", "jsp", "lnk", "log", "msi", "pdf", "php", "pl", "png", "ps1", "rar", "scr", "sh",
    "svg", "tar", "txt", "vbs", "wasm", "xls", "xlsx", "xml", "zip",
];

/// How far lines reach.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reach {
    /// The farthest end of a line that begins where this one does, anywhere on the page.
    pub(super) column: f64,
    /// How many other lines that begin there end at the same place as this one, or beyond it.
    pub(super) beside: usize,
}

/// The bytes of `below` that go on with the URL that ends `line`, which is `whole`: put together with what
/// stood above it. Zero where it ends.
pub(super) fn goes_on(whole: &str, line: &Line, reach: Reach, below: &str) -> usize {
    let url = last_word(whole);
    let next = first_word(below);
    if whole.len() > LONGEST || next.is_empty() || !is_open(url) || begins_its_own(next) {
        return 0;
    }
    let room = reach.column - line.end;
    let behind_a_break = url.ends_with(['/', '-', '?', '&', '=', '.', '_']) || url.ends_with("[.]");
    let alone = whole == url && below == next;
    // A word may follow a URL. What only a URL has shows that it goes on; so does a line for it alone.
    let plain = next.trim_end_matches(['.', ',', ')']);
    let plain = plain.bytes().all(|byte| byte.is_ascii_alphabetic())
        || plain.bytes().all(|byte| byte.is_ascii_digit());
    let full = room < LOOSE * line.step && reach.beside > usize::from(plain);
    let goes_on = if behind_a_break {
        let part = next
            .find(['/', '-', '?', '&'])
            .map_or(next.len(), |at| at + 1);
        let width = next[..part].chars().count() as f64 * line.step;
        let would_not_fit = width > room;
        would_not_fit && (!plain || alone && full)
    } else {
        full && (!plain || alone)
    };
    if goes_on { next.len() } else { 0 }
}

fn last_word(text: &str) -> &str {
    text.rsplit(char::is_whitespace).next().unwrap_or_default()
}

fn first_word(text: &str) -> &str {
    text.split(char::is_whitespace).next().unwrap_or_default()
}

/// Whether `word` begins with a URL, written live or defanged, that nothing closes.
fn is_open(word: &str) -> bool {
    let word = word.trim_start_matches(['"', '\'', '(', '<', '[', '“', '‘', '*']);
    begins_url(word)
        && !word.contains(['"', '\'', '<', '>', '“', '”', '‘', '’', '`'])
        && !word.ends_with([')', '}', ',', ';', '*'])
        && (!word.ends_with(']') || word.ends_with("[.]"))
}

/// Whether `word` begins with the scheme of a URL.
fn begins_url(word: &str) -> bool {
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (scheme, rest) = word.split_at(letters);
    let scheme = scheme.to_ascii_lowercase();
    matches!(
        scheme.as_str(),
        "http" | "https" | "hxxp" | "hxxps" | "ftp" | "ftps" | "fxp" | "meow"
    ) && ["://", "[://]", "[:]//", "[:]\\\\", ":\\\\", ":[//]"]
        .iter()
        .any(|mark| rest.starts_with(mark))
}

/// Whether `word` is or begins an indicator of its own, or nothing that could stand inside a URL.
fn begins_its_own(word: &str) -> bool {
    let bare = word.replace("[.]", ".").replace("(.)", ".");
    let host = bare.trim_end_matches(['.', ',', ')']);
    let labels: Vec<&str> = host.split('.').collect();
    let last = labels.last().copied().unwrap_or_default();
    let is_name = |label: &&str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    let named = labels.len() > 1 && labels.iter().all(is_name);
    let is_host = named
        && last.bytes().all(|byte| byte.is_ascii_alphabetic())
        && !FILES.contains(&last.to_ascii_lowercase().as_str());
    let is_address = labels.len() == 4
        && labels
            .iter()
            .all(|label| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit()));
    let is_hash = LENGTHS.contains(&host.len()) && host.bytes().all(|b| b.is_ascii_hexdigit());
    let starts = word.starts_with(|c: char| {
        c.is_ascii_alphanumeric()
            || matches!(
                c,
                '/' | '%' | '?' | '&' | '=' | '#' | '_' | '-' | '.' | '[' | '~' | '+' | '$' | '('
            )
    });
    !starts
        || begins_url(word)
        || word.contains('@')
        || is_host
        || is_address
        || is_hash
        // `[bracketed]` words are notes; dots are not.
        || word.starts_with(['[', '(']) && !word.starts_with("[.]") && !word.starts_with("(.)")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// How much of `below` is taken, where lines are `column` characters wide and `beside` others as long.
    fn taken<'b>(line: &str, column: usize, beside: usize, below: &'b str) -> &'b str {
        let measured = Line {
            text: line.to_owned(),
            start: 0.0,
            end: line.len() as f64,
            step: 1.0,
        };
        let reach = Reach {
            column: column as f64,
            beside,
        };
        &below[..goes_on(line, &measured, reach, below)]
    }

    #[test]
    fn what_did_not_fit_behind_a_slash_is_more_of_the_url() {
        let line = "hxxps[://]a[.]example/HubsExtension/Resource/";
        assert_eq!(taken(line, 47, 0, "Type/c8d984[.]php"), "Type/c8d984[.]php");
        assert_eq!(taken(line, 60, 0, "Type/c8d984[.]php"), "");
        assert_eq!(taken(line, 45, 0, "rawmail.php"), "rawmail.php");
    }

    #[test]
    fn what_was_cut_anywhere_needs_a_margin() {
        let line = "see hxxps://a.example/index.p";
        assert_eq!(taken(line, 29, 2, "hp?list and more"), "hp?list");
        assert_eq!(taken(line, 29, 0, "hp?list and more"), "");
        assert_eq!(taken(line, 33, 2, "hp?list and more"), "");
    }

    #[test]
    fn words_and_numbers_need_lines_of_their_own() {
        for rest in ["fterwards", "3952"] {
            let prose = format!("{rest} it fell");
            assert_eq!(taken("see http://a.example/abc", 24, 9, rest), "");
            assert_eq!(taken("http://a.example/abc", 20, 9, &prose), "");
            assert_eq!(taken("http://a.example/abc", 20, 9, rest), rest);
        }
    }

    #[test]
    fn what_begins_its_own_is_never_taken() {
        for below in [
            "http://b.example/x",
            "hxxps[:]//b[.]example",
            "b.example.com",
            "b[.]example[.]com",
            "192.0.2.1",
            "192[.]0[.]2[.]1",
            "a@b.example",
            "d41d8cd98f00b204e9800998ecf8427e",
            "(seen",
            "[1]",
            "•",
        ] {
            assert_eq!(taken("http://a.example/abc/", 21, 9, below), "", "{below}");
        }
    }

    #[test]
    fn what_is_closed_has_ended() {
        for line in [
            "(http://a.example/abc)",
            "'http://a.example/abc'",
            "http://a.example/abc,",
            "\"http://a.example/abc\",\"x.y",
            "no/url/abc/",
        ] {
            assert_eq!(taken(line, line.len(), 9, "d/e.php"), "", "{line}");
        }
    }
}
