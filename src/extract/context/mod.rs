//! What a document says around a value. Enter at [`Describer::describe`].
//!
//! The context is the sentence, row or line, whole where it is not long; the description is what
//! the document itself calls the value. Nothing is made up: no words, no description.

mod description;
mod fold;
mod heading;
pub(super) mod label;
mod link;
pub(super) mod markup;
#[cfg(test)]
mod panics;
mod phrase;
pub(super) mod sentence;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use crate::document::BlockKind;
use crate::extract::candidate::{Candidate, Text};
use crate::extract::sweep;
use description::Names;
use fold::{folded, is_folded, is_folded_but_for_tabs, joined, joined_folded};
use heading::Headings;
use label::{Row, Rows};

/// Longest context kept, in characters.
const LONGEST: usize = 500;

/// Describes the values of one text, from its start to its end.
pub(crate) struct Describer<'t, 'a> {
    text: &'t Text<'a>,
    headings: Headings,
    rows: Rows<'a>,
    names: Names,
}

impl<'t, 'a> Describer<'t, 'a> {
    /// Describes values of `text`.
    pub(crate) fn new(text: &'t Text<'a>) -> Self {
        Self {
            text,
            headings: Headings::default(),
            rows: Rows::default(),
            names: Names::default(),
        }
    }

    /// The context of `candidate`, white space folded, and what the document calls it.
    pub(crate) fn describe(&mut self, candidate: &Candidate) -> (String, Option<String>) {
        let whole = self.text.str();
        let span = &candidate.span;
        if stands_alone(self.text, span) {
            let said = description::of_alone(self.text, span, &mut self.headings);
            let name = said.and_then(|said| self.names.of(said));
            return (without_bars(&whole[span.clone()]).to_owned(), name);
        }
        self.describe_among_others(candidate)
    }

    /// The same, whatever else stands on the line.
    fn describe_among_others(&mut self, candidate: &Candidate) -> (String, Option<String>) {
        let whole = self.text.str();
        let span = &candidate.span;
        if let Some(link) = link::of(self.text, span) {
            let context = cut(&link.context(whole, span), "", "");
            return (context, link.description(whole));
        }
        let found = Surroundings::of(self.text, self.rows.at(self.text, span.start), span);
        let said = description::of(self.text, span, &found, &mut self.headings);
        let name = said.and_then(|said| self.names.of(&said));
        (found.context(whole, candidate), name)
    }

    /// What the document calls `candidate`, without the context.
    pub(crate) fn description(&mut self, candidate: &Candidate) -> Option<String> {
        let span = &candidate.span;
        if let Some(link) = link::of(self.text, span) {
            return link.description(self.text.str());
        }
        let found = Surroundings::of(self.text, self.rows.at(self.text, span.start), span);
        let said = description::of(self.text, span, &found, &mut self.headings)?;
        self.names.of(&said)
    }
}

/// Whether the value at `span` is a line and a sentence of its own, as almost half of them are: its context is
/// what is written there, and only what stands above can name it.
fn stands_alone(text: &Text<'_>, span: &Range<usize>) -> bool {
    let whole = text.str();
    let is_value = |written: &str| {
        // A comma may stand behind one link of several.
        let odd = |byte: u8| (byte <= b' ') | (byte > b'~');
        written.len() <= LONGEST && !written.ends_with(',') && !sweep::any(written.as_bytes(), odd)
    };
    let kind = text.block_at(span.start).map(|block| block.kind);
    *span == text.line_at(span.start)
        && !matches!(kind, Some(BlockKind::Row { .. } | BlockKind::Link))
        && is_value(&whole[span.clone()])
        && sentence::begins_with_line(whole, &bounds(text, span), span)
}

/// Where a value stands: its row, or its sentence.
struct Surroundings<'r, 'a> {
    row: Option<&'r Row<'a>>,
    /// The bytes of the sentence or row, as far as they are shown.
    around: Range<usize>,
    /// All the bytes that it may reach over.
    bounds: Range<usize>,
}

impl<'r, 'a> Surroundings<'r, 'a> {
    fn of(text: &Text<'_>, row: Option<&'r Row<'a>>, span: &Range<usize>) -> Self {
        let (around, bounds) = match row {
            Some(row) => (row.bounds(), row.whole.clone()),
            None => {
                let bounds = bounds(text, span);
                let around = sentence::around(text.str(), bounds.clone(), span.clone());
                (around, bounds)
            }
        };
        Self {
            row,
            around: around.start.min(span.start)..around.end.max(span.end),
            bounds,
        }
    }

