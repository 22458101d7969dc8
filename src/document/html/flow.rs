//! The flow of text of a page: white space folded, blocks and table rows put together.

use super::pieces::Pieces;
use super::tag::Role;
use crate::document::header::names_columns;

/// Nested tables followed; deeper ones are read as plain blocks.
const MAX_TABLES: usize = 64;

/// Puts text and tags together to blocks.
pub(super) struct Flow {
    pieces: Pieces,
    text: String,
    /// A space is due before the next word.
    space: bool,
    kind: Role,
    pre: usize,
    tables: Vec<Table>,
    links: Vec<String>,
    /// Open links, and the bytes of `text` that are words of links.
    anchors: usize,
    linked: usize,
}

#[derive(Default)]
struct Table {
    cells: Vec<String>,
    in_cell: bool,
    header_cells: usize,
    header: Option<usize>,
    rows: usize,
}

impl Flow {
    /// A flow of at most `most` bytes.
    pub(super) fn new(most: usize) -> Self {
        Self {
            pieces: Pieces::new(most),
            text: String::new(),
            space: false,
            kind: Role::Block,
            pre: 0,
            tables: Vec::new(),
            links: Vec::new(),
            anchors: 0,
            linked: 0,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.pieces.is_full()
    }

    /// What is written from now on stands in `region`.
    pub(super) fn region(&mut self, region: usize) {
        self.pieces.region = region;
    }

    /// What comes from now on is the words of a link.
    pub(super) fn open_anchor(&mut self) {
        self.anchors += 1;
    }

    pub(super) fn close_anchor(&mut self) {
        self.anchors = self.anchors.saturating_sub(1);
    }

    pub(super) fn link(&mut self, target: &str) {
        self.links.push(target.trim().to_owned());
    }

    pub(super) fn text(&mut self, text: &str) {
        if self.anchors > 0 {
            self.linked += text.len();
        }
        if self.pre > 0 {
            self.text.push_str(text);
            return;
        }
        for c in text.chars() {
            match c {
                // A place where a word may be broken is not a break.
                '\u{ad}' => {}
                ' ' | '\t' | '\n' | '\r' | '\u{c}' => self.space = true,
                c => {
                    if self.space && !self.text.is_empty() && !self.text.ends_with('\n') {
                        self.text.push(' ');
                    }
                    self.space = false;
                    self.text.push(c);
                }
            }
        }
    }

    pub(super) fn open(&mut self, role: Role) {
        match role {
            Role::Block => self.boundary(Role::Block),
            Role::Heading | Role::Item => self.boundary(role),
            Role::Pre => {
                self.boundary(Role::Pre);
                self.pre += 1;
            }
            Role::LineBreak => self.text.push('\n'),
            Role::Table => {
                self.end_row();
                self.flush(Role::Block);
                if self.tables.len() < MAX_TABLES {
                    self.tables.push(Table::default());
                }
            }
            Role::Row => self.end_row(),
            Role::Cell | Role::HeaderCell => {
                self.end_cell();
                match self.tables.last_mut() {
                    Some(table) => {
                        table.in_cell = true;
                        table.header_cells += usize::from(role == Role::HeaderCell);
                    }
                    None => self.flush(Role::Block),
                }
            }
            Role::Inline | Role::Title | Role::Meta | Role::Svg | Role::Hidden => {}
        }
    }

    pub(super) fn close(&mut self, role: Role) {
        match role {
            Role::Block | Role::Heading | Role::Item => self.boundary(Role::Block),
            Role::Pre => {
                self.pre = self.pre.saturating_sub(1);
                self.boundary(Role::Block);
            }
            Role::Table => {
                self.end_row();
                self.flush(Role::Block);
                self.tables.pop();
            }
            Role::Row => self.end_row(),
            Role::Cell | Role::HeaderCell => self.end_cell(),
            Role::LineBreak
            | Role::Inline
            | Role::Title
            | Role::Meta
            | Role::Svg
            | Role::Hidden => {}
        }
    }

    /// Everything, with what was left at the end of the page.
    pub(super) fn finish(mut self) -> Pieces {
        if !self.is_full() {
            while !self.tables.is_empty() {
                self.close(Role::Table);
            }
            self.flush(Role::Block);
        }
        self.pieces
    }

    /// The end of a block; inside a cell it is only a line break, for the row is the block there.
    fn boundary(&mut self, next: Role) {
        if self.tables.last().is_some_and(|table| table.in_cell) {
            if !self.text.is_empty() && !self.text.ends_with('\n') {
                self.text.push('\n');
            }
            self.space = false;
        } else {
            self.flush(next);
        }
    }

    fn flush(&mut self, next: Role) {
        let text = std::mem::take(&mut self.text);
        let linked = std::mem::take(&mut self.linked);
        self.space = false;
        let empty = text.trim().is_empty();
        if !empty {
            self.pieces.block(self.kind, text, linked);
        }
        // An item goes on behind an inner block only in looks: the rest is a paragraph.
        self.kind = if next == Role::Block && self.kind == Role::Item && empty {
            Role::Item
        } else {
            next
        };
        self.write_links();
    }

    fn write_links(&mut self) {
        for link in std::mem::take(&mut self.links) {
            self.pieces.link(link);
        }
    }

    fn end_cell(&mut self) {
        let Some(table) = self.tables.last_mut() else {
            return;
        };
        if table.in_cell {
            table
                .cells
                .push(std::mem::take(&mut self.text).trim().to_owned());
            table.in_cell = false;
            self.space = false;
        } else if !self.text.trim().is_empty() {
            // Text between rows and cells, a caption for one.
            self.flush(Role::Block);
        }
    }

    fn end_row(&mut self) {
        self.end_cell();
        let Some(table) = self.tables.last_mut() else {
            return;
        };
        let cells = std::mem::take(&mut table.cells);
        let header_cells = std::mem::take(&mut table.header_cells);
        if cells.iter().all(String::is_empty) {
            return self.write_links();
        }
        table.rows += 1;
        let linked = std::mem::take(&mut self.linked);
        // Pages and mails are laid out with tables: a row of one cell is a block, not a row.
        if cells.len() == 1 && table.header.is_none() && header_cells == 0 {
            self.pieces.block(Role::Block, cells.concat(), linked);
        } else {
            let names = header_cells == cells.len() || table.rows == 1 && names_columns(&cells);
            let row = self
                .pieces
                .row(cells, table.header.filter(|_| !names), linked);
            if names {
                table.header = Some(row);
            }
        }
        self.write_links();
    }
}
