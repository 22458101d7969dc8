//! Files attached to the document or to a place on a page, each read as a document of its own.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::object::{
    Array, Dict, MaybeRef, ObjectIdentifier, Stream, String as PdfString,
};
use hayro_interpret::hayro_syntax::xref::XRef;

use super::pages::Pages;
use super::title::decode;
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::member::{self, Fate, Label};

/// Nodes of the tree of their names.
const MAX_NODES: usize = 20_000;

/// Reads what the catalog names and what `noted` on the pages.
pub(super) fn read<'a>(
    catalog: &Dict<'a>,
    noted: &[Dict<'a>],
    pages: &mut Pages<'a>,
    out: &mut Builder,
) {
    let mut files = named(catalog, pages.xref());
    if let Some(list) = catalog.get::<Array<'a>>(b"AF") {
        files.extend(list.iter::<Dict<'a>>().take(member::MAX_ATTACHMENTS));
    }
    files.extend_from_slice(noted);
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    for file in files {
        let Some(stream) = embedded(&file) else {
            continue;
        };
        if out.is_full() || !seen.insert(stream.obj_id()) {
            continue;
        }
        if seen.len() > member::MAX_ATTACHMENTS {
            return member::too_many_attachments(out);
        }
        let name = name(&file);
        let label = Label::attachment(&name);
        let content = pages.part(&stream);
        if content.cut {
            out.truncated("an attachment is larger than what is read");
        }
        if content.damaged && content.bytes.is_empty() {
            member::failed(label, "It is damaged.", out);
            continue;
        }
        out.begin(Place::Whole);
        if member::attachment(&name, &content.bytes, out) == Fate::Exhausted {
            return;
        }
    }
}

/// The files in the catalog's tree of names.
fn named<'a>(catalog: &Dict<'a>, xref: &'a XRef) -> Vec<Dict<'a>> {
    let names = catalog.get::<Dict<'a>>(b"Names");
    let root = names.and_then(|names| names.get::<Dict<'a>>(b"EmbeddedFiles"));
    let mut open: Vec<Dict<'a>> = root.into_iter().collect();
    let mut seen: HashSet<ObjectIdentifier> = HashSet::new();
    let mut found = Vec::new();
    while let Some(node) = open.pop() {
        if let Some(leaves) = node.get::<Array<'a>>(b"Names") {
            let mut leaves = leaves.flex_iter();
            while found.len() <= member::MAX_ATTACHMENTS
                && leaves.next::<PdfString<'_>>().is_some()
                && let Some(file) = leaves.next::<Dict<'a>>()
            {
                found.push(file);
            }
        }
        let Some(kids) = node.get::<Array<'a>>(b"Kids") else {
            continue;
        };
        let first = open.len();
        for kid in kids.raw_iter() {
            // Only what has a number of its own can lead back to itself.
            let MaybeRef::Ref(reference) = kid else {
                continue;
            };
            if seen.len() < MAX_NODES && seen.insert(reference.into()) {
                open.extend(xref.get::<Dict<'a>>(reference.into()));
            }
        }
        open[first..].reverse();
    }
    found
}

/// The bytes that a file specification carries.
fn embedded<'a>(file: &Dict<'a>) -> Option<Stream<'a>> {
    let streams = file.get::<Dict<'a>>(b"EF")?;
    let mut keys = [&b"UF"[..], b"F", b"Unix", b"Mac", b"DOS"].into_iter();
    keys.find_map(|key| streams.get::<Stream<'a>>(key))
}

fn name(file: &Dict<'_>) -> String {
    let name = file.get::<PdfString<'_>>(b"UF").or_else(|| file.get(b"F"));
    name.map_or_else(String::new, |name| decode(name.as_bytes()))
}
