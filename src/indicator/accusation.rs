//! Whether what a document calls a value accuses it.

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

fn words(label: &str) -> impl Iterator<Item = &str> + Clone {
    label
        .split(|c: char| !c.is_alphanumeric() && c != '&')
        .filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::accuses;

    #[test]
    fn a_label_accuses_by_whole_words_and_takes_it_back() {
        assert!(accuses("C2 server") && accuses("SHA-256 of the loader"));
        assert!(!accuses("not malicious") && !accuses("legitimate loader"));
        assert!(!accuses("decoration") && !accuses("server"));
        assert!(accuses("Command-and-Control host") && !accuses("command of a theft"));
    }
}
