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
/// Dots of defanged values.
const DOTS: &[&str] = &["[.]", "(.)", "{.}", "[dot]", "(dot)", "{dot}"];
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
    if whole.len() > LONGEST || next.is_empty() || !is_open(url) || begins_its_own(next, url) {
        return 0;
    }
    let room = reach.column - line.end;
    let alone = whole == url && below == next;
    let alone_below = alone && next.starts_with(|c: char| c.is_ascii_lowercase());
    if url.ends_with('.') && !alone_below && !lacks_host(url) {
        // It ends a sentence.
        return 0;
    }
    let behind_a_break = url.ends_with(['/', '-', '?', '&', '=', '.', '_']) || url.ends_with("[.]");
    // A word may follow a URL. What only a URL has shows that it goes on; so does a line for it alone. In
    // ragged text no word of the line below would have fit, so that alone shows nothing.
    let plain = next.trim_end_matches(['.', ',', ')']);
    let plain = plain.bytes().all(|byte| byte.is_ascii_alphabetic())
        || plain.bytes().all(|byte| byte.is_ascii_digit());
    let telling = below == next || is_of_url(next);
    let full = room < LOOSE * line.step && reach.beside > usize::from(plain);
    let goes_on = if behind_a_break {
        let part = next
            .find(['/', '-', '?', '&'])
            .map_or(next.len(), |at| at + 1);
        let width = next[..part].chars().count() as f64 * line.step;
        let would_not_fit = width > room;
        would_not_fit && telling && (!plain || alone && full)
    } else {
        // What fills its line from the start was cut because it is too long for one.
        full && (alone || !plain && (telling || whole == url))
    };
    if goes_on { next.len() } else { 0 }
}

/// Whether `word`, which is no host, has inside what words of prose do not have.
fn is_of_url(word: &str) -> bool {
    let word = undotted(word);
    let word = word.trim_end_matches(['.', ',', ')']);
    let inside = word
        .char_indices()
        .next_back()
        .map_or("", |(last, _)| &word[..last]);
    // `and/or` is prose, `a/b/c` and `/b` are paths.
    let halves = word.split_once('/').is_some_and(|(left, right)| {
        [left, right]
            .iter()
            .all(|half| !half.is_empty() && half.bytes().all(|byte| byte.is_ascii_alphanumeric()))
    });
    // `2.0` is a version, `upload.php` a file.
    let named = word
        .rsplit_once('.')
        .is_some_and(|(_, end)| end.starts_with(|c: char| c.is_ascii_alphabetic()));
    named || inside.contains(['?', '=', '&', '%', '_']) || inside.contains('/') && !halves
}

/// `word` with its defanged dots live.
fn undotted(word: &str) -> String {
    DOTS.iter()
        .fold(word.to_owned(), |word, dot| word.replace(dot, "."))
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
    behind_scheme(word).is_some()
        && !word.contains(['"', '\'', '<', '>', '“', '”', '‘', '’', '`'])
        && !word.ends_with([')', '}', ',', ';', '*'])
        && (!word.ends_with(']') || word.ends_with("[.]"))
}

/// What stands behind the scheme of the URL that `word` begins with, if it does.
fn behind_scheme(word: &str) -> Option<&str> {
    let letters = word.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (scheme, rest) = word.split_at(letters);
    let scheme = scheme.to_ascii_lowercase();
    let known = matches!(
        scheme.as_str(),
        "http" | "https" | "hxxp" | "hxxps" | "ftp" | "ftps" | "fxp" | "meow"
    );
    ["://", "[://]", "[:]//", "[:]\\\\", ":\\\\", ":[//]"]
        .iter()
        .find_map(|mark| rest.strip_prefix(mark))
        .filter(|_| known)
}

/// Whether `url` ends before its host does: no host has such an end.
fn lacks_host(url: &str) -> bool {
    let host = behind_scheme(url).map(undotted).unwrap_or_default();
    let (names, last) = host
        .trim_end_matches('.')
        .rsplit_once('.')
        .unwrap_or_default();
    let is_last = last.len() > 1 && last.bytes().all(|byte| byte.is_ascii_alphabetic());
    !host.contains(['/', '?', '#', ':', '@'])
        && (names.is_empty() || !is_last)
        && !is_address(host.trim_end_matches('.'))
}

/// Whether `word` is or begins an indicator of its own, or nothing that could stand inside `url`.
fn begins_its_own(word: &str, url: &str) -> bool {
    let bare = undotted(word);
    let starts = bare.starts_with(|c: char| {
        c.is_ascii_alphanumeric()
            || matches!(
                c,
                '/' | '%' | '?' | '&' | '=' | '#' | '_' | '-' | '.' | '~' | '+' | '$'
            )
    });
    let whole = bare.trim_end_matches(['.', ',', ')']);
    // What stands before a port, a path or a query, defanged or not.
    let head = whole
        .split([':', '/', '?', '#', '['])
        .next()
        .unwrap_or_default();
    !starts
        || behind_scheme(word).is_some()
        // Addresses of mail and of IPv6, paths of Windows and keys of its registry.
        || bare.contains(['@', '\\'])
        || bare.matches(':').count() > 1
        || is_host(head) && !lacks_host(url)
        || is_address(head)
        || LENGTHS.contains(&whole.len()) && whole.bytes().all(|b| b.is_ascii_hexdigit())
        || is_reference(whole)
}

