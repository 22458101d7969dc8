//! The text of one slide: its shapes, comments, footers, and where its links lead.

use std::collections::HashSet;

use super::outline::{Links, Text};
use super::record::{
    COMMENT, HEADERS_FOOTERS, INTERACTION_ATOM, MASTER, NOTES, OUTLINE_REFERENCE, Record, Records,
    SHAPE_OPTIONS, SLIDE, STRING, TEXT_BOX, TEXT_BYTES, TEXT_CHARS, TEXT_HEADER,
};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::office::outside;
use crate::format::little_endian::long;

/// Kinds of text: titles, and the bodies of which each paragraph is an item.
const TITLES: [u32; 2] = [0, 6];
const BODIES: [u32; 4] = [1, 5, 7, 8];
/// Any other text.
const OTHER: u32 = 4;
/// The property of a shape that holds the words of WordArt.
const WORD_ART: u16 = 0x00c0;

pub(super) struct Reader<'o> {
    out: &'o mut Builder,
    targets: &'o Links,
    kind: u32,
    /// The record that the strings belong to.
    parent: u16,
    /// Links of the open text box.
    links: Vec<u32>,
    /// Links that were written.
    used: HashSet<u32>,
    /// Footers that were written: they are the same on every slide.
    footers: HashSet<String>,
}

impl<'o> Reader<'o> {
    pub(super) fn new(out: &'o mut Builder, targets: &'o Links) -> Self {
        Self {
            out,
            targets,
            kind: OTHER,
            parent: 0,
            links: Vec::new(),
            used: HashSet::new(),
            footers: HashSet::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.out.is_full()
    }

    pub(super) fn begin(&mut self, place: Place) {
        self.out.begin(place);
    }

    /// Reads one slide. Text of the outline that no shape refers to follows.
    pub(super) fn slide(&mut self, slide: Option<Record<'_>>, outline: &[Text]) {
        let mut shown = vec![false; outline.len()];
        for record in slide.iter().flat_map(|slide| Records::new(slide.data)) {
            if self.out.is_full() {
                return;
            }
            if record.kind != OUTLINE_REFERENCE {
                self.record(&record);
                continue;
            }
            let index = record
                .number(0)
                .and_then(|index| usize::try_from(index).ok());
            if let Some(at) = index.filter(|&at| shown.get(at) == Some(&false)) {
                shown[at] = true;
                self.text(outline[at].kind, &outline[at].text);
            }
        }
        self.write_links();
        for (text, _) in outline.iter().zip(&shown).filter(|(_, shown)| !**shown) {
            self.text(text.kind, &text.text);
        }
    }

    /// Reads all there is, in the order of the file.
    pub(super) fn everything(mut self, document: &[u8]) {
        let (mut slides, limit) = (0, self.out.limits().pages);
        let mut records = Records::new(document);
        while let Some(record) = records.next() {
            if self.out.is_full() {
                return;
            }
            match record.kind {
                MASTER => records.leave_out(&record),
                SLIDE if slides as usize >= limit => {
                    self.out
                        .truncated(&format!("only the first {limit} slides were read"));
                    break;
                }
                SLIDE => {
                    self.write_links();
                    slides += 1;
                    self.out.begin(Place::Slide(slides));
                }
                NOTES => self.write_links(),
                _ => self.record(&record),
            }
        }
        self.finish();
    }

    /// Ends the last slide; answers the links that stood somewhere.
    pub(super) fn finish(mut self) -> HashSet<u32> {
        self.write_links();
        self.used
    }

    fn record(&mut self, record: &Record<'_>) {
        match record.kind {
            TEXT_BOX => {
                self.write_links();
                self.kind = OTHER;
            }
            TEXT_HEADER => self.kind = record.number(0).unwrap_or(OTHER),
            TEXT_CHARS | TEXT_BYTES => self.text(self.kind, &record.text()),
            INTERACTION_ATOM => self.links.extend(record.number(4)),
            SHAPE_OPTIONS => {
                if let Some(words) = word_art(record) {
                    self.text(OTHER, &words);
                }
            }
            COMMENT | HEADERS_FOOTERS => self.parent = record.kind,
            STRING => match (self.parent, record.instance) {
                // The author comes first, the initials last.
                (COMMENT, 1) => self.text(OTHER, &record.text()),
                (HEADERS_FOOTERS, 1 | 2) => {
                    let footer = record.text();
                    if self.footers.insert(footer.clone()) {
                        self.text(OTHER, &footer);
                    }
                }
                _ => {}
            },
            _ => {}
        }
    }

    /// Writes the paragraphs of a text. A lone `*` stands for the number of the slide.
    fn text(&mut self, kind: u32, text: &str) {
        for paragraph in text.split('\r').filter(|paragraph| paragraph.trim() != "*") {
            if TITLES.contains(&kind) {
                self.out.heading(paragraph);
            } else if BODIES.contains(&kind) {
                self.out.item(paragraph);
            } else {
                self.out.paragraph(paragraph);
            }
        }
    }

    /// Links follow the text box that they stand in.
    fn write_links(&mut self) {
        for id in std::mem::take(&mut self.links) {
            self.used.insert(id);
            for target in self.targets.get(&id).into_iter().flatten() {
                if outside::is(target) {
                    self.out.link(target);
                }
            }
        }
    }
}

/// The words of WordArt among the properties of a shape: a table of numbers and sizes, then the data.
fn word_art(record: &Record<'_>) -> Option<String> {
    let (table, mut data) = record
        .data
        .split_at_checked(6 * usize::from(record.instance))?;
    for entry in table.chunks_exact(6) {
        let name = u16::from_le_bytes([entry[0], entry[1]]);
        // The highest bit says that the value is the size of data.
        if name & 0x8000 == 0 {
            continue;
        }
        let size = usize::try_from(long(entry, 2)?).ok()?;
        let (value, rest) = data.split_at_checked(size)?;
        if name & 0x3fff == WORD_ART {
            let words = encoding_rs::UTF_16LE.decode_without_bom_handling(value).0;
            return Some(words.trim_end_matches('\0').to_owned());
        }
        data = rest;
    }
    None
}
