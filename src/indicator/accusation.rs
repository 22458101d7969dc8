//! Whether what a document calls a value accuses it, or clears it.

/// Words that accuse what they name.
const ACCUSING: &[&str] = &[
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
];

/// Words that accuse together, one right behind the other.
const PHRASES: &[&[&str]] = &[&["command", "and", "control"], &["credential", "theft"]];

/// Words that take an accusation back.
const CLEARING: &[&str] = &["benign", "clean", "legitimate", "not", "non"];

/// Whether `label`, what a document calls a value, says that it is malicious.
#[must_use]
pub fn accuses(label: &str) -> bool {
    let mut accused = false;
    let mut rest = words(label);
    while let Some(word) = rest.next() {
        let is = |known: &&str| known.eq_ignore_ascii_case(word);
        if CLEARING.iter().any(is) {
            return false;
        }
        accused |= ACCUSING.iter().any(is)
            || PHRASES.iter().any(|phrase| {
                is(&phrase[0])
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
const CLEARED: &[&str] = &["benign", "harmless", "legitimate"];

/// Words behind them that take it back.
const ABUSED: &[&str] = &[
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
];

/// Whether `label`, what a document calls a value, says that it is no evil: "legitimate website".
#[must_use]
pub fn clears(label: &str) -> bool {
    let is = |list: &[&str], word: &str| list.iter().any(|known| known.eq_ignore_ascii_case(word));
    let mut words = words(label).skip_while(|word| is(&["a", "the"], word));
    words.next().is_some_and(|word| is(CLEARED, word))
        && !words.any(|word| is(ABUSED, word) || is(ACCUSING, word))
}

fn words(label: &str) -> impl Iterator<Item = &str> + Clone {
    label
        .split(|c: char| !c.is_alphanumeric() && c != '&')
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
