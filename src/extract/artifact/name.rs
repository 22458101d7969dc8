//! File names without a path: a name, a dot, a known extension, and nothing of a URL around it.

use std::ops::Range;

use super::extension::{self, Strength};
use super::spaced::widen;
use super::{after, before, candidate, is_filename};
use crate::extract::candidate::{Candidate, Text};
use crate::extract::lexicon::Lexicon;
use crate::extract::token::{self, DIGIT, DOT, HEX, LETTER, MARK, WIDE, runs_on};
use crate::indicator::Kind;

/// Longest file name, in bytes: what file systems allow.
pub(super) const LONGEST: usize = 255;

/// Products and objects that end like files, lower case.
static NO_FILES: Lexicon = Lexicon::new(&[
    "angular.js",
    "backbone.js",
    "chart.js",
    "console.log",
    "d3.js",
    "discord.js",
    "ember.js",
    "express.js",
    "math.log",
    "moment.js",
    "nest.js",
    "next.js",
    "node.js",
    "nuxt.js",
    "p5.js",
    "react.js",
    "require.js",
    "this.key",
    "three.js",
    "vue.js",
]);

/// What is part of a name wherever it stands.
static PLAIN: [bool; 256] =
    token::table(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+%@!#$&^");

/// What ends a URL. Chinese, Japanese and Korean text goes on without a blank: its letters do as well.
static ENDS: [bool; 256] =
    token::table(b" \t\n\x0c\r\"'<>`|\xe3\xe4\xe5\xe6\xe7\xe8\xe9\xea\xeb\xec\xed");

/// Finds file names outside of `taken`, which is sorted.
pub(super) fn scan(text: &Text<'_>, taken: &[Range<usize>], found: &mut Vec<Candidate>) {
    let whole = text.str();
    let mut done = 0;
    let mut next_taken = 0;
    for dot in dots(text) {
        while taken.get(next_taken).is_some_and(|span| span.end <= dot) {
            next_taken += 1;
        }
        if dot < done || taken.get(next_taken).is_some_and(|span| span.start <= dot) {
            continue;
        }
        let Some((end, strength)) = extension_at(whole, dot) else {
            continue;
        };
        let floor = done.max(next_taken.checked_sub(1).map_or(0, |last| taken[last].end));
        let Some(start) = start_of(whole, dot, floor) else {
            continue;
        };
        if let Some(one) = name(text, start, end, strength) {
            done = one.span.end;
            found.push(one);
        }
    }
}

/// The full stops of words with letters, outside of URLs: behind no other one the extension of a name stands.
fn dots<'t>(text: &'t Text<'_>) -> impl Iterator<Item = usize> + 't {
    let bytes = text.str().as_bytes();
    let mut urls = Urls::new(text.str());
    let mut words = text.tokens().iter();
    let mut rest = 0..0;
    // Whether what ends a URL may stand inside of the word.
    let mut ends_inside = false;
    std::iter::from_fn(move || {
        loop {
            let Some(dot) = memchr::memchr(b'.', &bytes[rest.clone()]) else {
                let word = words.find(|word| word.has(DOT) && word.has(HEX | LETTER))?;
                rest = word.start..word.end;
                ends_inside = word.has(MARK | WIDE);
                continue;
            };
            let dot = rest.start + dot;
            rest.start = dot + 1;
            if !urls.covers(dot) {
                return Some(dot);
            }
            if !ends_inside {
                rest.start = rest.end;
            }
        }
    })
}

/// The end and strength of the known extension that the dot at `dot` starts, if the name ends there.
fn extension_at(text: &str, dot: usize) -> Option<(usize, Strength)> {
    let bytes = text.as_bytes();
    let bracketed = dot > 0
        && matches!(
            (bytes[dot - 1], bytes.get(dot + 1)),
            (b'[', Some(b']')) | (b'(', Some(b')')) | (b'{', Some(b'}'))
        );
    let from = if bracketed { dot + 2 } else { dot + 1 };
    // Most full stops end a sentence, divide numbers or stand in an address.
    if !bytes.get(from).copied().is_some_and(extension::may_begin) {
        return None;
    }
    let near = &bytes[from..bytes.len().min(from + 18)];
    let length = token::span(near, LETTER | HEX | DIGIT);
    let mut end = from + length;
    // `.settingcontent-ms`
    if bytes[end..].starts_with(b"-ms")
        && !bytes.get(end + 3).is_some_and(u8::is_ascii_alphanumeric)
    {
        end += 3;
    }
    let is_library = bytes[from..end].eq_ignore_ascii_case(b"so");
    // `www.evil.example`: most of what is left is a label, and another one follows it.
    let is_label =
        bytes.get(end) == Some(&b'.') && bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
    if is_label && !is_library {
        return None;
    }
    let mut strength = extension::strength(&text[from..end])?;
    if is_library {
        let version = version_after(&bytes[end..]);
        if version > 0 {
            end += version;
            strength = Strength::Sure;
        }
    }
    let rest = &text[end..];
    let goes_on = match rest.chars().next() {
        Some('_' | '@' | '\\') => true,
        Some('.') => rest[1..].starts_with(|c: char| c.is_alphanumeric()),
        Some('[' | '(' | '{') => {
            rest[1..].starts_with(['.', 'd', 'D']) || strength == Strength::Weak
        }
        Some('-' | '/') => {
            strength != Strength::Sure && rest[1..].starts_with(|c: char| c.is_alphanumeric())
        }
        Some(c) => c.is_alphanumeric() && !runs_on(c),
        None => false,
    };
    (!goes_on).then_some((end, strength))
}

/// Length of `.1.2.3` behind a shared library.
fn version_after(rest: &[u8]) -> usize {
    let length = rest
        .iter()
        .take(24)
        .take_while(|byte| byte.is_ascii_digit() || **byte == b'.')
        .count();
    let digits = rest[..length]
        .iter()
        .rposition(u8::is_ascii_digit)
        .map_or(0, |last| last + 1);
    if rest.first() == Some(&b'.') {
        digits
    } else {
        0
    }
}

/// Where the name starts whose extension follows `dot`. Brackets belong to it where they close.
fn start_of(text: &str, dot: usize, floor: usize) -> Option<usize> {
    let floor = text.ceil_char_boundary(floor.max(dot.saturating_sub(LONGEST)));
    let head = text.get(floor..dot)?;
    let plain = head.bytes().rev().take_while(|byte| PLAIN[*byte as usize]);
    let mut start = dot - plain.count();
    let mut depth = 0usize;
    let mut closed = dot;
    for (place, c) in text[floor..start].char_indices().rev() {
        match c {
            ')' | ']' | '}' => {
                if depth == 0 {
                    closed = floor + place + 1;
                }
                depth += 1;
            }
            // The bracket of a defanged dot stands right before it.
            '(' | '[' | '{' if depth == 0 && floor + place + 1 < dot => break,
            '(' | '[' | '{' => depth = depth.saturating_sub(1),
            ' ' if depth > 0 => {}
            // `Boss's_plan.docx`
            '\'' if text[floor + place..].starts_with("'s_")
                || text[floor + place..].starts_with("'s-") => {}
            _ if c.is_alphanumeric() || c.is_ascii() && PLAIN[c as usize] => {}
            _ => break,
        }
        start = floor + place;
    }
    if depth > 0 {
        start = closed;
    }
    let name = &text[start..dot];
    let kept = name.trim_start_matches(['-', '+', '&', '#', '!', '^', '@', '*', ' ']);
    let kept = if kept.starts_with("..") {
        kept.trim_start_matches('.')
    } else {
        kept
    };
    kept.chars()
        .any(|c| c.is_alphanumeric() || c == '_')
        .then(|| dot - kept.len() + glued(text, dot - kept.len(), kept))
}

/// Length of the words that run into `name`, which starts at `start`: `释放文件evil.exe`. A name of such
/// letters in quotes or at the start of a line is whole.
fn glued(text: &str, start: usize, name: &str) -> usize {
    // Words after which a name begins: file, is, of, and, to, from, by, named, ran, loads, drops.
    const BEFORE: &str = "件为為是的和与與及到从從由用名了行载載放将將把を に が の は と で ル 이 가 는 은 의 를 을 일 로";
    if name.is_ascii() {
        return 0;
    }
    let mut last = None;
    for (at, letter) in name.char_indices().rev() {
        if last.is_some_and(|last: char| last.is_ascii_alphanumeric()) && runs_on(letter) {
            let after = at + letter.len_utf8();
            let begins = BEFORE.contains(letter) && name.len() - after > 1;
            let opened = matches!(
                before(text, start),
                None | Some('\n' | '\t' | '"' | '“' | '「' | '『' | '《' | '‘' | '\'' | '`')
            );
            return if begins && !opened { after } else { 0 };
        }
        last = Some(letter);
    }
    0
}

fn name(text: &Text<'_>, start: usize, end: usize, strength: Strength) -> Option<Candidate> {
    let whole = text.str();
    match before(whole, start) {
        Some('\\' | '@' | ':') if strength != Strength::Sure => return None,
        // Markup escapes an underscore: `\\_x.pyw`.
        Some('\\') if !whole[start..].starts_with('_') && !opens_quotation(whole, start - 1) => {
            return None;
        }
        Some('/') if !is_alternative(whole, start) => return None,
        _ => {}
    }
    let lower = whole[start..end].to_ascii_lowercase();
    // A part of a URL in a query, the name that a scanner gives to a threat.
    let encoded = memchr::memchr(b'%', lower.as_bytes()).is_some()
        && (lower.contains("%2f") || lower.contains("%3a"));
    let threat = lower.starts_with("win32.") || lower.starts_with("win64.");
    if encoded || threat && lower.matches('.').count() > 2 || NO_FILES.contains(&lower) {
        return None;
    }
    let stem = &lower[..lower.rfind('.').unwrap_or(0)];
    if is_word(
        &whole[start..start + stem.len()],
        &whole[(start + stem.len() + 1).min(end)..end],
    ) {
        return None;
    }
    let confidence = match strength {
        Strength::Sure => 85,
        Strength::Weak => {
            // `this.lock`, `i.key`: what code calls a member is no file.
            if stem.len() < 3
                || stem.contains('@')
                || matches!(stem, "this" | "self" | "math" | "console")
                || stem.contains('.')
                || after(whole, end) == Some('(')
            {
                return None;
            }
            55
        }
        Strength::Domain => {
            if !is_filename(text, start..end) || stem.contains('@') {
                return None;
            }
            70
        }
    };
    // AsciiDoc opens the title of a block with a dot.
    let titled = strength == Strength::Sure
        && lower.starts_with('.')
        && before(whole, start).is_none_or(|c| c == '\n');
    let start = widen(text, start, end).unwrap_or(start + usize::from(titled));
    Some(candidate(
        Kind::Filename,
        &whole[start..end],
        start..end,
        confidence,
    ))
}

/// Whether a quote stands right before the backslash at `at`: rules match the end of a path, as in
/// `'\rundll32.exe'`.
fn opens_quotation(text: &str, at: usize) -> bool {
    text.as_bytes()[at] == b'\\' && matches!(before(text, at), Some('\'' | '"' | '*'))
}

/// Whether `extension` is written as a word that begins a sentence or names a class, not as the end of
/// a file: `stops.So it`, `c.e.s.Application`.
fn is_word(stem: &str, extension: &str) -> bool {
    const WORDS: [&str; 6] = ["App", "Cat", "Dot", "One", "Pub", "So"];
    let capital = extension.starts_with(|c: char| c.is_ascii_uppercase())
        && extension
            .bytes()
            .skip(1)
            .all(|byte| byte.is_ascii_lowercase());
    let lower = stem.ends_with(|c: char| c.is_lowercase());
    capital
        && lower
        && (WORDS.contains(&extension) || stem.contains('.') && !stem.contains(char::is_uppercase))
}

/// Whether the slash before `start` divides two file names: `a.exe/b.exe`.
fn is_alternative(text: &str, start: usize) -> bool {
    let floor = text.ceil_char_boundary(start.saturating_sub(LONGEST));
    let head = &text[floor..start - 1];
    let near = head.rfind(|c: char| c.is_whitespace() || matches!(c, '/' | '\\' | '?'));
    let name = near.map_or(head, |at| head[at..].trim_start());
    !name.starts_with(['/', '\\', '?']) && extension::of(name) == Some(Strength::Sure)
}

/// What stands behind two slashes; places are asked for in rising order, and each byte is read once.
struct Urls<'a> {
    bytes: &'a [u8],
    /// The place that was asked for last, and whether it stands in a URL.
    last: usize,
    inside: bool,
}

