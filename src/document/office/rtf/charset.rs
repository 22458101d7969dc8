//! Code pages and the charsets of fonts.

use encoding_rs::Encoding;

/// The encoding of a Windows code page. What the web does not know is read as Western.
pub(super) fn of_code_page(page: i32) -> &'static Encoding {
    let label = match page {
        866 => "ibm866",
        874 => "windows-874",
        932 => "shift_jis",
        936 => "gbk",
        949 | 1361 => "euc-kr",
        950 => "big5",
        10_000 => "macintosh",
        10_007 => "x-mac-cyrillic",
        20_866 => "koi8-r",
        54_936 => "gb18030",
        65_001 => "utf-8",
        1_250..=1_258 => return by_label(&format!("windows-{page}")),
        28_592..=28_606 => return by_label(&format!("iso-8859-{}", page - 28_590)),
        _ => "windows-1252",
    };
    by_label(label)
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

fn by_label(label: &str) -> &'static Encoding {
    Encoding::for_label(label.as_bytes()).unwrap_or(encoding_rs::WINDOWS_1252)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_pages_and_fonts_name_encodings() {
        assert_eq!(of_code_page(1251).name(), "windows-1251");
        assert_eq!(of_code_page(28_595).name(), "ISO-8859-5");
        assert_eq!(of_code_page(437).name(), "windows-1252");
        assert_eq!(of_font(128).map(Encoding::name), Some("Shift_JIS"));
        assert_eq!(of_font(1), None);
    }
}
