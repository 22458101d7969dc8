//! Bytes → text in any charset: byte order mark and NUL patterns, then UTF-8, then a guess.

use std::borrow::Cow;

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;

use crate::format::charset::{decode_unicode, unicode};

/// Bytes that the guess looks at.
const GUESS: usize = 256 << 10;

/// Decodes `bytes`; `declared` is a charset that the document itself names, used where the bytes do
/// not contradict it. What is broken becomes U+FFFD.
pub(super) fn decode<'a>(bytes: &'a [u8], declared: Option<&str>) -> Cow<'a, str> {
    if let Some((kind, mark)) = unicode(bytes) {
        return Cow::Owned(decode_unicode(&bytes[mark..], kind));
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let declared = declared.and_then(by_label);
    // UTF-16 without its zeros is a false claim, and UTF-8 has just been ruled out as a whole: but a
    // few broken bytes in a large text that says it is UTF-8 are only that.
    let encoding = match declared {
        Some(encoding) if encoding.is_ascii_compatible() => encoding,
        _ if mostly_utf8(bytes) => encoding_rs::UTF_8,
        _ => guess(bytes),
    };
    encoding.decode_without_bom_handling(bytes).0
}

/// The encoding of a Windows code page; `None` for those that the web does not know.
pub(super) fn of_code_page(page: u32) -> Option<&'static Encoding> {
    let label = match page {
        866 => "ibm866",
        932 => "shift_jis",
        936 => "gbk",
        949 | 1361 | 51_949 => "euc-kr",
        950 => "big5",
        10_000 => "macintosh",
        10_007 => "x-mac-cyrillic",
        20_866 => "koi8-r",
        21_866 => "koi8-u",
        50_220..=50_222 => "iso-2022-jp",
        51_932 => "euc-jp",
        54_936 => "gb18030",
        65_001 => "utf-8",
        874 | 1250..=1258 => return by_label(&format!("windows-{page}")),
        28_591..=28_606 => return by_label(&format!("iso-8859-{}", page - 28_590)),
        _ => return None,
    };
    by_label(label)
}

fn by_label(label: &str) -> Option<&'static Encoding> {
    Encoding::for_label(label.as_bytes())
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(&bytes[..bytes.len().min(GUESS)], true);
    detector.guess(None, Utf8Detection::Allow)
}

/// Whether broken sequences are rare beside sound ones of several bytes.
fn mostly_utf8(bytes: &[u8]) -> bool {
    let (mut sound, mut broken) = (0usize, 0usize);
    for chunk in bytes[..bytes.len().min(GUESS)].utf8_chunks() {
        sound += chunk.valid().chars().filter(|c| !c.is_ascii()).count();
        broken += usize::from(!chunk.invalid().is_empty());
    }
    sound > 10 * broken
}

#[cfg(test)]
mod tests {
    use encoding_rs::Encoding;

    use super::{decode, of_code_page};

    #[test]
    fn legacy_charsets_are_guessed_and_declared_ones_believed() {
        let (koi8, ..) =
            encoding_rs::KOI8_R.encode("Вредоносный сервер управления находится по адресу");
        assert!(decode(&koi8, Some("koi8-r")).starts_with("Вредоносный"));
        assert_eq!(decode(b"caf\xe9 198.51.100.7", None), "café 198.51.100.7");
    }

    #[test]
    fn code_pages_name_encodings() {
        for (page, name) in [
            (1251, Some("windows-1251")),
            (10_007, Some("x-mac-cyrillic")),
            (28_595, Some("ISO-8859-5")),
            (51_932, Some("EUC-JP")),
            (437, None),
            (28_602, None),
        ] {
            assert_eq!(of_code_page(page).map(Encoding::name), name, "{page}");
        }
    }

    #[test]
    fn a_false_claim_of_utf16_is_ignored() {
        assert_eq!(decode(b"caf\xe9 au lait", Some("utf-16")), "café au lait");
    }

    #[test]
    fn one_broken_byte_does_not_turn_utf8_into_another_charset() {
        let mut bytes = "Größe, Straße, Füße, Öl, Äpfel, Übung, Märkte, Töne, Bänke, Küche"
            .repeat(3)
            .into_bytes();
        bytes.push(0xff);
        assert!(decode(&bytes, None).starts_with("Größe"));
    }
}
