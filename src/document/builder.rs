//! The one way in which readers make a [`Document`]: parts, blocks, links, limits, warnings.
//!
//! Whatever a reader hands over, the text stays within [`Limits::text`], free of U+0000 and other
//! control characters, and its blocks rise without overlap.

use std::collections::HashSet;

use super::budget::Budget;
use super::picture::{Picture, Recogniser, Recognition, with_brackets};
use super::{Block, BlockKind, Document, Limits, Member, Place, Warning, language, member, tidy};
use crate::submission::{Failure, FailureCode};

/// Blocks kept. A block costs more memory than the byte of text it may cover.
const MAX_BLOCKS: usize = 2_000_000;
/// Distinct warnings kept; a document of 5,000 broken pages needs no more.
const MAX_WARNINGS: usize = 20;
/// Longest title kept, in words and in bytes. An element that is never closed makes a title of the page.
const MAX_TITLE_WORDS: usize = 200;
const MAX_TITLE: usize = 1_000;
/// Longest link target kept, in bytes. Longer ones are data in disguise.
const MAX_LINK: usize = 8 << 10;
/// Longest value looked out for where a text is cut, in bytes.
const LONGEST_VALUE: usize = 4 << 10;

/// Collects blocks in reading order.
pub(super) struct Builder {
    document: Document,
    limits: Limits,
    budget: Budget,
    depth: usize,
    /// Bytes of text that stand around this document.
    around: usize,
    place: usize,
    full: bool,
    links: HashSet<String>,
    empty_because: Option<String>,
    recogniser: Option<Recogniser>,
}

impl Builder {
    pub(super) fn new(limits: &Limits) -> Self {
        let document = Document {
            places: vec![Place::Whole],
            ..Document::default()
        };
        Self {
            document,
            limits: *limits,
            budget: Budget::new(limits),
            depth: 0,
            around: 0,
            place: 0,
            full: false,
            links: HashSet::new(),
            empty_because: None,
            recogniser: None,
        }
    }

    /// This builder, with somebody who reads pictures.
    pub(super) fn with_recogniser(self, recogniser: Option<Recogniser>) -> Self {
        Self { recogniser, ..self }
    }

