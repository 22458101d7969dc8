//! Is `setup.py` a file or a host? Enter at [`is_filename`].
//!
//! Where an extension is a top-level domain too, what stands around the name decides; the answer is
//! one for the whole engine, so that each such name is a file name or a domain and never both.

use std::ops::Range;

use super::extension::{self, Strength};
use super::{DOTS, after, before};
use crate::extract::candidate::Text;
use crate::extract::context::label;
use crate::extract::lexicon::Lexicon;

/// How far words are read to either side of the name, in bytes.
const NEAR: usize = 56;

/// Hosts whose last label is a file extension and whose name is known.
static HOSTS: Lexicon = Lexicon::new(&[
    "bash.sh",
    "bun.sh",
    "docs.rs",
    "elastic.co",
    "ngrok.app",
    "now.sh",
    "surge.sh",
    "transfer.sh",
    "vercel.app",
    "web.app",
]);

/// Words that come with hosts, lower case.
static HOST_WORDS: Lexicon = Lexicon::new(&[
    "beacon",
    "beacons",
    "c&c",
    "c2",
    "cnc",
    "connects",
    "contacts",
    "dns",
    "domain",
    "domains",
    "fqdn",
    "host",
    "hosted",
    "hostname",
    "hosts",
    "landing",
    "phishing",
    "redirects",
    "registered",
    "resolved",
    "resolves",
    "server",
    "servers",
    "site",
    "sites",
    "subdomain",
    "tld",
    "url",
    "urls",
    "visit",
    "visited",
    "website",
    "websites",
]);
/// Words that come with files, lower case.
static FILE_WORDS: Lexicon = Lexicon::new(&[
    "archive",
    "archives",
    "attached",
    "attachment",
    "backdoor",
    "binary",
    "called",
    "compressed",
    "contained",
    "contains",
    "download",
    "downloaded",
    "downloads",
    "dropped",
    "dropper",
    "drops",
    "executable",
    "executed",
    "executes",
    "extracted",
    "file",
    "filename",
    "files",
    "folder",
    "installer",
    "library",
    "loader",
    "module",
    "named",
    "open",
    "opened",
    "package",
    "payload",
    "run",
    "runs",
    "sample",
    "script",
    "scripts",
    "shell",
    "started",
    "unpacked",
    "unzips",
    "zip",
]);

/// Commands of a shell that are given the name of a file, lower case.
const SHELL: [&str; 7] = [
    "attrib", "del", "erase", "exec", "ren", "rename", "rundll32",
];

/// Whether what stands at `span` is the name of a file rather than of a host.
///
/// `span` covers the whole name, as a domain scanner sees it: `setup.py`, `evil[.]zip`.
#[must_use]
pub(crate) fn is_filename(text: &Text<'_>, span: Range<usize>) -> bool {
    let whole = text.str();
    let Some(written) = whole.get(span.clone()) else {
        return false;
    };
    let lower = written.to_ascii_lowercase();
    let Some(strength) = extension::of(&lower) else {
        return false;
    };
    if strength != Strength::Domain {
        return true;
    }
    if is_defanged(&lower) || lower.starts_with("www.") || HOSTS.contains(&lower) {
        return false;
    }
    match before(whole, span.start) {
        Some('@') => return false,
        Some('/') if whole[..span.start].ends_with("//") => return false,
        Some('/' | '\\') => return true,
        _ => {}
    }
    let behind = &whole[span.end..];
    let is_port = behind.starts_with(':') && behind[1..].starts_with(|c: char| c.is_ascii_digit());
    let is_address =
        behind.starts_with('/') && after(whole, span.end + 1).is_some_and(char::is_alphanumeric);
    if is_port || is_address {
        return false;
    }
    // A name that only a file has: `invoice.pdf.zip`, `Invoice_1.zip`.
    let stem = lower.rsplit_once('.').map_or("", |(stem, _)| stem);
    let is_com = matches!(&lower[stem.len()..], ".com" | ".one");
    // `_dmarc.example.com`: labels below a registered name may hold an underscore.
    let own = stem.rsplit('.').next().filter(|_| is_com).unwrap_or(stem);
    if extension::of(stem) == Some(Strength::Sure)
        || own.contains('_')
        || stem
            .chars()
            .any(|c| !c.is_alphanumeric() && !matches!(c, '.' | '-' | '_'))
    {
        return true;
    }
    if let Some(said) = said(text, &span) {
        return said;
    }
    match around(whole, &span, is_com) {
        Some(said) => said,
        None => !is_com && !stem.contains('.'),
    }
}

/// Whether a full stop of `name`, lower case, is in brackets, as nobody writes a file.
fn is_defanged(name: &str) -> bool {
    if !name
        .bytes()
        .any(|byte| matches!(byte, b'[' | b'(' | b'{' | b']' | b')' | b'}'))
    {
        return false;
    }
    let in_brackets = |at: usize| {
        name[..at].trim_end_matches(' ').ends_with(['[', '(', '{'])
            || name[at + 1..]
                .trim_start_matches(' ')
                .starts_with([']', ')', '}'])
    };
    DOTS.iter().any(|dot| name.contains(dot))
        || name.match_indices('.').any(|(at, _)| in_brackets(at))
}

