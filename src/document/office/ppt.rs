//! PowerPoint 97–2003 ([MS-PPT](https://learn.microsoft.com/openspecs/office_file_formats/ms-ppt/)): slides
//! in the order in which they are shown, each with its notes and comments. Masters are furniture.
//!
//! A file is saved by adding to it: the directory of the last edit says where each slide stands now.
//! Where it is broken, the text is read in the order of the file.

mod objects;
mod outline;
mod persist;
mod record;
mod slide;

use std::collections::HashMap;

use outline::Outline;
use persist::{Directory, Edit};
use record::{Record, Records};
use slide::Reader;

use super::package::{damaged, encrypted};
use super::{info, outside};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::compound::Compound;
use crate::submission::Failure;

/// Times that the length of the file may be walked: slides of a sound file do not overlap.
const MAX_WALKS: usize = 4;

/// Reads a presentation.
///
/// # Errors
/// Encrypted, damaged.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut file =
        Compound::open(bytes, out.budget()).ok_or_else(|| damaged("its streams cannot be read"))?;
    let document = file
        .stream("/PowerPoint Document")
        .ok_or_else(|| damaged("it has no stream of slides"))?;
    let user = file.stream("/Current User").unwrap_or_default();
    let edit = Edit::last(&document, &user);
    if edit.is_encrypted() || file.has("/EncryptedSummary") {
        return Err(encrypted());
    }
    info::read_title(&mut file, out);
    let directory = Directory::read(&document, &edit);
    let outline = directory
        .object(&document, edit.document)
        .filter(|record| record.kind == record::DOCUMENT)
        .map(Outline::read)
        .filter(|outline| !outline.slides.is_empty());
    match outline {
        Some(outline) => {
            slides(&document, &directory, outline, out);
            objects::read(directory.objects(&document), document.len(), out);
        }
        None => {
            Reader::new(out, &Default::default()).everything(&document);
            objects::read(Records::new(&document), document.len(), out);
        }
    }
    Ok(())
}

fn slides(document: &[u8], directory: &Directory, mut outline: Outline, out: &mut Builder) {
    let limit = out.limits().pages;
    if outline.slides.len() > limit {
        let count = outline.slides.len();
        out.truncated(&format!(
            "the presentation has {count} slides and {limit} were read"
        ));
    }
    let mut room = document.len().saturating_mul(MAX_WALKS);
    let mut object = |reference: u32, kind: u16| -> Option<Record<'_>> {
        let record = directory.object(document, reference)?;
        room = room.checked_sub(record.data.len())?;
        Some(record).filter(|record| record.kind == kind)
    };
    let notes = outline.notes.iter().filter_map(|&reference| {
        let record = object(reference, record::NOTES)?;
        Some((record.notes_of()?, record))
    });
    let notes: HashMap<u32, Record<'_>> = notes.collect();
    let slides = std::mem::take(&mut outline.slides);
    let mut reader = Reader::new(out, &outline.links);
    for (slide, number) in slides.into_iter().take(limit).zip(1..) {
        if reader.is_full() {
            return;
        }
        reader.begin(Place::Slide(number));
        reader.slide(object(slide.reference, record::SLIDE), &slide.texts);
        if let Some(notes) = notes.get(&slide.id) {
            reader.slide(Some(*notes), &[]);
        }
    }
    let used = reader.finish();
    let unused = outline.links.iter().filter(|(id, _)| !used.contains(id));
    let others = unused
        .flat_map(|(_, targets)| targets)
        .chain(&outline.others);
    for target in others.filter(|target| outside::is(target)) {
        outside::target("object", target, out);
    }
}

#[cfg(test)]
mod tests;