    /// Reads the picture that `draw` makes. `None`, and no picture, where nobody reads any.
    pub(super) fn recognise(
        &self,
        draw: impl FnOnce() -> Result<Picture, String>,
    ) -> Option<Recognition> {
        Some(self.recogniser.as_ref()?.read(draw))
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// What the whole upload may still cost.
    pub(super) fn budget(&self) -> &Budget {
        &self.budget
    }

    /// How many documents this one stands inside of.
    pub(super) fn depth(&self) -> usize {
        self.depth
    }

    /// The builder of a document inside this one: on the same account, with what is left of the text.
    pub(super) fn inside(&self) -> Self {
        let limits = Limits {
            text: self.limits.text.saturating_sub(self.document.text.len()),
            ..self.limits
        };
        Self {
            budget: self.budget.clone(),
            depth: self.depth + 1,
            around: self.around + self.document.text.len(),
            recogniser: self.recogniser.as_ref().map(Recogniser::for_another),
            ..Self::new(&limits)
        }
    }

    /// Whether the text limit is reached: a reader stops here.
    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    /// Whether nothing was written yet.
    pub(super) fn is_empty(&self) -> bool {
        self.document.blocks.is_empty()
    }

    /// Begins a part. Links are told apart within a part only.
    pub(super) fn begin(&mut self, mut place: Place) {
        // Every finding on a sheet carries its name.
        if let Place::Sheet(name) = &mut place {
            *name = member::shown(name);
        }
        self.links.clear();
        if self.is_empty() && self.document.places == [Place::Whole] {
            self.document.places.clear();
        }
        self.place = self.document.places.len();
        self.document.places.push(place);
    }

    pub(super) fn heading(&mut self, text: &str) {
        self.block(BlockKind::Heading, text.trim());
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.block(BlockKind::Paragraph, text.trim());
    }

    pub(super) fn item(&mut self, text: &str) {
        self.block(BlockKind::ListItem, text.trim());
    }

    /// Preformatted text: only blank lines around it go.
    pub(super) fn code(&mut self, text: &str) {
        let end = text.trim_end().len();
        let start = text[..end].find(|c: char| !c.is_whitespace()).unwrap_or(0);
        let line = text[..start].rfind('\n').map_or(0, |at| at + 1);
        self.block(BlockKind::Code, &text[line..end]);
    }

    /// What a picture says: its paragraphs stand apart by blank lines.
    pub(super) fn recognised(&mut self, text: &str) {
        let text = with_brackets(text).replace('\u{c}', "\n\n");
        for paragraph in text.split("\n\n") {
            let block = self.block(BlockKind::Paragraph, paragraph.trim());
            self.document.recognised.extend(block);
        }
    }

    /// One row of a table; answers its index, for the rows it may head. A row without any text is
    /// left out, and so are empty cells at its end.
    pub(super) fn row<S: AsRef<str>>(
        &mut self,
        cells: &[S],
        header: Option<usize>,
    ) -> Option<usize> {
        let filled = cells
            .iter()
            .rposition(|cell| !cell.as_ref().trim().is_empty())
            .map_or(0, |last| last + 1);
        let mut line = String::new();
        for (i, cell) in cells[..filled].iter().enumerate() {
            if i > 0 {
                line.push('\t');
            }
            // A tab would shift every later cell into the wrong column.
            line.extend(
                cell.as_ref()
                    .trim()
                    .chars()
                    .map(|c| if c == '\t' { ' ' } else { c }),
            );
        }
        self.block(BlockKind::Row { header }, &line)
    }

    /// The target of a link, once for each part. What is no web, FTP or mail address is left out.
    pub(super) fn link(&mut self, target: &str) {
        let Some(target) = link_target(target) else {
            return;
        };
        if target.len() <= MAX_LINK && self.links.insert(target.clone()) {
            self.block(BlockKind::Link, &target);
        }
    }

    /// The document's own title; the first one that says something stays.
    pub(super) fn title(&mut self, title: &str) {
        let title = tidy::tidy(title);
        let title = title
            .split_whitespace()
            .take(MAX_TITLE_WORDS)
            .collect::<Vec<_>>()
            .join(" ");
        let title = &title[..title.floor_char_boundary(MAX_TITLE)];
        if self.document.title.is_none() && !title.is_empty() {
            self.document.title = Some(title.to_owned());
        }
    }

    /// The address that a page gives as its own; the first one stays.
    pub(super) fn address(&mut self, address: &str) {
        if self.document.address.is_none() && address.len() <= MAX_LINK {
            self.document.address = link_target(address);
        }
    }

    /// The language that the document says it is written in; the first tag that is one stays.
    pub(super) fn language(&mut self, said: &str) {
        if self.document.language.is_none() {
            self.document.language = language::tag(said);
        }
    }

    pub(super) fn warn(&mut self, code: &str, message: impl Into<String>) {
        if self.document.warnings.len() < MAX_WARNINGS {
            self.document.warnings.push(Warning {
                code: code.to_owned(),
                message: tidy::tidy(&message.into()).into_owned(),
            });
        }
    }

    /// What went wrong first.
    pub(super) fn first_warning(&self) -> Option<&str> {
        let first = self.document.warnings.first()?;
        Some(&first.message)
    }

    /// Marks the document as cut, once. `what` says at which limit.
    pub(super) fn truncated(&mut self, what: &str) {
        self.warn_truncated(format!("The text was cut: {what}."));
    }

    fn warn_truncated(&mut self, message: String) {
        let told = |warning: &Warning| warning.code == "truncated";
        if !self.document.warnings.iter().any(told) {
            self.document.warnings.truncate(MAX_WARNINGS - 1);
            self.warn("truncated", message);
        }
    }

    /// The sentence of the failure, should the document turn out to have no text.
    pub(super) fn empty_because(&mut self, sentence: impl Into<String>) {
        self.empty_because = Some(sentence.into());
    }

    /// Has `write` write a document inside this one, attached to it or not: its name, and what it says.
    pub(super) fn member(&mut self, attached: bool, write: impl FnOnce(&mut Self)) {
        let (first, at) = (self.document.blocks.len(), self.document.members.len());
        self.document.members.push(Member {
            blocks: first..first,
            attached,
        });
        write(self);
        let end = self.document.blocks.len();
        if end > first {
            self.document.members[at].blocks.end = end;
        } else {
            self.document.members.truncate(at);
        }
    }

    /// Takes over a document that was inside this one, its blocks and its warnings: they say `name`.
    pub(super) fn append(&mut self, name: &str, inner: Document) {
        let places = self.document.places.len();
        let whole = self.place;
        self.document.places.extend(inner.places.iter().cloned());
        let mut index = vec![None; inner.blocks.len()];
        for (i, block) in inner.blocks.iter().enumerate() {
            let Some(text) = inner.text.get(block.span.clone()) else {
                continue;
            };
            let kind = match block.kind {
                BlockKind::Row { header } => BlockKind::Row {
                    header: header.and_then(|at| index.get(at).copied().flatten()),
                },
                kind => kind,
            };
            let inner_place =
                matches!(inner.places.get(block.place), Some(place) if *place != Place::Whole);
            self.place = if inner_place {
                places + block.place
            } else {
                whole
            };
            index[i] = self.block(kind, text);
        }
        self.place = whole;
        let recognised = inner.recognised.iter().filter_map(|at| *index.get(*at)?);
        self.document.recognised.extend(recognised);
        for member in inner.members {
            let mut kept = index[member.blocks.clone()].iter().flatten();
            if let Some(&first) = kept.next() {
                let last = kept.next_back().copied().unwrap_or(first);
                self.document.members.push(Member {
                    blocks: first..last + 1,
                    ..member
                });
            }
        }
        for Warning { code, message } in inner.warnings {
            let message = if name.is_empty() {
                message
            } else {
                format!("{name}: {message}")
            };
            if code == "truncated" {
                self.warn_truncated(message);
            } else {
                self.warn(&code, message);
            }
        }
    }

    /// The document, or the failure of one without any text.
    pub(super) fn finish(self) -> Result<Document, Failure> {
        if self.document.blocks.is_empty() {
            let sentence = self
                .empty_because
                .unwrap_or_else(|| "The document contains no text.".to_owned());
            return Err(Failure::new(FailureCode::NoText, sentence));
        }
        Ok(self.document)
    }

    fn block(&mut self, kind: BlockKind, text: &str) -> Option<usize> {
        if self.full {
            return None;
        }
        let text = tidy::tidy(text);
        if text.trim().is_empty() {
            return None;
        }
        let gap = usize::from(!self.document.text.is_empty());
        let room = self
            .limits
            .text
            .saturating_sub(self.document.text.len() + gap);
        let kept = if text.len() > room {
            cut(&text, room)
        } else {
            &text
        };
        if kept.len() < text.len() || self.document.blocks.len() >= MAX_BLOCKS {
            self.full = true;
            self.truncated(&format!(
                "{} bytes of text were read, the most that is kept",
                self.around + self.document.text.len()
            ));
        }
        if kept.trim().is_empty() || self.document.blocks.len() >= MAX_BLOCKS {
            return None;
        }
        if gap == 1 {
            self.document.text.push('\n');
        }
        let start = self.document.text.len();
        self.document.text.push_str(kept);
        self.document.blocks.push(Block {
            span: start..self.document.text.len(),
            kind,
            place: self.place,
        });
        Some(self.document.blocks.len() - 1)
    }
}

/// At most `room` bytes of `text`, cut at white space: half a value is a wrong value. Where there is
/// none for long, what is cut is no value anyway.
fn cut(text: &str, room: usize) -> &str {
    let end = text.floor_char_boundary(room);
    let near = text.floor_char_boundary(end.saturating_sub(LONGEST_VALUE));
    let space = text[near..end].rfind(char::is_whitespace);
    // The start of the block counts as white space: what stands before it is whole.
    let whole = if near == 0 { 0 } else { end };
    &text[..space.map_or(whole, |at| near + at)]
}

/// A link target worth keeping: web and FTP addresses as they are, mail addresses bare.
fn link_target(target: &str) -> Option<String> {
    let target: String = target
        .chars()
        // None belongs into an address, and many end a line.
        .filter(|c| !c.is_control() && !matches!(c, '\u{2028}' | '\u{2029}'))
        .collect();
    let target = target.trim();
    let (scheme, rest) = target.split_once(':')?;
    match scheme.to_ascii_lowercase().as_str() {
        "http" | "https" | "ftp" | "ftps" | "hxxp" | "hxxps" => {
            (rest.len() > 2 && rest.starts_with("//")).then(|| target.replace(' ', "%20"))
        }
        "mailto" => {
            let address = rest.split(['?', ',', ';']).next()?.trim();
            address.contains('@').then(|| address.to_owned())
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn builder(text: usize) -> Builder {
        Builder::new(&Limits {
            text,
            ..Limits::default()
        })
    }

    #[test]
    fn blocks_rise_and_are_separated_by_a_line_break() {
        let mut out = builder(1 << 20);
        out.heading(" One ");
        out.paragraph("two\r\nlines\0 \u{7}here");
        let header = out.row(&["a", "b\tc"], None);
        out.row(&["1", "", ""], header);
        let document = out.finish().unwrap();
        assert_eq!(document.text, "One\ntwo\nlines here\na\tb c\n1");
        assert_eq!(document.blocks[3].kind, BlockKind::Row { header: Some(2) });
    }

    #[test]
    fn the_text_limit_cuts_at_white_space_and_is_told_once() {
        let mut out = builder(20);
        out.paragraph("first words stand");
        out.paragraph("198.51.100.7 is cut");
        out.paragraph("never");
        assert!(out.is_full());
        let document = out.finish().unwrap();
        assert_eq!(document.text, "first words stand");
        assert_eq!(document.warnings.len(), 1);
        assert_eq!(document.warnings[0].code, "truncated");
    }

    #[test]
    fn an_endless_word_is_cut_and_not_lost() {
        let mut out = builder(10_000);
        out.paragraph(&"é".repeat(10_000));
        assert_eq!(out.finish().unwrap().text.len(), 10_000);
    }

    #[test]
    fn names_and_warnings_are_of_one_line_and_bearable() {
        let mut out = builder(1 << 20);
        out.begin(Place::Sheet(format!("a\0b\nc {}", "x".repeat(1 << 20))));
        out.paragraph("words");
        out.warn("damaged", "the part \u{1}\0 is damaged");
        let document = out.finish().unwrap();
        let Place::Sheet(name) = &document.places[0] else {
            panic!("{:?}", document.places);
        };
        assert!(name.starts_with("ab c xxx") && name.len() <= 500, "{name}");
        assert_eq!(document.warnings[0].message, "the part  is damaged");
    }

    #[test]
    fn links_are_kept_once_for_each_part_and_only_when_they_lead_somewhere() {
        let mut out = builder(1 << 20);
        out.begin(Place::Page(1));
        for target in [
            "http://a.example/x y",
            "http://a.example/x y",
            "#top",
            "javascript:x()",
            "mailto:a@b.example?subject=x",
            "/rel",
        ] {
            out.link(target);
        }
        out.begin(Place::Page(2));
        out.link("http://a.example/x y");
        let document = out.finish().unwrap();
        assert_eq!(
            document.text,
            "http://a.example/x%20y\na@b.example\nhttp://a.example/x%20y"
        );
        assert_eq!(document.places, [Place::Page(1), Place::Page(2)]);
    }

    #[test]
    fn a_document_without_text_is_a_failure_with_its_reason() {
        let mut out = builder(10);
        out.paragraph(" \u{0}\n ");
        out.empty_because("3 pages, all of them images.");
        let failure = out.finish().unwrap_err();
        assert_eq!(
            (failure.code, failure.message.as_str()),
            (FailureCode::NoText, "3 pages, all of them images.")
        );
    }

    #[test]
    fn code_keeps_its_indentation() {
        let mut out = builder(100);
        out.code("\n\n  if x:\n    y\n\n");
        assert_eq!(out.finish().unwrap().text, "  if x:\n    y");
    }
}