    fn context(&self, whole: &str, candidate: &Candidate) -> String {
        let (around, bounds, span) = (&self.around, &self.bounds, &candidate.span);
        let goes_before = is_open(&whole[bounds.start.min(around.start)..around.start]);
        let goes_on = around.end < bounds.end && is_open(&whole[..around.end]);
        let value = span.start - around.start..span.end - around.start;
        let (clean, value) = markup::plain(&whole[around.clone()], value);
        if !(goes_before || goes_on)
            && let Some(context) = self.as_written(&clean, &clean[value.clone()], candidate)
        {
            return context;
        }
        let part = if self.row.is_some() { joined } else { folded };
        let mut head = part(&clean[..value.start]);
        let mut tail = part(&clean[value.end..]);
        if goes_before {
            let rest = head.split_once(' ').map_or("", |(_, rest)| rest);
            head = ["…", rest].concat().into();
        }
        if goes_on {
            let kept = tail.rsplit_once(' ').map_or("", |(kept, _)| kept);
            tail = [kept, "…"].concat().into();
        }
        let mut written = folded(&clean[value]);
        if is_joined(&written, candidate) {
            // A value that was put together over a line break is shown in one piece.
            written = written.replace(' ', "").into();
        }
        cut(&head, &written, &tail)
    }

    /// The context where there is nothing to change in what is `shown`: most are short, and need to be copied
    /// only once. The value is `written` in it.
    fn as_written(&self, shown: &str, written: &str, candidate: &Candidate) -> Option<String> {
        let shown = shown.trim();
        if shown.len() > LONGEST || is_joined(written, candidate) {
            return None;
        }
        if self.row.is_none() {
            return is_folded(shown).then(|| without_bars(shown).to_owned());
        }
        let holds_tab = |text: &str| sweep::any(text.as_bytes(), |byte| byte == b'\t');
        if holds_tab(written) || !is_folded_but_for_tabs(shown) {
            return None;
        }
        let joined = joined_folded(shown);
        (joined.len() <= LONGEST).then(|| bare(joined))
    }
}

/// Whether `candidate` was put together of the parts that are `written`.
fn is_joined(written: &str, candidate: &Candidate) -> bool {
    let holds_blank = |text: &str| sweep::any(text.as_bytes(), |byte| byte == b' ');
    holds_blank(written) && !holds_blank(&candidate.value)
}

/// Whether a sentence or cell goes on where `before` ends: it was followed no farther.
fn is_open(before: &str) -> bool {
    let closed = before.is_empty()
        || before.ends_with(|c: char| c.is_whitespace())
        || before.ends_with(['.', '!', '?', '。', '！', '？', '"', '”', '’', ')', '\'']);
    !closed
}

/// The bytes that a sentence around `span` may reach over: its block, or its line in code.
fn bounds(text: &Text<'_>, span: &Range<usize>) -> Range<usize> {
    match text.block_at(span.start) {
        Some(block) if block.kind != BlockKind::Code => {
            block.span.start..block.span.end.max(span.end)
        }
        None => 0..text.str().len(),
        Some(_) => {
            let line = text.line_at(span.start);
            line.start..line.end.max(span.end)
        }
    }
}

/// What stands before and behind the first colon of `text` that has a blank behind it.
fn at_colon(text: &str) -> Option<(&str, &str)> {
    let bytes = text.as_bytes();
    let colon =
        memchr::memchr_iter(b':', bytes).find(|colon| bytes.get(colon + 1) == Some(&b' '))?;
    Some((&text[..colon], &text[colon + 2..]))
}

/// `head`, `value` and `tail` as one line of at most [`LONGEST`] characters, cut at words.
fn cut(head: &str, value: &str, tail: &str) -> String {
    let head = head.trim_start();
    let tail = tail.trim_end();
    if head.len() + value.len() + tail.len() <= LONGEST {
        return bare([head, value, tail].concat());
    }
    let room = LONGEST.saturating_sub(value.chars().count());
    let (before, after) = (head.chars().count(), tail.chars().count());
    let for_tail = room.saturating_sub(before.min(room / 2));
    let tail = if after > for_tail {
        first_words(tail, for_tail).into()
    } else {
        Cow::Borrowed(tail)
    };
    let for_head = room.saturating_sub(tail.chars().count());
    let head = if before > for_head {
        last_words(head, before, for_head).into()
    } else {
        Cow::Borrowed(head)
    };
    let mut line = [&*head, value, &*tail].concat();
    line.truncate(offset_of(&line, LONGEST));
    bare(line)
}

/// `line` without the bars of empty cells at its ends.
fn bare(mut line: String) -> String {
    let kept = without_bars(&line);
    if kept.len() < line.len() {
        line = kept.to_owned();
    }
    line
}

/// `line` without bars and white space at its ends.
fn without_bars(line: &str) -> &str {
    line.trim_matches(|c: char| c == '|' || c.is_whitespace())
}

/// Where the character with number `index` begins, or where `text` ends before it.
fn offset_of(text: &str, index: usize) -> usize {
    let mut chars = text.chars();
    if let Some(last) = index.checked_sub(1) {
        chars.nth(last);
    }
    text.len() - chars.as_str().len()
}

fn first_words(text: &str, characters: usize) -> String {
    let kept = &text[..offset_of(text, characters.saturating_sub(1))];
    let end = kept.rfind(' ').unwrap_or(kept.len());
    [&kept[..end], "…"].concat()
}

