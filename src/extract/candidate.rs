//! What scanners read ([`Text`]) and what they write ([`Candidate`]).
//!
//! A scanner never decides between its candidates and those of another: `resolve` does.

use std::cell::{Cell, OnceCell};
use std::ops::Range;

use memchr::memmem;

use crate::document::{Block, Document, Place};
use crate::extract::lines::Lines;
use crate::extract::token::{self, Token, Words};
use crate::indicator::Kind;

/// One value found at one place, before overlaps are settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    /// What it is.
    pub(crate) kind: Kind,
    /// The live, normalised value.
    pub(crate) value: String,
    /// Bytes of [`Document::text`] it was written in.
    pub(crate) span: Range<usize>,
    /// Whether those bytes were defanged.
    pub(crate) defanged: bool,
    /// How sure the scanner is of the form, 0 to 100.
    pub(crate) confidence: u8,
}

/// A document's text with what the first pass learned of it.
///
/// Every look-up is at most logarithmic in the text, so that asking once for each candidate stays
/// cheap on a text of a single line or of a million blocks.
pub(crate) struct Text<'a> {
    document: &'a Document,
    lines: Lines,
    words: Words,
    /// The block that was asked for last.
    last_block: Cell<usize>,
    defangs: OnceCell<bool>,
    widths: OnceCell<Vec<u32>>,
}

impl<'a> Text<'a> {
    /// Learns the lines and the interesting words of `document`.
    pub(crate) fn new(document: &'a Document) -> Self {
        Self {
            document,
            lines: Lines::of(&document.text),
            words: token::words(&document.text),
            last_block: Cell::new(0),
            defangs: OnceCell::new(),
            widths: OnceCell::new(),
        }
    }

    /// The whole text.
    pub(crate) fn str(&self) -> &'a str {
        &self.document.text
    }

    /// The document around it.
    pub(crate) fn document(&self) -> &'a Document {
        self.document
    }

    /// The words that may hold an indicator, in order.
    pub(crate) fn tokens(&self) -> &[Token] {
        &self.words.kept
    }

    /// Offsets of the bytes behind which a command may start, rising.
    pub(crate) fn marks(&self) -> &[usize] {
        &self.words.marks
    }

    /// The interesting word that begins at `offset`.
    pub(crate) fn token_at(&self, offset: usize) -> Option<Token> {
        let index = self
            .words
            .kept
            .binary_search_by_key(&offset, |token| token.start)
            .ok()?;
        Some(self.words.kept[index])
    }

    /// The block that holds the byte at `offset`; `None` between blocks and in a text without.
    pub(crate) fn block_at(&self, offset: usize) -> Option<&'a Block> {
        let block = self.document.blocks.get(self.block_index(offset)?)?;
        (offset < block.span.end).then_some(block)
    }

    /// Index of the last block that begins at `offset` or before it.
    pub(crate) fn block_index(&self, offset: usize) -> Option<usize> {
        let blocks = &self.document.blocks;
        let starts_by = |index: usize| {
            blocks
                .get(index)
                .is_some_and(|block| block.span.start <= offset)
        };
        // As with lines, the answer is the last one or the next.
        let last = self.last_block.get();
        let near = (last..last + 2).find(|index| starts_by(*index) && !starts_by(index + 1));
        let index = near.or_else(|| {
            blocks
                .partition_point(|block| block.span.start <= offset)
                .checked_sub(1)
        })?;
        self.last_block.set(index);
        Some(index)
    }

    /// The part of the document that holds `offset`.
    pub(crate) fn place_at(&self, offset: usize) -> Option<&'a Place> {
        self.document.places.get(self.block_at(offset)?.place)
    }

    /// The page or slide in whose margin `offset` stands: in one of its first or last blocks.
    pub(crate) fn margin_at(&self, offset: usize) -> Option<usize> {
        const BLOCKS: usize = 2;
        let blocks = &self.document.blocks;
        let own = self.block_index(offset)?;
        let place = blocks.get(own)?.place;
        let paged = matches!(
            self.document.places.get(place),
            Some(Place::Page(_) | Place::Slide(_))
        );
        let leaves = |index: Option<usize>| {
            index
                .and_then(|index| blocks.get(index))
                .is_none_or(|block| block.place != place)
        };
        (paged && (leaves(own.checked_sub(BLOCKS)) || leaves(own.checked_add(BLOCKS))))
            .then_some(place)
    }

    /// Number of the line that holds `offset`, from 0.
    pub(crate) fn line_number(&self, offset: usize) -> usize {
        self.lines.number(offset)
    }

    /// The line `number`, without its `\n`.
    pub(crate) fn line(&self, number: usize) -> Range<usize> {
        self.lines.range(number)
    }

    /// The line that holds `offset`, without its `\n`.
    pub(crate) fn line_at(&self, offset: usize) -> Range<usize> {
        self.lines.range(self.lines.number(offset))
    }

    /// The words before `at` on its line, the nearest first, within `reach` bytes. Letters, digits and
    /// the characters of `joined` make a word.
    pub(crate) fn words_before(
        &self,
        at: usize,
        reach: usize,
        joined: &'static str,
    ) -> impl Iterator<Item = &'a str> {
        let line = self.line_at(at).start;
        let start = self
            .str()
            .ceil_char_boundary(line.max(at.saturating_sub(reach)));
        let mut head = &self.str()[start..at];
        let is_word =
            move |letter: char| letter.is_alphanumeric() || joined.chars().any(|one| one == letter);
        std::iter::from_fn(move || {
            head = &head[..end_of_last(head, is_word)];
            let start = end_of_last(head, |letter| !is_word(letter));
            let (rest, word) = head.split_at(start);
            head = rest;
            (!word.is_empty()).then_some(word)
        })
    }

    /// Whether `line` looks as if it were wrapped: several lines of its length have one right below, or
    /// the next is as long.
    pub(crate) fn wraps(&self, line: &Range<usize>) -> bool {
        const NARROWEST: usize = 20;
        const SEVERAL: u32 = 3;
        let widths = self.widths.get_or_init(|| self.lines.widths());
        let near = |length: usize| widths.get(length).copied().unwrap_or(0);
        // A line may end a character early or late where the break fell at punctuation.
        let several = near(line.len()) >= SEVERAL
            || near(line.len().saturating_sub(1)).max(near(line.len() + 1)) >= 2 * SEVERAL;
        line.len() >= NARROWEST && (several || self.line_at(line.end + 1).len() == line.len())
    }

    /// Whether the author defangs: one `[.]`, `[dot]`, `hxxp` or the like stands somewhere.
    pub(crate) fn defangs(&self) -> bool {
        const MARKS: [&[u8]; 4] = [b"[.", b"[dot]", b"[:]", b"{.}"];
        *self.defangs.get_or_init(|| {
            let bytes = self.document.text.as_bytes();
            let marked = |at: usize| {
                matches!(bytes.get(at + 1), Some(b'.' | b'd' | b':'))
                    && MARKS.iter().any(|mark| bytes[at..].starts_with(mark))
            };
            // Text has many parentheses: those are searched with what they hold.
            memchr::memchr2_iter(b'[', b'{', bytes).any(marked)
                || ["(.)", "hxxp", "hXXp"]
                    .iter()
                    .any(|mark| memmem::find(bytes, mark.as_bytes()).is_some())
        })
    }
}

