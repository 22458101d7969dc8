//! PowerPoint, Office Open XML: slides in the order in which they are shown, each with its notes,
//! comments, charts and diagrams. Masters and layouts are furniture.
//! ([ECMA-376, part 1](https://ecma-international.org/publications-and-standards/standards/ecma-376/),
//! chapter 19)

use std::collections::HashMap;

use quick_xml::events::{BytesStart, Event};

use super::embedded;
use super::package::{self, Package, Relation};
use super::xml::{attribute, push_text};
use super::{drawing, outside};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::header::names_columns;
use crate::submission::Failure;

const PRESENTATION: &str = "ppt/presentation.xml";

/// Reads a presentation.
///
/// # Errors
/// Encrypted, damaged, too many parts.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut package = Package::open(bytes, out)?;
    package.properties(out);
    let slides = slides(&mut package);
    let limit = out.limits().pages;
    if slides.len() > limit {
        out.truncated(&format!(
            "the presentation has {} slides and {limit} were read",
            slides.len()
        ));
    }
    for (name, number) in slides.iter().zip(1..).take(limit) {
        if out.is_full() {
            break;
        }
        out.begin(Place::Slide(number));
        let relations = package.relations(name);
        shapes(&mut package, name, &relations, out);
        for relation in package::inside(&relations) {
            match relation.kind.rsplit('/').next().unwrap_or_default() {
                "notesSlide" => {
                    let inner = package.relations(&relation.target);
                    shapes(&mut package, &relation.target, &inner, out);
                }
                "chart" | "diagramData" | "comments" => {
                    drawing::words(&mut package, &relation.target, out)
                }
                _ => {}
            }
        }
        outside::loaded(&mut package, name, out);
    }
    embedded::parts(&mut package, out);
    package.report(out);
    Ok(())
}

/// The parts of the slides, in the order of the presentation.
fn slides(package: &mut Package<'_>) -> Vec<String> {
    let relations = package.relations(PRESENTATION);
    let mut slides = Vec::new();
    if let Some(mut part) = package.open_part(PRESENTATION) {
        while let Some(event) = part.next() {
            let (Event::Start(tag) | Event::Empty(tag)) = event else {
                continue;
            };
            if tag.local_name().into_inner() == "sldId" {
                // The slide has an id of its own beside that of the relation.
                let id = tag
                    .attributes()
                    .with_checks(false)
                    .flatten()
                    .find(|a| a.key.as_ref().ends_with(":id"));
                slides.extend(
                    id.and_then(|id| relations.get(&*id.value))
                        .map(|relation| relation.target.clone()),
                );
            }
        }
    }
    if slides.is_empty() {
        package.numbered("ppt/slides/slide")
    } else {
        slides
    }
}

fn shapes(
    package: &mut Package<'_>,
    name: &str,
    relations: &HashMap<String, Relation>,
    out: &mut Builder,
) {
    let Some(mut part) = package.open_part(name) else {
        return;
    };
    let mut shapes = Shapes {
        relations,
        out,
        shape: Shape::Other,
        text: String::new(),
        inside: false,
        item: false,
        links: Vec::new(),
        row: None,
        header: None,
        rows: 0,
    };
    while let Some(event) = part.next() {
        if shapes.out.is_full() {
            return;
        }
        shapes.event(&event);
    }
    shapes.end("p");
}

/// What the open shape is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Title,
    /// Slide numbers and dates.
    Furniture,
    Other,
}

struct Shapes<'o> {
    relations: &'o HashMap<String, Relation>,
    out: &'o mut Builder,
    shape: Shape,
    text: String,
    inside: bool,
    item: bool,
    links: Vec<String>,
    /// The cells of the open row of a table.
    row: Option<Vec<String>>,
    header: Option<usize>,
    rows: usize,
}

impl Shapes<'_> {
    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::Empty(tag) => {
                self.start(tag);
                self.end(tag.local_name().into_inner());
            }
            Event::End(tag) => self.end(tag.local_name().into_inner()),
            event if self.inside => push_text(event, &mut self.text),
            _ => {}
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().into_inner() {
            "sp" => self.shape = Shape::Other,
            "ph" => {
                self.shape = match attribute(tag, "type").as_deref() {
                    Some("title" | "ctrTitle") => Shape::Title,
                    Some("sldNum" | "dt") => Shape::Furniture,
                    _ => Shape::Other,
                }
            }
            "t" => self.inside = true,
            "br" => self.text.push('\n'),
            "buChar" | "buAutoNum" => self.item = true,
            "hlinkClick" | "hlinkMouseOver" | "hlinkHover" => {
                let relation = attribute(tag, "id").and_then(|id| self.relations.get(&id));
                self.links.extend(
                    relation
                        .filter(|relation| relation.external)
                        .map(|relation| relation.target.clone()),
                );
            }
            "tbl" => (self.header, self.rows) = (None, 0),
            "tr" => self.row = Some(Vec::new()),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "t" => self.inside = false,
            "p" if self.row.is_some() => self.text.push('\n'),
            "p" => self.end_paragraph(),
            "tc" => {
                let text = std::mem::take(&mut self.text);
                if let Some(row) = &mut self.row {
                    row.push(text.trim().to_owned());
                }
            }
            "tr" => self.end_row(),
            _ => {}
        }
    }

    fn end_paragraph(&mut self) {
        let text = std::mem::take(&mut self.text);
        match self.shape {
            Shape::Title => self.out.heading(&text),
            Shape::Furniture => {}
            Shape::Other if self.item => self.out.item(&text),
            Shape::Other => self.out.paragraph(&text),
        }
        self.item = false;
        std::mem::take(&mut self.links)
            .iter()
            .for_each(|link| self.out.link(link));
    }

    fn end_row(&mut self) {
        let cells = self.row.take().unwrap_or_default();
        self.rows += 1;
        let names = self.rows == 1 && names_columns(&cells);
        let index = self.out.row(&cells, self.header);
        if names {
            self.header = index;
        }
        std::mem::take(&mut self.links)
            .iter()
            .for_each(|link| self.out.link(link));
    }
}