/// The last words of `text`, which has `count` characters.
fn last_words(text: &str, count: usize, characters: usize) -> String {
    let skipped = count.saturating_sub(characters.saturating_sub(1));
    let kept = &text[offset_of(text, skipped)..];
    let start = kept.find(' ').map_or(0, |at| at + 1);
    ["…", &kept[start..]].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;
    use crate::indicator::Kind;

    /// The context and the description of the first `value` in `text`.
    pub(super) fn described(text: &str, value: &str) -> (String, Option<String>) {
        let document = document(text);
        Describer::new(&Text::new(&document)).describe(&candidate(text, value))
    }

    /// The descriptions of `values`, which stand in `text` in that order.
    pub(super) fn described_all(text: &str, values: &[String]) -> Vec<Option<String>> {
        let document = document(text);
        let text_of = Text::new(&document);
        let mut describer = Describer::new(&text_of);
        values
            .iter()
            .map(|value| describer.describe(&candidate(text, value)).1)
            .collect()
    }

    fn document(text: &str) -> Document {
        Document {
            text: text.into(),
            ..Document::default()
        }
    }

    fn candidate(text: &str, value: &str) -> Candidate {
        let at = text.find(value).unwrap();
        Candidate {
            kind: Kind::Domain,
            value: value.into(),
            span: at..at + value.len(),
            defanged: false,
            confidence: 90,
        }
    }

    #[test]
    fn the_context_is_the_sentence_or_the_row() {
        assert_eq!(
            described("One.  It asks   evil.example\nnow. Two.", "evil.example").0,
            "It asks evil.example"
        );
        assert_eq!(
            described("domain\tevil.example\t\tC2 of it\nx\ty", "evil.example").0,
            "domain | evil.example | | C2 of it"
        );
    }

    /// Lines of every length and ending above and below a value, in texts without blocks and in read ones.
    #[test]
    fn a_value_alone_on_its_line_is_described_as_if_it_were_not() {
        let long = "The group asked this server for what it should do next on all of the days";
        let lines = [
            "",
            "C2 servers:",
            "- one.example",
            "one[.]example",
            "name\tserver",
            "https://a.example/x),",
            "[one](https://a.example/x),",
            "...",
            long,
            &format!("{long} and."),
            &format!("{long}, https://a.example/"),
        ];
        let values = [
            "evil.example",
            "evil.example,",
            "|evil",
            "**evil**",
            "[evil](x.example)",
            &long.replace(' ', "/"),
        ];
        let mut alone = 0;
        for (above, below) in lines
            .iter()
            .flat_map(|above| lines.iter().map(move |below| (above, below)))
        {
            for value in values {
                let text = format!("## Indicators\n{above}\n{value}\n{below}\nend");
                let read =
                    crate::document::read(text.as_bytes(), Some("a.md"), &Default::default());
                for document in [document(&text), read.unwrap().1] {
                    let Some(at) = document.text.find(&format!("\n{value}\n")) else {
                        continue;
                    };
                    let candidate = Candidate {
                        kind: Kind::Domain,
                        value: value.into(),
                        span: at + 1..at + 1 + value.len(),
                        defanged: false,
                        confidence: 90,
                    };
                    let text = Text::new(&document);
                    let described = Describer::new(&text).describe(&candidate);
                    let expected = Describer::new(&text).describe_among_others(&candidate);
                    assert_eq!(described, expected, "{:?}", document.text);
                    alone += usize::from(stands_alone(&text, &candidate.span));
                }
            }
        }
        assert!(alone > lines.len() * lines.len(), "{alone}");
    }

    #[test]
    fn a_value_over_two_lines_is_shown_in_one_piece() {
        let hash = "0a1b2c3d4e5f60718293a4b5c6d7e8f9".repeat(2);
        let text = format!("loader\n{}\n{}\n", &hash[..44], &hash[44..]);
        let document = document(&text);
        let finding = &crate::extract::scan(&document)[0];
        assert_eq!(finding.value, hash);
        assert_eq!(finding.context, hash);
    }

    #[test]
    fn a_sentence_that_was_followed_no_farther_says_so() {
        let text = format!(
            "{} evil.example {}",
            "word-".repeat(90) + " x",
            "tail ".repeat(90)
        );
        let context = described(&text, "evil.example").0;
        assert_eq!(context.split(' ').next(), Some("…x"));
        assert!(context.ends_with("tail…"), "{context}");
    }

    #[test]
    fn a_long_context_is_cut_at_words_around_the_value() {
        let text = format!(
            "{} evil.example {}",
            "before ".repeat(200),
            "after ".repeat(200)
        );
        let context = described(&text, "evil.example").0;
        assert!(
            context.chars().count() <= LONGEST
                && context.contains(" evil.example ")
                && context.starts_with("…before")
                && context.ends_with("after…"),
            "{context}"
        );
    }
}
