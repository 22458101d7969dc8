//! URLs, domains and mail addresses that a page or a table cell wrapped. Enter at [`Healer`].
//!
//! Two lines are joined only if what results crosses the break and neither line says otherwise: two
//! indicators below each other stay two.

use std::ops::Range;

use crate::extract::artifact;
use crate::extract::candidate::{Candidate, Text};
use crate::extract::refang::{self, Joined, Slate, View};
use crate::extract::token::{
    self, AT, BACKSLASH, CLOSE, COLON, DIGIT, DOT, HEX, MARK, NAME, OPEN, REFERENCE, SLASH, Token,
    WIDE,
};
use crate::indicator::Kind;

/// Lines that one indicator may fill.
const LINES: usize = 5;
/// Characters by which lines that were wrapped at the same place differ.
const SLACK: usize = 2;
/// Longest word that is joined.
const LONGEST: usize = 4096;

/// What a word gave on its own that was read ahead of its turn: in a list it is asked for at every line, and
/// read once.
struct Ahead {
    /// Where the word begins.
    start: usize,
    /// Where its view ended.
    end: usize,
    /// What it gave.
    found: Vec<Candidate>,
}

/// Reads words, and on in the next lines where one was wrapped.
pub(super) struct Healer<'r, 'a> {
    text: &'r Text<'a>,
    slate: Slate,
    ahead: Option<Ahead>,
    joined: Joined,
}

impl<'r, 'a> Healer<'r, 'a> {
    pub(super) fn new(text: &'r Text<'a>) -> Self {
        Self {
            text,
            slate: Slate::default(),
            ahead: None,
            joined: Joined::default(),
        }
    }

    /// Reads `token` alone, or what was read of it ahead; answers where its view begins and ends.
    pub(super) fn read(
        &mut self,
        token: Token,
        floor: usize,
        found: &mut Vec<Candidate>,
    ) -> Range<usize> {
        if let Some(mut ahead) = self.ahead.take().filter(|one| one.start == token.start) {
            found.append(&mut ahead.found);
            return token.start..ahead.end;
        }
        if is_word(self.text.str(), token) {
            return token.start..token.end;
        }
        let view = View::of(self.text.str(), token, floor, &mut self.slate);
        super::read(self.text, &view, found);
        view.start..view.end
    }

    /// Reads on in the next lines where `word`, of the classes `holds`, ends a wrapped one. `found[first..]` is what
    /// the word gave alone; if joining gives more it is replaced. Answers where what was read ends.
    pub(super) fn heal(
        &mut self,
        word: Range<usize>,
        holds: u32,
        first: usize,
        found: &mut Vec<Candidate>,
    ) -> usize {
        let bytes = self.text.str().as_bytes();
        if bytes.get(word.end) != Some(&b'\n') || word.len() > LONGEST {
            return word.end;
        }
        // Most lines end here: nothing is copied before one looks as if it went on.
        match next_word(self.text, word.end, false) {
            Some((next, more))
                if may_cross(&bytes[word.clone()], &bytes[next.clone()], holds | more) =>
            {
                self.join(word, next, first, found)
            }
            _ => word.end,
        }
    }

    /// Joins `word` with the word `next` on the line below it, and with more lines.
    fn join(
        &mut self,
        word: Range<usize>,
        next: Range<usize>,
        first: usize,
        found: &mut Vec<Candidate>,
    ) -> usize {
        let text = self.text;
        let mut next = Some(next);
        self.joined.begin(text.str(), word.clone());
        let mut end = word.end;
        for _ in 1..LINES {
            let in_block = |below: &Range<usize>| text.block_at(end) == text.block_at(below.start);
            let Some(below) = next.filter(in_block) else {
                break;
            };
            let whole_above = found[first..]
                .iter()
                .any(|one| one.span.end + 1 >= end && one.span.start <= word.start);
            // In a list nothing needs to be joined to see that the next entry is one of its own.
            if whole_above && !self.may_continue(&below) {
                break;
            }
            self.joined.add(text.str(), end, below.clone());
            let mut together = Vec::new();
            let view = View::joined(&self.joined, &mut self.slate);
            super::read(text, &view, &mut together);
            if !self.crosses(end, &below, &found[first..], &together) {
                break;
            }
            found.truncate(first);
            found.append(&mut together);
            end = below.end;
            // A later line as long as the first, which was wrapped, was wrapped as well; letters differ in
            // width.
            let length = text.line_at(end).len();
            let widths = [text.line_at(word.end).len(), word.len()];
            let wrapped = widths.iter().any(|width| width.abs_diff(length) <= SLACK);
            next = next_word(text, end, wrapped).map(|(next, _)| next);
        }
        end
    }

