//! The object that lists all others: the slides in order with the text of their outlines, the notes,
//! the targets of links.

use std::collections::BTreeMap;

use super::record::{
    HYPERLINK, HYPERLINK_ATOM, OBJECTS, Record, Records, SLIDE_LIST, SLIDE_PERSIST, STRING,
    TEXT_BYTES, TEXT_CHARS, TEXT_HEADER,
};

/// Which slides a list holds.
const SLIDES: u16 = 0;
const NOTES: u16 = 2;

/// A stretch of text and what kind it is.
#[derive(Debug, Clone, Default)]
pub(super) struct Text {
    pub(super) kind: u32,
    pub(super) text: String,
}

/// A slide as the list names it.
#[derive(Debug, Default)]
pub(super) struct Slide {
    pub(super) reference: u32,
    pub(super) id: u32,
    /// The text of the outline, which the shapes of the slide refer to.
    pub(super) texts: Vec<Text>,
}

/// Targets by the ids of their links.
pub(super) type Links = BTreeMap<u32, Vec<String>>;

#[derive(Default)]
pub(super) struct Outline {
    pub(super) slides: Vec<Slide>,
    /// The objects of the notes.
    pub(super) notes: Vec<u32>,
    pub(super) links: Links,
    /// What other objects are called and loaded from.
    pub(super) others: Vec<String>,
}

impl Outline {
    pub(super) fn read(document: Record<'_>) -> Self {
        let mut outline = Self::default();
        let mut records = Records::new(document.data);
        // The list that is open, and how many bytes are left when it ends.
        let (mut list, mut end) = (None, 0);
        let mut objects_end = usize::MAX;
        let (mut link, mut kind) = (None, 0);
        while let Some(record) = records.next() {
            let left = records.left();
            match record.kind {
                SLIDE_LIST => {
                    (list, end) = (
                        Some(record.instance),
                        left.saturating_sub(record.data.len()),
                    );
                }
                OBJECTS => objects_end = left.saturating_sub(record.data.len()),
                _ if left < end => list = None,
                _ => {}
            }
            match (record.kind, list) {
                (SLIDE_PERSIST, Some(SLIDES)) => outline.slides.push(Slide {
                    reference: record.number(0).unwrap_or_default(),
                    id: record.number(12).unwrap_or_default(),
                    texts: Vec::new(),
                }),
                (SLIDE_PERSIST, Some(NOTES)) => outline.notes.extend(record.number(0)),
                (TEXT_HEADER, _) => kind = record.number(0).unwrap_or_default(),
                (TEXT_CHARS | TEXT_BYTES, Some(SLIDES)) => {
                    if let Some(slide) = outline.slides.last_mut() {
                        let text = record.text();
                        slide.texts.push(Text { kind, text });
                    }
                }
                (HYPERLINK, _) => link = Some(0),
                (HYPERLINK_ATOM, _) => link = record.number(0),
                (STRING, _) if left >= objects_end => match link {
                    Some(id) => outline.links.entry(id).or_default().push(record.text()),
                    None => outline.others.push(record.text()),
                },
                _ => {}
            }
        }
        outline
    }
}
