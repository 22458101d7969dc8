//! What lies on a page beside its content: links, notes, fields of forms.
//!
//! What an annotation says and what it draws is mostly the same text: it is told once.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as PdfString,
};
use hayro_interpret::hayro_syntax::page::Page;

use super::forms::{Field, Fields};
use super::layout::Stretch;
use super::title::decode;

/// Annotations read on one page.
const MAX_ON_PAGE: usize = 20_000;
/// Annotations read in one document: pages may share theirs.
const MAX_IN_ALL: usize = 500_000;
/// Actions that follow each other.
const MAX_ACTIONS: usize = 16;

/// What the annotations of one page say, in their order.
#[derive(Debug, PartialEq)]
pub(super) enum Remark {
    Field(Field),
    Note(String),
    /// A note in XHTML.
    Rich(String),
    /// What an annotation draws and does not say.
    Drawn(Vec<Stretch>),
    Link(String),
}

/// Reads the annotations of a document, each once.
pub(super) struct Annotations<'a> {
    /// Attached files that lie on a page.
    pub(super) files: Vec<Dict<'a>>,
    fields: Fields,
    notes: HashSet<ObjectIdentifier>,
    left: usize,
    /// Bytes of text that are still taken.
    room: usize,
}

impl<'a> Annotations<'a> {
    pub(super) fn new(room: usize) -> Self {
        Self {
            files: Vec::new(),
            fields: Fields::default(),
            notes: HashSet::new(),
            left: MAX_IN_ALL,
            room,
        }
    }

    /// Whether a limit is reached: what comes now is lost.
    pub(super) fn is_full(&self) -> bool {
        self.left == 0 || self.room == 0
    }

    /// What stands on `page` beside its content. `draw` gives the text that an appearance shows.
    pub(super) fn read(
        &mut self,
        page: &Page<'a>,
        mut draw: impl FnMut(&Stream<'a>) -> Vec<Stretch>,
    ) -> Vec<Remark> {
        let Some(list) = page.raw().get::<Array<'a>>(b"Annots") else {
            return Vec::new();
        };
        let mut remarks = Vec::new();
        for item in list.raw_iter().take(MAX_ON_PAGE) {
            if self.is_full() {
                break;
            }
            self.left -= 1;
            let (id, annotation) = match item {
                MaybeRef::Ref(reference) => (
                    Some(reference.into()),
                    page.xref().get::<Dict<'a>>(reference.into()),
                ),
                MaybeRef::NotRef(object) => (None, object.into_dict()),
            };
            let Some(annotation) = annotation else {
                continue;
            };
            let first = remarks.len();
            links(&annotation, &mut remarks);
            // One that lies on many pages says the same on each; its links are told for each page.
            if id.is_none_or(|id| self.notes.insert(id)) {
                self.files.extend(annotation.get::<Dict<'a>>(b"FS"));
                let said = self.said(&annotation, id);
                let drawn = appearance(&annotation)
                    .map(|form| draw(&form))
                    .unwrap_or_default();
                if !repeats(&drawn, said.as_ref()) {
                    remarks.push(Remark::Drawn(drawn));
                }
                remarks.extend(said);
            }
            let size: usize = remarks[first..].iter().map(Remark::size).sum();
            self.room = self.room.saturating_sub(size);
        }
        remarks
    }

    /// The fields that lie on no page.
    pub(super) fn rest(&mut self, pdf: &Pdf, catalog: &Dict<'_>) -> Vec<Remark> {
        let fields = self.fields.elsewhere(pdf, catalog, &mut self.room);
        fields.into_iter().map(Remark::Field).collect()
    }

    /// Whether any field had a value.
    pub(super) fn has_fields(&self) -> bool {
        !self.fields.is_empty()
    }

    fn said(&mut self, annotation: &Dict<'_>, id: Option<ObjectIdentifier>) -> Option<Remark> {
        let kind = annotation.get::<Name<'_>>(b"Subtype")?;
        match kind.as_str() {
            "Widget" => self.fields.of_widget(annotation, id).map(Remark::Field),
            // Its words are those that stand under it.
            "Link" => None,
            _ => {
                let text = |key: &[u8]| match annotation.get::<Object<'_>>(key)? {
                    Object::String(text) => Some(decode(text.as_bytes())),
                    _ => None,
                };
                let told = |text: &String| !text.trim().is_empty();
                let note = text(b"Contents").filter(told).map(Remark::Note);
                note.or_else(|| text(b"RC").filter(told).map(Remark::Rich))
            }
        }
    }
}

impl Remark {
    fn size(&self) -> usize {
        match self {
            Self::Field(field) => field.name.len() + field.value.len(),
            Self::Note(text) | Self::Rich(text) | Self::Link(text) => text.len(),
            Self::Drawn(text) => text.iter().map(|stretch| stretch.text.len()).sum(),
        }
    }

    /// The words said, as they compare with words drawn.
    fn words(&self) -> String {
        match self {
            Self::Field(field) => bare(&field.value),
            Self::Note(text) => bare(text),
            _ => String::new(),
        }
    }
}

/// Whether an annotation draws nothing but what it says. The mark of a check box is no text.
fn repeats(drawn: &[Stretch], said: Option<&Remark>) -> bool {
    let drawn: String = drawn.iter().map(|stretch| bare(&stretch.text)).collect();
    !drawn.chars().any(char::is_alphanumeric)
        || said.is_some_and(|said| said.words().contains(&drawn))
}

/// `text` without what line breaks and drawing change.
fn bare(text: &str) -> String {
    let kept = |c: &char| !c.is_whitespace() && !matches!(c, '\u{ad}' | '\u{feff}' | '\0');
    text.chars().filter(kept).collect()
}

/// The form that an annotation is drawn with.
fn appearance<'a>(annotation: &Dict<'a>) -> Option<Stream<'a>> {
    match annotation.get::<Dict<'_>>(b"AP")?.get::<Object<'_>>(b"N")? {
        Object::Stream(form) => Some(form),
        Object::Dict(states) => {
            let state = annotation.get::<Name<'_>>(b"AS")?;
            states.get::<Stream<'_>>(state)
        }
        _ => None,
    }
}

/// The addresses that an annotation leads to.
fn links(annotation: &Dict<'_>, remarks: &mut Vec<Remark>) {
    let mut action = annotation.get::<Dict<'_>>(b"A");
    for _ in 0..MAX_ACTIONS {
        let Some(current) = action else {
            return;
        };
        let text = |dict: &Dict<'_>, key: &[u8]| {
            let text = dict.get::<PdfString<'_>>(key)?;
            Some(decode(text.as_bytes()))
        };
        // Where a form is sent, and files elsewhere, are named by a file specification.
        let file = || {
            let file = current.get::<Dict<'_>>(b"F")?;
            text(&file, b"UF").or_else(|| text(&file, b"F"))
        };
        let target = text(&current, b"URI")
            .or_else(|| text(&current, b"F"))
            .or_else(file);
        remarks.extend(target.map(Remark::Link));
        action = current.get::<Dict<'_>>(b"Next");
    }
}
