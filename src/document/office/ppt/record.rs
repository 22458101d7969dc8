//! Records: eight bytes of header, then data or more records.

use crate::format::little_endian::{long, short};

pub(super) const DOCUMENT: u16 = 1000;
pub(super) const SLIDE: u16 = 1006;
pub(super) const NOTES: u16 = 1008;
pub(super) const NOTES_ATOM: u16 = 1009;
pub(super) const SLIDE_PERSIST: u16 = 1011;
pub(super) const MASTER: u16 = 1016;
/// The list of external objects.
pub(super) const OBJECTS: u16 = 1033;
pub(super) const OUTLINE_REFERENCE: u16 = 3998;
pub(super) const TEXT_HEADER: u16 = 3999;
pub(super) const TEXT_CHARS: u16 = 4000;
pub(super) const TEXT_BYTES: u16 = 4008;
pub(super) const STRING: u16 = 4026;
pub(super) const HYPERLINK_ATOM: u16 = 4051;
pub(super) const HYPERLINK: u16 = 4055;
pub(super) const HEADERS_FOOTERS: u16 = 4057;
pub(super) const SLIDE_LIST: u16 = 4080;
pub(super) const INTERACTION_ATOM: u16 = 4083;
pub(super) const USER_EDIT: u16 = 4085;
/// An embedded object.
pub(super) const OBJECT_STORAGE: u16 = 4113;
/// Records of later versions inside an atom.
pub(super) const BLOB: u16 = 5003;
pub(super) const DIRECTORY: u16 = 6002;
pub(super) const COMMENT: u16 = 12000;
/// The properties of a shape, and the text box of one
/// ([MS-ODRAW](https://learn.microsoft.com/openspecs/office_file_formats/ms-odraw/)).
pub(super) const SHAPE_OPTIONS: u16 = 0xf00b;
pub(super) const TEXT_BOX: u16 = 0xf00d;

/// Bytes before the data of a record.
const HEADER: usize = 8;

/// One record; its data end where the stream ends at the latest.
#[derive(Debug, Clone, Copy)]
pub(super) struct Record<'a> {
    pub(super) instance: u16,
    pub(super) kind: u16,
    pub(super) data: &'a [u8],
    holds_records: bool,
}

impl<'a> Record<'a> {
    /// The record that stands at `at`.
    pub(super) fn at(bytes: &'a [u8], at: usize) -> Option<Self> {
        let rest = bytes.get(at..)?;
        let version = short(rest, 0)?;
        let kind = short(rest, 2)?;
        let length = usize::try_from(long(rest, 4)?).ok()?;
        let data = &rest[HEADER..];
        Some(Self {
            instance: version >> 4,
            kind,
            data: &data[..length.min(data.len())],
            holds_records: version & 0xf == 0xf || kind == BLOB,
        })
    }

    /// The number at `at` in the data.
    pub(super) fn number(&self, at: usize) -> Option<u32> {
        long(self.data, at)
    }

    /// The slide that notes belong to.
    pub(super) fn notes_of(&self) -> Option<u32> {
        let mut inner = Records::new(self.data);
        inner.find(|record| record.kind == NOTES_ATOM)?.number(0)
    }

    /// The text of a record of text.
    pub(super) fn text(&self) -> String {
        if self.kind == TEXT_BYTES {
            return self.data.iter().map(|&byte| char::from(byte)).collect();
        }
        let text = encoding_rs::UTF_16LE.decode_without_bom_handling(self.data);
        text.0.into_owned()
    }
}

/// All records in `bytes`, those inside others too, as they come: no record is a level deeper. What is
/// damaged is lost up to the end of the record that it stands in.
pub(super) struct Records<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Where the open records end, the innermost last.
    ends: Vec<usize>,
}

impl<'a> Records<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes,
            at: 0,
            ends: Vec::new(),
        }
    }

    /// Steps over what is inside `record`, the last one.
    pub(super) fn leave_out(&mut self, record: &Record<'a>) {
        if record.holds_records
            && let Some(end) = self.ends.pop()
        {
            self.at = end;
        }
    }

    /// Bytes that are left.
    pub(super) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }
}

impl<'a> Iterator for Records<'a> {
    type Item = Record<'a>;

    fn next(&mut self) -> Option<Record<'a>> {
        while let Some(&end) = self.ends.last()
            && self.at + HEADER > end
        {
            self.at = end;
            self.ends.pop();
        }
        let limit = self.ends.last().copied().unwrap_or(self.bytes.len());
        let record = Record::at(&self.bytes[..limit], self.at)?;
        self.at += HEADER;
        let end = self.at + record.data.len();
        if record.holds_records {
            self.ends.push(end);
        } else {
            self.at = end;
        }
        Some(record)
    }
}
