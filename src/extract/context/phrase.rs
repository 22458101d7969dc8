//! What the words right beside a value call it: "the C2 server evil.example", "the loader
//! (SHA-256: …)", "evil.example, used as C2". Enter at [`beside`].

use std::ops::Range;

use crate::extract::lexicon::Lexicon;

/// How far words are read to either side, in bytes.
const REACH: usize = 120;
/// Most words of a phrase.
const WORDS: usize = 6;

/// Nouns that say what an indicator is, lower case and sorted. Without one, words beside a value
/// are mere prose.
static NOUNS: Lexicon = Lexicon::new(&[
    "account",
    "address",
    "addresses",
    "agent",
    "archive",
    "asn",
    "attachment",
    "backdoor",
    "beacon",
    "binary",
    "botnet",
    "bucket",
    "c&c",
    "c2",
    "c2s",
    "certificate",
    "channel",
    "cnc",
    "command",
    "component",
    "directory",
    "dll",
    "document",
    "domain",
    "domains",
    "downloader",
    "driver",
    "dropper",
    "endpoint",
    "executable",
    "exploit",
    "file",
    "filename",
    "folder",
    "gate",
    "hash",
    "host",
    "hostname",
    "imphash",
    "implant",
    "infostealer",
    "infrastructure",
    "installer",
    "ip",
    "key",
    "library",
    "link",
    "loader",
    "macro",
    "mail",
    "malware",
    "md5",
    "miner",
    "module",
    "mutex",
    "network",
    "note",
    "page",
    "panel",
    "path",
    "payload",
    "plugin",
    "proxy",
    "ransomware",
    "rat",
    "relay",
    "repository",
    "resolver",
    "rootkit",
    "sample",
    "script",
    "sender",
    "server",
    "servers",
    "service",
    "sha-1",
    "sha-256",
    "sha1",
    "sha256",
    "shell",
    "shellcode",
    "site",
    "spyware",
    "stage",
    "stager",
    "stealer",
    "subdomain",
    "subnet",
    "task",
    "technique",
    "tool",
    "trojan",
    "tunnel",
    "url",
    "urls",
    "utility",
    "variant",
    "vulnerability",
    "wallet",
    "webshell",
    "website",
    "wiper",
    "worm",
]);

/// Words at which a phrase begins anew, lower case and sorted.
static BREAKS: Lexicon = Lexicon::new(&[
    "a",
    "an",
    "and",
    "are",
    "as",
    "at",
    "be",
    "by",
    "called",
    "contacted",
    "contacts",
    "contained",
    "contains",
    "downloads",
    "dropped",
    "drops",
    "e.g",
    "e.g.",
    "following",
    "for",
    "found",
    "from",
    "had",
    "has",
    "have",
    "i.e",
    "i.e.",
    "in",
    "into",
    "is",
    "it",
    "its",
    "like",
    "named",
    "observed",
    "of",
    "on",
    "or",
    "our",
    "resolved",
    "resolves",
    "see",
    "some",
    "such",
    "that",
    "the",
    "their",
    "these",
    "this",
    "those",
    "to",
    "under",
    "used",
    "uses",
    "using",
    "via",
    "was",
    "we",
    "were",
    "where",
    "which",
    "with",
]);

/// What `text` says right before or behind `span`, inside `sentence`.
pub(super) fn beside(text: &str, sentence: &Range<usize>, span: &Range<usize>) -> Option<String> {
    let from = text.ceil_char_boundary(sentence.start.max(span.start.saturating_sub(REACH)));
    let to = text.floor_char_boundary(sentence.end.min(span.end.saturating_add(REACH)));
    let head = text.get(from..span.start)?;
    let tail = text.get(span.end..to)?;
    used(tail)
        .or_else(|| in_brackets(tail))
        .or_else(|| bracketed_value(head))
        .or_else(|| noun_phrase(head))
}

/// "…, used as a C2 server" behind the value.
fn used(tail: &str) -> Option<String> {
    const VERBS: &[&str] = &[
        "acting as",
        "acts as",
        "serving as",
        "served as",
        "used as",
        "used by",
        "used for",
        "used to",
    ];
    let rest = tail.trim_start_matches(['"', '\'', '`', '”', ')', ',', ' ']);
    let rest = [
        "which is ",
        "which was ",
        "that is ",
        "was ",
        "is ",
        "were ",
    ]
    .iter()
    .find_map(|word| rest.strip_prefix(word))
    .unwrap_or(rest);
    VERBS
        .iter()
        .any(|verb| rest.starts_with(verb))
        .then(|| clause(rest))
        .filter(|said| said.contains(' '))
}

