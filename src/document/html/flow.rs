//! The flow of text of a page: white space folded, blocks and table rows put together.

use super::tag::Role;
use crate::document::builder::Builder;
use crate::document::header::names_columns;

/// Nested tables followed; deeper ones are read as plain blocks.
const MAX_TABLES: usize = 64;

/// Puts text and tags together to blocks.
pub(super) struct Flow<'o> {
    out: &'o mut Builder,
    text: String,
    /// A space is due before the next word.
    space: bool,
    kind: Role,
    pre: usize,
    tables: Vec<Table>,
    links: Vec<String>,
}

#[derive(Default)]
struct Table {
    cells: Vec<String>,
    in_cell: bool,
    header_cells: usize,
    header: Option<usize>,
    rows: usize,
}

impl<'o> Flow<'o> {
    pub(super) fn new(out: &'o mut Builder) -> Self {
        Self {
            out,
            text: String::new(),
            space: false,
            kind: Role::Block,
            pre: 0,
            tables: Vec::new(),
            links: Vec::new(),
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.out.is_full()
    }

    pub(super) fn link(&mut self, target: &str) {
        self.links.push(target.trim().to_owned());
    }

    pub(super) fn text(&mut self, text: &str) {
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

    /// Writes what is left at the end of the page.
    pub(super) fn finish(&mut self) {
        while !self.tables.is_empty() {
            self.close(Role::Table);
        }
        self.flush(Role::Block);
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
        self.space = false;
        match self.kind {
            Role::Heading => self.out.heading(&text),
            Role::Item => self.out.item(&text),
            Role::Pre => self.out.code(&text),
            _ => self.out.paragraph(&text),
        }
        // An item goes on behind an inner block only in looks: the rest is a paragraph.
        self.kind = if next == Role::Block && self.kind == Role::Item && text.trim().is_empty() {
            Role::Item
        } else {
            next
        };
        self.write_links();
    }

    fn write_links(&mut self) {
        for link in std::mem::take(&mut self.links) {
            self.out.link(&link);
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
        // Pages and mails are laid out with tables: a row of one cell is a block, not a row.
        if cells.len() == 1 && table.header.is_none() && header_cells == 0 {
            self.out.paragraph(&cells[0]);
        } else {
            let names = header_cells == cells.len() || table.rows == 1 && names_columns(&cells);
            if names {
                table.header = self.out.row(&cells, None);
            } else {
                self.out.row(&cells, table.header);
            }
        }
        self.write_links();
    }
}
