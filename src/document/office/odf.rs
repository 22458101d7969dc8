//! OpenDocument text, spreadsheets and presentations
//! ([version 1.3](https://docs.oasis-open.org/office/OpenDocument/v1.3/)): one grammar for all three, so one
//! reader. The content, headers and footers, embedded charts, macros, and what the document loads from
//! outside.
//!
//! Hidden, inserted and deleted text is text: an analyst wants to see it.

mod sheet;
mod story;

use quick_xml::events::Event;
use story::{Kind, Story};

use super::package::{Package, damaged, encrypted};
use super::properties::Properties;
use super::xml::{attribute, push_text};
use super::{embedded, outside};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::submission::Failure;

/// Embedded charts and formulas read in one document.
const MAX_OBJECTS: usize = 1_000;

/// Reads a document.
///
/// # Errors
/// Encrypted, damaged, too many parts.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut package = Package::open(bytes, out)?;
    if is_encrypted(&mut package) {
        return Err(encrypted());
    }
    if !package.names().iter().any(|name| name == "content.xml") {
        return Err(damaged("it has no content"));
    }
    let targets = meta(&mut package, out);
    let told = story(&mut package, "content.xml", out);
    // The masters of a presentation are furniture; elsewhere they hold the headers and footers.
    if told.kind == Kind::Sheets {
        out.begin(Place::Whole);
    }
    if told.kind != Kind::Slides {
        story(&mut package, "styles.xml", out);
    }
    for (place, name) in told.objects.into_iter().take(MAX_OBJECTS) {
        if out.is_full() {
            break;
        }
        if let Some(place) = place {
            out.begin(place);
        }
        let content = format!("{name}/content.xml");
        if package.names().contains(&content) {
            story(&mut package, &content, out);
        } else if let Some(bytes) = package.bytes(&name) {
            embedded::part(&name, &bytes, out);
        }
    }
    macros(&mut package, out);
    for target in targets.iter().filter(|target| outside::is(target)) {
        outside::target("template", target, out);
    }
    package.report(out);
    Ok(())
}

/// Whether the manifest says that a part is behind a password.
fn is_encrypted(package: &mut Package<'_>) -> bool {
    let Some(mut part) = package.open_part("META-INF/manifest.xml") else {
        return false;
    };
    while let Some(event) = part.next() {
        if let Event::Start(tag) | Event::Empty(tag) = event
            && tag.local_name().into_inner() == "encryption-data"
        {
            return true;
        }
    }
    false
}

/// Reads title and language; answers what the properties point to: the template, a page to load next.
fn meta(package: &mut Package<'_>, out: &mut Builder) -> Vec<String> {
    let mut targets = Vec::new();
    let Some(mut part) = package.open_part("meta.xml") else {
        return targets;
    };
    let mut properties = Properties::default();
    while let Some(event) = part.next() {
        properties.event(&event);
        if let Event::Start(tag) | Event::Empty(tag) = event {
            targets.extend(attribute(&tag, "href"));
        }
    }
    properties.write(out);
    targets
}

/// Reads one part of the grammar.
fn story(package: &mut Package<'_>, name: &str, out: &mut Builder) -> story::Told {
    let Some(mut part) = package.open_part(name) else {
        return story::Told::default();
    };
    let mut story = Story::new(out);
    while let Some(event) = part.next() {
        if story.is_full() {
            break;
        }
        story.event(&event);
    }
    story.finish()
}

/// The macros: a module in Basic is a part of XML around its source, any other script is a file.
fn macros(package: &mut Package<'_>, out: &mut Builder) {
    let parts: Vec<String> = package
        .names()
        .iter()
        .filter(|name| name.starts_with("Basic/") || name.starts_with("Scripts/"))
        .cloned()
        .collect();
    for name in parts {
        if out.is_full() {
            return;
        }
        if name.starts_with("Scripts/") && !name.ends_with(".xml") {
            if let Some(source) = package.bytes(&name) {
                out.code(&String::from_utf8_lossy(&source));
            }
            continue;
        }
        let Some(mut part) = package.open_part(&name) else {
            continue;
        };
        let mut source = String::new();
        while let Some(event) = part.next() {
            push_text(&event, &mut source);
        }
        out.code(&source);
    }
}

#[cfg(test)]
mod tests;
