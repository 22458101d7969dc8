//! Excel, Office Open XML: every sheet, hidden ones too, streamed cell by cell. Nothing is allocated by
//! a size that the file claims.
//! ([ECMA-376, part 1](https://ecma-international.org/publications-and-standards/standards/ecma-376/),
//! chapter 18)

mod dates;
mod printed;
mod strings;

use std::collections::HashMap;

use dates::DateStyles;
use quick_xml::events::{BytesStart, Event};
use strings::SharedStrings;

use super::embedded;
use super::package::{self, Package, Relation};
use super::sheet::{Rows, number};
use super::xml::{attribute, push_text};
use super::{drawing, outside};
use crate::document::Place;
use crate::document::builder::Builder;
use crate::submission::Failure;

/// Headers and footers of the printed sheet.
const PRINTED: &[&str] = &[
    "oddHeader",
    "oddFooter",
    "evenHeader",
    "evenFooter",
    "firstHeader",
    "firstFooter",
];
/// Links and formula targets kept for one sheet, and texts beside its cells.
const MAX_LINKS: usize = 100_000;

/// Reads a workbook.
///
/// # Errors
/// Encrypted, damaged, too many parts.
pub(in crate::document) fn read(bytes: &[u8], out: &mut Builder) -> Result<(), Failure> {
    let mut package = Package::open(bytes, out)?;
    package.properties(out);
    let workbook = "xl/workbook.xml";
    let relations = package.relations(workbook);
    let strings = SharedStrings::read(&mut package, &relations);
    let dates = DateStyles::read(&mut package);
    let sheets = sheets(&mut package, workbook, &relations);
    let limit = out.limits().pages;
    if sheets.len() > limit {
        out.truncated(&format!(
            "the workbook has {} sheets and {limit} were read",
            sheets.len()
        ));
    }
    for (name, part) in sheets.into_iter().take(limit) {
        if out.is_full() {
            break;
        }
        out.begin(Place::Sheet(name));
        sheet(&mut package, &part, &strings, &dates, out);
    }
    outside::loaded(&mut package, workbook, out);
    for name in package.numbered("xl/externalLinks/externalLink") {
        outside::loaded(&mut package, &name, out);
        sources(&mut package, &name, out);
    }
    sources(&mut package, "xl/connections.xml", out);
    names(&mut package, workbook, out);
    embedded::parts(&mut package, out);
    package.report(out);
    Ok(())
}

/// Names and parts of the sheets, in the order of the workbook.
fn sheets(
    package: &mut Package<'_>,
    workbook: &str,
    relations: &HashMap<String, Relation>,
) -> Vec<(String, String)> {
    let mut sheets = Vec::new();
    if let Some(mut part) = package.open_part(workbook) {
        while let Some(event) = part.next() {
            let (Event::Start(tag) | Event::Empty(tag)) = event else {
                continue;
            };
            if tag.local_name().into_inner() != "sheet" {
                continue;
            }
            let relation = attribute(&tag, "id").and_then(|id| relations.get(&id));
            if let Some(relation) = relation {
                sheets.push((
                    attribute(&tag, "name").unwrap_or_default(),
                    relation.target.clone(),
                ));
            }
        }
    }
    if sheets.is_empty() {
        let parts = package.numbered("xl/worksheets/sheet");
        sheets = parts
            .into_iter()
            .enumerate()
            .map(|(i, part)| (format!("Sheet{}", i + 1), part))
            .collect();
    }
    sheets
}

fn sheet(
    package: &mut Package<'_>,
    name: &str,
    strings: &SharedStrings,
    dates: &DateStyles,
    out: &mut Builder,
) {
    let relations = package.relations(name);
    let mut reader = Cells {
        strings,
        dates,
        relations: &relations,
        rows: Rows::default(),
        cell: Cell::default(),
        links: Vec::new(),
        words: String::new(),
        asides: Vec::new(),
    };
    if let Some(mut part) = package.open_part(name) {
        while let Some(event) = part.next() {
            if out.is_full() {
                break;
            }
            reader.event(&event, out);
        }
    }
    reader.rows.end(out);
    reader.links.iter().for_each(|link| out.link(link));
    reader.asides.iter().for_each(|text| out.paragraph(text));
    for relation in package::inside(&relations) {
        let kind = relation.kind.rsplit('/').next().unwrap_or_default();
        if matches!(kind, "comments" | "threadedComment" | "drawing" | "chart") {
            drawing::words(package, &relation.target, out);
        }
        if kind == "drawing" {
            drawing(package, &relation.target, out);
        }
    }
    outside::loaded(package, name, out);
}

/// The charts and diagrams of a drawing, and where a click on it leads.
fn drawing(package: &mut Package<'_>, name: &str, out: &mut Builder) {
    let relations = package.relations(name);
    for relation in package::inside(&relations) {
        let kind = relation.kind.rsplit('/').next().unwrap_or_default();
        if matches!(kind, "chart" | "diagramData") {
            drawing::words(package, &relation.target, out);
        }
    }
    outside::loaded(package, name, out);
}

/// A cell not yet ended.
#[derive(Default)]
struct Cell {
    column: Option<usize>,
    kind: String,
    style: String,
    value: String,
    formula: String,
    inside: Inside,
}

#[derive(Default, Clone, Copy, PartialEq, Eq)]
enum Inside {
    #[default]
    Nothing,
    Value,
    Formula,
    /// A header or footer of the printed sheet.
    Printed,
    /// How an Asian word is read aloud: no part of it.
    Phonetic,
}

