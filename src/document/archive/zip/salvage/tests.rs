use std::io::Write;

use memchr::memmem;
use zip::CompressionMethod::{self, Bzip2, Deflated, Stored};
use zip::write::{SimpleFileOptions, ZipWriter};

use crate::document::{Document, Limits, read};
use crate::submission::FailureCode;

const CUT: &str = "The archive is cut short: its members were read as far as they can be told.";

/// A ZIP written as a stream, without its directory.
fn streamed(members: &[(&str, &[u8], CompressionMethod)]) -> Vec<u8> {
    let mut writer = ZipWriter::new_stream(Vec::new());
    for (name, bytes, method) in members {
        let options = SimpleFileOptions::default().compression_method(*method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(bytes).unwrap();
    }
    let mut bytes = writer.finish().unwrap().into_inner();
    bytes.truncate(memmem::find(&bytes, b"PK\x01\x02").unwrap());
    bytes
}

/// As [`streamed`], with descriptors that have no signature.
fn bare(members: &[(&str, &[u8], CompressionMethod)]) -> Vec<u8> {
    let mut bytes = streamed(members);
    while let Some(at) = memmem::find(&bytes, super::DESCRIPTOR) {
        bytes.drain(at..at + super::DESCRIPTOR.len());
    }
    bytes
}

fn document(bytes: &[u8]) -> Document {
    read(bytes, None, &Limits::default()).unwrap().1
}

fn messages(document: &Document) -> Vec<&str> {
    let warnings = document.warnings.iter();
    warnings.map(|warning| &warning.message[..]).collect()
}

#[test]
fn members_whose_length_stands_behind_them_are_read() {
    for method in [Deflated, Stored] {
        let members: [(&str, &[u8], _); 3] = [
            ("a.txt", b"first.example PK and PKZIP", method),
            ("empty/none.txt", b"", method),
            ("../b.txt", b"second.example", method),
        ];
        for mut bytes in [streamed(&members), bare(&members)] {
            // The directory goes on behind what is read of it, or is lost whole.
            for end in [&b""[..], b"PK\x01\x02\x14\x03"] {
                bytes.extend_from_slice(end);
                let document = document(&bytes);
                assert_eq!(
                    document.text,
                    "a.txt\nfirst.example PK and PKZIP\nb.txt\nsecond.example\nMembers that were not read\nempty/none.txt"
                );
                assert_eq!(messages(&document), [CUT], "{method} {end:?}");
            }
        }
    }
}

#[test]
fn a_stream_that_ends_in_a_member_is_read_up_to_there() {
    let words: String = (0..2_000).map(|i| format!("host{i}.example ")).collect();
    for method in [Deflated, Stored] {
        let bytes = streamed(&[
            ("a.txt", b"first.example", method),
            ("b.txt", words.as_bytes(), method),
        ]);
        let document = document(&bytes[..bytes.len() / 2]);
        let text = &document.text;
        assert!(text.starts_with("a.txt\nfirst.example\nb.txt\nhost0.example"));
        assert!(text.len() < words.len(), "{method}");
        let why = "b.txt: It is damaged: only what could be unpacked was read.";
        assert_eq!(messages(&document), [why, CUT], "{method}");
    }
}

#[test]
fn any_end_of_a_stream_ends_in_a_result() {
    for method in [Deflated, Stored, Bzip2] {
        let members: [(&str, &[u8], _); 2] = [
            ("a.txt", b"first.example", method),
            ("b.txt", b"second.example", method),
        ];
        for bytes in [streamed(&members), bare(&members)] {
            for end in 4..bytes.len() {
                let _ = read(&bytes[..end], None, &Limits::default());
            }
        }
    }
}

#[test]
fn a_damaged_member_of_a_stream_is_said_and_those_behind_it_are_read() {
    let long = "some words that pack ".repeat(50);
    for (method, at) in [(Stored, 50), (Deflated, 45)] {
        let mut bytes = streamed(&[
            ("bad.txt", long.as_bytes(), method),
            ("good.txt", b"good.example", method),
        ]);
        bytes[at] ^= 0x15;
        let document = document(&bytes);
        assert!(
            document.text.contains("good.txt\ngood.example"),
            "{method}: {}",
            document.text
        );
        let why = "bad.txt: It is damaged: only what could be unpacked was read.";
        assert_eq!(messages(&document), [why, CUT], "{method}");
    }
}

#[test]
fn members_that_cannot_be_told_are_passed_over() {
    let mut bytes = streamed(&[
        ("a.txt", b"first.example", Bzip2),
        ("b.txt", b"second.example", Deflated),
        ("c.txt", b"third.example", Stored),
    ]);
    assert_eq!(
        document(&bytes).text,
        "b.txt\nsecond.example\nc.txt\nthird.example"
    );
    let encrypted = memmem::find(&bytes, b"b.txt").unwrap() - 24;
    bytes[encrypted] |= 1;
    assert_eq!(document(&bytes).text, "c.txt\nthird.example");
    bytes.truncate(memmem::find(&bytes, b"c.txt").unwrap() - 30);
    let failure = read(&bytes, None, &Limits::default()).unwrap_err();
    assert_eq!(failure.code, FailureCode::Malformed);
}

#[test]
fn archives_and_bombs_in_a_stream_go_by_the_limits() {
    let inner = streamed(&[("deep.txt", b"deep.example", Deflated)]);
    let bytes = streamed(&[("inner.zip", &inner, Deflated)]);
    assert_eq!(document(&bytes).text, "inner.zip\ndeep.txt\ndeep.example");
    let spaces = vec![b' '; 4 << 20];
    let bytes = streamed(&[
        ("a.txt", b"first.example", Deflated),
        ("bomb.txt", &spaces, Deflated),
        ("b.txt", b"second.example", Deflated),
    ]);
    let document = document(&bytes);
    assert!(document.text.starts_with("a.txt\nfirst.example"));
    assert!(document.text.contains("b.txt\nsecond.example"));
    assert_eq!(document.warnings[0].code, "truncated");
    let few = Limits {
        entries: 1,
        ..Limits::default()
    };
    let (_, first) = read(&bytes, None, &few).unwrap();
    assert_eq!(first.text, "a.txt\nfirst.example");
}
