//! Text → the few words that can hold an indicator. Enter at [`tokens`].
//!
//! One table-driven loop over the bytes: a word of plain letters costs a look-up per byte and is never
//! seen again. Words end at white space and at what no indicator holds: `<>"|` and the backtick.

/// A word with a full stop in it.
pub(crate) const DOT: u16 = 1;
/// A word with a colon in it.
pub(crate) const COLON: u16 = 1 << 1;
/// A word with an `@`.
pub(crate) const AT: u16 = 1 << 2;
/// A word with an opening bracket: it may be defanged.
pub(crate) const OPEN: u16 = 1 << 3;
/// A word with a closing bracket.
pub(crate) const CLOSE: u16 = 1 << 4;
/// A word with a backslash.
pub(crate) const BACKSLASH: u16 = 1 << 5;
/// A word with a character beyond ASCII.
pub(crate) const WIDE: u16 = 1 << 6;
/// A word with a digit.
pub(crate) const DIGIT: u16 = 1 << 7;
/// A word with a letter that is a hex digit as well.
pub(crate) const HEX: u16 = 1 << 8;
/// A word with another ASCII letter.
pub(crate) const LETTER: u16 = 1 << 9;
/// A word with a hyphen.
pub(crate) const HYPHEN: u16 = 1 << 10;
/// A word with an underscore.
pub(crate) const UNDERSCORE: u16 = 1 << 11;
/// A word with a slash.
pub(crate) const SLASH: u16 = 1 << 12;
/// A word with any other punctuation.
pub(crate) const OTHER: u16 = 1 << 13;
/// A word in which a letter of a reference stands right before a digit (`T1059`, `AS64496`), or a digit
/// or such a letter before what divides one (`CVE-2021-44228`, `AS-64496`).
pub(crate) const REFERENCE: u16 = 1 << 14;
const END: u16 = 1 << 15;

/// What a name is made of: a host, an address, a version, a file.
pub(crate) const NAME: u16 = DIGIT | HEX | LETTER | HYPHEN | UNDERSCORE | DOT | WIDE;

/// A word at least this long is kept whatever it holds: it may be a hash of letters alone.
const LONG: usize = 32;
const INTERESTING: u16 = DOT | COLON | AT | OPEN | BACKSLASH | WIDE | DIGIT;

static CLASS: [u16; 256] = classes();

const fn classes() -> [u16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            0..=b' ' | 0x7f | b'<' | b'>' | b'"' | b'|' | b'`' => END,
            b'.' => DOT,
            b':' => COLON,
            b'@' => AT,
            b'[' | b'(' | b'{' => OPEN,
            b']' | b')' | b'}' => CLOSE,
            b'\\' => BACKSLASH,
            b'0'..=b'9' => DIGIT,
            b'a'..=b'f' | b'A'..=b'F' => HEX,
            b'g'..=b'z' | b'G'..=b'Z' => LETTER,
            b'-' => HYPHEN,
            b'_' => UNDERSCORE,
            b'/' => SLASH,
            0x80.. => WIDE,
            _ => OTHER,
        };
        byte += 1;
    }
    table
}

/// Of two neighbours, what the first one may begin, and what the second one may go on with: they make
/// a [`REFERENCE`] where a bit is common to both.
static PAIRS: [(u8, u8); 256] = pairs();

const fn pairs() -> [(u8, u8); 256] {
    const DIVIDED: u8 = 2;
    let mut table = [(0, 0); 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' => (DIVIDED, 1),
            b'S' | b's' | b'N' | b'n' => (1 | DIVIDED, 0),
            b'T' | b't' | b'A' | b'a' | b'M' | b'G' => (1, 0),
            b'-' | b'_' | b':' | 0x80.. => (0, DIVIDED),
            _ => (0, 0),
        };
        byte += 1;
    }
    table
}

/// For each byte, whether it is one of `bytes`.
pub(crate) const fn table(mut bytes: &[u8]) -> [bool; 256] {
    let mut table = [false; 256];
    while let [byte, rest @ ..] = bytes {
        table[*byte as usize] = true;
        bytes = rest;
    }
    table
}

/// Which of this file's classes `byte` is of.
pub(crate) fn class(byte: u8) -> u16 {
    CLASS[byte as usize]
}

