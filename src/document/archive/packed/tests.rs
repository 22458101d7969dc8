use std::io::{Read, Write};

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

fn bzipped(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn xzipped(bytes: &[u8]) -> Vec<u8> {
    let options = lzma_rust2::XzOptions::with_preset(1);
    let mut encoder = lzma_rust2::XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstandard(bytes: &[u8]) -> Vec<u8> {
    ruzstd::encoding::compress_to_vec(bytes, ruzstd::encoding::CompressionLevel::Fastest)
}

type Pack = fn(&[u8]) -> Vec<u8>;

/// The packings that are no gzip, with the ending of their names.
const OTHERS: [(Pack, &str); 3] = [(bzipped, "bz2"), (xzipped, "xz"), (zstandard, "zst")];

#[test]
fn every_packing_is_told_by_its_first_bytes() {
    for (pack, ending) in OTHERS {
        let packed = pack(b"<!DOCTYPE html><title>Report</title><p>c2.example");
        let document = outcome(&packed, &format!("report.html.{ending}")).unwrap();
        assert_eq!(document.text, "report.html\nc2.example");
        assert_eq!(document.title.as_deref(), Some("Report"));
        let empty = outcome(&pack(b""), "a").unwrap_err();
        assert_eq!(empty.code, FailureCode::NoText, "{ending}: {empty}");
    }
}

#[test]
fn streams_behind_each_other_are_one() {
    for (pack, _) in OTHERS {
        let twice = [pack(b"one.example\n"), pack(b"two.example")].concat();
        assert_eq!(
            outcome(&twice, "a").unwrap().text,
            "a\none.example\ntwo.example"
        );
    }
    let skipped = [
        b"\x50\x2a\x4d\x18\x04\0\0\0skip",
        &zstandard(b"c2.example")[..],
    ]
    .concat();
    assert_eq!(outcome(&skipped, "a.zst").unwrap().text, "a\nc2.example");
    let endless = b"\x5f\x2a\x4d\x18\xff\xff\xff\xffskip";
    assert_eq!(outcome(endless, "a").unwrap_err().code, FailureCode::NoText);
}

#[test]
fn zeros_behind_the_last_stream_are_padding_and_anything_else_is_damage() {
    let all = OTHERS.iter().map(|&(pack, _)| pack);
    for pack in all.chain([packed as Pack]) {
        let twice = [pack(b"one.example\n"), pack(b"two.example")].concat();
        for behind in [&[0][..], &[0; 512], b"\0\0\0x", b"words", b"\x1f"] {
            let document = outcome(&[&twice[..], behind].concat(), "a").unwrap();
            assert_eq!(document.text, "a\none.example\ntwo.example");
            let said = document.warnings.iter().map(|warning| &warning.code[..]);
            let expected: &[&str] = if behind.ends_with(b"\0") {
                &[]
            } else {
                &["member_failed"]
            };
            assert!(said.eq(expected.iter().copied()), "{behind:?}");
        }
        // Where a disk was full, zeros stand in the place of the second half.
        let text: String = (0..5_000).map(|i| format!("host{i}.example\n")).collect();
        let mut whole = pack(text.as_bytes());
        let half = whole.len() / 2;
        whole[half..].fill(0);
        match outcome(&whole, "a.txt") {
            Ok(document) => assert_eq!(document.warnings[0].code, "member_failed"),
            Err(failure) => assert_eq!(failure.code, FailureCode::Malformed),
        }
    }
}

#[test]
fn a_bomb_of_any_packing_is_cut() {
    for (pack, ending) in OTHERS {
        let bomb = pack(&vec![b'a'; 32 << 20]);
        assert!(bomb.len() < 32 << 10, "{ending}: {}", bomb.len());
        let document = outcome(&bomb, "a.txt").unwrap();
        assert!(document.text.len() < 8 << 20, "{ending}");
        assert_eq!(document.warnings[0].code, "truncated", "{ending}");
    }
}

#[test]
fn what_is_damaged_anywhere_ends_in_a_result() {
    let text: String = (0..600).map(|i| format!("host{i}.example\n")).collect();
    for (pack, _) in OTHERS {
        let whole = pack(text.as_bytes());
        for at in (0..whole.len()).step_by(whole.len() / 37) {
            let _ = outcome(&whole[..at], "a.txt");
            let mut damaged = whole.clone();
            damaged[at] ^= 0x55;
            let _ = outcome(&damaged, "a.txt");
        }
        let cut = outcome(&whole[..10], "a.txt").unwrap_err();
        assert_eq!(cut.code, FailureCode::Malformed);
    }
}

#[test]
fn a_window_of_gigabytes_is_not_made() {
    // A frame that says it needs a window of 2 GiB.
    let zstd = b"\x28\xb5\x2f\xfd\x00\xa8\x21\x00\x00abcd";
    // A block whose filter is LZMA2 with a window of 4 GiB less one byte.
    let header = [2, 0, 0x21, 1, 40, 0, 0, 0];
    let mut crc = flate2::Crc::new();
    crc.update(&header);
    let xz = [
        b"\xfd7zXZ\0\0\x01\x69\x22\xde\x36",
        &header[..],
        &crc.sum().to_le_bytes(),
        &[0; 64],
    ]
    .concat();
    let error = super::xz_reader(&xz).read(&mut [0]).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::OutOfMemory, "{error}");
    let error = super::zstd::Frames::new(zstd).read(&mut [0]).unwrap_err();
    assert!(error.to_string().contains("window"), "{error}");
    for bytes in [&zstd[..], &xz] {
        let failure = outcome(bytes, "a.txt").unwrap_err();
        assert_eq!(failure.code, FailureCode::Malformed, "{failure}");
    }
}
