//! Fields of forms: what a reader of the document typed in or chose.

use std::collections::HashSet;

use hayro_interpret::hayro_syntax::Pdf;
use hayro_interpret::hayro_syntax::object::{
    Array, Dict, MaybeRef, Name, Object, ObjectIdentifier, Stream, String as PdfString,
};
use memchr::memmem;

use super::content::Content;
use super::title::decode;
use crate::document::tidy::one_line;

/// Fields inside fields that are followed.
const MAX_LINEAGE: usize = 32;
/// Fields read in one document.
const MAX_FIELDS: usize = 100_000;
/// Bytes of one value.
const MAX_VALUE: usize = 1 << 20;
/// Options looked through for the words of a value.
const MAX_OPTIONS: usize = 10_000;
/// Packets of a form in XML.
const MAX_PACKETS: usize = 100;

/// A field that has a value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Field {
    /// What the form calls it for people, else its name.
    pub(super) name: String,
    pub(super) value: String,
}

/// The fields met so far. A field may have several places in a document, and says the same in each.
#[derive(Default)]
pub(super) struct Fields {
    seen: HashSet<ObjectIdentifier>,
}

impl Fields {
    /// The field that `widget`, an annotation, shows, where it has a value and was not met before.
    pub(super) fn of_widget(
        &mut self,
        widget: &Dict<'_>,
        id: Option<ObjectIdentifier>,
    ) -> Option<Field> {
        let mut lineage = vec![(widget.clone(), id)];
        while let Some((dict, _)) = lineage.last()
            && lineage.len() < MAX_LINEAGE
            && let Some(parent) = dict.get::<Dict<'_>>(b"Parent")
        {
            let id = dict.get_ref(b"Parent").map(Into::into);
            lineage.push((parent, id));
        }
        // The field is the one with a name; a widget below it is a place of it.
        let named = lineage.iter().find(|(dict, _)| dict.contains_key(b"T"));
        let id = named.map_or(id, |&(_, id)| id);
        if id.is_some_and(|id| self.seen.contains(&id)) {
            return None;
        }
        let dicts: Vec<_> = lineage.iter().map(|(dict, _)| dict).collect();
        let field = read(&dicts)?;
        if self.seen.len() < MAX_FIELDS {
            self.seen.extend(id);
        }
        Some(field)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.seen.is_empty()
    }

    /// The fields of the document's form that no page shows, `room` bytes of them.
    pub(super) fn elsewhere(
        &mut self,
        pdf: &Pdf,
        catalog: &Dict<'_>,
        room: &mut usize,
    ) -> Vec<Field> {
        let form = catalog.get::<Dict<'_>>(b"AcroForm");
        let roots = form.and_then(|form| form.get::<Array<'_>>(b"Fields"));
        let Some(roots) = roots else {
            return Vec::new();
        };
        let mut open = vec![roots.raw_iter()];
        let mut visited = HashSet::new();
        let mut found = Vec::new();
        while let Some(kids) = open.last_mut() {
            let Some(kid) = kids.next() else {
                open.pop();
                continue;
            };
            // Only what has a number of its own can lead back to itself.
            let MaybeRef::Ref(reference) = kid else {
                continue;
            };
            let id = reference.into();
            if *room == 0 || visited.len() >= MAX_FIELDS || !visited.insert(id) {
                continue;
            }
            let Some(dict) = pdf.xref().get::<Dict<'_>>(id) else {
                continue;
            };
            if let Some(field) = self.of_widget(&dict, Some(id)) {
                *room = room.saturating_sub(field.name.len() + field.value.len());
                found.push(field);
            }
            if open.len() < MAX_LINEAGE
                && let Some(kids) = dict.get::<Array<'_>>(b"Kids")
            {
                open.push(kids.raw_iter());
            }
        }
        found
    }
}

