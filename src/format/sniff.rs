//! What bytes are, by looking and not by parsing: magic numbers, names inside containers, the shape
//! of the first lines. Linear, allocates only for the first few kilobytes.

use memchr::memmem;

use super::Format;
use super::charset::{decode_unicode, unicode};
use super::compound::directory;
use super::little_endian::{long, short};
use super::{shape, tar};

/// Bytes at the start that decide whether something is text, and what kind.
const HEAD: usize = 16 << 10;
/// How far into a file the header of a PDF may stand (PDF 1.7, implementation note 13).
const PDF_HEADER: usize = 1024;
/// Entries of a ZIP directory looked at.
const ZIP_ENTRIES: usize = 2_000;

pub(super) fn sniff(bytes: &[u8], name: Option<&str>) -> Option<Format> {
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(office(bytes, name).unwrap_or(Format::Zip));
    }
    if bytes.starts_with(b"\x1f\x8b\x08") {
        return Some(Format::Gzip);
    }
    if let Some(format) = packed(bytes) {
        return Some(format);
    }
    if bytes.starts_with(b"7z\xbc\xaf\x27\x1c") {
        return Some(Format::SevenZ);
    }
    if tar::begins(bytes) {
        return Some(Format::Tar);
    }
    if bytes.starts_with(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1") {
        return compound(bytes, name);
    }
    let start = bytes
        .iter()
        .position(|b| !b.is_ascii_whitespace())
        .unwrap_or(0);
    if bytes[start..].starts_with(b"%PDF-") {
        return Some(Format::Pdf);
    }
    // Word asks for no more than this, and documents made to hide from others know it.
    if bytes[start..].starts_with(b"{\\rt") {
        return Some(Format::Rtf);
    }
    // A part of a mail may be binary, its header never is.
    let header = header_of(bytes);
    if shape::is_mail(header) {
        return Some(shape::mail(header));
    }
    let Some(head) = text_head(bytes) else {
        let pdf = memmem::find(&bytes[..bytes.len().min(PDF_HEADER)], b"%PDF-").is_some();
        return pdf.then_some(Format::Pdf);
    };
    if head.starts_with("%!PS") {
        return None;
    }
    Some(shape::of_text(&head, name))
}