#[cfg(test)]
mod tests {
    use crate::document::office::tests::zip;
    use crate::document::{BlockKind, Limits, Place, read};

    const RELS: &str = "<Relationships><Relationship Id='a' Type='x/slide' Target='slides/slide2.xml'/><Relationship Id='b' Type='x/slide' Target='slides/slide1.xml'/></Relationships>";
    const NOTES: &str = "<Relationships><Relationship Id='n' Type='x/notesSlide' Target='../notesSlides/notesSlide1.xml'/><Relationship Id='h' Type='x/hyperlink' Target='http://h.example/' TargetMode='External'/></Relationships>";

    #[test]
    fn slides_are_read_in_the_order_in_which_they_are_shown() {
        let first = "<p:sld><p:sp><p:nvPr><p:ph type='title'/></p:nvPr><a:p><a:r><a:t>The </a:t></a:r><a:r><a:t>title</a:t></a:r></a:p></p:sp>\
            <p:sp><a:p><a:r><a:rPr><a:hlinkClick r:id='h'/></a:rPr><a:t>evil</a:t></a:r><a:r><a:t>[.]example</a:t></a:r></a:p></p:sp></p:sld>";
        let second = "<p:sld><a:tbl><a:tr><a:tc><a:p><a:r><a:t>Type</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>Value</a:t></a:r></a:p></a:tc></a:tr>\
            <a:tr><a:tc><a:p><a:r><a:t>c2</a:t></a:r></a:p></a:tc><a:tc><a:p><a:r><a:t>192.0.2.1</a:t></a:r></a:p></a:tc></a:tr></a:tbl></p:sld>";
        let notes = "<p:notes><p:sp><p:ph type='sldNum'/><a:p><a:fld><a:t>7</a:t></a:fld></a:p></p:sp><p:sp><a:p><a:r><a:t>a note</a:t></a:r></a:p></p:sp></p:notes>";
        let bytes = zip(&[
            ("[Content_Types].xml", "<Types/>"),
            (
                "ppt/presentation.xml",
                "<p:presentation><p:sldIdLst><p:sldId id='256' r:id='a'/><p:sldId id='257' r:id='b'/></p:sldIdLst></p:presentation>",
            ),
            ("ppt/_rels/presentation.xml.rels", RELS),
            ("ppt/slides/slide1.xml", second),
            ("ppt/slides/slide2.xml", first),
            ("ppt/slides/_rels/slide2.xml.rels", NOTES),
            ("ppt/notesSlides/notesSlide1.xml", notes),
        ]);
        let (_, doc) = read(&bytes, None, &Limits::default()).unwrap();
        assert_eq!(
            doc.text,
            "The title\nevil[.]example\nhttp://h.example/\na note\nType\tValue\nc2\t192.0.2.1"
        );
        assert_eq!(doc.blocks[0].kind, BlockKind::Heading);
        assert_eq!(doc.blocks[5].kind, BlockKind::Row { header: Some(4) });
        assert_eq!(doc.places, [Place::Slide(1), Place::Slide(2)]);
    }

    #[test]
    fn comments_of_a_slide_are_read() {
        let relations = "<Relationships><Relationship Id='c' Type='x/comments' Target='../comments/comment1.xml'/></Relationships>";
        let bytes = zip(&[
            ("[Content_Types].xml", "<Types/>"),
            (
                "ppt/slides/slide1.xml",
                "<p:sld show='0'><p:sp><a:p><a:r><a:t>hidden</a:t></a:r></a:p></p:sp></p:sld>",
            ),
            ("ppt/slides/_rels/slide1.xml.rels", relations),
            (
                "ppt/comments/comment1.xml",
                "<p:cmLst><p:cm><p:pos x='1'/><p:text>a comment</p:text></p:cm></p:cmLst>",
            ),
        ]);
        let (_, doc) = read(&bytes, None, &Limits::default()).unwrap();
        assert_eq!(doc.text, "hidden\na comment");
    }
}