/// Where the last letter of `text` ends that `is_one`; 0 where none is.
fn end_of_last(text: &str, is_one: impl Fn(char) -> bool) -> usize {
    let bytes = text.as_bytes();
    let mut end = bytes.len();
    while let Some(last) = bytes[..end].last() {
        // Most letters are ASCII: they need no decoding.
        let letter = match last.is_ascii() {
            true => char::from(*last),
            false => text[..end].chars().next_back().unwrap_or_default(),
        };
        if is_one(letter) {
            break;
        }
        end -= letter.len_utf8();
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::BlockKind;

    #[test]
    fn lines_and_blocks_are_found_by_offset() {
        let document = Document {
            text: "one\ntwo\n\nfour".into(),
            blocks: vec![
                Block {
                    span: 0..3,
                    kind: BlockKind::Heading,
                    place: 0,
                },
                Block {
                    span: 4..7,
                    kind: BlockKind::Paragraph,
                    place: 0,
                },
            ],
            places: vec![Place::Page(7)],
            ..Document::default()
        };
        let text = Text::new(&document);
        assert_eq!(text.line_at(5), 4..7);
        assert_eq!(text.line_at(8), 8..8);
        assert_eq!(text.line_at(13), 9..13);
        assert_eq!(text.line_number(9), 3);
        assert_eq!(text.line(3), 9..13);
        assert_eq!(text.block_index(8), Some(1));
        assert_eq!(
            text.block_at(5).map(|block| block.kind),
            Some(BlockKind::Paragraph)
        );
        assert_eq!(text.block_at(3), None);
        assert_eq!(text.place_at(0), Some(&Place::Page(7)));
        assert_eq!(text.place_at(9), None);
    }

    #[test]
    fn an_author_who_defangs_is_known() {
        for (written, defangs) in [
            ("see evil[.]example", true),
            ("hxxp://evil.example", true),
            ("see [1] and (2)", false),
        ] {
            let document = Document {
                text: written.into(),
                ..Document::default()
            };
            assert_eq!(Text::new(&document).defangs(), defangs, "{written}");
        }
    }
}