fn is_host(word: &str) -> bool {
    let is_name = |label: &str| {
        !label.is_empty()
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-')
    };
    word.rsplit_once('.').is_some_and(|(names, last)| {
        names.split('.').all(is_name)
            && last.bytes().all(|byte| byte.is_ascii_alphabetic())
            && !FILES.contains(&last.to_ascii_lowercase().as_str())
    })
}

fn is_address(word: &str) -> bool {
    let is_number =
        |label: &str| !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_digit());
    word.split('.').count() == 4 && word.split('.').all(is_number)
}

/// Whether `word` is an id of CVE or ATT&CK, or the address of a wallet.
fn is_reference(word: &str) -> bool {
    let upper = word.to_ascii_uppercase();
    let technique = upper.strip_prefix('T').is_some_and(|digits| {
        digits.len() >= 4
            && digits
                .bytes()
                .all(|byte| byte.is_ascii_digit() || byte == b'.')
    });
    let wallet = word.len() > 38 && (word.starts_with("bc1") || word.starts_with("0x"));
    technique || upper.starts_with("CVE-") || wallet
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
    fn prose_behind_a_url_is_not_joined_to_it() {
        let host = "beacons go to https://c2.evil-host.net/";
        let directory = "the panel is https://c2.evil-host.net/admin/";
        for (line, below) in [
            (host, "APT28 also used it against others"),
            (directory, "command-and-control of the group"),
            (directory, "C2 traffic"),
            (directory, "and/or other panels"),
            (directory, "e.g. for the group"),
            (directory, "2.0 of the panel"),
            (directory, "100% of it"),
        ] {
            for beside in [0, 9] {
                let column = line.len() + 1;
                assert_eq!(taken(line, column, beside, below), "", "{below}");
            }
        }
        let justified = "the panel is https://c2.evil-host.net/admin";
        assert_eq!(taken(justified, justified.len(), 9, "APT28 used"), "");
    }

    #[test]
    fn what_only_a_url_has_is_joined_with_words_behind_it() {
        let line = "beacons go to https://c2.evil-host.net/";
        for part in [
            "gate/upload.php",
            "gate.php,",
            "x7/up_load",
            "?id=7",
            "a%20b",
            "gate[.]php?a&b",
            "a/b/c",
        ] {
            let below = format!("{part} and on");
            assert_eq!(taken(line, line.len(), 0, &below), part);
        }
        for alone in ["APT28", "command-and-control"] {
            assert_eq!(taken(line, line.len(), 0, alone), alone);
        }
    }

    #[test]
    fn a_full_stop_ends_what_is_more_than_a_list() {
        for (line, below) in [
            (
                "and to hxxp://c2panel[.]net.",
                "Setup.exe was written to disk",
            ),
            ("see https://c2panel.net/api/v1/.", "payload_x64.dll was"),
            ("http://c2panel.net/pay.", "Setup.exe"),
            ("http://c2panel.net/pay.", "setup.exe and others"),
        ] {
            for beside in [0, 9] {
                assert_eq!(taken(line, line.len(), beside, below), "", "{below}");
            }
        }
        let line = "http://a.example/index.";
        assert_eq!(taken(line, line.len(), 9, "php?id=1"), "php?id=1");
    }

    #[test]
    fn hosts_with_paths_below_each_other_stay_apart() {
        let line = "http://c2panel.net/aaaa1";
        for below in ["c2panel.org/gate/bbbbb2", "evil-host.ru/gate/cccc3"] {
            assert_eq!(taken(line, line.len(), 9, below), "", "{below}");
        }
    }

    #[test]
    fn a_host_goes_on_to_its_end() {
        for (line, below) in [
            ("http://ec2-192-0-2-1.compute-1.", "cloud.example/m/a.html"),
            ("https://lesaffre-", "evil.example/rvp4j"),
            ("hxxps://www[.]", "evil[.]example/a.php"),
        ] {
            assert_eq!(taken(line, line.len(), 0, below), below);
        }
        let line = "http://192.0.2.1.";
        assert_eq!(taken(line, line.len(), 0, "evil.example/a.php"), "");
        let cut = "(https://evil.example/file/6dac58e71b1809bc8a1a1644";
        let below = "78274acce450111ecab458a01c558dcdff61ebd0/analysis/)";
        assert_eq!(taken(cut, cut.len(), 9, below), below);
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
            "b.example.com/gate/upload.php",
            "b[dot]example[dot]com",
            "192.0.2.1:8080",
            "192.0.2[.]1[:]8080",
            "b[.]example[.]com[:]8080",
            "192.0.2.1/gate.php",
            "192.0.2.0/24",
            "2001:db8::1",
            "2001:db8:0:0:0:0:0:1",
            r"C:\Windows\Temp\evil.exe",
            r"HKCU\Software\Run",
            "CVE-2024-12345",
            "T1059.001",
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
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
