//! One story of a Word document: paragraphs, runs, fields and tables as they come.

use std::collections::{HashMap, HashSet};

use quick_xml::events::{BytesStart, Event};

use crate::document::builder::Builder;
use crate::document::office::field;
use crate::document::office::package::Relation;
use crate::document::office::table::Tables;
use crate::document::office::xml::{attribute, is_on, push_text};

/// What the characters of the open element are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Text {
    None,
    Run,
    Deleted,
    Instruction,
}

/// A paragraph not yet ended. Text boxes put paragraphs into paragraphs.
#[derive(Default)]
struct Paragraph {
    text: String,
    /// Text that a tracked change took out. It stands apart: beside what replaced it, it would make
    /// values that nobody wrote.
    deleted: String,
    links: Vec<String>,
    heading: bool,
    item: bool,
}

pub(super) struct Story<'o> {
    relations: &'o HashMap<String, Relation>,
    headings: &'o HashSet<String>,
    out: &'o mut Builder,
    open: Vec<Paragraph>,
    tables: Tables,
    text: Text,
    instruction: String,
    /// Open elements inside a fallback for old programs, which says again what was said.
    fallback: usize,
}

impl<'o> Story<'o> {
    pub(super) fn new(
        relations: &'o HashMap<String, Relation>,
        headings: &'o HashSet<String>,
        out: &'o mut Builder,
    ) -> Self {
        Self {
            relations,
            headings,
            out,
            open: Vec::new(),
            tables: Tables::default(),
            text: Text::None,
            instruction: String::new(),
            fallback: 0,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.out.is_full()
    }

    pub(super) fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::Start(_) if self.fallback > 0 => self.fallback += 1,
            Event::End(_) if self.fallback > 0 => self.fallback -= 1,
            _ if self.fallback > 0 => {}
            Event::Start(tag) => self.start(tag),
            Event::Empty(tag) => {
                self.start(tag);
                self.end(tag.local_name().into_inner());
            }
            Event::End(tag) => self.end(tag.local_name().into_inner()),
            event => match self.text {
                Text::Run => push_text(event, &mut self.paragraph().text),
                Text::Deleted => push_text(event, &mut self.paragraph().deleted),
                Text::Instruction => push_text(event, &mut self.instruction),
                Text::None => {}
            },
        }
    }

    /// Writes what a damaged part has left open.
    pub(super) fn finish(&mut self) {
        while !self.open.is_empty() {
            self.end_paragraph();
        }
        self.tables.finish(self.out);
    }

    fn start(&mut self, tag: &BytesStart<'_>) {
        match tag.local_name().into_inner() {
            "Fallback" => self.fallback = 1,
            "p" => self.open.push(Paragraph::default()),
            "t" => self.text = Text::Run,
            "delText" => self.text = Text::Deleted,
            "instrText" | "delInstrText" => self.text = Text::Instruction,
            "tab" | "ptab" => self.mark('\t'),
            "br" | "cr" => self.mark('\n'),
            "noBreakHyphen" => self.mark('-'),
            "hyperlink" => self.hyperlink(tag),
            // A click on a picture, and the frame of an embedded object.
            "hlinkClick" | "hlinkHover" | "OLEObject" => self.relation(tag),
            "fldChar" if attribute(tag, "fldCharType").as_deref() != Some("begin") => {
                self.instruction()
            }
            "fldSimple" => {
                self.instruction = attribute(tag, "instr").unwrap_or_default();
                self.instruction();
            }
            "pStyle" => {
                let heading = attribute(tag, "val").is_some_and(|style| self.is_heading(&style));
                self.paragraph().heading |= heading;
            }
            "outlineLvl" => {
                self.paragraph().heading |= attribute(tag, "val").is_some_and(|level| level != "9")
            }
            "numPr" => self.paragraph().item = true,
            "tbl" => self.tables.open(),
            "tblHeader" => self.tables.mark_header(is_on(tag)),
            _ => {}
        }
    }

    fn end(&mut self, name: &str) {
        match name {
            "p" => self.end_paragraph(),
            "t" | "delText" | "instrText" | "delInstrText" => self.text = Text::None,
            "tc" => self.tables.end_cell(),
            "tr" => self.tables.end_row(self.out),
            "tbl" => self.tables.close(self.out),
            _ => {}
        }
    }

    fn is_heading(&self, style: &str) -> bool {
        self.headings.contains(style) || style.starts_with("Heading") || style == "Title"
    }

    /// The open paragraph; text outside of one opens it.
    fn paragraph(&mut self) -> &mut Paragraph {
        if self.open.is_empty() {
            self.open.push(Paragraph::default());
        }
        let last = self.open.len() - 1;
        &mut self.open[last]
    }

    /// A tab stop or break between runs. Tab stops in the properties stand outside of any words.
    fn mark(&mut self, c: char) {
        if let Some(paragraph) = self.open.last_mut()
            && !(c == '\t' && paragraph.text.is_empty())
        {
            paragraph.text.push(c);
        }
    }

    fn hyperlink(&mut self, tag: &BytesStart<'_>) {
        self.relation(tag);
        for key in ["href", "tgtFrame"] {
            if let Some(target) = attribute(tag, key) {
                self.paragraph().links.push(target);
            }
        }
    }

    fn relation(&mut self, tag: &BytesStart<'_>) {
        let relation = attribute(tag, "id").and_then(|id| self.relations.get(&id));
        if let Some(relation) = relation.filter(|relation| relation.external) {
            let target = relation.target.clone();
            self.paragraph().links.push(target);
        }
    }

    /// A field is complete: its instruction may hold a target or a command.
    fn instruction(&mut self) {
        let instruction = std::mem::take(&mut self.instruction);
        let targets = field::targets(&instruction);
        self.paragraph().links.extend(targets);
        if field::is_command(&instruction) {
            self.out.code(instruction.trim());
        }
    }

    fn end_paragraph(&mut self) {
        let Some(paragraph) = self.open.pop() else {
            return;
        };
        // A paragraph of a text box in a table belongs to the box, not to the cell.
        if self.open.is_empty() && self.tables.in_table() {
            self.tables.paragraph(&paragraph.text, paragraph.links);
            self.tables.paragraph(&paragraph.deleted, Vec::new());
            return;
        }
        if paragraph.heading {
            self.out.heading(&paragraph.text);
        } else if paragraph.item {
            self.out.item(&paragraph.text);
        } else {
            self.out.paragraph(&paragraph.text);
        }
        self.out.paragraph(&paragraph.deleted);
        paragraph.links.iter().for_each(|link| self.out.link(link));
    }
}
