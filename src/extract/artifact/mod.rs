//! File names, paths and registry keys. Enter at [`scan`]; [`is_filename`] settles for the whole
//! engine whether a name like `setup.py` is a file or a host.
//!
//! Three passes jump from separator to separator (`\`, `/`, and `.` in the words that can hold a name); each
//! looks a bounded number of bytes to either side, so that no input costs more than linear time.

mod cell;
mod evidence;
mod extension;
mod name;
mod registry;
mod segment;
mod spaced;
mod unix;
mod windows;
mod wrap;

use std::ops::Range;

use crate::extract::candidate::{Candidate, Text};
use crate::extract::lexicon::Lexicon;
use crate::indicator::Kind;

pub(crate) use evidence::{is_filename, said};

/// Whether `name` is an extension of files, without its dot: `js`, `exe`.
pub(crate) fn is_extension(name: &str) -> bool {
    extension::strength(name).is_some()
}

/// Whether `name` is an extension and a top-level domain: `zip`, `com`.
pub(crate) fn is_either(name: &str) -> bool {
    extension::strength(name) == Some(extension::Strength::Domain)
}

/// Finds file names, paths and registry keys. No name is taken out of a path.
pub(crate) fn scan(text: &Text<'_>, found: &mut Vec<Candidate>) {
    let first = found.len();
    windows::scan(text, found);
    unix::scan(text, found);
    cell::scan(text, found);
    let mut taken: Vec<Range<usize>> = found[first..]
        .iter()
        .map(|candidate| candidate.span.clone())
        .collect();
    taken.sort_unstable_by_key(|span| span.start);
    name::scan(text, &taken, found);
}

/// Ways to write a dot that no program follows.
const DOTS: [&str; 7] = ["[.]", "(.)", "{.}", "[dot]", "(dot)", "[DOT]", "[ dot ]"];

/// `written` as a candidate of `kind`: defanged dots undone.
fn candidate(kind: Kind, written: &str, span: Range<usize>, confidence: u8) -> Candidate {
    let mut value = written.to_owned();
    let mut defanged = false;
    if memchr::memchr3(b'[', b'(', b'{', value.as_bytes()).is_some() {
        for dot in DOTS {
            if value.contains(dot) {
                value = value.replace(dot, ".");
                defanged = true;
            }
        }
    }
    // A part in bold: `C:\Users\**name**\a.exe`.
    if memchr::memchr(b'*', value.as_bytes()).is_some() {
        value = value.replace("**", "");
    }
    Candidate {
        kind,
        value,
        span,
        defanged,
        confidence,
    }
}

/// The character before byte `at`.
fn before(text: &str, at: usize) -> Option<char> {
    text[..at].chars().next_back()
}

/// The character at byte `at`.
fn after(text: &str, at: usize) -> Option<char> {
    text[at..].chars().next()
}

/// Words of running text: where one stands, a name or a folder does not go on.
fn is_function_word(word: &str) -> bool {
    static WORDS: Lexicon = Lexicon::new(&[
        "a",
        "adds",
        "after",
        "also",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "been",
        "before",
        "but",
        "by",
        "called",
        "contains",
        "copied",
        "copies",
        "created",
        "creates",
        "deletes",
        "directory",
        "downloaded",
        "downloads",
        "dropped",
        "drops",
        "executed",
        "executes",
        "file",
        "files",
        "folder",
        "for",
        "from",
        "has",
        "have",
        "if",
        "in",
        "into",
        "is",
        "it",
        "its",
        "key",
        "located",
        "location",
        "malware",
        "named",
        "not",
        "of",
        "on",
        "or",
        "path",
        "registry",
        "renamed",
        "runs",
        "saved",
        "saves",
        "so",
        "such",
        "that",
        "the",
        "then",
        "these",
        "this",
        "to",
        "under",
        "used",
        "uses",
        "using",
        "value",
        "via",
        "was",
        "were",
        "when",
        "where",
        "which",
        "while",
        "will",
        "with",
        "within",
        "writes",
        "written",
    ]);
    WORDS.contains(word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    /// What a scan of `text` alone finds of `kind`.
    pub(super) fn found(kind: Kind, text: &str) -> Vec<String> {
        let document = Document {
            text: text.into(),
            ..Document::default()
        };
        let mut found = Vec::new();
        scan(&Text::new(&document), &mut found);
        found
            .into_iter()
            .filter(|one| one.kind == kind)
            .map(|one| one.value)
            .collect()
    }

    #[test]
    fn no_name_is_taken_out_of_a_path() {
        let text = r"C:\Windows\evil.exe and /tmp/evil.sh and HKLM\Software\evil.exe";
        assert_eq!(found(Kind::Filename, text), [""; 0]);
    }

    #[test]
    fn hostile_texts_end_and_every_candidate_lies_in_the_text() {
        let more = [
            "%a%\\",
            "\\\\a",
            "a.exe ",
            "a.exe",
            "a a.exe",
            "(a.py",
            "/tmp/a b/",
            "\"C:\\a",
            "\t",
            "\ta.py",
            "~/",
            "$HOME/",
            "a\\",
            "Windows\\",
            "/usr ",
            "[a].exe",
        ];
        crate::extract::cases::endures(scan, &more);
    }

    #[test]
    fn function_words_are_told_from_names() {
        assert!(
            is_function_word("a")
                && is_function_word("written")
                && is_function_word("dropped")
                && !is_function_word("exe")
        );
    }
}
