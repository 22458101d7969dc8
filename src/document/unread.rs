//! What is of no kind that is read, in words that help.

use crate::format::READABLE;
use crate::submission::{Failure, FailureCode};

/// Kinds that hold documents or are ones: a reader would miss them.
const DOCUMENTS: &[(&[u8], &str)] = &[
    (
        b"Rar!",
        "A RAR archive is not read: hand in the documents inside it one by one.",
    ),
    (
        b"MSCF",
        "A cabinet is not read: hand in the documents inside it one by one.",
    ),
    (
        b"\x04\x22\x4d\x18",
        "An LZ4 file is not read: unpack it first.",
    ),
    (b"LZIP", "An lzip file is not read: unpack it first."),
];

/// Kinds without a text of their own.
const OTHERS: &[(&[u8], &str)] = &[
    (b"\x89PNG", IMAGE),
    (b"\xff\xd8\xff", IMAGE),
    (b"GIF8", IMAGE),
    (b"MZ", PROGRAM),
    (b"\x7fELF", PROGRAM),
];
const IMAGE: &str = "An image holds no text that could be read.";
const PROGRAM: &str = "A program is not a document.";

/// The failure for bytes that no format claims.
pub(super) fn failure(bytes: &[u8]) -> Failure {
    let known = document(bytes).or_else(|| find(OTHERS, bytes));
    let sentence = known.map_or_else(unknown, str::to_owned);
    Failure::new(FailureCode::UnsupportedType, sentence)
}

/// Why bytes that are a document all the same are not read.
pub(super) fn document(bytes: &[u8]) -> Option<&'static str> {
    find(DOCUMENTS, bytes)
}

fn unknown() -> String {
    format!("The content is of no kind that is read: hand in {READABLE}.")
}

fn find(kinds: &[(&[u8], &'static str)], bytes: &[u8]) -> Option<&'static str> {
    let (_, sentence) = kinds.iter().find(|(magic, _)| bytes.starts_with(magic))?;
    Some(sentence)
}