    /// Whether `together` holds an indicator across the break at `end` that the lines alone do not deny.
    fn crosses(
        &mut self,
        end: usize,
        next: &Range<usize>,
        alone: &[Candidate],
        together: &[Candidate],
    ) -> bool {
        let text = self.text;
        let Some(across) = together.iter().find(|one| {
            matches!(one.kind, Kind::Url | Kind::Domain | Kind::Email)
                && one.span.start < end
                && one.span.end > next.start
        }) else {
            return false;
        };
        let upper = &text.str()[across.span.start..end];
        match alone
            .iter()
            .find(|one| one.span.end + 1 >= end && one.span.start <= across.span.start)
        {
            // What ends the upper line is no whole indicator: the lower line must complete it. If that is
            // one of its own, the upper line must show by its defanging that it began one.
            None => {
                !self.begins_one(next)
                    || across.kind == Kind::Url
                    || (upper.contains(['[', '(', '{'])
                        && !is_whole_path(text, across.span.start, upper))
            }
            // A whole one: the lower line must be nothing but more of it.
            Some(above) => above.kind == across.kind && self.may_continue(next),
        }
    }

    /// Whether the word at `next`, which begins its line, may be the end of an indicator that looks whole
    /// without it.
    fn may_continue(&mut self, next: &Range<usize>) -> bool {
        let bytes = self.text.str().as_bytes();
        let ends_line = bytes.get(next.end).is_none_or(|byte| *byte == b'\n');
        let digits = || bytes[next.clone()].iter().all(u8::is_ascii_digit);
        ends_line && !digits() && !self.begins_one(next)
    }

    /// Whether the word at `next` begins with an indicator of its own.
    fn begins_one(&mut self, next: &Range<usize>) -> bool {
        let Some(token) = self.text.token_at(next.start) else {
            return false;
        };
        // A hash below a URL is a hash.
        if matches!(next.len(), 32 | 40 | 64 | 128) && token.bits & !(DIGIT | HEX | REFERENCE) == 0
        {
            return true;
        }
        let known = self.ahead.take().filter(|one| one.start == next.start);
        let ahead = known.unwrap_or_else(|| {
            let view = View::of(self.text.str(), token, next.start, &mut self.slate);
            let mut found = Vec::new();
            super::read(self.text, &view, &mut found);
            Ahead {
                start: next.start,
                end: view.end,
                found,
            }
        });
        // Emphasis and quotes may stand before it: `*http://…*`.
        let opens = |one: &Candidate| {
            self.text.str().as_bytes()[next.start..one.span.start]
                .iter()
                .all(u8::is_ascii_punctuation)
        };
        let mut found = ahead.found.iter();
        let begins = found.any(|one| one.span.start >= next.start && opens(one));
        self.ahead = Some(ahead);
        begins
    }
}

/// Whether `token` is a word with quotes or letters beyond ASCII, and nothing that an indicator cannot be without.
fn is_word(text: &str, token: Token) -> bool {
    !token.has(DOT | COLON | AT | OPEN)
        && !refang::stands_for_another(&text[token.start..token.end])
        && !refang::opens_after(text, token.end)
}

