//! The title in the summary of a compound file
//! ([MS-OLEPS](https://learn.microsoft.com/openspecs/windows_protocols/ms-oleps/)).

use crate::document::charset;
use crate::format::little_endian::long;

/// Property 2 is the title, property 1 the code page of the strings.
const TITLE: u32 = 2;
const CODE_PAGE: u32 = 1;
/// Properties looked at.
const MAX_PROPERTIES: usize = 100;

/// The title, if there is one.
pub(super) fn title(info: &[u8]) -> Option<String> {
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
