//! Undoes defanging: `evil[.]example`, `hxxp[:]//`, `user(at)host`. Enter at [`View::of`].
//!
//! A [`View`] is one word of the text as its author would have written it live, with a map back to
//! the original bytes. A view proves nothing: whether an indicator results is for the scanner to say,
//! and prose that gives none stays as it was. Nothing here looks further than a constant from the
//! bytes it rewrites, so that views over a whole text cost linear time.

use std::borrow::Cow;
use std::ops::Range;

use crate::extract::token::{
    self, AT, BACKSLASH, CLOSE, COLON, DIGIT, HEX, HYPHEN, LETTER, OPEN, OTHER, SLASH, Token,
    UNDERSCORE, WIDE,
};

/// Blanks allowed inside and around a mark in balanced brackets: `evil [ . ] example`.
const BLANKS: usize = 3;
/// Brackets of one side: `[[[.`.
const BRACKETS: usize = 8;
/// Backslashes before one full stop: `10\\.0`.
const BACKSLASHES: usize = 16;
/// What is copied as it is.
const PLAIN: u16 = DIGIT | HEX | LETTER | HYPHEN | UNDERSCORE | SLASH | COLON | AT | OTHER;
/// How far back a word may begin that a mark after a blank continues.
const REACH: usize = 256;

/// One word, live.
pub(crate) struct View<'a> {
    /// The word without its defanging; what is neither ASCII nor a letter is a blank.
    pub(crate) text: Cow<'a, str>,
    /// Where it begins in what it was read from.
    pub(crate) start: usize,
    /// Where it ends there.
    pub(crate) end: usize,
    edits: Vec<Edit>,
    wrapped: Option<&'a Joined>,
}

/// A word that was wrapped over lines, joined.
pub(crate) struct Joined {
    /// The parts without what stood between them.
    pub(crate) text: String,
    /// Where the first part begins in the original text.
    pub(crate) start: usize,
    /// Offset into the joined word, and bytes of the original taken out there.
    pub(crate) cuts: Vec<(usize, usize)>,
}

impl Joined {
    /// The bytes of the original text from the first to the last of `span`.
    fn original(&self, span: Range<usize>) -> Range<usize> {
        let removed = |offset: usize, past: fn(usize, usize) -> bool| -> usize {
            self.cuts
                .iter()
                .filter(|(at, _)| past(offset, *at))
                .map(|(_, length)| length)
                .sum()
        };
        let start = self.start + span.start + removed(span.start, |offset, at| at <= offset);
        start..self.start + span.end + removed(span.end, |offset, at| at < offset)
    }
}

/// One rewriting.
struct Edit {
    /// Bytes of the view.
    live: Range<usize>,
    /// Bytes of the original text.
    written: Range<usize>,
    /// Whether it undoes defanging, rather than clean up.
    mark: bool,
}

