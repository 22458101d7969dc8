//! The one grammar of OpenDocument content: paragraphs, tables, notes, shapes, sheets and slides as
//! they come.

mod outside;
mod parts;
mod text;

use std::collections::{HashMap, HashSet};

use quick_xml::events::{BytesStart, Event};

use super::sheet::Sheet;
use crate::document::Place;
use crate::document::builder::Builder;
use crate::document::office::MAX_FURNITURE;
use crate::document::office::table::Tables;
use crate::document::office::xml::attribute;

/// Paragraphs, tables and shapes inside each other that are told apart.
const MAX_OPEN: usize = 10_000;
/// Spaces that one element may stand for.
const MAX_SPACES: usize = 100;

/// Drawn things that may hold paragraphs of their own.
const SHAPES: &[&str] = &[
    "frame",
    "custom-shape",
    "rect",
    "ellipse",
    "circle",
    "line",
    "polyline",
    "polygon",
    "path",
    "regular-polygon",
    "connector",
    "measure",
    "caption",
    "control",
    "shapes",
];
/// Fields that say the same in every document.
const FURNITURE: &[&str] = &[
    "page-number",
    "page-count",
    "sheet-name",
    "date",
    "time",
    "title",
    "file-name",
    "page-continuation",
];

/// What the body holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    #[default]
    Text,
    Sheets,
    Slides,
}

/// What is to be done after a part was read.
#[derive(Default)]
pub(super) struct Told {
    pub(super) kind: Kind,
    /// Folders or parts of embedded objects, with the place they stand at.
    pub(super) objects: Vec<(Option<Place>, String)>,
}

/// A paragraph not yet ended.
#[derive(Default)]
struct Paragraph {
    text: String,
    /// What a tracked change took out, and text that is hidden by a condition. It stands apart: inside
    /// the text it would make values that nobody wrote.
    apart: String,
    links: Vec<String>,
    heading: bool,
    item: bool,
    /// Whether it holds a field that says the same everywhere, and how many letters stand outside of it.
    field: bool,
    letters: usize,
}

/// An open element that decides what its paragraphs are.
enum Open {
    Paragraph(Paragraph),
    /// A note, a comment, a shape: its text is its own.
    Aside,
    Table,
    /// Text that was taken out, by the id of the change.
    Deletion(String),
}

pub(super) struct Story<'o> {
    out: &'o mut Builder,
    told: Told,
    open: Vec<Open>,
    /// Elements open beyond [`MAX_OPEN`].
    deeper: usize,
    tables: Tables,
    sheet: Option<Sheet>,
    /// Open elements inside one that is no text.
    skipped: usize,
    lists: usize,
    header_rows: bool,
    field: bool,
    /// Whether headers and footers are being read.
    furniture: bool,
    /// The shape is the title of a slide.
    title: bool,
    headings: HashSet<String>,
    deleted: HashMap<String, String>,
    change: String,
    parts: usize,
    place: Option<Place>,
}

impl<'o> Story<'o> {
    pub(super) fn new(out: &'o mut Builder) -> Self {
        Self {
            out,
            told: Told::default(),
            open: Vec::new(),
            deeper: 0,
            tables: Tables::default(),
            sheet: None,
            skipped: 0,
            lists: 0,
            header_rows: false,
            field: false,
            furniture: false,
            title: false,
            headings: HashSet::from(["Title".to_owned(), "Subtitle".to_owned()]),
            deleted: HashMap::new(),
            change: String::new(),
            parts: 0,
            place: None,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.out.is_full()
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(_) if self.skipped > 0 => self.skipped += 1,
            Event::End(_) if self.skipped > 0 => self.skipped -= 1,
            _ if self.skipped > 0 => {}
            Event::Start(tag) => self.start(tag),
            Event::Empty(tag) => {
                self.start(tag);
                // An empty element has nothing to leave out.
                if std::mem::take(&mut self.skipped) == 0 {
                    self.end(tag.name().into_inner());
                }
            }
            Event::End(tag) => self.end(tag.name().into_inner()),
            event => self.text(event),
        }
    }