struct Cells<'p> {
    strings: &'p SharedStrings,
    dates: &'p DateStyles,
    relations: &'p HashMap<String, Relation>,
    rows: Rows,
    cell: Cell,
    links: Vec<String>,
    words: String,
    /// What stands beside the cells: headers, footers, hints at what may be entered.
    asides: Vec<String>,
}

impl Cells<'_> {
    fn event(&mut self, event: &Event<'_>, out: &mut Builder) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::Empty(tag) => {
                self.start(tag);
                self.end(tag.local_name().into_inner(), out);
            }
            Event::End(tag) => self.end(tag.local_name().into_inner(), out),
            event => match self.cell.inside {
                Inside::Value => push_text(event, &mut self.cell.value),
                Inside::Formula => push_text(event, &mut self.cell.formula),
                Inside::Printed => push_text(event, &mut self.words),
                Inside::Nothing | Inside::Phonetic => {}
            },
        }
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().into_inner() {
            "c" => {
                let column = attribute(tag, "r").and_then(|place| column(&place));
                self.cell = Cell {
                    column,
                    kind: attribute(tag, "t").unwrap_or_default(),
                    style: attribute(tag, "s").unwrap_or_default(),
                    ..Cell::default()
                };
            }
            "v" => self.cell.inside = Inside::Value,
            "t" if self.cell.inside != Inside::Phonetic => self.cell.inside = Inside::Value,
            "rPh" => self.cell.inside = Inside::Phonetic,
            "f" => self.cell.inside = Inside::Formula,
            name if PRINTED.contains(&name) => self.cell.inside = Inside::Printed,
            "dataValidation" => {
                for key in ["promptTitle", "prompt", "errorTitle", "error"] {
                    if let Some(hint) = attribute(tag, key) {
                        self.add_aside(hint);
                    }
                }
            }
            "hyperlink" => {
                let relation = attribute(tag, "id").and_then(|id| self.relations.get(&id));
                if let Some(relation) = relation.filter(|relation| relation.external) {
                    self.add_link(relation.target.clone());
                }
            }
            _ => {}
        }
    }

    fn end(&mut self, name: &str, out: &mut Builder) {
        match name {
            "v" | "f" | "rPh" => self.cell.inside = Inside::Nothing,
            "t" if self.cell.inside != Inside::Phonetic => self.cell.inside = Inside::Nothing,
            name if PRINTED.contains(&name) => {
                self.cell.inside = Inside::Nothing;
                let printed = printed::text(&std::mem::take(&mut self.words));
                self.add_aside(printed);
            }
            "c" => self.end_cell(out),
            "row" => self.rows.end(out),
            _ => {}
        }
    }

    fn end_cell(&mut self, out: &Builder) {
        let cell = std::mem::take(&mut self.cell);
        let text = match cell.kind.as_str() {
            "s" => cell
                .value
                .trim()
                .parse()
                .ok()
                .and_then(|index| self.strings.get(index))
                .unwrap_or_default()
                .to_owned(),
            "str" | "inlineStr" | "d" => cell.value,
            "b" => if cell.value.trim() == "1" {
                "TRUE"
            } else {
                "FALSE"
            }
            .to_owned(),
            "e" => String::new(),
            _ => {
                let value = cell.value.trim();
                self.dates
                    .date(&cell.style, value)
                    .unwrap_or_else(|| number(value))
            }
        };
        for target in addresses(&cell.formula) {
            self.add_link(target.to_owned());
        }
        let column = cell.column.unwrap_or_else(|| self.rows.next_column());
        self.rows.cell(column, text, out);
    }

    fn add_aside(&mut self, text: String) {
        if self.asides.len() < MAX_LINKS {
            self.asides.push(text);
        }
    }

    fn add_link(&mut self, target: String) {
        if self.links.len() < MAX_LINKS {
            self.links.push(target);
        }
    }
}

/// The column of `AB12`, from 0; `None` beyond the last column there is.
fn column(place: &str) -> Option<usize> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic);
    let number = letters.take(4).fold(0, |n, b| {
        n * 26 + usize::from(b.to_ascii_uppercase() - b'A') + 1
    });
    (1..=16_384).contains(&number).then(|| number - 1)
}

/// Where the workbook gets data from: databases, pages on the web, other programs.
fn sources(package: &mut Package<'_>, name: &str, out: &mut Builder) {
    let Some(mut part) = package.open_part(name) else {
        return;
    };
    while let Some(event) = part.next() {
        let (Event::Start(tag) | Event::Empty(tag)) = event else {
            continue;
        };
        for key in ["connection", "command", "url", "sourceFile"] {
            if let Some(value) = attribute(&tag, key) {
                out.code(&value);
            }
        }
        let program = ["ddeService", "ddeTopic"].map(|key| attribute(&tag, key));
        if program.iter().any(Option::is_some) {
            out.code(&program.map(Option::unwrap_or_default).join(" "));
        }
    }
}

/// Addresses that names stand for: cells may use them without showing them.
fn names(package: &mut Package<'_>, workbook: &str, out: &mut Builder) {
    let Some(mut part) = package.open_part(workbook) else {
        return;
    };
    let (mut inside, mut text) = (false, String::new());
    while let Some(event) = part.next() {
        match &event {
            Event::Start(tag) => inside = tag.local_name().into_inner() == "definedName",
            Event::End(_) => {
                inside = false;
                addresses(&std::mem::take(&mut text)).for_each(|target| out.link(target));
            }
            event if inside => push_text(event, &mut text),
            _ => {}
        }
    }
}

/// The addresses in a formula.
fn addresses(formula: &str) -> impl Iterator<Item = &str> {
    let quoted = formula.split('"').skip(1).step_by(2);
    quoted.filter(|quoted| quoted.contains("://"))
}

#[cfg(test)]
mod tests;
