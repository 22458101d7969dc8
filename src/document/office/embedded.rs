//! Documents embedded in Office documents: parts of a package, and objects in compound files
//! ([MS-OLEDS](https://learn.microsoft.com/openspecs/windows_protocols/ms-oleds/), 2.3.6).
//!
//! An object that is a file of any kind keeps the paths that it came from: they say something about who
//! put it there, and are written down.

use super::package::{self, Package};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::charset;
use crate::document::compound::Compound;
use crate::document::member::{self, Fate, Label};
use crate::format::Format;

/// A file of any kind, with its name.
const NATIVE: &str = "\u{1}Ole10Native";
/// A package of a newer Office document; a document of another program.
const CONTENTS: &[&str] = &["Package", "CONTENTS", "EmbeddedOdf", "package_stream"];

/// Reads what is embedded in a package.
pub(super) fn parts(package: &mut Package<'_>, out: &mut Builder) {
    let names: Vec<String> = package
        .names()
        .iter()
        .filter(|name| name.contains("/embeddings/") && !name.ends_with(".rels"))
        .cloned()
        .collect();
    if !names.is_empty() {
        out.begin(Place::Whole);
    }
    for name in names {
        let Some(bytes) = package.bytes(&name) else {
            continue;
        };
        let short = name.rsplit('/').next().unwrap_or_default();
        if out.is_full() || part(short, &bytes, out) == Fate::Exhausted {
            return;
        }
    }
}

/// Reads what the part `story` takes in when the document is opened: pages, rich text, other documents.
pub(super) fn chunks(package: &mut Package<'_>, story: &str, out: &mut Builder) {
    let relations = package.relations(story);
    let mut names: Vec<&str> = package::inside(&relations)
        .into_iter()
        .filter(|relation| relation.kind.ends_with("/aFChunk"))
        .map(|relation| relation.target.as_str())
        .collect();
    names.dedup();
    for name in names {
        let Some(bytes) = package.bytes(name) else {
            continue;
        };
        let short = name.rsplit('/').next().unwrap_or_default();
        if out.is_full() || member::read(label(short), &bytes, out) == Fate::Exhausted {
            return;
        }
    }
}

/// Reads the objects in a compound file. `false` where there are none.
pub(super) fn objects(file: &mut Compound<'_>, out: &mut Builder) -> bool {
    let natives = file.find(&[NATIVE]);
    let contents = file.find(CONTENTS);
    let found = !natives.is_empty() || !contents.is_empty();
    if found {
        out.begin(Place::Whole);
    }
    for path in natives {
        let Some(bytes) = file.stream(&path) else {
            continue;
        };
        if native(&bytes, out) == Some(Fate::Exhausted) {
            return found;
        }
    }
    for path in contents {
        let Some(bytes) = file.stream(&path) else {
            continue;
        };
        if member::read(label(""), &bytes, out) == Fate::Exhausted {
            return found;
        }
    }
    found
}

/// Reads a part of the name `name` that is a document, or an object around one.
pub(super) fn part(name: &str, bytes: &[u8], out: &mut Builder) -> Fate {
    if Format::sniff(bytes, None).is_none()
        && let Some(mut file) = Compound::open(bytes, out.budget())
        && objects(&mut file, out)
    {
        return Fate::Read;
    }
    member::read(label(name), bytes, out)
}

/// Reads an object that is a file.
pub(super) fn native(bytes: &[u8], out: &mut Builder) -> Option<Fate> {
    let object = Native::parse(bytes)?;
    let fate = member::read(label(&object.name), object.data, out);
    if fate != Fate::Read {
        member::unread(label(&object.name), out);
    }
    for path in object.paths {
        if !path.is_empty() && path != object.name {
            out.paragraph(&member::shown(&path));
        }
    }
    Some(fate)
}

fn label(name: &str) -> Label<'_> {
    Label {
        role: "Embedded",
        name,
    }
}

/// What a stream of the name [`NATIVE`] holds.
struct Native<'a> {
    name: String,
    /// Where the file came from, and where it is to be put when it is opened.
    paths: [String; 2],
    data: &'a [u8],
}

impl<'a> Native<'a> {
    fn parse(bytes: &'a [u8]) -> Option<Self> {
        // Four bytes of length, two of flags.
        let (name, rest) = string(bytes.get(6..)?)?;
        let (source, rest) = string(rest)?;
        let (temporary, rest) = string(rest.get(8..)?)?;
        let (length, rest) = rest.split_first_chunk::<4>()?;
        let length = u32::from_le_bytes(*length) as usize;
        Some(Self {
            name,
            paths: [source, temporary],
            data: &rest[..length.min(rest.len())],
        })
    }
}

/// A string up to its NUL.
fn string(bytes: &[u8]) -> Option<(String, &[u8])> {
    let end = memchr::memchr(0, bytes)?;
    let text = charset::decode(&bytes[..end], None).into_owned();
    Some((text, &bytes[end + 1..]))
}

#[cfg(test)]
mod tests;