/// One document packed by a program younger than gzip.
fn packed(bytes: &[u8]) -> Option<Format> {
    match bytes {
        // The first block, or the end of nothing.
        [
            b'B',
            b'Z',
            b'h',
            b'1'..=b'9',
            0x31,
            0x41,
            0x59,
            0x26,
            0x53,
            0x59,
            ..,
        ]
        | [
            b'B',
            b'Z',
            b'h',
            b'1'..=b'9',
            0x17,
            0x72,
            0x45,
            0x38,
            0x50,
            0x90,
            ..,
        ] => Some(Format::Bzip2),
        [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Some(Format::Xz),
        // A frame, or one to be skipped before it.
        [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Some(Format::Zstd),
        _ => None,
    }
}

/// What stands before the first blank line, if it is ASCII.
fn header_of(bytes: &[u8]) -> &str {
    let head = &bytes[..bytes.len().min(HEAD)];
    let end = memmem::find(head, b"\n\n")
        .or_else(|| memmem::find(head, b"\n\r\n"))
        .unwrap_or(0);
    std::str::from_utf8(&head[..end]).unwrap_or_default()
}

/// The first characters, where the bytes are text at all.
fn text_head(bytes: &[u8]) -> Option<String> {
    if let Some((kind, mark)) = unicode(bytes) {
        let rest = &bytes[mark..];
        return Some(decode_unicode(&rest[..rest.len().min(HEAD)], kind));
    }
    let head = &bytes[..bytes.len().min(HEAD)];
    let controls = head
        .iter()
        .filter(|&&b| b == 0x7f || b < 0x20 && !matches!(b, b'\t'..=b'\r' | 0x1b))
        .count();
    let text = String::from_utf8_lossy(head);
    // A sequence cut by the end of the sample is not the text's fault.
    let broken = text.trim_end_matches('\u{fffd}').contains('\u{fffd}');
    let allowed = if broken { 0 } else { 1 + head.len() / 100 };
    // A legacy charset writes words; packed data is mostly bytes above ASCII, with few letters between.
    let dense = broken && head.iter().filter(|b| b.is_ascii()).count() * 5 < head.len();
    let known_binary = BINARY.iter().any(|magic| head.starts_with(magic));
    let packed = dense && !letters_in_runs(head);
    (controls <= allowed && !known_binary && !packed).then(|| text.into_owned())
}

/// Files that may pass for text when they are short.
const BINARY: &[&[u8]] = &[
    b"\x7fELF",
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"\x1f\x8b",
    b"GIF8",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\xfd7zXZ",
];

/// Text in a script of its own has spaces and line breaks between runs of high bytes.
fn letters_in_runs(head: &[u8]) -> bool {
    head.iter()
        .filter(|&&b| matches!(b, b' ' | b'\n' | b'\r'))
        .count()
        * 40
        > head.len()
}

/// A package that says what it is: its first entry is `mimetype`, stored as it is.
fn declared(bytes: &[u8]) -> Option<Format> {
    const KINDS: [(&[u8], Format); 4] = [
        (b"application/epub+zip", Format::Epub),
        (b"application/vnd.oasis.opendocument.text", Format::Odt),
        (
            b"application/vnd.oasis.opendocument.spreadsheet",
            Format::Ods,
        ),
        (
            b"application/vnd.oasis.opendocument.presentation",
            Format::Odp,
        ),
    ];
    let head = bytes.get(..30)?;
    let extra = usize::from(short(head, 28)?);
    if head[26..28] != [8, 0] || !bytes[30..].starts_with(b"mimetype") {
        return None;
    }
    let media = bytes.get(38 + extra..)?;
    let kind = KINDS.into_iter().find(|(kind, _)| media.starts_with(kind));
    kind.map(|(_, format)| format)
}

/// Office Open XML by the folders of its parts, OpenDocument by what it says.
fn office(bytes: &[u8], name: Option<&str>) -> Option<Format> {
    if let Some(format) = declared(bytes) {
        return Some(format);
    }
    let mut parts = Parts::default();
    let directory = memmem::rfind(bytes, b"PK\x05\x06")
        .and_then(|end| usize::try_from(long(bytes, end + 16)?).ok());
    let mut at = directory.unwrap_or(0);
    let mut entries = 0;
    for _ in 0..ZIP_ENTRIES {
        let Some(length) = directory_entry(bytes, at) else {
            break;
        };
        parts.look(&bytes[at + 46..at + 46 + length.name]);
        at += length.entry;
        entries += 1;
    }
    // A file cut short has no directory; the names stand before each part as well. So do those of the
    // parts of a document that an archive holds as it is.
    if entries == 0 {
        for at in memmem::find_iter(bytes, b"PK\x03\x04").take(ZIP_ENTRIES) {
            let length = short(bytes, at + 26).map_or(0, usize::from);
            parts.look(bytes.get(at + 30..at + 30 + length).unwrap_or_default());
        }
    }
    if parts.container {
        return Some(Format::Epub);
    }
    if parts.content && (parts.mimetype || parts.manifest) {
        // Packed anew, the type is behind the compression: the name is all there is to go by.
        let hinted = name.and_then(Format::by_extension);
        return Some(
            hinted
                .filter(|f| matches!(f, Format::Ods | Format::Odp))
                .unwrap_or(Format::Odt),
        );
    }
    parts.folder.filter(|_| parts.content_types)
}

/// What the names of the parts of an archive have shown.
#[derive(Default, PartialEq, Eq)]
struct Parts {
    content_types: bool,
    content: bool,
    container: bool,
    mimetype: bool,
    manifest: bool,
    folder: Option<Format>,
}

impl Parts {
    fn look(&mut self, name: &[u8]) {
        const FOLDERS: [(&[u8], Format); 3] = [
            (b"word/", Format::Docx),
            (b"xl/", Format::Xlsx),
            (b"ppt/", Format::Pptx),
        ];
        self.container |= name == b"META-INF/container.xml";
        self.content |= name == b"content.xml";
        self.mimetype |= name == b"mimetype";
        self.manifest |= name == b"META-INF/manifest.xml";
        self.content_types |= name == b"[Content_Types].xml";
        let folder = FOLDERS
            .into_iter()
            .find(|(folder, _)| name.starts_with(folder));
        self.folder = self.folder.or(folder.map(|(_, format)| format));
    }
}

struct EntryLength {
    name: usize,
    entry: usize,
}

fn directory_entry(bytes: &[u8], at: usize) -> Option<EntryLength> {
    let head = bytes.get(at..at.checked_add(46)?)?;
    let length = |at| short(head, at).map(usize::from);
    let name = length(28)?;
    let entry = 46 + name + length(30)? + length(32)?;
    (head.starts_with(b"PK\x01\x02") && at + 46 + name <= bytes.len())
        .then_some(EntryLength { name, entry })
}

/// Office 97–2003 and Outlook by the names of their streams. Directory entries are 128 bytes, aligned.
fn compound(bytes: &[u8], name: Option<&str>) -> Option<Format> {
    // What is cut short or very large is looked through as a whole.
    let directory = directory(bytes);
    let directory = directory.as_deref().unwrap_or(bytes);
    let has = |stream: &str| {
        let wide: Vec<u8> = stream
            .encode_utf16()
            .chain([0])
            .flat_map(u16::to_le_bytes)
            .collect();
        memmem::find_iter(directory, &wide).any(|at| at % 128 == 0)
    };
    // First: what is attached may leave its own streams beside those of the message.
    if has("__properties_version1.0") {
        return Some(Format::Msg);
    }
    if has("EncryptedPackage") {
        // The kind inside is behind the password: the name is all there is to go by.
        let hinted = name.and_then(Format::by_extension);
        return Some(
            hinted
                .filter(|f| matches!(f, Format::Xlsx | Format::Pptx))
                .unwrap_or(Format::Docx),
        );
    }
    if has("WordDocument") {
        return Some(Format::Doc);
    }
    if has("PowerPoint Document") {
        return Some(Format::Ppt);
    }
    (has("Workbook") || has("Book")).then_some(Format::Xls)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(bytes: &[u8], name: &str) -> Option<Format> {
        sniff(bytes, Some(name))
    }

    #[test]
    fn binaries_of_unknown_kind_are_no_document() {
        let random: Vec<u8> = (0..4096u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        for bytes in [
            &b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0"[..],
            b"\x7fELF\x02\x01\x01\0",
            b"\x89PNG\r\n\x1a\n",
            b"\xff\xd8\xff\xe0JFIF",
            &random,
        ] {
            assert_eq!(named(bytes, "report.txt"), None, "{:?}", &bytes[..4]);
        }
    }

    #[test]
    fn a_lying_name_does_not_change_what_the_content_says() {
        assert_eq!(named(b"%PDF-1.7\n...", "a.txt"), Some(Format::Pdf));
        assert_eq!(
            named(b"junk\0\x01\x02\n%PDF-1.4\n", "a.txt"),
            Some(Format::Pdf)
        );
        assert_eq!(named(b"{\\rt1 x}", "a.doc"), Some(Format::Rtf));
        assert_eq!(named(b"just words", "a.pdf"), Some(Format::Text));
        assert_eq!(named(b"<!DOCTYPE html><p>x", "a.txt"), Some(Format::Html));
    }

    #[test]
    fn an_archive_that_is_no_office_document_is_one() {
        assert_eq!(
            sniff(b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", None),
            Some(Format::Zip)
        );
    }

    #[test]
    fn an_archive_that_holds_a_document_as_it_is_is_an_archive() {
        let local = |name: &str| {
            let mut head = [b"PK\x03\x04", &[0; 26][..]].concat();
            head[26] = name.len() as u8;
            [&head, name.as_bytes()].concat()
        };
        let mut bytes = [
            local("a.docx"),
            local("[Content_Types].xml"),
            local("word/x"),
        ]
        .concat();
        let at = bytes.len() as u32;
        let mut directory = [b"PK\x01\x02", &[0; 42][..]].concat();
        directory[28] = 6;
        bytes.extend([directory, b"a.docx".to_vec()].concat());
        bytes.extend_from_slice(b"PK\x05\x06\0\0\0\0\x01\0\x01\0\x34\0\0\0");
        bytes.extend_from_slice(&[&at.to_le_bytes()[..], &[0, 0]].concat());
        assert_eq!(sniff(&bytes, None), Some(Format::Zip));
        // Cut short it is a document, for what can be seen of it.
        assert_eq!(sniff(&bytes[..at as usize], None), Some(Format::Docx));
    }

    #[test]
    fn a_package_is_what_its_first_entry_says() {
        let package = |media: &str| {
            let mut bytes = b"PK\x03\x04".to_vec();
            bytes.resize(26, 0);
            bytes.extend([8, 0, 0, 0]);
            bytes.extend(format!("mimetype{media}PK").bytes());
            bytes
        };
        let kind = "application/vnd.oasis.opendocument.";
        for (media, format) in [
            ("text", Format::Odt),
            ("text-template", Format::Odt),
            ("spreadsheet", Format::Ods),
            ("presentation", Format::Odp),
        ] {
            let bytes = package(&format!("{kind}{media}"));
            assert_eq!(named(&bytes, "a.docx"), Some(format));
        }
        assert_eq!(sniff(&package("application/zip"), None), Some(Format::Zip));
    }

    #[test]
    fn text_in_any_charset_is_text() {
        let (cyrillic, ..) = encoding_rs::WINDOWS_1251
            .encode("Вредоносный сервер управления находится по адресу в сети");
        for bytes in [
            &b"caf\xe9"[..],
            &cyrillic,
            b"\xff\xfea\0b\0",
            "日本語のテキスト".as_bytes(),
            b"",
        ] {
            assert_eq!(sniff(bytes, None), Some(Format::Text), "{bytes:?}");
        }
    }
}
