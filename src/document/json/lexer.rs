//! The tokens of JSON. Never fails: what is none becomes [`Token::Rubbish`], which the check of their
//! order refuses.

use std::borrow::Cow;

/// A token of JSON.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// `{` (true) or `[` (false).
    Open(bool),
    /// `}` (true) or `]` (false).
    Close(bool),
    Colon,
    Comma,
    /// A string, unescaped.
    String(Cow<'a, str>),
    /// A number, `true`, `false` or `null`, as written.
    Bare(Cow<'a, str>),
    /// Neither.
    Rubbish,
}

/// Walks over the tokens of a text.
pub(super) struct Lexer<'a> {
    rest: &'a str,
}

impl<'a> Lexer<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    /// The string behind its opening quote; `None` where it never ends.
    fn string(&mut self) -> Option<Cow<'a, str>> {
        let bytes = self.rest.as_bytes();
        let end = memchr::memchr2(b'"', b'\\', bytes)?;
        if bytes[end] == b'"' {
            let text = &self.rest[..end];
            self.rest = &self.rest[end + 1..];
            return Some(Cow::Borrowed(text));
        }
        let mut out = String::from(&self.rest[..end]);
        let mut rest = &self.rest[end..];
        loop {
            let stop = rest.find(['"', '\\'])?;
            out.push_str(&rest[..stop]);
            let escaped = rest[stop..].strip_prefix('\\');
            let Some(escaped) = escaped else {
                self.rest = &rest[stop + 1..];
                return Some(Cow::Owned(out));
            };
            let c = escaped.chars().next()?;
            rest = &escaped[c.len_utf8()..];
            match c {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'b' | 'f' => out.push(' '),
                'u' => rest = unicode(rest, &mut out),
                // `\"`, `\\`, `\/`, and what should not be escaped.
                '"' | '\\' | '/' => out.push(c),
                c => out.extend(['\\', c]),
            }
        }
    }
}

/// Reads the digits behind `\u`, and the second half of a surrogate pair.
fn unicode<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let number = |text: &str| {
        text.get(..4)
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
    };
    let Some(first) = number(rest) else {
        out.push_str("\\u");
        return rest;
    };
    let after = &rest[4..];
    if (0xd800..0xdc00).contains(&first) {
        let second = after
            .strip_prefix("\\u")
            .and_then(number)
            .filter(|low| (0xdc00..0xe000).contains(low));
        if let Some(low) = second {
            let c = 0x1_0000 + ((first - 0xd800) << 10) + (low - 0xdc00);
            out.push(char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER));
            return &after[6..];
        }
    }
    out.push(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER));
    after
}

impl<'a> Iterator for Lexer<'a> {
    type Item = Token<'a>;

    fn next(&mut self) -> Option<Token<'a>> {
        self.rest = self.rest.trim_start();
        let first = self.rest.chars().next()?;
        let simple = match first {
            '{' => Some(Token::Open(true)),
            '[' => Some(Token::Open(false)),
            '}' => Some(Token::Close(true)),
            ']' => Some(Token::Close(false)),
            ':' => Some(Token::Colon),
            ',' => Some(Token::Comma),
            _ => None,
        };
        if let Some(token) = simple {
            self.rest = &self.rest[1..];
            return Some(token);
        }
        if first == '"' {
            self.rest = &self.rest[1..];
            let string = self.string();
            if string.is_none() {
                self.rest = "";
            }
            return Some(string.map_or(Token::Rubbish, Token::String));
        }
        let bare = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '+' | '.');
        let end = self.rest.find(|c| !bare(c)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end.max(first.len_utf8()));
        self.rest = rest;
        let sound = matches!(word, "true" | "false" | "null") || word.parse::<f64>().is_ok();
        Some(if sound {
            Token::Bare(Cow::Borrowed(word))
        } else {
            Token::Rubbish
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn string(json: &str) -> Option<String> {
        match Lexer::new(json).next() {
            Some(Token::String(text)) => Some(text.into_owned()),
            _ => None,
        }
    }

    #[test]
    fn escapes_are_resolved() {
        assert_eq!(
            string(r#""a\/b\\c\"d\u0041\ud83d\ude00\n""#).as_deref(),
            Some("a/b\\c\"dA😀\n")
        );
        assert_eq!(
            string(r#""\ud83d alone \q \u12""#).as_deref(),
            Some("\u{fffd} alone \\q \\u12")
        );
    }

    #[test]
    fn rubbish_is_passed_over() {
        let tokens: Vec<_> = Lexer::new("é 'x' \"open").collect();
        assert!(tokens.iter().all(|token| *token == Token::Rubbish));
    }
}
