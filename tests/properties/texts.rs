//! Any text at all: whatever it holds, the promises of the fuzz targets hold.

use proptest::prelude::*;

use crate::{cases, promises};

/// What trips scanners, to be mixed with characters of every script.
const PIECES: &[&str] = &[
    "[.]",
    "(dot)",
    ".]",
    "[at]",
    "\\.",
    "hxxp://",
    "http[:]//",
    "https://",
    "://",
    "www.",
    "xn--",
    "evil.example.com",
    "192.0.2.1",
    "192[.]0.2",
    "2001:db8::1",
    "::",
    ":443",
    "/24",
    "@",
    "a.exe",
    "C:\\",
    "%TEMP%\\",
    "\\\\",
    "/etc/",
    "HKLM\\",
    "cmd /c ",
    "`",
    "\"",
    "\n",
    "\n\n",
    "\t",
    "|",
    " ",
    "CVE-2024-3400",
    "AS64496",
    "T1059",
    "d41d8cd98f00b204e9800998ecf8427e",
    "\u{200b}",
    "\u{a0}",
    "．",
    "。",
    "漢",
    "é",
    "\u{1f600}",
    "\u{301}",
    "\u{202e}",
];

fn any_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => prop::sample::select(PIECES).prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
        1 => "[ -~]{1,12}",
    ];
    prop::collection::vec(piece, 0..48).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn findings_of_any_text_lie_in_it_and_hold_together(text in any_text()) {
        promises::scan(&text);
    }

    #[test]
    fn refanging_any_text_leaves_alone_what_is_not_defanged(text in any_text()) {
        promises::refang(&text);
    }

    #[test]
    fn any_bytes_are_read_into_a_document_that_keeps_its_promises(
        selector in any::<u8>(),
        text in any_text(),
        broken in prop::collection::vec(any::<u8>(), 0..4),
    ) {
        promises::read(&[&[selector], text.as_bytes(), &broken].concat());
    }
}
