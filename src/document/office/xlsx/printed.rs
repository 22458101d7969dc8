//! Headers and footers of a printed sheet: text among codes such as `&C` and `&"Arial,Bold"`
//! (ECMA-376, part 1, 18.3.1.46).

use crate::document::office::MAX_FURNITURE;

/// The text of a header or footer; empty where it says the same on every page of the world.
pub(super) fn text(coded: &str) -> String {
    let mut text = String::new();
    let mut fields = false;
    let mut chars = coded.chars().peekable();
    while let Some(c) = chars.next() {
        if c != '&' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('&') => text.push('&'),
            // A section begins.
            Some('L' | 'C' | 'R') => text.push('\n'),
            Some('P' | 'N' | 'D' | 'T' | 'Z' | 'F' | 'A') => fields = true,
            Some('"') => while chars.next().is_some_and(|c| c != '"') {},
            Some('K') => {
                chars.by_ref().take(6).for_each(drop);
            }
            Some(c) if c.is_ascii_digit() => while chars.next_if(char::is_ascii_digit).is_some() {},
            _ => {}
        }
    }
    let letters = text.chars().filter(|c| !c.is_whitespace()).count();
    if fields && letters <= MAX_FURNITURE {
        text.clear();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn codes_go_and_words_stay() {
        assert_eq!(
            text("&L&\"Arial,Bold\"&12evil&I[.]example&R&K0000FFa && b"),
            "\nevil[.]example\na & b"
        );
        assert_eq!(text("&CPage &P of &N"), "");
        assert_eq!(text("&\"never closed"), "");
    }
}
