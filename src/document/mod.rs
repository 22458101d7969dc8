//! Bytes → text with structure. Enter at [`read`].
//!
//! Hostile bytes are parsed here: every reader is bounded by [`Limits`], and the process around it by
//! the sandbox. This room does no I/O, knows no clock, no SQL and no HTTP.

mod archive;
mod budget;
mod builder;
mod charset;
mod compound;
mod delimited;
mod email;
mod header;
mod html;
mod json;
mod language;
mod markup;
mod member;
mod msg;
mod office;
mod outline;
mod pdf;
mod picture;
mod text;
mod tidy;
mod unread;
pub(crate) mod xml;

use std::ops::Range;

use builder::Builder;
pub use picture::{MAX_PIXELS, Picture, Recogniser, Recognition};

use crate::format::Format;
use crate::submission::Failure;
pub use crate::submission::Warning;

/// Bounds of one read. Each reader stops at them; where a partial text is of use it is kept and the
/// document marked as cut by a [`Warning`].
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Bytes of text kept.
    pub text: usize,
    /// Bytes inflated out of all containers, whether they stand beside or inside each other.
    pub inflated: u64,
    /// Bytes inflated out of one part of a container.
    pub part: u64,
    /// Entries looked at in a container, and documents looked at inside others.
    pub entries: usize,
    /// Pages, sheets or slides read.
    pub pages: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            text: 32 << 20,
            inflated: 256 << 20,
            part: 64 << 20,
            entries: 20_000,
            pages: 5_000,
        }
    }
}

/// What a stretch of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// A heading.
    Heading,
    /// Running text. A hard line break inside it is a `\n`.
    Paragraph,
    /// One item of a list.
    ListItem,
    /// One row of a table; cells are separated by one tab. `header` is the index of the block that
    /// names the columns, where there is one.
    Row {
        /// Index into [`Document::blocks`] of the row that names the columns.
        header: Option<usize>,
    },
    /// Preformatted text: code, logs, mail headers. Its line breaks are its own.
    Code,
    /// The target of a link, a URL or mail address and nothing else.
    Link,
}

/// Which part of a document a block belongs to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Place {
    /// The document has no parts.
    #[default]
    Whole,
    /// A page, from 1.
    Page(u32),
    /// A sheet, by name.
    Sheet(String),
    /// A slide, from 1.
    Slide(u32),
    /// What stands around the article of a web page: menus, advertisements, related links.
    Surroundings,
}

/// A stretch of [`Document::text`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// Byte range into the text; blocks rise and never overlap.
    pub span: Range<usize>,
    /// What it is.
    pub kind: BlockKind,
    /// Index into [`Document::places`].
    pub place: usize,
}

/// A document inside another one, or the name of what was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Indices into [`Document::blocks`]; the first is its name.
    pub blocks: Range<usize>,
    /// Whether it was attached, and not packed or embedded.
    pub attached: bool,
}

/// A document as text.
#[derive(Debug, Clone, Default)]
pub struct Document {
    /// The whole text, free of U+0000. Blocks are separated by at least one `\n`.
    pub text: String,
    /// Its structure, in reading order.
    pub blocks: Vec<Block>,
    /// The parts that blocks refer to; never empty.
    pub places: Vec<Place>,
    /// The document's own title: metadata, HTML title, mail subject.
    pub title: Option<String>,
    /// The address that a page gives as its own: its canonical link, else `og:url`.
    pub address: Option<String>,
    /// The language that it says it is written in, a BCP 47 tag: `en-US`.
    pub language: Option<String>,
    /// The blocks of each document inside it, the first of which is its name; sorted by that, one in a
    /// member behind the member. What is named and not read, or is itself the whole, is a name alone.
    pub members: Vec<Member>,
    /// The blocks that were read off pictures, as indices in rising order: characters in them may be mistaken.
    pub recognised: Vec<usize>,
    /// What the reader could not do.
    pub warnings: Vec<Warning>,
}

impl Document {
    /// Whether `block` stands around the article of a page.
    pub(crate) fn is_around(&self, block: &Block) -> bool {
        self.places.get(block.place) == Some(&Place::Surroundings)
    }

    /// Whether what stands at byte `at` of the text was read off a picture.
    pub(crate) fn is_recognised(&self, at: usize) -> bool {
        let behind = || self.blocks.partition_point(|block| block.span.start <= at);
        !self.recognised.is_empty()
            && behind()
                .checked_sub(1)
                .is_some_and(|block| self.recognised.binary_search(&block).is_ok())
    }

