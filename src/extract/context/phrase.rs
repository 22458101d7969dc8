//! What the words right beside a value call it: "the C2 server evil.example", "the loader
//! (SHA-256: …)", "evil.example, used as C2". Enter at [`beside`].

use std::ops::Range;

use super::words::{BREAKS, NOUNS};
use crate::extract::{letters, sweep};

/// How far words are read to either side, in bytes.
const REACH: usize = 120;
/// Most words of a phrase.
const WORDS: usize = 6;

/// What `text` says right before or behind `span`, inside `sentence`.
pub(super) fn beside(text: &str, sentence: &Range<usize>, span: &Range<usize>) -> Option<String> {
    let from = text.ceil_char_boundary(sentence.start.max(span.start.saturating_sub(REACH)));
    let to = text.floor_char_boundary(sentence.end.min(span.end.saturating_add(REACH)));
    let head = text.get(from..span.start)?;
    let tail = text.get(span.end..to)?;
    let behind = used(tail).or_else(|| in_brackets(tail));
    // Most values open their line, behind the mark of an item at most.
    let silent = !letters::any(head) && !head.contains('(');
    if behind.is_some() || silent {
        return behind;
    }
    bracketed_value(head).or_else(|| noun_phrase(head))
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
    // The first letters of all that is looked for.
    if !rest.starts_with(['a', 'i', 's', 't', 'u', 'w']) {
        return None;
    }
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
    const ASIDES: &[&str] = &[
        "aka", "also", "as", "cf", "e.g", "e.g.", "fig", "fig.", "figure", "formerly", "i.e",
        "i.e.", "if", "link", "more", "n/a", "note", "now", "or", "see", "source", "table",
        "which",
    ];
    let inside = tail
        .trim_start_matches(['"', '\'', '`', '”', '*', ' '])
        .strip_prefix('(')?;
    let inside = without_article(inside[..inside.find(')')?].trim());
    let words = inside.split_whitespace().count();
    let first = inside.split([' ', ',']).next().unwrap_or_default();
    let aside = ASIDES.iter().any(|aside| aside.eq_ignore_ascii_case(first));
    let letters = letters::count(inside);
    (words <= WORDS + 2 && !aside && letters > 1 && is_words(inside)).then(|| inside.to_owned())
}

/// "the loader" is "loader".
fn without_article(said: &str) -> &str {
    ["the ", "The ", "a ", "A ", "an ", "An "]
        .iter()
        .find_map(|article| said.strip_prefix(article))
        .unwrap_or(said)
}

/// Where the bracket opens that `head` does not close, and what stands in it so far.
fn open_bracket(head: &str) -> Option<(usize, &str)> {
    let open = memchr::memrchr2(b'(', b')', head.as_bytes())?;
    let inside = head[open..].strip_prefix('(')?;
    Some((open, inside))
}

/// "the loader (SHA-256: …": the value is the bracket, the words before it its owner.
fn bracketed_value(head: &str) -> Option<String> {
    let (open, inside) = open_bracket(head)?;
    let owner = || last_phrase(&head[..open]);
    let label = inside.trim().trim_end_matches([':', '=', ' ']);
    if label.is_empty() {
        return owner()
            .filter(|owner| ends_with_noun(owner) || !owner.contains(' ') && owner.contains('.'));
    }
    let named = label.len() <= 24 && label.split_whitespace().count() <= 3 && is_words(label);
    named
        .then(owner)
        .flatten()
        .map(|owner| format!("{label} of {owner}"))
}

/// "the C2 server evil.example", "the C2 server is evil.example", "a loader named evil.exe", "the
/// loader, evil.exe".
fn noun_phrase(head: &str) -> Option<String> {
    const JOINTS: &[&str] = &[
        " is",
        " was",
        " are",
        " were",
        " named",
        " called",
        " titled",
        " dubbed",
        " at",
        " include",
        " includes",
        " including",
        " such as",
        " like",
        " being",
        " of",
        " with the name",
        " with the hash",
        " under the name",
    ];
    let bare = head
        .trim_end()
        .trim_end_matches(['"', '\'', '`', '“', '‘', '*', '[', '<', ' ']);
    if bare.ends_with(['.', ';', '(']) {
        return None;
    }
    let bare = bare.trim_end_matches([',', ':']).trim_end();
    let joint = |head: &'_ str| {
        let end = head
            .as_bytes()
            .last_chunk::<2>()?
            .map(|byte| byte.to_ascii_lowercase());
        JOINTS
            .iter()
            .find(|joint| {
                joint.as_bytes().ends_with(&end)
                    && head.len() > joint.len()
                    && head
                        .get(head.len() - joint.len()..)
                        .is_some_and(|end| end.eq_ignore_ascii_case(joint))
            })
            .map(|joint| head.len() - joint.len())
    };
    let owner = joint(bare).map_or(bare, |end| bare[..end].trim_end_matches([',', ' ']));
    for word in words_back(owner) {
        if letters::any(word) {
            // Most words are no nouns: that is asked first.
            let named = is_noun(word) && !ends_phrase(word);
            return named.then(|| last_phrase(owner)).flatten();
        }
        if ends_phrase(word) {
            return None;
        }
    }
    None
}