/// "evil.example (C2 server)".
fn in_brackets(tail: &str) -> Option<String> {
    let inside = tail
        .trim_start_matches(['"', '\'', '`', '”', ' '])
        .strip_prefix('(')?;
    let inside = inside[..inside.find(')')?].trim();
    let words = inside.split_whitespace().count();
    (words <= WORDS + 2 && is_words(inside)).then(|| inside.to_owned())
}

/// "the loader (SHA-256: …": the value is the bracket, the words before it its owner.
fn bracketed_value(head: &str) -> Option<String> {
    let open = head.rfind('(').filter(|at| !head[*at..].contains(')'))?;
    let label = head[open + 1..].trim().trim_end_matches([':', '=', ' ']);
    let owner = last_phrase(&head[..open])?;
    if label.is_empty() {
        return (has_noun(&owner) || !owner.contains(' ') && owner.contains('.')).then_some(owner);
    }
    (label.len() <= 24 && label.split_whitespace().count() <= 3 && is_words(label))
        .then(|| format!("{label} of {owner}"))
}

/// "the C2 server evil.example".
fn noun_phrase(head: &str) -> Option<String> {
    if head.trim_end().ends_with([',', '.', ';', '(']) {
        return None;
    }
    last_phrase(head).filter(|phrase| has_noun(phrase) && phrase.chars().any(char::is_alphabetic))
}

/// The last few words of `head`, back to a word that begins a phrase.
fn last_phrase(head: &str) -> Option<String> {
    let head = head
        .trim_end()
        .trim_end_matches(['"', '\'', '`', '“', '‘', ':', '[', '*', ' '])
        .trim_end();
    let mut words: Vec<&str> = Vec::new();
    for word in head
        .rsplit(char::is_whitespace)
        .filter(|word| !word.is_empty())
        .take(WORDS)
    {
        let bare = word.trim_matches(['"', '\'', '`', '“', '”', '(', '*']);
        if bare.is_empty()
            || BREAKS.contains_any_case(bare)
            || bare.ends_with([',', ';', ':', '.', ')', '!', '?'])
            || bare.contains(['/', '\\', '@', '[', '|', '=', '>'])
        {
            break;
        }
        words.push(bare);
    }
    words.reverse();
    (!words.is_empty()).then(|| words.join(" "))
}

fn has_noun(phrase: &str) -> bool {
    phrase.split(' ').any(|word| NOUNS.contains_any_case(word))
}

/// Whether `text` is words rather than values.
pub(super) fn is_words(text: &str) -> bool {
    text.chars().any(char::is_alphabetic)
        && !text.contains(['\\', '@', '|', '[', '{', '='])
        && !text.contains("://")
        && text.split_whitespace().all(|word| {
            word.len() < 28
                && !(word.len() > 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
        })
}

/// `rest` up to the end of its clause or [`WORDS`] + 2 words.
fn clause(rest: &str) -> String {
    let end = rest.find([',', ';', '(', '\n', '\t']).unwrap_or(rest.len());
    let words: Vec<&str> = rest[..end].split_whitespace().take(WORDS + 2).collect();
    words.join(" ").trim_end_matches(['.', '!', '?']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, value: &str) -> Option<String> {
        let at = text.find(value).unwrap();
        beside(text, &(0..text.len()), &(at..at + value.len()))
    }

    #[test]
    fn words_beside_a_value_name_it() {
        assert_eq!(
            said("It asks the C2 server evil.example daily.", "evil.example").as_deref(),
            Some("C2 server")
        );
        assert_eq!(
            said("the loader (SHA-256: 0a1b) runs", "0a1b").as_deref(),
            Some("SHA-256 of loader")
        );
        assert_eq!(
            said("evil.example (C2 server) was up", "evil.example").as_deref(),
            Some("C2 server")
        );
        assert_eq!(
            said("evil.example, used as a relay, fell", "evil.example").as_deref(),
            Some("used as a relay")
        );
        assert_eq!(
            said("loader.exe (0a1b) runs", "0a1b").as_deref(),
            Some("loader.exe")
        );
    }

    #[test]
    fn mere_prose_names_nothing() {
        assert_eq!(
            said("We went to evil.example and left", "evil.example"),
            None
        );
        assert_eq!(said("evil.example", "evil.example"), None);
        assert_eq!(said("one, two, evil.example", "evil.example"), None);
    }
}