/// What the table around `span` says of the cell: a file, a host, or nothing.
pub(crate) fn said(text: &Text<'_>, span: &Range<usize>) -> Option<bool> {
    let label = label::of(text, span.start).and_then(|label| verdict(&label));
    label.or_else(|| beside(text.str(), span.end).and_then(verdict))
}

/// The cell to the right of the one that ends at `end`, where it is a word or two: `evil.zip⇥domain`.
fn beside(whole: &str, end: usize) -> Option<&str> {
    const LONGEST: usize = 32;
    let rest = whole[end..].strip_prefix('\t')?;
    let near = &rest[..rest.floor_char_boundary(LONGEST)];
    let cell = &near[..near.find(['\t', '\n']).unwrap_or(near.len())];
    (cell.len() < LONGEST && cell.split_whitespace().count() <= 3).then_some(cell)
}

/// What the words of a label say: a file, a host, or nothing.
fn verdict(label: &str) -> Option<bool> {
    label
        .split(|c: char| !c.is_alphanumeric() && c != '&')
        .find_map(say)
}

fn say(word: &str) -> Option<bool> {
    if HOST_WORDS.contains_any_case(word) {
        Some(false)
    } else if FILE_WORDS.contains_any_case(word) {
        Some(true)
    } else {
        None
    }
}

/// What the nearest telling word on the line says. Beside a `.com` only the very next one counts
/// as a sign of a file.
fn around(whole: &str, span: &Range<usize>, is_com: bool) -> Option<bool> {
    let head = &whole[whole.ceil_char_boundary(span.start.saturating_sub(NEAR))..span.start];
    let tail = &whole[span.end..whole.floor_char_boundary(whole.len().min(span.end + NEAR))];
    let head = head.rsplit(['\n', '\t']).next().unwrap_or_default();
    let tail = tail.split(['\n', '\t']).next().unwrap_or_default();
    let is_gap = |c: char| !c.is_alphanumeric() && c != '&';
    let reach = if is_com { 1 } else { 8 };
    let earlier = head
        .rsplit(is_gap)
        .filter(|word| !word.is_empty())
        .take(reach)
        .enumerate();
    let later = tail
        .split(is_gap)
        .filter(|word| !word.is_empty())
        .take(2)
        .enumerate();
    // `del a.com`, `> a.com`: a shell handles it as a file.
    if is_com {
        let shell = earlier
            .clone()
            .next()
            .is_some_and(|(_, word)| SHELL.iter().any(|known| known.eq_ignore_ascii_case(word)));
        let written = head.ends_with(" > ") || head.ends_with(" >> ");
        let echoed = written
            && ["cmd", "echo", "set /p", "type "]
                .iter()
                .any(|word| head.contains(word));
        if shell && head.ends_with(' ') || echoed {
            return Some(true);
        }
    }
    let heard = |(place, word): (usize, &str)| say(word).filter(|file| !file || place < reach);
    let beside = later.clone().next().and_then(heard);
    beside
        .or_else(|| earlier.clone().find_map(heard))
        .or_else(|| later.clone().find_map(heard))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    fn judged(name: &str, text: &str) -> bool {
        let document = Document {
            text: text.into(),
            ..Document::default()
        };
        let at = text.find(name).unwrap();
        is_filename(&Text::new(&document), at..at + name.len())
    }

    #[test]
    fn names_with_the_extension_of_a_file_are_files_by_default() {
        for name in [
            "setup.py",
            "AreaDoc7702.zip",
            "libevil.so",
            "report.md",
            "x86.sh",
            "invoice.pdf.zip",
        ] {
            assert!(judged(name, name), "{name}");
            assert!(
                judged(
                    name,
                    &format!("The archive contained {name}, which starts it.")
                ),
                "{name}"
            );
        }
        assert!(!judged("evil.com", "evil.com"));
    }

    #[test]
    fn a_defanged_dot_a_scheme_a_mailbox_or_a_third_label_makes_a_host() {
        assert!(!judged("evil-login[.]zip", "evil-login[.]zip"));
        assert!(!judged("evil.zip", "https://evil.zip/"));
        assert!(!judged("evil.zip", "a@evil.zip"));
        assert!(!judged("www.evil.zip", "www.evil.zip"));
        assert!(!judged("a.evil.sh", "a.evil.sh"));
        assert!(!judged("evil.sh", "evil.sh:8080"));
        assert!(!judged("transfer.sh", "uploaded to transfer.sh"));
    }

    #[test]
    fn words_around_the_name_decide() {
        assert!(!judged("evil.zip", "The C2 server evil.zip was seen"));
        assert!(!judged("evil.zip", "the domain evil.zip"));
        assert!(judged("evil.com", "the file evil.com is dropped"));
        assert!(judged("evil.com", "filename\tevil.com\n"));
        assert!(judged("evil.com", "cmd /c echo x > evil.com & a"));
        assert!(judged("evil.com", "cmd /c del evil.com"));
        assert!(!judged("evil.com", "ping evil.com"));
        assert!(!judged("evil.com", "> evil.com"));
        assert!(!judged("evil[ . ]example.com", "see evil[ . ]example.com"));
        assert!(!judged("evil.com", "a.com -> evil.com"));
        assert!(!judged("evil.com", "the file was downloaded from evil.com"));
        assert!(!judged("evil.sh", "domain\tevil.sh\tMirai\n"));
    }
}
