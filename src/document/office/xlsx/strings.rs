//! The shared strings of a workbook, in one piece of memory that grows with what is really there.

use std::collections::HashMap;

use quick_xml::events::Event;

use crate::document::office::package::{Package, Relation};
use crate::document::office::xml::push_text;

/// Strings by their index.
#[derive(Default)]
pub(super) struct SharedStrings {
    text: String,
    ends: Vec<usize>,
}

impl SharedStrings {
    pub(super) fn read(package: &mut Package<'_>, relations: &HashMap<String, Relation>) -> Self {
        let mut strings = Self::default();
        let part = relations
            .values()
            .find(|relation| relation.kind.ends_with("/sharedStrings"));
        let name = part
            .map_or("xl/sharedStrings.xml", |relation| &relation.target)
            .to_owned();
        let Some(mut part) = package.open_part(&name) else {
            return strings;
        };
        let (mut inside, mut phonetic) = (false, false);
        while let Some(event) = part.next() {
            match &event {
                Event::Start(tag) => match tag.local_name().into_inner() {
                    "t" => inside = !phonetic,
                    "rPh" => phonetic = true,
                    _ => {}
                },
                Event::End(tag) => match tag.local_name().into_inner() {
                    "t" => inside = false,
                    "rPh" => phonetic = false,
                    "si" => strings.ends.push(strings.text.len()),
                    _ => {}
                },
                Event::Empty(tag) if tag.local_name().into_inner() == "si" => {
                    strings.ends.push(strings.text.len())
                }
                event if inside => push_text(event, &mut strings.text),
                _ => {}
            }
        }
        strings
    }

    pub(super) fn get(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .copied()
            .unwrap_or(0);
        self.text.get(start..end)
    }
}
