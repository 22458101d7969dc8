//! RTF as tokens. Every byte is looked at once, and binary data not at all.

/// Longest number read, in digits: larger ones stop growing.
const MAX_NUMBER: i32 = 999_999_999;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{`
    Open,
    /// `}`
    Close,
    /// `\name` or `\name12`.
    Word(&'a str, Option<i32>),
    /// A backslash before anything but a letter.
    Symbol(u8),
    /// `\'e9`: a byte in the charset of the font.
    Hex(u8),
    /// Bytes as they stand.
    Text(&'a [u8]),
}

pub(super) struct Tokens<'a> {
    rest: &'a [u8],
}

impl<'a> Tokens<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn text(&mut self) -> Token<'a> {
        let end = self
            .rest
            .iter()
            .position(|b| matches!(b, b'{' | b'}' | b'\\' | b'\r' | b'\n' | 0));
        let (text, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        Token::Text(text)
    }

    /// What follows a backslash; `None` for binary data, which is stepped over.
    fn control(&mut self) -> Option<Token<'a>> {
        let letters = self
            .rest
            .iter()
            .take_while(|b| b.is_ascii_alphabetic())
            .count();
        if letters == 0 {
            let (&symbol, rest) = self.rest.split_first()?;
            self.rest = rest;
            return Some(if symbol == b'\'' {
                self.hex()
            } else {
                Token::Symbol(symbol)
            });
        }
        let (name, rest) = self.rest.split_at(letters);
        self.rest = rest;
        let number = self.number();
        if let Some(rest) = self.rest.strip_prefix(b" ") {
            self.rest = rest;
        }
        // Letters of ASCII are UTF-8.
        let name = std::str::from_utf8(name).unwrap_or_default();
        if name == "bin" {
            let length = usize::try_from(number.unwrap_or(0)).unwrap_or(0);
            self.rest = self.rest.get(length..).unwrap_or_default();
            return None;
        }
        Some(Token::Word(name, number))
    }

    fn number(&mut self) -> Option<i32> {
        let negative = self.rest.first() == Some(&b'-');
        let digits = &self.rest[usize::from(negative)..];
        let count = digits.iter().take_while(|b| b.is_ascii_digit()).count();
        if count == 0 {
            return None;
        }
        let number = digits[..count].iter().fold(0i32, |number, digit| {
            let next = number
                .saturating_mul(10)
                .saturating_add(i32::from(digit - b'0'));
            next.min(MAX_NUMBER)
        });
        self.rest = &digits[count..];
        Some(if negative { -number } else { number })
    }

    fn hex(&mut self) -> Token<'a> {
        let digit = |at: usize| self.rest.get(at).and_then(|&b| char::from(b).to_digit(16));
        match (digit(0), digit(1)) {
            (Some(high), Some(low)) => {
                self.rest = &self.rest[2..];
                Token::Hex(u8::try_from(high * 16 + low).unwrap_or_default())
            }
            // What is no number stays as it stands.
            _ => Token::Text(b"'"),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        loop {
            let (&first, rest) = self.rest.split_first()?;
            let token = match first {
                b'{' => Token::Open,
                b'}' => Token::Close,
                b'\r' | b'\n' | 0 => {
                    self.rest = rest;
                    continue;
                }
                b'\\' => {
                    self.rest = rest;
                    match self.control() {
                        Some(token) => return Some(token),
                        None => continue,
                    }
                }
                _ => return Some(self.text()),
            };
            self.rest = rest;
            return Some(token);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_symbols_and_bytes_are_told_apart() {
        let tokens: Vec<_> =
            Tokens::new(b"{\\b0 a\\'e9\\~\r\n\\u-10179?\\bin3 }}}b\\'zz}").collect();
        assert_eq!(
            tokens,
            [
                Token::Open,
                Token::Word("b", Some(0)),
                Token::Text(b"a"),
                Token::Hex(0xe9),
                Token::Symbol(b'~'),
                Token::Word("u", Some(-10179)),
                Token::Text(b"?"),
                Token::Text(b"b"),
                Token::Text(b"'"),
                Token::Text(b"zz"),
                Token::Close,
            ]
        );
    }

    #[test]
    fn binary_data_that_never_ends_ends_with_the_file() {
        assert_eq!(Tokens::new(b"\\bin2147483647 abc").count(), 0);
        assert_eq!(Tokens::new(b"\\bin-1 abc").count(), 1);
        assert_eq!(Tokens::new(b"\\").count(), 0);
    }
}
