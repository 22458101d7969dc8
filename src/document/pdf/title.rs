//! Strings of the document's metadata.

use quick_xml::events::Event;
use quick_xml::reader::Reader;

use crate::document::charset;
use crate::document::xml::resolve;
use crate::format::charset::{decode_unicode, unicode};

/// Programs that put their own name before that of the file.
const PREFIXES: &[&str] = &[
    "Microsoft Word - ",
    "Microsoft PowerPoint - ",
    "Microsoft Excel - ",
    "PowerPoint Presentation",
    "file://",
];
/// Titles that a program made up.
const EMPTY: &[&str] = &[
    "untitled",
    "unknown",
    "document",
    "dokument",
    "presentation",
    "title",
    "none",
    "(anonymous)",
    "print",
    "slide 1",
];
/// Endings of the names of files.
const EXTENSIONS: &[&str] = &[
    "doc", "docx", "ppt", "pptx", "xls", "xlsx", "indd", "qxd", "pdf", "tex", "dvi", "odt", "rtf",
    "txt", "html", "htm", "pages", "ai", "md", "adoc", "rst", "csv", "xml",
];

/// A title that a person wrote; `None` for what a program put there.
pub(super) fn clean(bytes: &[u8]) -> Option<String> {
    let title = decode(bytes);
    let title = title.trim_matches(|c: char| c.is_whitespace() || c == '\0');
    if PREFIXES.iter().any(|prefix| title.starts_with(prefix)) {
        return None;
    }
    let lower = title.to_lowercase();
    let bare =
        lower.trim_end_matches(|c: char| c.is_ascii_digit() || matches!(c, ' ' | '-' | '_' | '.'));
    let file = lower
        .rsplit_once('.')
        .is_some_and(|(_, ending)| EXTENSIONS.contains(&ending));
    let letters = title.chars().filter(|c| c.is_alphabetic()).count();
    (letters >= 3 && !file && !EMPTY.contains(&bare) && !EMPTY.contains(&lower.as_str()))
        .then(|| title.to_owned())
}

/// The title in XMP metadata, which newer programs write instead.
pub(super) fn of_xmp(xmp: &[u8]) -> Option<String> {
    let xml = charset::decode(xmp, None);
    let start = xml.find("<dc:title")?;
    let rest = &xml[start..];
    let mut reader = Reader::from_str(&rest[..rest.find("</dc:title>")?]);
    reader.config_mut().allow_dangling_amp = true;
    let mut title = String::new();
    loop {
        match reader.read_event().ok()? {
            Event::Text(text) => title.push_str(&text),
            Event::GeneralRef(entity) => title.push_str(&resolve(&entity)),
            // Other languages follow.
            Event::End(_) if !title.trim().is_empty() => break,
            Event::Eof => break,
            _ => {}
        }
    }
    clean(title.as_bytes())
}

/// A text string: UTF-16 or UTF-8 behind a byte order mark, else close to Latin-1.
pub(super) fn decode(bytes: &[u8]) -> String {
    match unicode(bytes) {
        Some((kind, mark)) if mark > 0 => decode_unicode(&bytes[mark..], kind),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252
                .decode_without_bom_handling(bytes)
                .0
                .into_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn titles_of_programs_are_no_titles() {
        for junk in [
            &b"Microsoft Word - report_final.doc"[..],
            b"untitled",
            b"Untitled-1",
            b"Document1",
            b"report.indd",
            b"\xfe\xff",
            b"",
            b"12",
        ] {
            assert_eq!(clean(junk), None, "{junk:?}");
        }
    }

    #[test]
    fn titles_of_people_are_decoded() {
        assert_eq!(clean(b"\xfe\xff\0R\0\xe9\0s\0u").as_deref(), Some("Résu"));
        assert_eq!(
            clean(b"Operation X: a report").as_deref(),
            Some("Operation X: a report")
        );
    }
}
