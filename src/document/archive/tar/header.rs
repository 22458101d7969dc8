//! The header of a member: one block, a few more where a sparse member has many holes.

pub(super) use crate::format::tar::BLOCK;
use crate::format::tar::begins;

pub(super) struct Header {
    pub(super) kind: Kind,
    pub(super) name: Vec<u8>,
    /// Bytes of data that follow.
    pub(super) size: u64,
    sparse: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    /// Holds the name of the next member.
    LongName,
    /// Holds properties of the next member.
    Pax,
    /// Directories, links, devices, what only some programs know.
    Other,
}

impl Kind {
    pub(super) fn is_file(self) -> bool {
        self == Kind::File
    }
}

impl Header {
    /// The header at the start of `bytes`, if its checksum is right.
    pub(super) fn parse(bytes: &[u8]) -> Option<Self> {
        let block = bytes.get(..BLOCK).filter(|_| begins(bytes))?;
        let flag = block[156];
        let kind = match flag {
            // A name that ends in a slash is a directory in archives older than the flag.
            b'0' | 0 | b'7' | b'S' if !text(&block[..100]).ends_with(b"/") => Kind::File,
            b'L' => Kind::LongName,
            b'x' => Kind::Pax,
            _ => Kind::Other,
        };
        let mut name = text(&block[..100]).to_vec();
        let prefix = text(&block[345..500]);
        // In archives of GNU tar other things stand where the prefix would.
        if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        // Links and directories may give the size of what they stand for.
        let size = if matches!(flag, b'1'..=b'6') {
            0
        } else {
            number(&block[124..136])?
        };
        Some(Self {
            kind,
            name,
            size,
            sparse: flag == b'S',
        })
    }

    /// Bytes from the start of this header to its data.
    pub(super) fn length(&self, bytes: &[u8]) -> usize {
        let mut length = BLOCK;
        // The map of the holes goes on while a byte says so.
        let mut goes_on = self.sparse && bytes.get(482).is_some_and(|&more| more != 0);
        while goes_on {
            goes_on = bytes.get(length + 504).is_some_and(|&more| more != 0);
            length += BLOCK;
        }
        length
    }
}

/// What stands before the first NUL.
fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|&b| b == 0).unwrap_or(field.len());
    &field[..end]
}

/// Octal digits, or binary behind a set first bit.
fn number(field: &[u8]) -> Option<u64> {
    if let [first, rest @ ..] = field
        && first & 0x80 != 0
    {
        let (high, low) = rest.split_at(rest.len().checked_sub(8)?);
        let small = first & 0x7f == 0 && high.iter().all(|&byte| byte == 0);
        return small.then(|| low.iter().fold(0, |n, &byte| n << 8 | u64::from(byte)));
    }
    let digits = std::str::from_utf8(text(field)).ok()?.trim();
    if digits.is_empty() {
        return Some(0);
    }
    u64::from_str_radix(digits, 8).ok()
}
