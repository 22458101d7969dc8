//! Whether what a document calls a value accuses it, or clears it.

/// A few lower-case words that hardly a word of a label is one of: most are dismissed by their length and
/// first letter.
struct Words {
    words: &'static [&'static str],
    /// For each length the first letters of its words, as bits.
    initials: [u32; LONGEST + 1],
}

/// Longest of all words here, in bytes.
const LONGEST: usize = 12;

impl Words {
    const fn new(words: &'static [&'static str]) -> Self {
        let mut initials = [0; LONGEST + 1];
        let mut index = 0;
        while index < words.len() {
            let word = words[index].as_bytes();
            initials[word.len()] |= bit(word[0]);
            index += 1;
        }
        Self { words, initials }
    }

    /// Whether `word`, whatever its case, is one.
    fn hold(&self, word: &str) -> bool {
        let first = word.bytes().next().map_or(0, bit);
        let initials = self.initials.get(word.len()).copied().unwrap_or(0);
        first & initials != 0
            && self
                .words
                .iter()
                .any(|known| known.eq_ignore_ascii_case(word))
    }
}

/// A bit for the letter `byte`, whatever its case. Other bytes may share it.
const fn bit(byte: u8) -> u32 {
    1 << (byte % 32)
}

/// Words that accuse what they name.
static ACCUSING: Words = Words::new(&[
    "backdoor",
    "beacon",
    "botnet",
    "c2",
    "c&c",
    "cnc",
    "dropper",
    "exfiltration",
    "exploit",
    "implant",
    "loader",
    "malicious",
    "malware",
    "payload",
    "phishing",
    "ransomware",
    "rat",
    "stealer",
    "trojan",
    "webshell",
    "worm",
]);

/// Words that accuse together, one right behind the other.
const PHRASES: &[&[&str]] = &[&["command", "and", "control"], &["credential", "theft"]];

/// Words that take an accusation back.
static CLEARING: Words = Words::new(&["benign", "clean", "legitimate", "not", "non"]);

/// Whether `label`, what a document calls a value, says that it is malicious.
#[must_use]
pub fn accuses(label: &str) -> bool {
    let mut accused = false;
    let mut rest = words(label);
    while let Some(word) = rest.next() {
        if CLEARING.hold(word) {
            return false;
        }
        accused |= ACCUSING.hold(word)
            || PHRASES.iter().any(|phrase| {
                phrase[0].eq_ignore_ascii_case(word)
                    && rest
                        .clone()
                        .take(phrase.len() - 1)
                        .map(str::to_ascii_lowercase)
                        .eq(phrase[1..].iter().copied())
            });
    }
    accused
}

/// Words that clear what they name, where a label begins with one.
static CLEARED: Words = Words::new(&["benign", "harmless", "legitimate"]);

/// Words that may stand before them.
static ARTICLES: Words = Words::new(&["a", "the"]);

/// Words behind them that take it back.
static ABUSED: Words = Words::new(&[
    "abused",
    "but",
    "compromised",
    "fake",
    "hacked",
    "hijacked",
    "infected",
    "looking",
    "misused",
    "spoofed",
    "trojanized",
    "weaponized",
]);

/// Whether `label`, what a document calls a value, says that it is no evil: "legitimate website".
#[must_use]
pub fn clears(label: &str) -> bool {
    let mut words = words(label).skip_while(|word| ARTICLES.hold(word));
    words.next().is_some_and(|word| CLEARED.hold(word))
        && !words.any(|word| ABUSED.hold(word) || ACCUSING.hold(word))
}

fn words(label: &str) -> impl Iterator<Item = &str> + Clone {
    let is_letter = |c: char| match c.is_ascii() {
        true => c.is_ascii_alphanumeric() || c == '&',
        false => c.is_alphanumeric(),
    };
    label
        .split(move |c: char| !is_letter(c))
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{accuses, clears};

    #[test]
    fn a_label_accuses_by_whole_words_and_takes_it_back() {
        assert!(accuses("C2 server") && accuses("SHA-256 of the loader"));
        assert!(!accuses("not malicious") && !accuses("legitimate loader"));
        assert!(!accuses("decoration") && !accuses("server"));
        assert!(accuses("Command-and-Control host") && !accuses("command of a theft"));
    }

    #[test]
    fn a_label_clears_where_it_begins_so_and_takes_nothing_back() {
        for label in ["legitimate website", "the Legitimate installer", "benign"] {
            assert!(clears(label), "{label}");
        }
        for label in [
            "legitimate but compromised website",
            "legitimate-looking page",
            "copy of a legitimate website",
            "website",
            "legitimate loader",
            "",
        ] {
            assert!(!clears(label), "{label}");
        }
    }
}
