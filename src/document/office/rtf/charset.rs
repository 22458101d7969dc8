//! Code pages and the charsets of fonts.

use encoding_rs::Encoding;

use crate::document::charset;

/// The encoding of a Windows code page. What the web does not know is read as Western.
pub(super) fn of_code_page(page: i32) -> &'static Encoding {
    let known = u32::try_from(page).ok().and_then(charset::of_code_page);
    known.unwrap_or(encoding_rs::WINDOWS_1252)
}

/// The encoding that the charset of a font means; `None` for the one that leaves it to the document.
pub(super) fn of_font(charset: i32) -> Option<&'static Encoding> {
    let page = match charset {
        1 => return None,
        77 => 10_000,
        128 => 932,
        129 | 130 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 => 1255,
        178 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        _ => 1252,
    };
    Some(of_code_page(page))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_and_fonts_name_encodings() {
        assert_eq!(of_code_page(1251).name(), "windows-1251");
        assert_eq!(of_code_page(-1).name(), "windows-1252");
        assert_eq!(of_code_page(437).name(), "windows-1252");
        assert_eq!(of_font(128).map(Encoding::name), Some("Shift_JIS"));
        assert_eq!(of_font(1), None);
    }
}