/// The data of a form in XML: it has no fields, and the page says no more than "please wait".
pub(super) fn xfa<'a>(catalog: &Dict<'a>) -> Option<Stream<'a>> {
    let form = catalog.get::<Dict<'_>>(b"AcroForm")?;
    let packets = match form.get::<Object<'a>>(b"XFA")? {
        Object::Stream(whole) => return Some(whole),
        packets => packets.into_array()?,
    };
    let mut packets = packets.flex_iter();
    for _ in 0..MAX_PACKETS {
        let name = packets.next::<PdfString<'_>>()?;
        let packet = packets.next::<Stream<'a>>()?;
        if name.as_bytes() == b"datasets" {
            return Some(packet);
        }
    }
    None
}

/// The part of a form in XML that was filled in.
pub(super) fn data(xml: &[u8]) -> &[u8] {
    const END: &[u8] = b"</xfa:datasets>";
    let start = memmem::find(xml, b"<xfa:datasets");
    let end = memmem::rfind(xml, END).map(|end| end + END.len());
    start
        .zip(end)
        .and_then(|(start, end)| xml.get(start..end))
        .unwrap_or(xml)
}

/// The name and value of the field that is the first of `lineage`; the others are above it.
fn read(lineage: &[&Dict<'_>]) -> Option<Field> {
    let text = |key: &[u8]| {
        let mut found = lineage
            .iter()
            .filter_map(|dict| dict.get::<PdfString<'_>>(key));
        found.next().map(|text| decode(text.as_bytes()))
    };
    let kind = lineage.iter().find_map(|dict| dict.get::<Name<'_>>(b"FT"));
    let kind = kind.as_ref().map_or("", |kind| kind.as_str());
    let options = lineage
        .iter()
        .find_map(|dict| dict.get::<Array<'_>>(b"Opt"));
    let value = match lineage
        .iter()
        .find_map(|dict| dict.get::<Object<'_>>(b"V"))?
    {
        Object::String(value) => choice(&decode(value.as_bytes()), options.as_ref()),
        Object::Stream(value) => decode(&Content::of_stream(&value, MAX_VALUE).bytes),
        Object::Name(value) if value.as_str() == "Off" => return None,
        Object::Name(value) => button(value.as_str(), options.as_ref()),
        Object::Array(values) if kind == "Ch" => {
            let values = values.iter::<PdfString<'_>>().take(MAX_OPTIONS);
            let values = values.map(|value| choice(&decode(value.as_bytes()), options.as_ref()));
            values.collect::<Vec<_>>().join("\n")
        }
        // A signature: names and bytes that say nothing of the document.
        _ => return None,
    };
    let value = value[..value.floor_char_boundary(MAX_VALUE)]
        .replace("\r\n", "\n")
        .replace('\r', "\n");
    let name = text(b"TU").filter(|name| !name.trim().is_empty());
    let name = name.or_else(|| text(b"T")).unwrap_or_default();
    (!value.trim().is_empty()).then(|| Field {
        name: one_line(&name),
        value,
    })
}

/// What the form shows for a chosen value, and the value where it is another.
fn choice(value: &str, options: Option<&Array<'_>>) -> String {
    let shown = options
        .into_iter()
        .flat_map(|options| options.iter::<Object<'_>>().take(MAX_OPTIONS))
        .find_map(|option| {
            let pair = option.into_array()?;
            let mut pair = pair
                .iter::<PdfString<'_>>()
                .map(|text| decode(text.as_bytes()));
            (pair.next()? == value).then(|| pair.next())?
        });
    match shown {
        Some(shown) if shown.trim() != value.trim() => format!("{shown} ({value})"),
        _ => value.to_owned(),
    }
}

/// The words of a button that is on: its state may be no more than their number.
fn button(state: &str, options: Option<&Array<'_>>) -> String {
    let number = state.parse().ok().filter(|&number| number < MAX_OPTIONS);
    let words = number.and_then(|number| options?.iter::<PdfString<'_>>().nth(number));
    words.map_or_else(|| state.to_owned(), |words| decode(words.as_bytes()))
}
