//! The larger parts of a document: tables, sheets, slides, shapes, embedded objects, styles.

use quick_xml::events::BytesStart;

use super::{Kind, Open, Story};
use crate::document::Place;
use crate::document::office::odf::sheet::Sheet;
use crate::document::office::xml::attribute;

/// Styles of headings kept.
const MAX_STYLES: usize = 10_000;
/// Embedded objects kept.
const MAX_OBJECTS: usize = 10_000;

impl Story<'_> {
    pub(super) fn open_table(&mut self, tag: &BytesStart<'_>) {
        match &mut self.sheet {
            Some(sheet) => sheet.inner += 1,
            None if self.told.kind == Kind::Sheets && self.open.is_empty() => {
                let name = attribute(tag, "name").unwrap_or_default();
                if self.begin(|_| Place::Sheet(name)) {
                    self.sheet = Some(Sheet::default());
                }
            }
            None => {
                self.tables.open();
                self.push(Open::Table);
            }
        }
    }

    pub(super) fn end_table(&mut self) {
        match &mut self.sheet {
            Some(sheet) if sheet.inner > 0 => sheet.inner -= 1,
            Some(_) => self.end_sheet(),
            None => {
                self.tables.close(self.out);
                self.pop(|open| matches!(open, Open::Table));
            }
        }
    }

    pub(super) fn end_sheet(&mut self) {
        if let Some(mut sheet) = self.sheet.take() {
            sheet.end_row(self.out);
        }
    }

    pub(super) fn open_row(&mut self, tag: &BytesStart<'_>) {
        match &mut self.sheet {
            Some(sheet) => sheet.open_row(tag),
            None => self.tables.mark_header(self.header_rows),
        }
    }

    pub(super) fn end_row(&mut self) {
        match &mut self.sheet {
            Some(sheet) => sheet.end_row(self.out),
            None => self.tables.end_row(self.out),
        }
    }

    pub(super) fn open_cell(&mut self, tag: &BytesStart<'_>) {
        if let Some(sheet) = &mut self.sheet {
            sheet.open_cell(tag);
        }
    }

    pub(super) fn end_cell(&mut self) {
        match &mut self.sheet {
            Some(sheet) => sheet.end_cell(),
            None => self.tables.end_cell(),
        }
    }

    /// A shape: the title of a slide, or its number and date, which are furniture.
    pub(super) fn open_shape(&mut self, tag: &BytesStart<'_>) {
        match attribute(tag, "class").as_deref() {
            Some("page-number" | "date-time") => self.skipped = 1,
            class => {
                self.title = matches!(class, Some("title" | "subtitle"));
                self.push(Open::Aside);
            }
        }
    }

    /// A sheet or slide begins; answers whether it is read.
    pub(super) fn begin(&mut self, place: impl FnOnce(u32) -> Place) -> bool {
        let limit = self.out.limits().pages;
        if self.parts >= limit {
            self.out.truncated(&format!(
                "only the first {limit} sheets or slides were read"
            ));
            self.skipped = 1;
            return false;
        }
        self.parts += 1;
        let place = place(u32::try_from(self.parts).unwrap_or(u32::MAX));
        self.place = Some(place.clone());
        self.out.begin(place);
        true
    }

    /// An embedded document, a chart mostly, stands in a folder of its own.
    pub(super) fn object(&mut self, tag: &BytesStart<'_>) {
        let Some(target) = attribute(tag, "href") else {
            return;
        };
        let folder = target.trim_start_matches("./").trim_end_matches('/');
        if !folder.is_empty() && !folder.contains(':') && self.told.objects.len() < MAX_OBJECTS {
            self.told
                .objects
                .push((self.place.clone(), folder.to_owned()));
        }
    }

    /// Headings that are told by their style alone: the title of a text.
    pub(super) fn style(&mut self, tag: &BytesStart<'_>) {
        let heading = attribute(tag, "parent-style-name")
            .is_some_and(|parent| self.headings.contains(&parent));
        if heading && self.headings.len() < MAX_STYLES {
            self.headings.extend(attribute(tag, "name"));
        }
    }
}
