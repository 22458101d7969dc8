//! Embedded objects ([MS-OLEDS](https://learn.microsoft.com/openspecs/windows_protocols/ms-oleds/), 2.2):
//! what they call themselves, where they load from, and the document or file that they are.

use memchr::memmem;

use crate::document::builder::Builder;
use crate::document::office::{embedded, outside};

/// Bytes of an object that are looked at.
const MAX_DATA: usize = 1 << 20;
/// Longest name, in bytes.
const MAX_NAME: usize = 1_000;
/// Longest address, in characters, and addresses kept of one object.
const MAX_TARGET: usize = 2_000;
const MAX_TARGETS: usize = 100;

/// The kind of an object that is embedded and not linked.
const EMBEDDED: [u8; 4] = [2, 0, 0, 0];

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
        let names: Vec<String> = self
            .names()
            .into_iter()
            .filter(|name| !name.is_empty())
            .collect();
        if !names.is_empty() {
            out.paragraph(&format!("object: {}", names.join(" ")));
        }
        for target in names.iter().filter(|name| outside::is(name)) {
            out.link(target);
        }
        for target in self.targets() {
            out.link(&target);
        }
        if let Some(data) = self.embedded() {
            embedded::data(data, out);
        }
    }

    /// What is embedded, as far as it was kept.
    fn embedded(&self) -> Option<&[u8]> {
        if self.bytes.get(4..8)? != EMBEDDED {
            return None;
        }
        let mut at = 8;
        for _ in 0..3 {
            self.counted(&mut at)?;
        }
        let (length, data) = self.bytes.get(at..)?.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        Some(&data[..length.min(data.len())])
    }

    /// Class, and for a linked object its file; for a packed file its name and where it came from.
    fn names(&self) -> Vec<String> {
        let mut at = 8;
        let mut names = Vec::new();
        for _ in 0..3 {
            let Some(name) = self.counted(&mut at) else {
                return names;
            };
            names.push(name);
        }
        // The size of the data, and a mark before the names in a package.
        if names[0].eq_ignore_ascii_case("package") {
            at += 6;
            for _ in 0..2 {
                names.extend(self.terminated(&mut at));
            }
        }
        names
    }

    /// A string behind its length.
    fn counted(&self, at: &mut usize) -> Option<String> {
        let length = self.bytes.get(*at..*at + 4)?.try_into().ok()?;
        let length = usize::try_from(u32::from_le_bytes(length)).ok()?;
        if length > MAX_NAME {
            return None;
        }
        let text = self.bytes.get(*at + 4..*at + 4 + length)?;
        *at += 4 + length;
        Some(name(text))
    }

    /// A string up to the zero at its end.
    fn terminated(&self, at: &mut usize) -> Option<String> {
        let rest = self.bytes.get(*at..)?;
        let length = rest.iter().take(MAX_NAME).position(|&b| b == 0)?;
        *at += length + 1;
        Some(name(&rest[..length]))
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
