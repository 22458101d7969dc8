use crate::document::compound::tests::compound;
use crate::document::{BlockKind, Document, Limits, read};

/// A message as streams: paths and bytes.
type Streams = Vec<(String, Vec<u8>)>;

fn document(streams: &Streams) -> Document {
    let streams: Vec<(&str, &[u8])> = streams
        .iter()
        .map(|(path, bytes)| (&path[..], &bytes[..]))
        .collect();
    let bytes = compound(&streams);
    read(&bytes, None, &Limits::default()).unwrap().1
}

fn wide(storage: &str, id: u16, text: &str) -> (String, Vec<u8>) {
    let bytes = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    (format!("{storage}/__substg1.0_{id:04X}001F"), bytes)
}

fn binary(storage: &str, id: u16, bytes: &[u8]) -> (String, Vec<u8>) {
    (
        format!("{storage}/__substg1.0_{id:04X}0102"),
        bytes.to_vec(),
    )
}

/// The fixed properties behind a header of this length.
fn fixed(storage: &str, header: usize, properties: &[(u16, u16, u64)]) -> (String, Vec<u8>) {
    let mut bytes = vec![0; header];
    for (id, kind, value) in properties {
        bytes.extend_from_slice(&(u32::from(*id) << 16 | u32::from(*kind)).to_le_bytes());
        bytes.extend_from_slice(&[0; 4]);
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    (format!("{storage}/__properties_version1.0"), bytes)
}

/// 1 January 2024, noon.
const NOON: u64 = (1_704_110_400 + 11_644_473_600) * 10_000_000;

#[test]
fn a_message_without_a_header_is_told_by_its_properties() {
    let recipient = "/__recip_version1.0_#00000000";
    let doc = document(&vec![
        fixed("", 32, &[(0x0039, 0x40, NOON), (0x3fde, 3, 1251)]),
        wide("", 0x0037, "Rechnung"),
        wide("", 0x0c1a, "M\u{fc}ller"),
        wide("", 0x0c1f, "/O=EXCHANGE/CN=MUELLER"),
        wide("", 0x5d01, "m@evil.example"),
        wide("", 0x1000, "see hxxp://evil[.]example/"),
        binary(
            "",
            0x1013,
            b"<p>\xef\xf0\xe8 <a href=\"http://l.example/\">\xe2\xf1\xe5</a></p>",
        ),
        fixed(recipient, 8, &[(0x0c15, 3, 2)]),
        wide(recipient, 0x3001, "B"),
        wide(recipient, 0x39fe, "b@victim.example"),
    ]);
    assert_eq!(doc.title.as_deref(), Some("Rechnung"));
    assert_eq!(doc.blocks[1].kind, BlockKind::Code);
    assert_eq!(
        doc.text,
        "Rechnung\nFrom: M\u{fc}ller <m@evil.example>\nCc: B <b@victim.example>\nSubject: Rechnung\nDate: Mon, 01 Jan 2024 12:00:00 +0000\nsee hxxp://evil[.]example/\n\u{43f}\u{440}\u{438} \u{432}\u{441}\u{435}\nhttp://l.example/"
    );
}

#[test]
fn the_header_that_a_message_travelled_with_is_shown_as_that_of_mail() {
    let header = "Received: from mx.example\r\n (mx.example [192.0.2.9]) by a\r\nFrom: =?utf-8?q?M=C3=BCller?= <m@evil.example>\r\nX-Other: 1\r\nSubject: Hi\r\n\r\n";
    let doc = document(&vec![
        fixed("", 32, &[]),
        wide("", 0x0037, "Hi"),
        wide("", 0x007d, header),
        wide("", 0x1000, "body"),
    ]);
    assert_eq!(
        doc.text,
        "Hi\nReceived: from mx.example (mx.example [192.0.2.9]) by a\nFrom: M\u{fc}ller <m@evil.example>\nSubject: Hi\nbody"
    );
}

#[test]
fn the_third_form_of_a_body_is_read_where_there_is_no_other() {
    let plain = b"{\\rtf1\\ansi see c2.example\\par}";
    let packed = [&[0; 8][..], b"MELA", &[0; 4], plain].concat();
    let doc = document(&vec![
        fixed("", 32, &[]),
        wide("", 0x0037, "s"),
        binary("", 0x1009, &packed),
    ]);
    assert_eq!(doc.text, "s\nSubject: s\nsee c2.example");
    assert!(doc.warnings.is_empty());
}

#[test]
fn attachments_and_messages_in_messages_are_read() {
    let file = "/__attach_version1.0_#00000000";
    let item = "/__attach_version1.0_#00000001";
    let inner = format!("{item}/__substg1.0_3701000D");
    let doc = document(&vec![
        fixed("", 32, &[]),
        wide("", 0x0037, "outer"),
        wide("", 0x1000, "body"),
        fixed(file, 8, &[]),
        wide(file, 0x3707, "list.csv"),
        binary(file, 0x3701, b"a,b,c\n1,2,c2.example\n"),
        fixed(item, 8, &[]),
        wide(item, 0x3001, "inner"),
        fixed(&inner, 24, &[(0x0039, 0x40, NOON)]),
        wide(&inner, 0x0037, "inner"),
        wide(&inner, 0x1000, "inner.example"),
    ]);
    assert_eq!(
        doc.text,
        "outer\nSubject: outer\nbody\nAttachment: list.csv\na\tb\tc\n1\t2\tc2.example\nAttachment: inner\ninner\nSubject: inner\nDate: Mon, 01 Jan 2024 12:00:00 +0000\ninner.example"
    );
}

#[test]
fn texts_of_one_byte_are_decoded_by_the_code_page_of_the_message() {
    let narrow = |id: u16, text: &[u8]| (format!("/__substg1.0_{id:04X}001E"), text.to_vec());
    let doc = document(&vec![
        fixed("", 32, &[(0x3ffd, 3, 1251)]),
        narrow(0x0037, b"\xd1\xf7\xb8\xf2"),
        narrow(0x1000, b"\xf1\xec. c2.example\0"),
    ]);
    assert_eq!(doc.title.as_deref(), Some("\u{421}\u{447}\u{451}\u{442}"));
    assert!(
        doc.text.ends_with("\u{441}\u{43c}. c2.example"),
        "{}",
        doc.text
    );
}

/// A file that stands inside another one, byte for byte, does not make that one of its kind.
#[test]
fn a_document_attached_to_a_message_leaves_it_a_message() {
    let inner = compound(&[("/WordDocument", b"")]);
    let file = "/__attach_version1.0_#00000000";
    let doc = document(&vec![
        fixed("", 32, &[]),
        wide("", 0x1000, "body.example"),
        wide(file, 0x3707, "a.doc"),
        binary(file, 0x3701, &[inner, vec![0; 8192]].concat()),
    ]);
    assert!(doc.text.starts_with("body.example"), "{}", doc.text);
    assert!(
        doc.warnings[0].message.starts_with("a.doc: "),
        "{:?}",
        doc.warnings
    );
}
