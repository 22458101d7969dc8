//! Text → the few words that can hold an indicator, and the marks behind which a command may start.
//! Enter at [`words`].
//!
//! A word of plain letters is passed over eight bytes at a time and never seen again; the others are read
//! from a table. Words end at white space and at what no indicator holds: `<>"|` and the backtick.

/// A word with a full stop in it.
pub(crate) const DOT: u32 = 1;
/// A word with a colon in it.
pub(crate) const COLON: u32 = 1 << 1;
/// A word with an `@`.
pub(crate) const AT: u32 = 1 << 2;
/// A word with an opening bracket: it may be defanged.
pub(crate) const OPEN: u32 = 1 << 3;
/// A word with a closing bracket.
pub(crate) const CLOSE: u32 = 1 << 4;
/// A word with a backslash.
pub(crate) const BACKSLASH: u32 = 1 << 5;
/// A word with a character beyond ASCII.
pub(crate) const WIDE: u32 = 1 << 6;
/// A word with a digit.
pub(crate) const DIGIT: u32 = 1 << 7;
/// A word with a letter that is a hex digit as well.
pub(crate) const HEX: u32 = 1 << 8;
/// A word with another ASCII letter.
pub(crate) const LETTER: u32 = 1 << 9;
/// A word with a hyphen.
pub(crate) const HYPHEN: u32 = 1 << 10;
/// A word with an underscore.
pub(crate) const UNDERSCORE: u32 = 1 << 11;
/// A word with a slash.
pub(crate) const SLASH: u32 = 1 << 12;
/// A word with any other punctuation.
pub(crate) const OTHER: u32 = 1 << 13;
/// A word with a star or an apostrophe.
pub(crate) const MARK: u32 = 1 << 14;
/// A word with a digit and a letter beyond F, in which a letter of a reference stands right before a digit
/// (`T1059`, `AS64496`) or before what divides one (`CVE-2021-44228`, `AS-64496`).
pub(crate) const REFERENCE: u32 = 1 << 15;
const END: u32 = 1 << 16;
/// The classes that a [`Token`] tells.
const TOLD: u32 = END - 1;
/// Of two neighbours, what the second one may go on with; what the first one may begin is [`BEGINS`]
/// bits higher. They make a [`REFERENCE`] where a role is common to both.
const ROLES: u32 = 0b1111 << 20;
const BEGINS: u32 = 4;

/// What a name is made of: a host, an address, a version, a file.
pub(crate) const NAME: u32 = DIGIT | HEX | LETTER | HYPHEN | UNDERSCORE | DOT | WIDE;

/// Bytes of text for each word that is kept and for each mark, as reports are.
const USUAL: usize = 32;
/// A word at least this long is kept whatever it holds: it may be a hash of letters alone.
const LONG: usize = 32;
const INTERESTING: u32 = DOT | COLON | AT | OPEN | BACKSLASH | WIDE | DIGIT;

static CLASS: [u32; 256] = classes();

const fn classes() -> [u32; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let class = match byte as u8 {
            0..=b' ' | 0x7f | b'<' | b'>' | b'|' | b'"' | b'`' => END,
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
            b'*' | b'\'' => MARK,
            0x80.. => WIDE,
            _ => OTHER,
        };
        table[byte] = class | roles(byte as u8);
        byte += 1;
    }
    table
}

