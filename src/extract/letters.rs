//! Characters and letters, counted without decoding what is ASCII: most texts are.

/// Whether `text` holds a letter of any script.
pub(super) fn any(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_alphabetic())
        || !text.is_ascii() && text.contains(char::is_alphabetic)
}

/// How many letters of any script `text` holds.
pub(super) fn count(text: &str) -> usize {
    match text.is_ascii() {
        true => text.bytes().filter(u8::is_ascii_alphabetic).count(),
        false => text.chars().filter(|c| c.is_alphabetic()).count(),
    }
}

/// How many characters `text` has.
pub(super) fn characters(text: &str) -> usize {
    match text.is_ascii() {
        true => text.len(),
        false => text.chars().count(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_every_script_count() {
        for (text, letters, all) in [
            ("", 0, 0),
            ("12.3", 0, 4),
            ("a1b", 2, 3),
            ("é1", 1, 2),
            ("1 €", 0, 3),
            ("漢字 a", 3, 4),
        ] {
            assert_eq!(
                (any(text), count(text), characters(text)),
                (letters > 0, letters, all)
            );
        }
    }
}
