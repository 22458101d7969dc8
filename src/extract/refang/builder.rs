//! Copies a word and rewrites what is defanged in it. Enter at [`Builder::run`].

use std::ops::Range;

use super::mark::{BLANKS, BRACKETS, count, is_close, is_label, is_open, mark};
use super::{Edit, Slate};
use crate::extract::token::{
    self, AT, COLON, DIGIT, DOT, HEX, HYPHEN, LETTER, MARK, OTHER, SLASH, UNDERSCORE,
};

/// Backslashes before one full stop: `10\\.0`.
const BACKSLASHES: usize = 16;
/// What is copied as it is, a full stop unless a closing bracket follows it.
const PLAIN: u32 =
    DOT | MARK | DIGIT | HEX | LETTER | HYPHEN | UNDERSCORE | SLASH | COLON | AT | OTHER;

pub(super) struct Builder<'a> {
    pub(super) text: &'a str,
    /// Empty, at first.
    pub(super) slate: &'a mut Slate,
}

/// Whether one of the characters of `text` may be written for a full stop, a colon, a slash or an `@`.
pub(crate) fn stands_for_another(text: &str) -> bool {
    let stands = |character| matches!(character, '．' | '｡' | '․' | '。' | '：' | '／' | '＠');
    text.chars().any(stands)
}

