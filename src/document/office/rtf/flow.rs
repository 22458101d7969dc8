//! Running text: paragraphs, and the rows of tables that they may stand in.

use crate::document::builder::Builder;
use crate::document::office::table::Tables;

/// One stream of text: the body, or a note beside it.
#[derive(Default)]
pub(super) struct Flow {
    pub(super) text: String,
    /// Text that a tracked change took out. It stands apart: inside the text it would make values that
    /// nobody wrote.
    pub(super) deleted: String,
    pub(super) links: Vec<String>,
    pub(super) properties: Properties,
    /// Tables open: none, one, one in the cell of another.
    open: usize,
    tables: Tables,
}

/// The properties of a paragraph.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Properties {
    pub(super) heading: bool,
    pub(super) item: bool,
    /// How deep in tables it stands.
    pub(super) depth: usize,
}

impl Flow {
    /// Ends a paragraph: a block, or a line of a cell.
    pub(super) fn end_paragraph(&mut self, out: &mut Builder) {
        let depth = self.properties.depth.min(2);
        if depth == 0 {
            self.close_tables(0, out);
            return self.write(out);
        }
        self.open_tables(depth);
        self.add_to_cell();
        self.properties.item = false;
    }

    /// Ends a cell of a table `depth` deep.
    pub(super) fn end_cell(&mut self, depth: usize, out: &mut Builder) {
        self.close_tables(depth, out);
        self.open_tables(depth);
        self.add_to_cell();
        self.tables.end_cell();
    }

    /// Ends a row of a table `depth` deep.
    pub(super) fn end_row(&mut self, depth: usize, out: &mut Builder) {
        self.close_tables(depth, out);
        if self.open == depth {
            self.tables.end_row(out);
        }
    }

    /// Ends the stream.
    pub(super) fn finish(&mut self, out: &mut Builder) {
        self.end_paragraph(out);
        self.close_tables(0, out);
    }

    fn open_tables(&mut self, depth: usize) {
        while self.open < depth {
            self.tables.open();
            self.open += 1;
        }
    }

    fn close_tables(&mut self, depth: usize, out: &mut Builder) {
        while self.open > depth {
            self.tables.close(out);
            self.open -= 1;
        }
    }

    fn add_to_cell(&mut self) {
        let text = std::mem::take(&mut self.text);
        self.tables
            .paragraph(text.trim(), std::mem::take(&mut self.links));
        let deleted = std::mem::take(&mut self.deleted);
        self.tables.paragraph(deleted.trim(), Vec::new());
    }

    fn write(&mut self, out: &mut Builder) {
        if self.properties.heading {
            out.heading(&self.text);
        } else if self.properties.item {
            out.item(&self.text);
        } else {
            out.paragraph(&self.text);
        }
        out.paragraph(&self.deleted);
        self.links.iter().for_each(|link| out.link(link));
        self.text.clear();
        self.deleted.clear();
        self.links.clear();
        // A mark stands before each item of its own.
        self.properties.item = false;
    }
}