/// Whether an indicator may reach from the end of the word `upper` to the start of the word `lower`, as
/// far as a look at the bytes tells: times and numbers below each other do not. `holds` are the classes of both.
fn may_cross(upper: &[u8], lower: &[u8], holds: u32) -> bool {
    let is_url = holds & SLASH != 0 && holds & COLON != 0;
    if is_url || holds & (OPEN | CLOSE | BACKSLASH | WIDE | AT) != 0 {
        return touch(upper, lower, holds);
    }
    // What is left is a name, on both sides of the break.
    let is_name = |byte: Option<&u8>| byte.is_some_and(|byte| token::class(*byte) & NAME != 0);
    if !is_name(upper.last()) || !is_name(lower.first()) {
        return false;
    }
    // Its last label is a top-level domain, and that has no digit.
    let head = &lower[..token::span(lower, NAME)];
    let last = |name: &[u8]| Some(name.iter().rposition(|byte| *byte == b'.')? + 1);
    let label = head.trim_ascii_end();
    let clean = |start: &[u8], end: &[u8]| {
        let mark = start.iter().chain(end).take(4);
        !start.iter().chain(end).any(u8::is_ascii_digit)
            || mark.map(u8::to_ascii_lowercase).eq(*b"xn--")
    };
    match last(label.strip_suffix(b".").unwrap_or(label)) {
        Some(start) => clean(&label[start..], b""),
        None => {
            let tail = upper.iter().rev();
            let length = tail
                .take_while(|byte| token::class(**byte) & NAME != 0)
                .count();
            let tail = &upper[upper.len() - length..];
            last(tail).is_some_and(|start| clean(&tail[start..], label))
        }
    }
}

/// Whether an indicator may hold the bytes on either side of the break between `upper` and `lower`, which are of
/// the classes `holds`.
fn touch(upper: &[u8], lower: &[u8], holds: u32) -> bool {
    // None holds an apostrophe: `'evil.example']`.
    let apostrophe = match holds & MARK {
        0 => None,
        _ => memchr::memrchr(b'\'', upper),
    };
    let tail = apostrophe.map_or(upper, |at| &upper[at + 1..]);
    if !tail.iter().any(|byte| token::class(*byte) & NAME != 0) {
        return false;
    }
    // Only a URL holds a bracket that marks nothing: `(v.1)`, `[file:name`.
    let is_bracket =
        |byte: Option<&u8>, side: u32| byte.is_some_and(|byte| token::class(*byte) & side != 0);
    let apart = is_bracket(upper.last(), CLOSE) && !refang::may_close(upper)
        || is_bracket(lower.first(), OPEN) && !refang::may_open(lower);
    !apart
        || upper
            .iter()
            .any(|byte| token::class(*byte) & (SLASH | BACKSLASH | WIDE) != 0)
}

/// The word that begins the line below the one that ends at `end`, if that line was `wrapped` or
/// looks so, and the classes of the word.
fn next_word(text: &Text<'_>, end: usize, wrapped: bool) -> Option<(Range<usize>, u32)> {
    let bytes = text.str().as_bytes();
    let start = end + 1;
    if bytes.get(end) != Some(&b'\n')
        || bytes.get(start).is_none_or(|byte| token::ends_word(*byte))
        || !(wrapped || text.wraps(&text.line_at(end)))
    {
        return None;
    }
    let near = &bytes[start..bytes.len().min(start + LONGEST)];
    let (length, holds) = token::word(near);
    (length < LONGEST).then_some((start..start + length, holds))
}

/// Whether `upper`, which begins at `start`, is the last part of a path and ends like a file: a list of
/// `host/path/name.js` lines.
fn is_whole_path(text: &Text<'_>, start: usize, upper: &str) -> bool {
    let before = start.checked_sub(1).map(|at| text.str().as_bytes()[at]);
    let last = upper.rsplit(|c: char| !c.is_alphanumeric()).next();
    before == Some(b'/') || last.is_some_and(artifact::is_extension)
}

#[cfg(test)]
mod tests {
    use crate::extract::cases::values as found;
    use crate::indicator::Kind;