impl<'a> Urls<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            bytes: text.as_bytes(),
            last: 0,
            inside: false,
        }
    }

    /// Whether the full stop at `at` stands in one.
    fn covers(&mut self, at: usize) -> bool {
        let between = &self.bytes[self.last..at];
        self.last = at;
        let end = between.iter().rposition(|byte| ENDS[*byte as usize]);
        let begun = between[end.unwrap_or(0)..]
            .windows(2)
            .any(|pair| pair == b"//");
        self.inside = begun || self.inside && end.is_none();
        self.inside
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::found;
    use super::*;

    fn names(text: &str) -> Vec<String> {
        found(Kind::Filename, text)
    }

    #[test]
    fn names_with_a_known_extension_are_found() {
        assert_eq!(
            names("Dropped invoice.pdf.exe, evil.dll, run.bat and a.ps1"),
            ["invoice.pdf.exe", "evil.dll", "run.bat", "a.ps1"]
        );
        assert_eq!(
            names("(setup.exe) **x.hta** ~doc.tmp [user].lnk {0a-1b}.dll libevil.so.4.6.0"),
            [
                "setup.exe",
                "x.hta",
                "~doc.tmp",
                "[user].lnk",
                "{0a-1b}.dll",
                "libevil.so.4.6.0"
            ]
        );
        assert_eq!(
            names("evil.exe|0a1b2c evil.exe/other.exe evil[.]exe"),
            ["evil.exe", "evil.exe", "other.exe", "evil.exe"]
        );
        assert_eq!(
            names("[HOW TO RECOVER FILES].txt"),
            ["[HOW TO RECOVER FILES].txt"]
        );
    }

    #[test]
    fn urls_hosts_code_and_prose_hold_no_file_names() {
        for text in [
            "http://evil.example/a.exe?x=b.exe",
            "evil.example/a.exe",
            "hxxp[:]//evil[.]example/a.exe",
            "3.5 percent, v1.2, fig.1, No.5, p.m. and evil.example",
            "console.log(x) node.js i.key item.Name os.open x.log( SHLWAPI.dll_StrChrA",
            "user@evil.example evil.com",
            "*.exe .dll",
        ] {
            assert_eq!(names(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn a_name_may_hold_spaces_where_it_fills_quotes_or_a_cell_of_files() {
        assert_eq!(
            names("opens \"Annual Report 2019 xlsx.scr\" first"),
            ["Annual Report 2019 xlsx.scr"]
        );
        assert_eq!(
            names("file_name\tRemote Desktop Connection.lnk\tx"),
            ["Remote Desktop Connection.lnk"]
        );
        assert_eq!(
            names("20190611 pdf.scr\n20190612 pdf.scr\n"),
            ["20190611 pdf.scr", "20190612 pdf.scr"]
        );
        assert_eq!(names("The malware drops evil.exe\n"), ["evil.exe"]);
        assert_eq!(
            names("My plan for 2017.exe|d41d8cd98f00b204e9800998ecf8427e"),
            ["My plan for 2017.exe"]
        );
        assert_eq!(
            names("a Boss's_plan.docx 'x.exe'"),
            ["Boss's_plan.docx", "x.exe"]
        );
    }
}
