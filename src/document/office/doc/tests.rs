use crate::document::compound::tests::compound;
use crate::document::{Limits, read};
use crate::submission::FailureCode;

/// A Word document of two pieces: `narrow` in one byte a character, `wide` in two.
fn doc(narrow: &str, wide: &str, flags: u16) -> Vec<u8> {
    let (narrow, wide): (Vec<u8>, Vec<u16>) =
        (narrow.bytes().collect(), wide.encode_utf16().collect());
    let start = 0x800u32;
    let mut document = vec![0u8; start as usize];
    document[10..12].copy_from_slice(&(flags | 0x0200).to_le_bytes());
    let second = start + narrow.len() as u32;
    document.extend(&narrow);
    document.extend(wide.iter().flat_map(|unit| unit.to_le_bytes()));

    let places = [0, narrow.len() as u32, (narrow.len() + wide.len()) as u32];
    let mut pieces: Vec<u8> = places
        .iter()
        .flat_map(|place| place.to_le_bytes())
        .collect();
    for at in [(start * 2) | (1 << 30), second] {
        pieces.extend([0, 0]);
        pieces.extend(at.to_le_bytes());
        pieces.extend([0, 0]);
    }
    // A stretch of formatting stands before the pieces.
    let mut table = vec![1, 2, 0, 9, 9, 2];
    table.extend((pieces.len() as u32).to_le_bytes());
    table.extend(&pieces);
    document[0x01a6..0x01aa].copy_from_slice(&(table.len() as u32).to_le_bytes());

    compound(&[("/WordDocument", &document), ("/1Table", &table)])
}

#[test]
fn pieces_of_either_width_are_joined() {
    let bytes = doc(
        "The server evil[.]exa",
        "mple \u{2013} 192.0.2.1\rnext\r",
        0,
    );
    let (format, document) = read(&bytes, None, &Limits::default()).unwrap();
    assert_eq!(format.name(), "doc");
    assert_eq!(
        document.text,
        "The server evil[.]example \u{2013} 192.0.2.1\nnext"
    );
}

#[test]
fn an_encrypted_document_says_so() {
    let failure = read(&doc("x", "y", 0x0100), None, &Limits::default()).unwrap_err();
    assert_eq!(failure.code, FailureCode::Encrypted);
}

#[test]
fn a_broken_piece_table_is_a_failure_and_no_panic() {
    let whole = doc("some text", "more", 0);
    for at in (0x200..whole.len()).step_by(61) {
        let mut broken = whole.clone();
        broken[at] ^= 0xff;
        let _ = read(&broken, None, &Limits::default());
    }
}