    #[test]
    fn a_url_over_three_lines_of_one_width_is_healed() {
        let text = "see\n\nhttp://192.0.2.1/fs21774b77bbf77391\n78beefe647e7ec757b08367c2a2db6b5bb0\n82310ef12\n\nend";
        let url = "http://192.0.2.1/fs21774b77bbf7739178beefe647e7ec757b08367c2a2db6b5bb082310ef12";
        assert_eq!(found(text, Kind::Url), [url]);
    }

    #[test]
    fn emphasised_urls_below_each_other_stay_two() {
        let text = "*hxxps://aaaaaaaa[.]example[.]com/pt.html*\n*hxxps://bbbbbbbb[.]example[.]com/pt.html*\n*hxxps://cccccccc[.]example[.]com/pt.html*";
        assert_eq!(
            found(text, Kind::Url),
            [
                "https://aaaaaaaa.example.com/pt.html",
                "https://bbbbbbbb.example.com/pt.html",
                "https://cccccccc.example.com/pt.html"
            ]
        );
    }

    #[test]
    fn a_domain_whose_root_was_cut_is_healed() {
        let text = "one[.]example-with-a-long-name[.]onl\nine\n\ntwo[.]example-with-a-long-name[.]onl\nine\n\nthr[.]example-with-a-long-name[.]onl\nine";
        assert_eq!(
            found(text, Kind::Domain),
            [
                "one.example-with-a-long-name.online",
                "two.example-with-a-long-name.online",
                "thr.example-with-a-long-name.online"
            ]
        );
    }

    #[test]
    fn a_domain_that_was_cut_beside_a_mark_is_healed() {
        for cut in ["[.]\n", "\n[.]"] {
            let entry = |label: &str| format!("{label}[.]example-with-a-long-label{cut}online\n\n");
            let text = ["one", "two", "thr"].map(entry).concat();
            assert_eq!(
                found(&text, Kind::Domain),
                ["one", "two", "thr"]
                    .map(|label| format!("{label}.example-with-a-long-label.online")),
                "{cut:?}"
            );
        }
    }

    #[test]
    fn lists_of_defanged_paths_stay_lists() {
        let text = "aaaaaaaaa[.]example[.]com/js/eway[.]js\nbbbbbbbbb[.]example[.]com/js/sxml[.]js\nccccccccc[.]example[.]com/js/card[.]js\nddddddddd[.]example[.]com/js/load[.]js";
        assert_eq!(
            found(text, Kind::Domain),
            [
                "aaaaaaaaa.example.com",
                "bbbbbbbbb.example.com",
                "ccccccccc.example.com",
                "ddddddddd.example.com"
            ]
        );
    }

    #[test]
    fn an_underscore_that_markdown_escaped_is_part_of_the_url() {
        let url = "hxxp://198.51.100[.]7/host32\\_pic[.]bin";
        assert_eq!(
            found(url, Kind::Url),
            ["http://198.51.100.7/host32_pic.bin"]
        );
    }

    #[test]
    fn lists_of_one_width_stay_lists() {
        let urls = "http://aaaaaaaa.example.com/a\nhttp://bbbbbbbb.example.com/b\nhttp://cccccccc.example.com/c\nhttp://dddddddd.example.com/d";
        assert_eq!(found(urls, Kind::Url), urls.lines().collect::<Vec<_>>());
        let hosts = "aaaaaaaaaaaaaaaa.example.com\nbbbbbbbbbbbbbbbb.example.com\ncccccccccccccccc.example.com\ndddddddddddddddd.example.com";
        assert_eq!(
            found(hosts, Kind::Domain),
            hosts.lines().collect::<Vec<_>>()
        );
        let paths = "aaaaaaaaaaa.example.com/a.php\nbbbbbbbbbbb.example.com/b.php\nccccccccccc.example.com/c.php\nddddddddddd.example.com/d.php";
        assert_eq!(found(paths, Kind::Domain).len(), 4);
    }
}