fn is_noun(word: &str) -> bool {
    NOUNS.contains_any_case(word)
}

/// Whether the last word of `phrase`, or the one before a number, is a noun for an indicator.
pub(super) fn ends_with_noun(phrase: &str) -> bool {
    phrase
        .rsplit(' ')
        .find(|word| word.contains(char::is_alphabetic))
        .is_some_and(is_noun)
}

/// The last few words of `head`, back to a word that begins a phrase.
fn last_phrase(head: &str) -> Option<String> {
    let mut words: Vec<&str> = phrase_back(head).collect();
    words.reverse();
    (!words.is_empty()).then(|| words.join(" "))
}

/// The words of the phrase that `head` ends with, the last first.
fn phrase_back(head: &str) -> impl Iterator<Item = &str> {
    words_back(head).take_while(|word| !ends_phrase(word))
}

/// The last few words of `head`, the last first.
fn words_back(head: &str) -> impl Iterator<Item = &str> {
    let head = head
        .trim_end()
        .trim_end_matches(['"', '\'', '`', '“', '‘', ':', '[', '*', ' '])
        .trim_end();
    head.rsplit(char::is_whitespace)
        .filter(|word| !word.is_empty())
        .take(WORDS)
        .map(|word| word.trim_matches(['"', '\'', '`', '“', '”', '(', '*']))
}

/// Whether no phrase reaches back over `word`.
fn ends_phrase(word: &str) -> bool {
    word.is_empty()
        || word.ends_with([',', ';', ':', '.', ')', '!', '?'])
        || BREAKS.contains_any_case(word)
        || word.contains(['\'', '’', '/', '\\', '@', '[', '|', '=', '>'])
}

/// Whether `word` joins words of a sentence and ends none: a preposition, an article, a verb.
pub(super) fn is_joint(word: &str) -> bool {
    BREAKS.contains_any_case(word)
}

/// Whether `text` is words rather than values.
pub(super) fn is_words(text: &str) -> bool {
    let bytes = text.as_bytes();
    let signs = sweep::any(bytes, |byte| {
        (byte == b'\\')
            | (byte == b'@')
            | (byte == b'|')
            | (byte == b'[')
            | (byte == b'{')
            | (byte == b'=')
    });
    let holds_code =
        signs || memchr::memchr_iter(b':', bytes).any(|at| bytes[at..].starts_with(b"://"));
    let is_word = |word: &str| {
        word.len() < 28 && !(word.len() > 8 && word.bytes().all(|byte| byte.is_ascii_hexdigit()))
    };
    !holds_code
        && letters::any(text)
        && match text.is_ascii() {
            true => text.split_ascii_whitespace().all(is_word),
            false => text.split_whitespace().all(is_word),
        }
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
        for (text, called) in [
            ("The C2 server is evil.example, which fell.", "C2 server"),
            (
                "drops a second loader named evil.example here",
                "second loader",
            ),
            (
                "starts the first loader, evil.example, at once",
                "first loader",
            ),
            (
                "talks to the relay server at evil.example daily",
                "relay server",
            ),
            ("It runs evil.example (the loader) first", "loader"),
            ("C2 servers include evil.example and more", "C2 servers"),
        ] {
            assert_eq!(
                said(text, "evil.example").as_deref(),
                Some(called),
                "{text}"
            );
        }
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
        assert_eq!(
            said("The loader asks evil.example for more", "evil.example"),
            None
        );
        assert_eq!(
            said("seen at evil.example (see Figure 2)", "evil.example"),
            None
        );
    }
}