/// The parts that `byte` may play in a reference.
const fn roles(byte: u8) -> u32 {
    const NUMBER: u32 = 1 << 20;
    const TECHNIQUE: u32 = 1 << 21;
    const TACTIC: u32 = 1 << 22;
    const DIVIDED: u32 = 1 << 23;
    match byte {
        b'S' | b's' | b'N' | b'n' => (NUMBER | DIVIDED) << BEGINS,
        b'E' | b'e' => DIVIDED << BEGINS,
        b'T' | b't' | b'M' | b'G' => TECHNIQUE << BEGINS,
        b'A' | b'a' => TACTIC << BEGINS,
        b'0' => NUMBER | TECHNIQUE | TACTIC,
        b'1' => NUMBER | TECHNIQUE,
        b'2'..=b'9' => NUMBER,
        b'-' | b'_' | b':' | 0x80.. => DIVIDED,
        _ => 0,
    }
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
pub(crate) fn class(byte: u8) -> u32 {
    CLASS[byte as usize] & (TOLD | END)
}

/// Number of bytes of `classes` that `bytes` begins with.
pub(crate) fn span(bytes: &[u8], classes: u32) -> usize {
    run(bytes, classes).0
}

/// Number of bytes of `classes` that `bytes` begins with, and the classes of those.
pub(crate) fn run(bytes: &[u8], classes: u32) -> (usize, u32) {
    let others = (TOLD | END) & !classes;
    let (mut length, mut held) = (0, 0);
    // Four bytes together, as long as all of them go on with the run.
    while let Some(four) = bytes[length..].first_chunk::<4>() {
        let [one, two, three, last] = four.map(|byte| CLASS[byte as usize]);
        let together = one | two | three | last;
        if together & others != 0 {
            break;
        }
        held |= together;
        length += 4;
    }
    for byte in &bytes[length..] {
        let class = CLASS[*byte as usize];
        if class & others != 0 {
            break;
        }
        held |= class;
        length += 1;
    }
    (length, held & TOLD)
}

/// Where the word ends that `bytes` begins with, and its classes.
pub(crate) fn word(bytes: &[u8]) -> (usize, u32) {
    run(bytes, TOLD)
}

/// The classes of `bytes` together.
pub(crate) fn classes_of(bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(0, |classes, byte| classes | CLASS[*byte as usize])
        & (TOLD | END)
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
    pub(crate) bits: u32,
}

impl Token {
    /// Whether it holds any of `bits`.
    pub(crate) fn has(&self, bits: u32) -> bool {
        self.bits & bits != 0
    }
}

/// What one reading of a text finds.
#[derive(Debug, Default)]
pub(crate) struct Words {
    /// The words that may hold an indicator, in order.
    pub(crate) kept: Vec<Token>,
    /// Offsets of the bytes behind which a command may start, rising: the ends of lines and cells,
    /// quotation marks, apostrophes, stars, colons before a blank. No word that stands alone on its line
    /// or in its cell follows them.
    pub(crate) marks: Vec<usize>,
}

/// Reads `text` once.
pub(crate) fn words(text: &str) -> Words {
    let bytes = text.as_bytes();
    let mut words = Words {
        kept: Vec::with_capacity(bytes.len() / USUAL),
        marks: Vec::with_capacity(bytes.len() / USUAL),
    };
    let mut start = 0;
    while start < bytes.len() {
        let mut end = plain(bytes, start);
        let mut closing = end_of_word(bytes, end);
        let mut bits = 0;
        // What is left of a word of prose is how it ends.
        if closing.is_none() || end - start >= LONG {
            let (length, classes) = run(&bytes[start..], TOLD);
            (end, bits) = (start + length, classes);
            closing = end_of_word(bytes, end);
            words.tell(bytes, Token { start, end, bits });
        }
        match closing {
            Some(b'\n' | b'\t') => {
                // No command is a word alone.
                if bits & WIDE == 0 && start > 0 && words.marks.last() == Some(&(start - 1)) {
                    words.marks.pop();
                }
                words.marks.push(end);
            }
            Some(b'"' | b'`') => words.marks.push(end),
            _ => {}
        }
        start = end + 1;
    }
    words
}

/// What ends a word that reaches to `at`: a byte, or a blank for the end of the text. `None` where the word
/// goes on.
fn end_of_word(bytes: &[u8], at: usize) -> Option<u8> {
    let byte = bytes.get(at).copied().unwrap_or(b' ');
    ends_word(byte).then_some(byte)
}

impl Words {
    /// Keeps `word`, if it is worth it, and the marks in it.
    fn tell(&mut self, bytes: &[u8], mut word: Token) {
        let Token { start, end, bits } = word;
        if bits & INTERESTING != 0 || end - start >= LONG {
            word.bits |= reference(&bytes[start..end], bits);
            self.kept.extend(worth(bytes, word));
        }
        if bits & (MARK | WIDE) != 0 {
            // “ is E2 80 9C.
            let marks = memchr::memchr3_iter(b'*', b'\'', 0x9C, &bytes[start..end]);
            self.marks.extend(marks.map(|mark| start + mark));
        }
        if bits & COLON != 0 && bytes[end - 1] == b':' && bytes.get(end) == Some(&b' ') {
            self.marks.push(end - 1);
        }
    }
}

/// Where what is of interest to nobody ends in the word that begins at `at`: letters and the punctuation
/// of prose. Most words are nothing else.
fn plain(bytes: &[u8], mut at: usize) -> usize {
    let is_plain = |byte: u8| CLASS[byte as usize] & (END | INTERESTING | MARK) == 0;
    // Eight bytes together, up to the first that is no letter.
    while let Some(lane) = bytes[at..].first_chunk() {
        let others = no_letters(u64::from_le_bytes(*lane));
        at += others.trailing_zeros() as usize / 8;
        if others != 0 {
            if !is_plain(bytes[at]) {
                return at;
            }
            at += 1;
        }
    }
    let rest = bytes[at..].iter().take_while(|byte| is_plain(**byte));
    at + rest.count()
}

/// The highest bit of each byte of `lane` that is no ASCII letter.
fn no_letters(lane: u64) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    const HIGHEST: u64 = 0x80 * EACH;
    const CASE: u64 = 0x20 * EACH;
    let lower = (lane | CASE) & !HIGHEST;
    // No sum leaves its byte: both are below 128.
    let from_a = lower + EACH * (0x80 - b'a' as u64);
    let past_z = lower + EACH * (0x7f - b'z' as u64);
    (!from_a | past_z | lane) & HIGHEST
}

