//! What a package says of itself in the terms of [Dublin Core](https://www.dublincore.org/): Office Open XML,
//! OpenDocument and EPUB alike.

use quick_xml::events::Event;

use super::xml::push_text;
use crate::document::builder::Builder;

/// Bytes of a language kept; no tag is that long.
const MAX_LANGUAGE: usize = 100;

/// Title and language, as far as they were seen.
#[derive(Default)]
pub(super) struct Properties {
    title: String,
    language: String,
    open: Option<Field>,
}

#[derive(Clone, Copy)]
enum Field {
    Title,
    Language,
}

impl Properties {
    /// Takes in the next event of the part. The first title is that of the document; subtitles may follow.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => {
                self.open = match tag.local_name().into_inner() {
                    "title" if self.title.trim().is_empty() => Some(Field::Title),
                    "language" if self.language.trim().is_empty() => Some(Field::Language),
                    _ => None,
                };
            }
            Event::End(_) => self.open = None,
            event => match self.open {
                Some(Field::Title) => push_text(event, &mut self.title),
                Some(Field::Language) if self.language.len() < MAX_LANGUAGE => {
                    push_text(event, &mut self.language);
                }
                _ => {}
            },
        }
    }

    /// Tells `out` of them.
    pub(super) fn write(&self, out: &mut Builder) {
        out.title(&self.title);
        out.language(&self.language);
    }
}
