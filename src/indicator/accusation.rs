//! Whether what a document calls a value accuses it.

/// Words that accuse what they name, lower case.
const ACCUSING: &[&str] = &[
    "backdoor",
    "beacon",
    "botnet",
    "c2",
    "c&c",
    "cnc",
    "command and control",
    "credential theft",
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

/// Words that take an accusation back, lower case.
const CLEARING: &[&str] = &["benign", "clean", "legitimate", "not", "non"];

/// Whether `label`, what a document calls a value, says that it is malicious.
#[must_use]
pub fn accuses(label: &str) -> bool {
    let words: Vec<_> = label
        .split(|c: char| !c.is_alphanumeric() && c != '&')
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    let label = format!(" {} ", words.join(" "));
    let says = |list: &[&str]| {
        list.iter()
            .any(|phrase| label.contains(&format!(" {phrase} ")))
    };
    says(ACCUSING) && !says(CLEARING)
}

#[cfg(test)]
mod tests {
    use super::accuses;

    #[test]
    fn a_label_accuses_by_whole_words_and_takes_it_back() {
        assert!(accuses("C2 server") && accuses("SHA-256 of the loader"));
        assert!(!accuses("not malicious") && !accuses("legitimate loader"));
        assert!(!accuses("decoration") && !accuses("server"));
    }
}