impl Builder<'_> {
    /// Copies `start..end`, live; answers where it really ended.
    pub(super) fn run(&mut self, start: usize, end: usize) -> usize {
        let bytes = self.text.as_bytes();
        let (mut at, mut copied, mut end) = (start, start, end);
        loop {
            if at < end {
                at += token::span(&bytes[at..end], PLAIN);
            }
            if at >= end {
                // `http:// evil.example`: a blank so that no program follows it.
                let host = bytes.get(end + 1).is_some_and(u8::is_ascii_alphanumeric);
                if host && bytes[end] == b' ' && bytes[start..end].ends_with(b"://") {
                    self.replace(&mut copied, end..end + 1, "", true);
                    at = end + 1;
                    end = self.word_end(at);
                    continue;
                }
                let blanks = count(bytes, end, BLANKS, |byte| byte == b' ');
                let open = end + blanks;
                if blanks == 0 || !bytes.get(open).is_some_and(|byte| is_open(*byte)) {
                    break;
                }
                let Some(mark) =
                    mark(self.text, open).filter(|mark| matches!(mark.live, "." | "@"))
                else {
                    break;
                };
                self.replace(&mut copied, end..mark.end, mark.live, true);
                at = mark.end;
                end = self.word_end(at);
                continue;
            }
            let byte = bytes[at];
            let (written, live, is_mark) = match byte {
                b'[' | b'(' | b'{' => match mark(self.text, at) {
                    Some(mark) if mark.start >= copied => (mark.start..mark.end, mark.live, true),
                    _ => {
                        at += 1;
                        continue;
                    }
                },
                b' ' => {
                    // Blanks before a mark inside a word that was begun for its sake.
                    let open = at + count(bytes, at, BLANKS, |byte| byte == b' ');
                    match bytes
                        .get(open)
                        .filter(|byte| is_open(**byte))
                        .and_then(|_| mark(self.text, open))
                    {
                        Some(mark) => (at..mark.end, mark.live, true),
                        None => (at..at + 1, " ", false),
                    }
                }
                b']' | b')' | b'}' => match self.closed(at) {
                    Some(after) if at > copied => (at - 1..after, ".", true),
                    _ => {
                        at += 1;
                        continue;
                    }
                },
                b'\\' => match self.escaped(at) {
                    Some((after, live)) => (at..after, live, live == "."),
                    None => {
                        at += count(bytes, at, usize::MAX, |byte| byte == b'\\');
                        continue;
                    }
                },
                0x80.. => match self.wide(at) {
                    Ok((after, live, is_mark)) => (at..after, live, is_mark),
                    Err(length) => {
                        at += length;
                        continue;
                    }
                },
                _ => {
                    at += 1;
                    continue;
                }
            };
            at = written.end;
            if at > end {
                end = self.word_end(at);
            }
            self.replace(&mut copied, written, live, is_mark);
        }
        if !self.slate.edits.is_empty() {
            self.slate.live.push_str(&self.text[copied..end]);
        }
        end
    }

    fn replace(&mut self, copied: &mut usize, written: Range<usize>, live: &str, mark: bool) {
        let Slate { live: out, edits } = &mut *self.slate;
        out.push_str(&self.text[*copied..written.start]);
        let from = out.len();
        out.push_str(live);
        *copied = written.end;
        edits.push(Edit {
            live: from..out.len(),
            written,
            mark,
        });
    }

    fn word_end(&self, at: usize) -> usize {
        let bytes = self.text.as_bytes();
        at + bytes[at..]
            .iter()
            .take_while(|byte| !token::ends_word(**byte))
            .count()
    }

    /// `.]example`: the end of the closing brackets that begin at `at`, right behind a full stop.
    fn closed(&self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let after = at + count(bytes, at, BRACKETS, is_close);
        let tight = matches!(bytes[..at], [.., label, b'.'] if is_label(label))
            && bytes.get(after).is_some_and(|byte| is_label(*byte));
        tight.then_some(after)
    }

    /// Backslashes before a full stop, a slash or an underscore.
    fn escaped(&self, at: usize) -> Option<(usize, &'static str)> {
        let bytes = self.text.as_bytes();
        let after = at + count(bytes, at, BACKSLASHES, |byte| byte == b'\\');
        match bytes.get(after)? {
            b'.' if at > 0
                && is_label(bytes[at - 1])
                && bytes.get(after + 1).is_some_and(|byte| is_label(*byte)) =>
            {
                Some((after + 1, "."))
            }
            b'/' => Some((after + 1, "/")),
            // Markdown writes `a_b` as `a\_b`.
            b'_' if after == at + 1 && at > 0 && !bytes[at - 1].is_ascii_whitespace() => {
                Some((after + 1, "_"))
            }
            _ => None,
        }
    }

    /// Whether what stands at `at..after` keeps apart what together would be a mark: `[d` and `ot]`. The
    /// value that left it out would not be live.
    fn divides(&self, at: usize, after: usize) -> bool {
        /// Bytes of the longest mark, with its brackets.
        const LONGEST: usize = 16;
        let bytes = self.text.as_bytes();
        let before = &bytes[at.saturating_sub(LONGEST)..at];
        // What marks hold, and what hides in them.
        let is_core = |byte: u8| b" .@:/\\dotpunaDOTPUNA".contains(&byte) || byte >= 0x80;
        let bracket = before.iter().rfind(|byte| !is_core(**byte));
        bracket.is_some_and(|byte| is_open(*byte))
            || before.ends_with(b"\\")
            || bytes.get(after).is_some_and(|byte| is_close(*byte))
    }

    /// What stands for a character beyond ASCII; `Err` is the length of one that stands for itself.
    fn wide(&self, at: usize) -> Result<(usize, &'static str, bool), usize> {
        let Some(character) = self.text[at..].chars().next() else {
            return Err(1);
        };
        let after = at + character.len_utf8();
        let bytes = self.text.as_bytes();
        let between = at > 0
            && is_label(bytes[at - 1])
            && bytes.get(after).is_some_and(|byte| is_label(*byte));
        match character {
            // Zero-width characters, soft hyphens and marks of direction hide in copied text.
            '\u{200b}'..='\u{200f}'
            | '\u{202a}'..='\u{202e}'
            | '\u{2060}'..='\u{2064}'
            | '\u{feff}'
            | '\u{ad}' => Ok((after, if self.divides(at, after) { " " } else { "" }, false)),
            '．' | '｡' | '․' if between => Ok((after, ".", true)),
            '。' if at > 0
                && bytes[at - 1].is_ascii_alphanumeric()
                && bytes.get(after).is_some_and(u8::is_ascii_alphanumeric) =>
            {
                Ok((after, ".", true))
            }
            '：' => Ok((after, ":", false)),
            '／' => Ok((after, "/", true)),
            '＠' if between => Ok((after, "@", true)),
            // Quotes and dashes are the most frequent: nothing need be looked up for them.
            '\u{2010}'..='\u{206f}' => Ok((after, " ", false)),
            _ if character.is_alphanumeric() || matches!(character, '\u{300}'..='\u{36f}') => {
                Err(character.len_utf8())
            }
            _ => Ok((after, " ", false)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_for_another_character_is_known() {
        for wide in ['．', '｡', '․', '。', '：', '／', '＠'] {
            let text = format!("“a{wide}b”");
            assert!(stands_for_another(&text), "{text}");
            let mut slate = Slate::default();
            let text = &text[3..text.len() - 3];
            Builder {
                text,
                slate: &mut slate,
            }
            .run(0, text.len());
            assert!(slate.live.is_ascii() && slate.live.len() == 3, "{text}");
        }
        assert!(!stands_for_another("“naïve”…"));
    }

    #[test]
    fn no_letter_is_among_the_quotes_and_dashes() {
        assert!(!('\u{2010}'..='\u{206f}').any(char::is_alphanumeric));
    }
}
