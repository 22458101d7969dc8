//! Word, Office Open XML: the body and every other story (notes, comments, headers, footers), charts
//! and diagrams, and what the document loads from outside.
//! ([ECMA-376, part 1](https://ecma-international.org/publications-and-standards/standards/ecma-376/),
//! chapter 17)
//!
//! Hidden, inserted and deleted text is text: an analyst wants to see it.

mod story;

use std::collections::HashSet;

use quick_xml::events::Event;
use story::Story;

use super::package::{Package, damaged};
use super::xml::attribute;
use super::{drawing, embedded, outside};
use crate::document::builder::Builder;
use crate::submission::Failure;

/// The document's own settings, where a template from outside is named.
const LOADERS: &[&str] = &["word/settings.xml", "word/webSettings.xml"];

/// Reads a document.
///
/// # Errors
/// Encrypted, damaged, too many parts.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut package = Package::open(bytes, out)?;
    package.properties(out);
    let headings = heading_styles(&mut package);
    let body = main_part(&mut package);
    if !package.names().contains(&body) {
        return Err(damaged("it has no main part"));
    }
    let mut stories = vec![body];
    for prefix in [
        "word/footnotes",
        "word/endnotes",
        "word/comments",
        "word/header",
        "word/footer",
    ] {
        stories.extend(package.numbered(prefix));
    }
    for name in &stories {
        story(&mut package, name, &headings, out);
    }
    for prefix in ["word/charts/chart", "word/diagrams/data"] {
        for name in package.numbered(prefix) {
            drawing::words(&mut package, &name, out);
        }
    }
    for part in LOADERS
        .iter()
        .copied()
        .chain(stories.iter().map(String::as_str))
    {
        outside::loaded(&mut package, part, out);
    }
    for name in &stories {
        embedded::chunks(&mut package, name, out);
    }
    embedded::parts(&mut package, out);
    package.report(out);
    Ok(())
}

/// The part that the package names as its document, `word/document.xml` nearly always.
fn main_part(package: &mut Package<'_>) -> String {
    let relations = package.relations("");
    let main = relations
        .into_values()
        .find(|relation| relation.kind.ends_with("/officeDocument"));
    main.map_or_else(
        || "word/document.xml".to_owned(),
        |relation| relation.target,
    )
}

fn story(package: &mut Package<'_>, name: &str, headings: &HashSet<String>, out: &mut Builder) {
    let relations = package.relations(name);
    let Some(mut part) = package.open_part(name) else {
        return;
    };
    let mut story = Story::new(&relations, headings, out);
    while let Some(event) = part.next() {
        if story.is_full() {
            return;
        }
        story.event(&event);
    }
    story.finish();
}

/// Ids of paragraph styles that are headings: ids are translated, names are not.
fn heading_styles(package: &mut Package<'_>) -> HashSet<String> {
    let mut headings = HashSet::new();
    let Some(mut part) = package.open_part("word/styles.xml") else {
        return headings;
    };
    let mut style = String::new();
    while let Some(event) = part.next() {
        let (Event::Start(tag) | Event::Empty(tag)) = event else {
            continue;
        };
        match tag.local_name().into_inner() {
            "style" => style = attribute(&tag, "styleId").unwrap_or_default(),
            "name" => {
                let name = attribute(&tag, "val")
                    .unwrap_or_default()
                    .to_ascii_lowercase();
                if name.starts_with("heading ") || name == "title" {
                    headings.insert(std::mem::take(&mut style));
                }
            }
            _ => {}
        }
    }
    headings
}

#[cfg(test)]
mod tests;
