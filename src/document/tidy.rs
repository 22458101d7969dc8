//! Characters that no reader may let through, and those that only hide values.

use std::borrow::Cow;

/// `text` with `\n` as its only line break, without control and zero-width characters.
///
/// A tab stays. U+00AD (soft hyphen) stays too: whether it is a hyphen or nothing depends on the
/// format, so the readers decide.
pub(super) fn tidy(text: &str) -> Cow<'_, str> {
    if !text.chars().any(odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => out.push('\n'),
            '\u{a0}' => out.push(' '),
            c if odd(c) => {}
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// `text` on one line, its white space folded.
pub(super) fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn odd(c: char) -> bool {
    match c {
        '\t' | '\n' => false,
        // Zero-width space, word joiner, byte order mark: they split a value and nobody sees it.
        '\u{200b}' | '\u{2060}' | '\u{feff}' | '\u{a0}' | '\u{2028}' | '\u{2029}' => true,
        '\u{fffe}' | '\u{ffff}' => true,
        c => c.is_control(),
    }
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn line_breaks_become_one_kind() {
        assert_eq!(tidy("a\r\nb\rc\u{c}d\u{2028}e"), "a\nb\nc\nd\ne");
    }

    #[test]
    fn what_only_hides_a_value_goes() {
        assert_eq!(
            tidy("evil\u{200b}.exa\u{feff}mple\0\u{1b}\u{a0}x\ty"),
            "evil.example x\ty"
        );
    }

    #[test]
    fn clean_text_is_not_copied() {
        assert!(matches!(
            tidy("plain\ttext\n"),
            std::borrow::Cow::Borrowed(_)
        ));
    }
}
