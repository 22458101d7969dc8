//! Undoes defanging: `evil[.]example`, `hxxp[:]//`, `user(at)host`. Enter at [`View::of`].
//!
//! A [`View`] is one word of the text as its author would have written it live, with a map back to
//! the original bytes. A view proves nothing: whether an indicator results is for the scanner to say,
//! and prose that gives none stays as it was. Nothing here looks further than a constant from the
//! bytes it rewrites, so that views over a whole text cost linear time.

mod builder;
mod mark;

use std::ops::Range;

use builder::Builder;
pub(crate) use builder::stands_for_another;
use mark::{BLANKS, is_open, mark};
pub(crate) use mark::{may_close, may_open};

use crate::extract::token::{self, BACKSLASH, CLOSE, OPEN, Token, WIDE};

/// How far back a word may begin that a mark after a blank continues.
const REACH: usize = 256;

/// What views are written on, one after the other: so that none allocates.
#[derive(Default)]
pub(crate) struct Slate {
    live: String,
    edits: Vec<Edit>,
}

/// One word, live.
pub(crate) struct View<'a> {
    /// The word without its defanging; what is neither ASCII nor a letter is a blank.
    pub(crate) text: &'a str,
    /// Where it begins in what it was read from.
    pub(crate) start: usize,
    /// Where it ends there.
    pub(crate) end: usize,
    /// Its classes, where it is a word of the text as that was written.
    pub(crate) whole: Option<u32>,
    edits: &'a [Edit],
    wrapped: Option<&'a Joined>,
}

/// A word that was wrapped over lines, joined.
#[derive(Default)]
pub(crate) struct Joined {
    /// The parts without what stood between them.
    text: String,
    /// Where the first part begins in the original text.
    start: usize,
    /// Offset into the joined word, and bytes of the original taken out there.
    cuts: Vec<(usize, usize)>,
}

impl Joined {
    /// Begins with the part `word` of `text`, in place of what was joined before.
    pub(crate) fn begin(&mut self, text: &str, word: Range<usize>) {
        self.text.clear();
        self.cuts.clear();
        self.start = word.start;
        self.text.push_str(&text[word]);
    }

    /// Adds the part `word` of `text`; the one before it ends at `end`.
    pub(crate) fn add(&mut self, text: &str, end: usize, word: Range<usize>) {
        self.cuts.push((self.text.len(), word.start - end));
        self.text.push_str(&text[word]);
    }

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
    pub(crate) fn of(text: &'a str, token: Token, floor: usize, slate: &'a mut Slate) -> View<'a> {
        let start = if starts_with_mark(text, token) {
            word_before(text, token.start, floor)
        } else {
            token.start
        };
        let untouched = !token.has(OPEN | CLOSE | BACKSLASH | WIDE) && start == token.start;
        if untouched && !opens_after(text, token.end) {
            return View {
                text: &text[token.start..token.end],
                start,
                end: token.end,
                whole: Some(token.bits),
                edits: &[],
                wrapped: None,
            };
        }
        Self::built(text, start..token.end, None, slate)
    }

    /// The view of a word that was wrapped.
    pub(crate) fn joined(joined: &'a Joined, slate: &'a mut Slate) -> View<'a> {
        Self::built(&joined.text, 0..joined.text.len(), Some(joined), slate)
    }

    fn built(
        text: &'a str,
        word: Range<usize>,
        wrapped: Option<&'a Joined>,
        slate: &'a mut Slate,
    ) -> View<'a> {
        slate.live.clear();
        slate.edits.clear();
        let end = Builder { text, slate }.run(word.start, word.end);
        let Slate { live, edits } = slate;
        View {
            text: if edits.is_empty() {
                &text[word.start..end]
            } else {
                live
            },
            start: word.start,
            end,
            whole: None,
            edits,
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
            .partition_point(|edit| edit.live.end <= live.start);
        self.edits[first..]
            .iter()
            .take_while(|edit| edit.live.start < live.end)
            .any(|edit| edit.mark)
    }
}

/// Whether the word that ends at `end` goes on behind blanks: with a mark, or with a host after a scheme.
pub(crate) fn opens_after(text: &str, end: usize) -> bool {
    let bytes = &text.as_bytes()[end..];
    let blanks = bytes
        .iter()
        .take(BLANKS)
        .take_while(|byte| **byte == b' ')
        .count();
    let after_scheme = || blanks == 1 && text[..end].ends_with("://");
    blanks > 0
        && (after_scheme()
            || bytes.get(blanks).is_some_and(|byte| is_open(*byte))
                && mark(text, end + blanks).is_some())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::token::words;

    fn live(text: &str) -> Vec<String> {
        let mut floor = 0;
        let mut slate = Slate::default();
        let mut all = Vec::new();
        for token in words(text).kept {
            if token.start < floor {
                continue;
            }
            let view = View::of(text, token, floor, &mut slate);
            floor = view.end;
            all.push(view.text.to_owned());
        }
        all
    }

    #[test]
    fn every_style_is_undone() {
        for (written, expected) in [
            ("evil[.]example", "evil.example"),
            ("evil**[.]**example", "evil.example"),
            ("a**[.]****[.]**b", "a.**[.]**b"),
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
    fn what_hides_in_a_mark_leaves_none_behind() {
        for (written, expected) in [
            (
                "http://a.example/evil[\u{200b}.example",
                "http://a.example/evil[ .example",
            ),
            (
                "a.example/evil[d\u{200b}ot]example",
                "a.example/evil[d ot]example",
            ),
            (
                "a.example/evil.\u{200b}]example",
                "a.example/evil. ]example",
            ),
            ("(ev\u{200b}il.example)", "(evil.example)"),
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
        let mut slate = Slate::default();
        let view = View::of(text, words(text).kept[0], 0, &mut slate);
        assert_eq!(view.text, "evil.example.com");
        assert_eq!(&text[view.written(0..16)], "evil[.]example[.]com");
        assert_eq!(&text[view.written(5..16)], "example[.]com");
        assert_eq!(&text[view.written(5..12)], "example");
        assert!(view.defanged(5..16));
        assert!(!view.defanged(5..12));
    }
}
