//! Embedded objects ([MS-OLEDS](https://learn.microsoft.com/openspecs/windows_protocols/ms-oleds/), 2.2):
//! what they call themselves, where they load from, and the documents that they hold.

use memchr::memmem;

use crate::document::builder::Builder;
use crate::document::member::Fate;
use crate::document::office::{embedded, outside};
use crate::format::little_endian::long;

/// Bytes of an object that are looked at.
const MAX_DATA: usize = 32 << 20;
/// How a compound file begins.
const COMPOUND: &[u8] = b"\xd0\xcf\x11\xe0";
/// Longest name, in bytes.
const MAX_NAME: usize = 1_000;
/// Longest address, in characters, and addresses kept of one object.
const MAX_TARGET: usize = 2_000;
const MAX_TARGETS: usize = 100;

/// The hexadecimal data of an object, decoded as it comes.
#[derive(Default)]
pub(super) struct Data {
    bytes: Vec<u8>,
    high: Option<u8>,
}

impl Data {
    pub(super) fn push(&mut self, hex: &str) {
        for digit in hex.chars().filter_map(|c| c.to_digit(16)) {
            if self.bytes.len() >= MAX_DATA {
                return;
            }
            let digit = u8::try_from(digit).unwrap_or_default();
            match self.high.take() {
                Some(high) => self.bytes.push(high << 4 | digit),
                None => self.high = Some(digit),
            }
        }
    }

    /// Writes the names and addresses in the data.
    pub(super) fn write(&self, out: &mut Builder) {
        let (names, _) = self.names();
        let names: Vec<String> = names.into_iter().filter(|name| !name.is_empty()).collect();
        if !names.is_empty() {
            out.paragraph(&format!("object: {}", names.join(" ")));
        }
        for target in names.iter().filter(|name| outside::is(name)) {
            out.link(target);
        }
        for target in self.targets() {
            out.link(&target);
        }
    }

    /// Reads the document inside. A package is a file of any kind with its name.
    pub(super) fn read(&self, out: &mut Builder) -> Fate {
        let (names, at) = self.names();
        let package = names
            .first()
            .map(|name| name.eq_ignore_ascii_case("package"));
        let content = match package {
            Some(true) => {
                let native = self.bytes.get(at..).unwrap_or_default();
                return embedded::native(native, out).unwrap_or(Fate::Passed);
            }
            // The size stands before the data.
            Some(false) => self.bytes.get(at + 4..),
            None => None,
        };
        // The data of other classes are their own, and no document.
        match content.filter(|content| content.starts_with(COMPOUND)) {
            Some(content) => embedded::part("", content, out),
            None => Fate::Passed,
        }
    }

    /// Class, and for a linked object its file; and where they end.
    fn names(&self) -> (Vec<String>, usize) {
        let mut at = 8;
        let mut names = Vec::new();
        while names.len() < 3
            && let Some(name) = self.counted(&mut at)
        {
            names.push(name);
        }
        (names, at)
    }

    /// A string behind its length.
    fn counted(&self, at: &mut usize) -> Option<String> {
        let length = usize::try_from(long(&self.bytes, *at)?).ok()?;
        if length > MAX_NAME {
            return None;
        }
        let text = self.bytes.get(*at + 4..*at + 4 + length)?;
        *at += 4 + length;
        Some(name(text))
    }

    /// The addresses in the data, in wide characters as monikers hold them.
    fn targets(&self) -> Vec<String> {
        memmem::find_iter(&self.bytes, b"h\0t\0t\0p\0")
            .take(MAX_TARGETS)
            .map(|at| {
                let wide = self.bytes[at..].chunks_exact(2).take(MAX_TARGET);
                wide.map(|pair| u16::from_le_bytes([pair[0], pair[1]]))
                    .map_while(|unit| char::from_u32(unit.into()))
                    .take_while(|c| !c.is_control() && !c.is_whitespace())
                    .collect()
            })
            .collect()
    }
}

fn name(bytes: &[u8]) -> String {
    let text = encoding_rs::WINDOWS_1252
        .decode_without_bom_handling(bytes)
        .0;
    text.trim_end_matches('\0').trim().to_owned()
}
