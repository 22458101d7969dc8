//! The blocks and links of a page, kept until it is known which of them are the article.

use super::article::Regions;
use super::tag::Role;
use crate::document::Place;
use crate::document::builder::Builder;

/// Bytes of an article at least.
const SHORTEST: usize = 200;
/// Blocks and links kept of a page.
const MAX_PIECES: usize = 2_000_000;

/// A block or link before its place in the document is known.
struct Piece {
    shape: Shape,
    region: usize,
    /// Bytes of it that are not the words of a link.
    prose: usize,
}

enum Shape {
    Block(Role, String),
    /// `header` is the index of the piece that names the columns.
    Row {
        cells: Vec<String>,
        header: Option<usize>,
    },
    Link(String),
}

/// The blocks and links of a page in its own order.
pub(super) struct Pieces {
    all: Vec<Piece>,
    bytes: usize,
    most: usize,
    /// Where the next piece stands.
    pub(super) region: usize,
}

impl Pieces {
    /// Keeps a little more than `most` bytes: the limit itself is the document's.
    pub(super) fn new(most: usize) -> Self {
        Self {
            all: Vec::new(),
            bytes: 0,
            most,
            region: 0,
        }
    }

    pub(super) fn is_full(&self) -> bool {
        self.bytes > self.most || self.all.len() >= MAX_PIECES
    }

    pub(super) fn block(&mut self, role: Role, text: String, linked: usize) {
        let length = text.len();
        self.push(Shape::Block(role, text), length, linked);
    }

    /// Answers the index under which later rows name it as their header.
    pub(super) fn row(
        &mut self,
        cells: Vec<String>,
        header: Option<usize>,
        linked: usize,
    ) -> usize {
        let length = cells.iter().map(String::len).sum();
        self.push(Shape::Row { cells, header }, length, linked);
        self.all.len() - 1
    }

    pub(super) fn link(&mut self, target: String) {
        let length = target.len();
        self.push(Shape::Link(target), length, length);
    }

    fn push(&mut self, shape: Shape, length: usize, linked: usize) {
        self.bytes += length;
        self.all.push(Piece {
            shape,
            region: self.region,
            prose: length.saturating_sub(linked),
        });
    }

    /// Writes everything in its order.
    pub(super) fn write(&self, out: &mut Builder) {
        self.write_those(|_| true, out);
    }

    /// Writes the article, then what stands around it as a part of its own.
    pub(super) fn write_article_first(&self, regions: &Regions, out: &mut Builder) {
        let mut weights = vec![0; regions.len()];
        for piece in &self.all {
            weights[piece.region] += piece.prose;
        }
        let article = regions.article(&weights);
        let inside = |piece: &Piece| article[piece.region];
        let length: usize = self
            .all
            .iter()
            .filter(|piece| inside(piece))
            .map(|piece| piece.prose)
            .sum();
        if length < SHORTEST || self.all.iter().all(inside) {
            return self.write(out);
        }
        self.write_those(inside, out);
        out.begin(Place::Surroundings);
        self.write_those(|piece| !inside(piece), out);
    }

    fn write_those(&self, is_one: impl Fn(&Piece) -> bool, out: &mut Builder) {
        let mut rows = vec![None; self.all.len()];
        for (index, piece) in self
            .all
            .iter()
            .enumerate()
            .filter(|(_, piece)| is_one(piece))
        {
            match &piece.shape {
                Shape::Block(Role::Heading, text) => out.heading(text),
                Shape::Block(Role::Item, text) => out.item(text),
                Shape::Block(Role::Pre, text) => out.code(text),
                Shape::Block(_, text) => out.paragraph(text),
                Shape::Row { cells, header } => {
                    rows[index] = out.row(cells, header.and_then(|header| rows[header]));
                }
                Shape::Link(target) => out.link(target),
            }
        }
    }
}
