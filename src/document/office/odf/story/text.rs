//! The characters of a paragraph, and what stands apart from them.

use quick_xml::events::{BytesStart, Event};

use super::{Open, Story, add_line};
use crate::document::office::xml::{attribute, push_text};

impl Story<'_> {
    /// Adds the characters of `event` to the open paragraph: white space is one space.
    pub(super) fn text(&mut self, event: &Event<'_>) {
        let field = self.field;
        let Some(Open::Paragraph(paragraph)) = self.open.last_mut() else {
            return;
        };
        let mut written = String::new();
        push_text(event, &mut written);
        for c in written.chars() {
            match c {
                ' ' | '\t' | '\r' | '\n' if paragraph.text.is_empty() => {}
                ' ' | '\t' | '\r' | '\n' if paragraph.text.ends_with([' ', '\n']) => {}
                '\t' | '\r' | '\n' => paragraph.text.push(' '),
                // Where a line may and where it may not be broken.
                '\u{ad}' => {}
                '\u{2011}' => paragraph.text.push('-'),
                c => paragraph.text.push(c),
            }
        }
        if !field {
            paragraph.letters += written.chars().filter(|c| !c.is_whitespace()).count();
        }
    }

    pub(super) fn mark(&mut self, mark: &str) {
        if let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            paragraph.text.push_str(mark);
        }
    }

    pub(super) fn open_field(&mut self) {
        self.field = true;
        if let Some(Open::Paragraph(paragraph)) = self.open.last_mut() {
            paragraph.field = true;
        }
    }

    /// Text that a condition hides stands in attributes.
    pub(super) fn hidden(&mut self, tag: &BytesStart<'_>) {
        let Some(Open::Paragraph(paragraph)) = self.open.last_mut() else {
            return;
        };
        for key in [
            "string-value",
            "string-value-if-true",
            "string-value-if-false",
        ] {
            if let Some(text) = attribute(tag, key) {
                add_line(&mut paragraph.apart, &text);
            }
        }
    }

    pub(super) fn deleted_here(&mut self, tag: &BytesStart<'_>) {
        let text = attribute(tag, "change-id").and_then(|id| self.deleted.remove(&id));
        match (self.open.last_mut(), text) {
            (Some(Open::Paragraph(paragraph)), Some(text)) => add_line(&mut paragraph.apart, &text),
            (_, Some(text)) => self.out.paragraph(&text),
            (_, None) => {}
        }
    }
}