    /// Writes what a damaged part has left open, and deleted text that no place refers to.
    pub(super) fn finish(mut self) -> Told {
        self.deeper = 0;
        while let Some(last) = self.open.last() {
            match last {
                Open::Paragraph(_) => self.end_paragraph(),
                _ => drop(self.open.pop()),
            }
        }
        self.tables.finish(self.out);
        self.end_sheet();
        let mut left: Vec<_> = self.deleted.into_iter().collect();
        left.sort();
        left.iter().for_each(|(_, text)| self.out.paragraph(text));
        self.told
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        let name = tag.local_name().into_inner();
        self.targets(tag);
        match name {
            "p" => self.open_paragraph(tag, false),
            "h" => self.open_paragraph(tag, true),
            "title" | "desc" if is_description(tag.name().into_inner()) => {
                self.open_paragraph(tag, false)
            }
            "header-decl" | "footer-decl" => self.open_paragraph(tag, false),
            "s" => {
                let count = attribute(tag, "c")
                    .and_then(|c| c.parse().ok())
                    .unwrap_or(1);
                self.mark(&" ".repeat(usize::min(count, MAX_SPACES)));
            }
            "tab" => self.mark("\t"),
            "line-break" => self.mark("\n"),
            "hidden-text" | "conditional-text" | "hidden-paragraph" => self.hidden(tag),
            "annotation" | "note" => self.push(Open::Aside),
            "ruby-text" => self.skipped = 1,
            "list" => self.lists += 1,
            "changed-region" => self.change = attribute(tag, "id").unwrap_or_default(),
            "deletion" => {
                let change = std::mem::take(&mut self.change);
                self.push(Open::Deletion(change));
            }
            "change" => self.deleted_here(tag),
            "table" => self.open_table(tag),
            "table-header-rows" => self.header_rows = true,
            "table-row" => self.open_row(tag),
            "table-cell" | "covered-table-cell" => self.open_cell(tag),
            "spreadsheet" => self.told.kind = Kind::Sheets,
            "presentation" => self.told.kind = Kind::Slides,
            "page" => {
                self.begin(Place::Slide);
            }
            "master-styles" => self.furniture = true,
            "object" | "object-ole" => self.object(tag),
            "style" => self.style(tag),
            name if FURNITURE.contains(&name) => self.open_field(),
            name if SHAPES.contains(&name) => self.open_shape(tag),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        let local = name.rsplit(':').next().unwrap_or_default();
        match local {
            "p" | "h" | "header-decl" | "footer-decl" => self.end_paragraph(),
            "title" | "desc" if is_description(name) => self.end_paragraph(),
            "annotation" | "note" => self.pop(|open| matches!(open, Open::Aside)),
            "list" => self.lists = self.lists.saturating_sub(1),
            "deletion" => self.pop(|open| matches!(open, Open::Deletion(_))),
            "table" => self.end_table(),
            "table-header-rows" => self.header_rows = false,
            "table-row" => self.end_row(),
            "table-cell" | "covered-table-cell" => self.end_cell(),
            name if FURNITURE.contains(&name) => self.field = false,
            name if SHAPES.contains(&name) => {
                self.title = false;
                self.pop(|open| matches!(open, Open::Aside));
            }
            _ => {}
        }
    }

    fn push(&mut self, open: Open) {
        if self.deeper > 0 {
            self.deeper += 1;
        } else if self.open.len() < MAX_OPEN {
            self.open.push(open);
        } else {
            // All that stands deeper is one paragraph.
            self.open.push(Open::Paragraph(Paragraph::default()));
            self.deeper = 1;
        }
    }

    /// Ends an element beyond [`MAX_OPEN`]; answers whether it was one.
    fn pop_deeper(&mut self) -> bool {
        if self.deeper == 0 {
            return false;
        }
        self.mark("\n");
        self.deeper -= 1;
        if self.deeper == 0 {
            self.end_paragraph();
        }
        true
    }

    /// Closes the last element, if it is what the end tag says.
    fn pop(&mut self, is: fn(&Open) -> bool) {
        if !self.pop_deeper() && self.open.last().is_some_and(is) {
            self.open.pop();
        }
    }

    fn open_paragraph(&mut self, tag: &BytesStart<'_>, heading: bool) {
        let style = attribute(tag, "style-name").unwrap_or_default();
        self.push(Open::Paragraph(Paragraph {
            heading: heading || self.title || self.headings.contains(&style),
            item: self.lists > 0,
            ..Paragraph::default()
        }));
    }

    fn end_paragraph(&mut self) {
        if self.pop_deeper() || !matches!(self.open.last(), Some(Open::Paragraph(_))) {
            return;
        }
        let Some(Open::Paragraph(paragraph)) = self.open.pop() else {
            return;
        };
        if self.furniture && paragraph.field && paragraph.letters <= MAX_FURNITURE {
            return;
        }
        match self.open.last() {
            Some(Open::Deletion(change)) => {
                let deleted = self.deleted.entry(change.clone()).or_default();
                add_line(deleted, &paragraph.text);
                add_line(deleted, &paragraph.apart);
                paragraph.links.iter().for_each(|link| self.out.link(link));
            }
            Some(Open::Table) => {
                self.tables.paragraph(&paragraph.text, paragraph.links);
                self.tables.paragraph(&paragraph.apart, Vec::new());
            }
            open => {
                let beside = open.is_some();
                let in_cell = self
                    .sheet
                    .as_mut()
                    .is_some_and(|sheet| beside || sheet.paragraph(&paragraph.text));
                match &mut self.sheet {
                    Some(sheet) if in_cell => {
                        if beside {
                            sheet.aside(paragraph.text);
                        }
                        sheet.aside(paragraph.apart);
                        sheet.links(paragraph.links);
                    }
                    _ => self.write(&paragraph),
                }
            }
        }
    }

    fn write(&mut self, paragraph: &Paragraph) {
        if paragraph.heading {
            self.out.heading(&paragraph.text);
        } else if paragraph.item {
            self.out.item(&paragraph.text);
        } else {
            self.out.paragraph(&paragraph.text);
        }
        self.out.paragraph(&paragraph.apart);
        paragraph.links.iter().for_each(|link| self.out.link(link));
    }
}

/// Whether an element describes a picture or table; the field of a text that shows its title does not.
fn is_description(name: &str) -> bool {
    name.starts_with("svg:") || name.starts_with("table:")
}

fn add_line(text: &mut String, line: &str) {
    if !text.is_empty() && !line.is_empty() {
        text.push('\n');
    }
    text.push_str(line);
}