impl<'a> View<'a> {
    /// The view of `token`. It may begin before the token and end after it where blanks stand around
    /// a mark, but never before `floor`.
    pub(crate) fn of(text: &'a str, token: Token, floor: usize) -> View<'a> {
        let start = if starts_with_mark(text, token) {
            word_before(text, token.start, floor)
        } else {
            token.start
        };
        let untouched = !token.has(OPEN | CLOSE | BACKSLASH | WIDE) && start == token.start;
        if untouched && !opens_after(text, token.end) {
            let text = text[token.start..token.end].into();
            return View {
                text,
                start,
                end: token.end,
                edits: Vec::new(),
                wrapped: None,
            };
        }
        Self::built(text, start..token.end, None)
    }

    /// The view of a word that was wrapped.
    pub(crate) fn joined(joined: &'a Joined) -> View<'a> {
        Self::built(&joined.text, 0..joined.text.len(), Some(joined))
    }

    fn built(text: &'a str, word: Range<usize>, wrapped: Option<&'a Joined>) -> View<'a> {
        let mut builder = Builder {
            text,
            out: String::new(),
            edits: Vec::new(),
        };
        let end = builder.run(word.start, word.end);
        let live = if builder.edits.is_empty() {
            text[word.start..end].into()
        } else {
            builder.out.into()
        };
        View {
            text: live,
            start: word.start,
            end,
            edits: builder.edits,
            wrapped,
        }
    }

    /// Bytes of the original text that gave `live`, bytes of the view.
    pub(crate) fn written(&self, live: Range<usize>) -> Range<usize> {
        let edit_before = |at: usize| {
            let after = self.edits.partition_point(|edit| edit.live.start < at);
            after.checked_sub(1).map(|index| &self.edits[index])
        };
        let start = match self.edits.get(
            self.edits
                .partition_point(|edit| edit.live.end <= live.start),
        ) {
            Some(edit) if edit.live.contains(&live.start) => edit.written.start,
            _ => match edit_before(live.start + 1).filter(|edit| edit.live.end <= live.start) {
                Some(edit) => edit.written.end + (live.start - edit.live.end),
                None => self.start + live.start,
            },
        };
        let end = match edit_before(live.end) {
            Some(edit) if edit.live.end >= live.end => edit.written.end,
            Some(edit) => edit.written.end + (live.end - edit.live.end),
            None => self.start + live.end,
        };
        let read = start..end.max(start);
        self.wrapped
            .map_or(read.clone(), |joined| joined.original(read))
    }

    /// Whether a defanging mark stood inside `live`.
    pub(crate) fn defanged(&self, live: Range<usize>) -> bool {
        let first = self
            .edits
            .partition_point(|edit| edit.live.end <= live.start && edit.live.start < live.start);
        self.edits[first..]
            .iter()
            .take_while(|edit| edit.live.start < live.end)
            .any(|edit| edit.mark)
    }
}

fn opens_after(text: &str, end: usize) -> bool {
    let bytes = &text.as_bytes()[end..];
    let blanks = bytes
        .iter()
        .take(BLANKS)
        .take_while(|byte| **byte == b' ')
        .count();
    let after_scheme = text[..end].ends_with("://") && blanks == 1;
    after_scheme
        || blanks > 0
            && bytes.get(blanks).is_some_and(|byte| is_open(*byte))
            && mark(text, end + blanks).is_some()
}

fn starts_with_mark(text: &str, token: Token) -> bool {
    token.has(OPEN) && is_open(text.as_bytes()[token.start]) && mark(text, token.start).is_some()
}

/// Where the word begins that ends a few blanks before `at`.
fn word_before(text: &str, at: usize, floor: usize) -> usize {
    let bytes = text.as_bytes();
    let floor = floor.max(at.saturating_sub(REACH));
    let mut start = at;
    while start > floor && at - start < BLANKS && bytes[start - 1] == b' ' {
        start -= 1;
    }
    let word = start;
    while start > floor && !token::ends_word(bytes[start - 1]) {
        start -= 1;
    }
    if start == word {
        at
    } else {
        text.ceil_char_boundary(start)
    }
}

/// A defanging mark: what it stands for and where it ends.
struct Mark {
    live: &'static str,
    end: usize,
}

fn is_open(byte: u8) -> bool {
    matches!(byte, b'[' | b'(' | b'{')
}

fn is_close(byte: u8) -> bool {
    matches!(byte, b']' | b')' | b'}')
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

fn count(bytes: &[u8], at: usize, most: usize, test: impl Fn(u8) -> bool) -> usize {
    bytes
        .iter()
        .skip(at)
        .take(most)
        .take_while(|byte| test(**byte))
        .count()
}

/// The mark in brackets that begins at `at`, an opening bracket.
fn mark(text: &str, at: usize) -> Option<Mark> {
    let bytes = text.as_bytes();
    let opened = at + count(bytes, at, BRACKETS, is_open);
    let inside = opened + count(bytes, opened, BLANKS, |byte| byte == b' ');
    let (live, length) = core(&bytes[inside..])?;
    let after = inside + length;
    let blanks = count(bytes, after, BLANKS, |byte| byte == b' ');
    let closes = count(bytes, after + blanks, BRACKETS, is_close);
    if closes == 0 {
        // Unbalanced: `evil[.example`. Only a full stop, and only with nothing between.
        let tight = live == "." && inside == opened && at > 0 && is_label(bytes[at - 1]);
        return (tight && bytes.get(after).is_some_and(|byte| is_label(*byte)))
            .then_some(Mark { live, end: after });
    }
    let end = after + blanks + closes;
    let before = bytes[..at]
        .iter()
        .rev()
        .take(BLANKS + 1)
        .find(|byte| **byte != b' ')
        .copied();
    let follows = bytes[end..]
        .iter()
        .take(BLANKS + 1)
        .find(|byte| **byte != b' ')
        .copied();
    let spaced =
        before != at.checked_sub(1).map(|last| bytes[last]) || follows != bytes.get(end).copied();
    let fits = match live {
        "." | "@" => {
            before.is_some_and(|byte| {
                is_label(byte) || matches!(byte, b'_' | b'-' | b'+' | b'/' | b']' | b'%' | b'=')
            }) && follows.is_some_and(|byte| {
                is_label(byte) || matches!(byte, b'_' | b'-' | b'[' | b'\\' | b'*')
            })
        }
        _ => {
            !spaced
                && before.is_some_and(|byte| {
                    is_label(byte)
                        || matches!(byte, b'*' | b']' | b')' | b'/' | b':' | b'=' | b'-' | b'_')
                })
        }
    };
    if !fits {
        return None;
    }
    // The blanks after the mark go with it.
    let blanks = if matches!(live, "." | "@") {
        count(bytes, end, BLANKS, |byte| byte == b' ')
    } else {
        0
    };
    Some(Mark {
        live,
        end: end + blanks,
    })
}

/// What a pair of brackets may hold, and its length.
fn core(bytes: &[u8]) -> Option<(&'static str, usize)> {
    const CORES: [(&str, &str); 10] = [
        (".", "."),
        ("dot", "."),
        ("punto", "."),
        ("@", "@"),
        ("at", "@"),
        ("://", "://"),
        (":\\/\\/", "://"),
        ("//", "//"),
        (":", ":"),
        ("/", "/"),
    ];
    CORES.iter().find_map(|(written, live)| {
        let start = bytes.get(..written.len())?;
        start
            .eq_ignore_ascii_case(written.as_bytes())
            .then_some((*live, written.len()))
    })
}

struct Builder<'a> {
    text: &'a str,
    out: String,
    edits: Vec<Edit>,
}

impl Builder<'_> {
    /// Copies `start..end`, live; answers where it really ended.
    fn run(&mut self, start: usize, end: usize) -> usize {
        let bytes = self.text.as_bytes();
        let (mut at, mut copied, mut end) = (start, start, end);
        loop {
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
                    Some(mark) => (at..mark.end, mark.live, true),
                    None => {
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
                b'.' => match self.closed(at) {
                    Some(after) => (at..after, ".", true),
                    None => {
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
                    at += 1 + token::span(&bytes[at + 1..end], PLAIN);
                    continue;
                }
            };
            at = written.end;
            if at > end {
                end = self.word_end(at);
            }
            self.replace(&mut copied, written, live, is_mark);
        }
        if !self.edits.is_empty() {
            self.out.push_str(&self.text[copied..end]);
        }
        end
    }

    fn replace(&mut self, copied: &mut usize, written: Range<usize>, live: &str, mark: bool) {
        self.out.push_str(&self.text[*copied..written.start]);
        let from = self.out.len();
        self.out.push_str(live);
        *copied = written.end;
        self.edits.push(Edit {
            live: from..self.out.len(),
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

    /// `.]example`: the end of a full stop that only closing brackets follow.
    fn closed(&self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let closes = count(bytes, at + 1, BRACKETS, is_close);
        let after = at + 1 + closes;
        let tight = closes > 0
            && at > 0
            && is_label(bytes[at - 1])
            && bytes.get(after).is_some_and(|byte| is_label(*byte));
        tight.then_some(after)
    }

    /// Backslashes before a full stop or a slash.
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
            _ => None,
        }
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
            | '\u{ad}' => Ok((after, "", false)),
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
    use crate::extract::token::tokens;

    fn live(text: &str) -> Vec<String> {
        let mut floor = 0;
        let mut all = Vec::new();
        for token in tokens(text) {
            if token.start < floor {
                continue;
            }
            let view = View::of(text, token, floor);
            floor = view.end;
            all.push(view.text.into_owned());
        }
        all
    }

    #[test]
    fn every_style_is_undone() {
        for (written, expected) in [
            ("evil[.]example", "evil.example"),
            ("evil(.)example", "evil.example"),
            ("evil{.}example", "evil.example"),
            ("evil[dot]example", "evil.example"),
            ("evil(DOT)example", "evil.example"),
            ("evil[.example", "evil.example"),
            ("evil.]example", "evil.example"),
            ("evil(.]example", "evil.example"),
            ("evil\\.example", "evil.example"),
            ("evil[ . ]example", "evil.example"),
            ("evil [.] example", "evil.example"),
            ("evil  [  .  ]   example", "evil.example"),
            ("192[[[[.]]]]0[.2.]]]1", "192.0.2.1"),
            ("192\\\\\\\\.0.2.1", "192.0.2.1"),
            ("hxxp[:]//evil[.]example[/]a", "hxxp://evil.example/a"),
            ("hxxps[://]evil.example", "hxxps://evil.example"),
            ("hxxp:[//]evil.example", "hxxp://evil.example"),
            ("user[@]evil.example", "user@evil.example"),
            ("user(at)evil(dot)example", "user@evil.example"),
            ("user [at] evil.example", "user@evil.example"),
            ("evil.example[:]99", "evil.example:99"),
            ("evil．example", "evil.example"),
            ("ev\u{200b}il.example", "evil.example"),
            ("http:\\/\\/evil.example\\/a", "http://evil.example/a"),
        ] {
            assert_eq!(live(written), [expected], "{written}");
        }
    }

    #[test]
    fn prose_stays_untouched() {
        for written in [
            "applications. [To",
            "shotput",
            "see [1] (or not)",
            "[...]",
            "list (at least) [and] more",
            "( . )",
        ] {
            for view in live(written) {
                assert!(written.contains(view.as_str()), "{written}: {view}");
            }
        }
    }

    #[test]
    fn a_view_maps_back_to_the_bytes_that_were_written() {
        let text = "to evil[.]example[.]com now";
        let view = View::of(text, tokens(text)[0], 0);
        assert_eq!(view.text, "evil.example.com");
        assert_eq!(&text[view.written(0..16)], "evil[.]example[.]com");
        assert_eq!(&text[view.written(5..16)], "example[.]com");
        assert_eq!(&text[view.written(5..12)], "example");
        assert!(view.defanged(5..16));
        assert!(!view.defanged(5..12));
    }
}