/// [`REFERENCE`], if `word`, of the classes `bits`, has a pair that makes one.
fn reference(word: &[u8], bits: u32) -> u32 {
    // None is without a number, and none without a letter beyond F: most long words are.
    if bits & DIGIT == 0 || bits & LETTER == 0 {
        return 0;
    }
    let (mut pairs, mut last) = (0, 0);
    for byte in word {
        let class = CLASS[*byte as usize];
        pairs |= last >> BEGINS & class;
        last = class;
    }
    if pairs & ROLES == 0 { 0 } else { REFERENCE }
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
    (classes_of(&bytes[token.start..end]) & (DOT | COLON) != 0).then_some(token)
}

fn bracketed(bytes: &[u8]) -> bool {
    let mut at = 0;
    while at < bytes.len() && CLASS[bytes[at] as usize] & END == 0 {
        if CLASS[bytes[at] as usize] & OPEN != 0 {
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

    fn kept(text: &str) -> Vec<&str> {
        words(text)
            .kept
            .iter()
            .map(|token| &text[token.start..token.end])
            .collect()
    }

    #[test]
    fn prose_is_dismissed_and_what_may_be_an_indicator_is_kept() {
        assert_eq!(
            kept("The loader (see below), said: it's an and/or thing."),
            Vec::<&str>::new()
        );
        assert_eq!(
            kept("It went to evil.example, then <b>a.example</b> at 192.0.2.1:80."),
            ["evil.example,", "a.example", "192.0.2.1:80."]
        );
        assert_eq!(
            kept("one [.] two(dot)three user[at]b"),
            ["[.]", "two(dot)three", "user[at]b"]
        );
    }

    #[test]
    fn letters_are_told_from_every_other_byte_whatever_stands_beside_them() {
        for byte in 0..=u8::MAX {
            for beside in [b'a', b'Z', 0, 0xff] {
                let lane = [beside, byte, beside, b'z', b'z', b'z', b'z', byte];
                let told = no_letters(u64::from_le_bytes(lane)).to_le_bytes();
                let expected = lane.map(|byte| u8::from(!byte.is_ascii_alphabetic()) << 7);
                assert_eq!(told, expected, "{lane:?}");
            }
        }
    }

    #[test]
    fn a_run_ends_at_the_first_byte_of_another_class() {
        for length in 0..12 {
            let text = format!("{}-{}", "a1".repeat(length), "g".repeat(9));
            let expected = if length == 0 { 0 } else { DIGIT | HEX };
            let (end, held) = run(text.as_bytes(), DIGIT | HEX | LETTER);
            assert_eq!((end, held), (2 * length, expected), "{text}");
            assert_eq!(word(text.as_bytes()).0, text.len());
        }
    }

    #[test]
    fn a_command_may_start_behind_every_mark_that_more_than_one_word_follows() {
        let text = "alone\nand\t\"a b\" it's *c d*\nsays: e f\nlast";
        let behind: Vec<_> = words(text)
            .marks
            .iter()
            .map(|mark| &text[*mark..(*mark + 3).min(text.len())])
            .collect();
        let expected = [
            "\t\"a", "\"a ", "\" i", "'s ", "*c ", "*\ns", "\nsa", ": e", "\nla",
        ];
        assert_eq!(behind, expected);
    }

    #[test]
    fn a_long_word_of_letters_is_kept() {
        assert_eq!(kept(&"a".repeat(32)), ["a".repeat(32)]);
        assert!(kept(&"a".repeat(31)).is_empty());
    }
}
