//! The title in the summary of a compound file
//! ([MS-OLEPS](https://learn.microsoft.com/openspecs/windows_protocols/ms-oleps/)).

use crate::document::builder::Builder;
use crate::document::charset;
use crate::document::compound::Compound;
use crate::format::little_endian::long;

/// Property 2 is the title, property 1 the code page of the strings.
const TITLE: u32 = 2;
const CODE_PAGE: u32 = 1;
/// Properties looked at.
const MAX_PROPERTIES: usize = 100;

/// Reads the title out of the summary.
pub(super) fn read_title(file: &mut Compound<'_>, out: &mut Builder) {
    let info = file.stream("/\u{5}SummaryInformation");
    if let Some(title) = info.as_deref().and_then(title) {
        out.title(&title);
    }
}

fn title(info: &[u8]) -> Option<String> {
    let section = long(info, 44)? as usize;
    let count = (long(info, section.checked_add(4)?)? as usize).min(MAX_PROPERTIES);
    let property = |wanted: u32| {
        let entry = (0..count)
            .map(|i| section + 8 + 8 * i)
            .find(|&at| long(info, at) == Some(wanted))?;
        section.checked_add(long(info, entry + 4)? as usize)
    };
    let encoding = property(CODE_PAGE)
        .and_then(|at| long(info, at + 4))
        .and_then(|page| charset::of_code_page(page & 0xffff))
        .unwrap_or(encoding_rs::WINDOWS_1252);
    let at = property(TITLE)?;
    let length = long(info, at.checked_add(4)?)? as usize;
    let bytes = info.get(at + 8..(at + 8).checked_add(length)?)?;
    let title = encoding.decode_without_bom_handling(bytes).0;
    Some(title.trim_end_matches('\0').to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::title;

    /// The stream of a summary with a code page and a title, for tests of the readers.
    pub(in crate::document::office) fn summary(code_page: u32, title: &[u8]) -> Vec<u8> {
        let start = 48u32;
        let mut info = vec![0; 44];
        let length = title.len() as u32;
        // Where the section stands; its size, and two properties: their numbers and places.
        for number in [start, 0, 2, 1, 24, 2, 32, 2, code_page, 30, length] {
            info.extend(number.to_le_bytes());
        }
        info.extend(title);
        info
    }

    #[test]
    fn the_title_is_decoded_by_its_code_page() {
        let russian = summary(1251, b"\xd1\xf7\xb8\xf2\0");
        assert_eq!(
            title(&russian).as_deref(),
            Some("\u{421}\u{447}\u{451}\u{442}")
        );
        let unknown = summary(437, b"Caf\xe9\0");
        assert_eq!(title(&unknown).as_deref(), Some("Caf\u{e9}"));
        for end in 0..russian.len() {
            assert_eq!(title(&russian[..end]), None);
        }
    }
}
