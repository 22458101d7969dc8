//! A document as people can check it: one line for each block.

use std::fmt::Write;

use super::{BlockKind, Document, Place};

impl Document {
    /// Title, address and language where it has them, warnings, then one line for each block: its index,
    /// place, kind and text. A row names the row that heads it; line breaks show as `⏎`, the tabs between cells as `⇥`.
    #[must_use]
    pub fn outline(&self) -> String {
        let mut out = String::new();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "title: {}", self.title.as_deref().unwrap_or("-"));
        if let Some(address) = &self.address {
            let _ = writeln!(out, "address: {address}");
        }
        if let Some(language) = &self.language {
            let _ = writeln!(out, "language: {language}");
        }
        for warning in &self.warnings {
            let _ = writeln!(out, "warning: {}: {}", warning.code, warning.message);
        }
        for (i, block) in self.blocks.iter().enumerate() {
            let text = self.text.get(block.span.clone()).unwrap_or_default();
            let text = text.replace('\n', "⏎").replace('\t', "⇥");
            let place = match self.places.get(block.place) {
                Some(Place::Page(page)) => format!("page {page} "),
                Some(Place::Sheet(sheet)) => format!("sheet {sheet} "),
                Some(Place::Slide(slide)) => format!("slide {slide} "),
                Some(Place::Surroundings) => "around ".to_owned(),
                Some(Place::Whole) | None => String::new(),
            };
            let kind = match block.kind {
                BlockKind::Heading => "heading".to_owned(),
                BlockKind::Paragraph => "paragraph".to_owned(),
                BlockKind::ListItem => "item".to_owned(),
                BlockKind::Row { header: None } => "row".to_owned(),
                BlockKind::Row {
                    header: Some(header),
                } => format!("row under {header}"),
                BlockKind::Code => "code".to_owned(),
                BlockKind::Link => "link".to_owned(),
            };
            let _ = writeln!(out, "{i} {place}{kind}: {text}");
        }
        out
    }
}
