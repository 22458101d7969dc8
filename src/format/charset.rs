//! Unicode encodings that show in the first bytes: byte order marks, and the pattern of NUL bytes
//! that UTF-16 and UTF-32 leave in Western text.

/// Bytes looked at for a pattern of NUL bytes.
const SAMPLE: usize = 4 << 10;

/// A Unicode encoding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unicode {
    /// One byte for ASCII.
    Utf8,
    /// Two bytes, the low one first.
    Utf16Le,
    /// Two bytes, the high one first.
    Utf16Be,
    /// Four bytes, the low one first.
    Utf32Le,
    /// Four bytes, the high one first.
    Utf32Be,
}

/// The Unicode encoding that `bytes` show, and the length of their byte order mark. `None` for text
/// without either sign, which may well be UTF-8.
#[must_use]
pub(crate) fn unicode(bytes: &[u8]) -> Option<(Unicode, usize)> {
    match bytes {
        [0xef, 0xbb, 0xbf, ..] => Some((Unicode::Utf8, 3)),
        // UTF-32 first: its mark begins with that of UTF-16.
        [0xff, 0xfe, 0, 0, ..] => Some((Unicode::Utf32Le, 4)),
        [0, 0, 0xfe, 0xff, ..] => Some((Unicode::Utf32Be, 4)),
        [0xff, 0xfe, ..] => Some((Unicode::Utf16Le, 2)),
        [0xfe, 0xff, ..] => Some((Unicode::Utf16Be, 2)),
        _ => pattern(&bytes[..bytes.len().min(SAMPLE)]).map(|kind| (kind, 0)),
    }
}

/// Decodes `bytes` of a known Unicode encoding; what is broken becomes U+FFFD.
#[must_use]
pub(crate) fn decode_unicode(bytes: &[u8], kind: Unicode) -> String {
    match kind {
        Unicode::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
        Unicode::Utf16Le => encoding_rs::UTF_16LE
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
        Unicode::Utf16Be => encoding_rs::UTF_16BE
            .decode_without_bom_handling(bytes)
            .0
            .into_owned(),
        Unicode::Utf32Le => utf32(bytes, u32::from_le_bytes),
        Unicode::Utf32Be => utf32(bytes, u32::from_be_bytes),
    }
}

fn utf32(bytes: &[u8], number: fn([u8; 4]) -> u32) -> String {
    let char_of = |chunk: &[u8]| {
        let chunk = <[u8; 4]>::try_from(chunk).ok()?;
        char::from_u32(number(chunk))
    };
    bytes
        .chunks_exact(4)
        .map(|chunk| char_of(chunk).unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// Most units of Western text are one ASCII byte and zeros, always on the same side.
fn pattern(bytes: &[u8]) -> Option<Unicode> {
    const KINDS: [(Unicode, usize, usize); 4] = [
        (Unicode::Utf32Le, 4, 0),
        (Unicode::Utf32Be, 4, 3),
        (Unicode::Utf16Le, 2, 0),
        (Unicode::Utf16Be, 2, 1),
    ];
    KINDS
        .into_iter()
        .find(|&(_, unit, low)| mostly_ascii(bytes, unit, low))
        .map(|(kind, ..)| kind)
}

fn mostly_ascii(bytes: &[u8], unit: usize, low: usize) -> bool {
    let plain = |chunk: &[u8]| {
        chunk.iter().enumerate().all(|(i, &byte)| {
            if i == low {
                matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~')
            } else {
                byte == 0
            }
        })
    };
    let units = bytes.len() / unit;
    units >= 4
        && bytes
            .chunks_exact(unit)
            .filter(|chunk| plain(chunk))
            .count()
            * 10
            >= units * 7
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16(text: &str, bytes: fn(u16) -> [u8; 2]) -> Vec<u8> {
        text.encode_utf16().flat_map(bytes).collect()
    }

    #[test]
    fn utf16_and_utf32_are_told_by_their_zeros() {
        let text = "Hosts seen: 198.51.100.7\r\n";
        assert_eq!(
            unicode(&utf16(text, u16::to_le_bytes)),
            Some((Unicode::Utf16Le, 0))
        );
        assert_eq!(
            unicode(&utf16(text, u16::to_be_bytes)),
            Some((Unicode::Utf16Be, 0))
        );
        let wide: Vec<u8> = text
            .chars()
            .flat_map(|c| u32::from(c).to_le_bytes())
            .collect();
        assert_eq!(unicode(&wide), Some((Unicode::Utf32Le, 0)));
        assert_eq!(decode_unicode(&wide, Unicode::Utf32Le), text);
    }

    #[test]
    fn a_byte_order_mark_decides() {
        assert_eq!(unicode(b"\xff\xfea\0"), Some((Unicode::Utf16Le, 2)));
        assert_eq!(unicode(b"\xff\xfe\0\0a\0\0\0"), Some((Unicode::Utf32Le, 4)));
        assert_eq!(unicode(b"\xef\xbb\xbfa"), Some((Unicode::Utf8, 3)));
        assert_eq!(unicode(b"plain"), None);
        assert_eq!(unicode(b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"), None);
    }
}