    /// Where the names of what is inside it stand in the text, in order, and whether each may matter as the
    /// name of a file: it was attached, or packed and is no document.
    pub(crate) fn names_of_members(&self) -> impl Iterator<Item = (Range<usize>, bool)> {
        self.members.iter().filter_map(|member| {
            let name = self.blocks.get(member.blocks.start)?;
            Some((
                name.span.clone(),
                member.attached || member.blocks.len() == 1,
            ))
        })
    }

    /// The blocks that are not of a document inside it, nor the name of one.
    pub(crate) fn own_blocks(&self) -> impl Iterator<Item = &Block> {
        let mut members = self.members.iter().peekable();
        let mut end = 0;
        self.blocks
            .iter()
            .enumerate()
            .filter_map(move |(index, block)| {
                while let Some(member) = members.next_if(|member| member.blocks.start <= index) {
                    end = end.max(member.blocks.end);
                }
                (index >= end).then_some(block)
            })
    }
}

/// Reads `bytes` as what they are. `name` is the file name, a hint among text formats alone.
///
/// # Errors
/// A fact about the input: unsupported, malformed, encrypted, too large, no text.
pub fn read(
    bytes: &[u8],
    name: Option<&str>,
    limits: &Limits,
) -> Result<(Format, Document), Failure> {
    read_with(bytes, name, limits, None)
}

/// As [`read`], and has `recogniser` read the pictures that stand where text should.
///
/// # Errors
/// As [`read`].
pub fn read_with(
    bytes: &[u8],
    name: Option<&str>,
    limits: &Limits,
    recogniser: Option<&Recogniser>,
) -> Result<(Format, Document), Failure> {
    let mut out = Builder::new(limits).with_recogniser(recogniser.cloned());
    let format = read_into(bytes, name, &mut out)?;
    Ok((format, out.finish()?))
}

/// Reads a document into `out`, at whatever depth that stands.
fn read_into(bytes: &[u8], name: Option<&str>, out: &mut Builder) -> Result<Format, Failure> {
    let format = Format::sniff(bytes, name).ok_or_else(|| unread::failure(bytes))?;
    match format {
        Format::Text => text::read(
            &charset::decode(bytes, None),
            markup::Dialect::of(name),
            out,
        ),
        Format::Markdown => text::read(
            &charset::decode(bytes, None),
            markup::Dialect::Markdown,
            out,
        ),
        Format::Yaml => text::read(
            &charset::decode(bytes, None),
            markup::Dialect::Verbatim,
            out,
        ),
        Format::Csv => delimited::read(&charset::decode(bytes, None), None, out),
        Format::Tsv => delimited::read(&charset::decode(bytes, None), Some('\t'), out),
        Format::Json => json::read(&charset::decode(bytes, None), out),
        Format::Xml => xml::read(bytes, out),
        Format::Html => html::read(bytes, out),
        Format::Pdf => pdf::read(bytes, out)?,
        Format::Docx => office::docx::read(bytes, out)?,
        Format::Xlsx => office::xlsx::read(bytes, out)?,
        Format::Pptx => office::pptx::read(bytes, out)?,
        Format::Doc => office::doc::read(bytes, out)?,
        Format::Xls => office::xls::read(bytes, out)?,
        Format::Ppt => office::ppt::read(bytes, out)?,
        Format::Odt | Format::Ods | Format::Odp => office::odf::read(bytes, out)?,
        Format::Epub => office::epub::read(bytes, out)?,
        Format::Rtf => office::rtf::read(bytes, out),
        Format::Eml => email::read(bytes, out)?,
        Format::Msg => msg::read(bytes, out)?,
        Format::Mhtml => email::mhtml::read(bytes, out)?,
        Format::Mbox => email::read_mbox(bytes, out)?,
        Format::Zip => archive::zip::read(bytes, out)?,
        Format::Gzip => archive::packed::gzip(bytes, name, out)?,
        Format::Bzip2 => archive::packed::bzip2(bytes, name, out)?,
        Format::Xz => archive::packed::xz(bytes, name, out)?,
        Format::Zstd => archive::packed::zstd(bytes, name, out)?,
        Format::SevenZ => archive::sevenz::read(bytes, out)?,
        Format::Tar => archive::tar::read(bytes, out)?,
    }
    Ok(format)
}

/// `1 page`, `3 pages`.
fn text_number(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}
