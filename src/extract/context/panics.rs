//! Whatever a text holds, scanning and describing it ends without a panic.

use proptest::prelude::*;

use crate::document::{Block, BlockKind, Document};
use crate::extract::{scan, summary};

/// What trips scanners: separators, roots, brackets, quotes, tools, scripts of more than one byte.
const PIECES: &[&str] = &[
    "\\",
    "/",
    ".",
    ":",
    " ",
    "\t",
    "\n",
    "\"",
    "`",
    "“",
    "”",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    "<",
    ">",
    "%",
    "$",
    "~",
    "|",
    ",",
    "'",
    "-",
    "=",
    "#",
    "@",
    "é",
    "я",
    "漢",
    "。",
    "\u{a0}",
    "C:\\",
    "HKLM\\",
    "%TEMP%\\",
    "$env:X\\",
    "\\\\host\\",
    "/tmp/",
    "~/",
    "a.exe",
    "b.py",
    ".zip",
    "[.]",
    "cmd /c ",
    "powershell -enc ",
    "the ",
    "C2: ",
    "evil.example",
    "hxxp://",
    "192.0.2.1",
    "d41d8cd98f00b204e9800998ecf8427e",
    "Windows\\",
    "Shell Folders",
    "(x86)",
    ".so.1.2",
    "Program Files",
];

proptest! {
    #[test]
    fn any_text_is_scanned_and_described_without_a_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES), 0..40),
        kind in 0usize..4,
    ) {
        let text = pieces.concat();
        let kind = [BlockKind::Paragraph, BlockKind::Code, BlockKind::ListItem, BlockKind::Row { header: Some(0) }][kind];
        let blocks = vec![Block { span: 0..text.len(), kind, place: 0 }];
        let document = Document { text, blocks, places: vec![Default::default()], ..Document::default() };
        for finding in scan(&document) {
            prop_assert!(finding.context.chars().count() <= 500);
            prop_assert!(!finding.value.is_empty());
        }
        let plain = Document { text: document.text.clone(), ..Document::default() };
        prop_assert!(scan(&plain).iter().all(|finding| finding.occurrences > 0));
        prop_assert!(summary(&plain).is_none_or(|said| !said.is_empty()));
        prop_assert!(summary(&document).is_none_or(|said| !said.is_empty()));
    }
}