/// Number of bytes of `classes` that `bytes` begins with.
pub(crate) fn span(bytes: &[u8], classes: u16) -> usize {
    bytes
        .iter()
        .position(|byte| CLASS[*byte as usize] & classes == 0)
        .unwrap_or(bytes.len())
}

/// Whether `letter` is of a script that puts no blanks between words: what stands beside it may be a
/// word of its own.
pub(crate) fn runs_on(letter: char) -> bool {
    matches!(
        letter,
        '\u{3040}'..='\u{30ff}'
            | '\u{3400}'..='\u{4dbf}'
            | '\u{4e00}'..='\u{9fff}'
            | '\u{ac00}'..='\u{d7af}'
            | '\u{f900}'..='\u{faff}'
    )
}

/// Whether a word ends at `byte`.
pub(crate) fn ends_word(byte: u8) -> bool {
    CLASS[byte as usize] & END != 0
}

/// A word that may hold an indicator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Token {
    /// Byte offset of its first byte.
    pub(crate) start: usize,
    /// Byte offset after its last byte.
    pub(crate) end: usize,
    /// What it holds: the constants of this file.
    pub(crate) bits: u16,
}

impl Token {
    /// Whether it holds any of `bits`.
    pub(crate) fn has(&self, bits: u16) -> bool {
        self.bits & bits != 0
    }
}

/// The words of `text` that may hold an indicator, in order.
pub(crate) fn tokens(text: &str) -> Vec<Token> {
    let bytes = text.as_bytes();
    let mut kept = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let (mut bits, mut begun, mut pair) = (0, 0, 0);
        while at < bytes.len() {
            let class = CLASS[bytes[at] as usize];
            if class == END {
                break;
            }
            bits |= class;
            let (first, second) = PAIRS[bytes[at] as usize];
            pair |= begun & second;
            begun = first;
            at += 1;
        }
        if pair != 0 {
            bits |= REFERENCE;
        }
        if bits & INTERESTING != 0 || at - start >= LONG {
            kept.extend(worth(
                bytes,
                Token {
                    start,
                    end: at,
                    bits,
                },
            ));
        }
        at += 1;
    }
    kept
}

/// `token` unless all that made it interesting is the punctuation of a sentence.
fn worth(bytes: &[u8], token: Token) -> Option<Token> {
    if token.has(AT | BACKSLASH | WIDE | DIGIT) || token.end - token.start >= LONG {
        return Some(token);
    }
    // A bracket matters only where a full stop, `at`, `dot`, a colon or a slash follows it.
    if token.has(OPEN) && bracketed(&bytes[token.start..]) {
        return Some(token);
    }
    let mut end = token.end;
    while end > token.start
        && matches!(
            bytes[end - 1],
            b'.' | b',' | b':' | b';' | b'!' | b'?' | b'\'' | b')' | b']' | b'}'
        )
    {
        end -= 1;
    }
    let bits = bytes[token.start..end]
        .iter()
        .fold(0, |bits, byte| bits | CLASS[*byte as usize]);
    (bits & (DOT | COLON) != 0).then_some(token)
}

fn bracketed(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() && CLASS[bytes[at] as usize] != END {
        if CLASS[bytes[at] as usize] == OPEN {
            let next = bytes[at + 1..].iter().take(4).find(|byte| **byte != b' ');
            if matches!(
                next,
                Some(b'.' | b'@' | b':' | b'/' | b'd' | b'D' | b'a' | b'A' | b'[' | b'(' | b'{')
            ) {
                return true;
            }
        }
        at += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<&str> {
        tokens(text)
            .iter()
            .map(|token| &text[token.start..token.end])
            .collect()
    }

    #[test]
    fn prose_is_dismissed_and_what_may_be_an_indicator_is_kept() {
        assert_eq!(
            words("The loader (see below), said: it's an and/or thing."),
            Vec::<&str>::new()
        );
        assert_eq!(
            words("It went to evil.example, then <b>a.example</b> at 192.0.2.1:80."),
            ["evil.example,", "a.example", "192.0.2.1:80."]
        );
        assert_eq!(
            words("one [.] two(dot)three user[at]b"),
            ["[.]", "two(dot)three", "user[at]b"]
        );
    }

    #[test]
    fn a_long_word_of_letters_is_kept() {
        assert_eq!(words(&"a".repeat(32)), ["a".repeat(32)]);
        assert!(words(&"a".repeat(31)).is_empty());
    }
}
