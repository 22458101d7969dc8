//! Gzip ([RFC 1952](https://www.rfc-editor.org/rfc/rfc1952)): one document, packed. It is read as that
//! document: its title and what is wrong with it are those of the whole.

use std::io::Read;

use flate2::bufread::MultiGzDecoder;

use super::path;
use crate::document::builder::Builder;
use crate::document::member::{self, Label};
use crate::format::Format;
use crate::submission::Failure;

/// Bytes that tell whether a TAR is inside.
const HEAD: u64 = 512;

/// Reads the document inside. `name` is the name of the file.
///
/// # Errors
/// Damaged from the start on; those of the document inside.
pub(in crate::document) fn read(
    bytes: &[u8],
    name: Option<&str>,
    out: &mut Builder,
) -> Result<(), Failure> {
    let mut head = Vec::new();
    let mut decoder = MultiGzDecoder::new(bytes);
    let sound = decoder.by_ref().take(HEAD).read_to_end(&mut head);
    if sound.is_err() && head.is_empty() {
        return Err(super::damaged("it cannot be unpacked"));
    }
    let stored = decoder.header().and_then(|header| header.filename());
    let stored = stored.and_then(path::tidy);
    let decoder = MultiGzDecoder::new(bytes);
    let packed = bytes.len() as u64;
    let inflated = if Format::sniff(&head, None) == Some(Format::Tar) {
        out.budget().meter_archive(decoder, packed)
    } else {
        out.budget().meter(decoder, packed)
    }
    .read_all();
    if inflated.cut {
        out.truncated("it unpacks to more than what is read");
    }
    if inflated.error.is_some() {
        let message = "It is damaged: only what could be unpacked was read.";
        out.warn("member_failed", message);
    }
    let name = stored.or_else(|| name.map(unpacked_name));
    let label = Label {
        role: "",
        name: name.as_deref().unwrap_or_default(),
    };
    member::only(label, &inflated.bytes, out)
}

/// `a.csv` for `a.csv.gz`, `a.tar` for `a.tgz`.
fn unpacked_name(name: &str) -> String {
    match name.rsplit_once('.') {
        Some((stem, end)) if end.eq_ignore_ascii_case("gz") => stem.to_owned(),
        Some((stem, end)) if end.eq_ignore_ascii_case("tgz") => format!("{stem}.tar"),
        _ => name.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use crate::document::{Document, Limits, read};
    use crate::submission::{Failure, FailureCode};

    fn packed(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    fn outcome(bytes: &[u8], name: &str) -> Result<Document, Failure> {
        read(bytes, Some(name), &Limits::default()).map(|(_, document)| document)
    }

    #[test]
    fn the_document_inside_is_the_document() {
        let page = packed(b"<!DOCTYPE html><title>Report</title><p>c2.example");
        let document = outcome(&page, "report.html.gz").unwrap();
        assert_eq!(document.text, "report.html\nc2.example");
        assert_eq!(document.title.as_deref(), Some("Report"));
        let failure = outcome(&packed(b"MZ\x90\0\x03\0\0\0"), "a.gz").unwrap_err();
        assert_eq!(failure.code, FailureCode::UnsupportedType);
        assert_eq!(failure.message, "A program is not a document.");
    }

    #[test]
    fn the_name_in_the_header_says_how_to_read_it() {
        let builder = flate2::GzBuilder::new().filename("../rows.tsv");
        let mut encoder = builder.write(Vec::new(), Compression::default());
        encoder.write_all(b"a\tb\n1\tc2.example\n").unwrap();
        let document = outcome(&encoder.finish().unwrap(), "x.gz").unwrap();
        assert_eq!(document.text, "rows.tsv\na\tb\n1\tc2.example");
    }

    #[test]
    fn what_can_be_unpacked_of_a_damaged_file_is_read() {
        let text: String = (0..5_000).map(|i| format!("host{i}.example\n")).collect();
        let whole = packed(text.as_bytes());
        let document = outcome(&whole[..whole.len() / 2], "a.txt.gz").unwrap();
        assert!(document.text.contains("host9.example"));
        assert_eq!(document.warnings[0].code, "member_failed");
        let failure = outcome(b"\x1f\x8b\x08\0junk", "a.gz").unwrap_err();
        assert_eq!(failure.code, FailureCode::Malformed);
    }

    #[test]
    fn a_bomb_is_cut() {
        let bomb = packed(&vec![b'a'; 32 << 20]);
        let document = outcome(&bomb, "a.txt.gz").unwrap();
        assert!(document.text.len() < 8 << 20);
        assert_eq!(document.warnings[0].code, "truncated");
    }

    #[test]
    fn gzip_in_gzip_ends() {
        let mut bytes = b"c2.example".to_vec();
        for _ in 0..4 {
            bytes = packed(&bytes);
        }
        assert!(outcome(&bytes, "a.txt").is_ok());
        let failure = outcome(&packed(&bytes), "a.txt").unwrap_err();
        assert_eq!(failure.code, FailureCode::TooLarge);
    }
}
