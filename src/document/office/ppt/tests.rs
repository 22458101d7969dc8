use std::io::Write;

use crate::document::compound::tests::compound;
use crate::document::{BlockKind, Document, Limits, Place, read};
use crate::submission::FailureCode;

/// A record without records inside.
fn atom(instance: u16, kind: u16, data: &[u8]) -> Vec<u8> {
    [
        &(instance << 4).to_le_bytes()[..],
        &kind.to_le_bytes(),
        &(data.len() as u32).to_le_bytes(),
        data,
    ]
    .concat()
}

/// A record of records.
fn container(instance: u16, kind: u16, records: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = atom(instance, kind, &records.concat());
    bytes[0] |= 0xf;
    bytes
}

fn numbers(numbers: &[u32]) -> Vec<u8> {
    numbers.iter().flat_map(|n| n.to_le_bytes()).collect()
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A text box of the kind `kind`, in wide characters or in bytes.
fn text(kind: u32, text: &str) -> Vec<u8> {
    let characters = match text.is_ascii() {
        true => atom(0, 4008, text.as_bytes()),
        false => atom(0, 4000, &wide(text)),
    };
    [atom(0, 3999, &numbers(&[kind])), characters].concat()
}

fn shape(text: Vec<u8>) -> Vec<u8> {
    container(0, 0xf00d, &[text])
}

fn string(instance: u16, text: &str) -> Vec<u8> {
    atom(instance, 4026, &wide(text))
}

fn slide_entry(reference: u32, id: u32) -> Vec<u8> {
    atom(0, 1011, &numbers(&[reference, 0, 0, id, 0]))
}

fn file(document: &[u8], user: &[u8]) -> Vec<u8> {
    compound(&[("/PowerPoint Document", document), ("/Current User", user)])
}

/// A presentation: the second slide of the file is shown first, and the directory of an earlier edit is
/// out of date.
fn presentation(mark: u32) -> Vec<u8> {
    let link = |id: u32, target: &str| {
        container(
            0,
            4055,
            &[
                atom(0, 4051, &numbers(&[id])),
                string(0, "name"),
                string(1, target),
            ],
        )
    };
    let list = container(
        0,
        4080,
        &[
            slide_entry(3, 256),
            text(0, "Title"),
            text(1, "One\rTwo"),
            slide_entry(2, 257),
        ],
    );
    let document = container(
        0,
        1000,
        &[
            container(
                0,
                1033,
                &[
                    link(7, "http://link.example/"),
                    link(8, "http://unused.example/"),
                ],
            ),
            list,
            container(2, 4080, &[slide_entry(4, 300)]),
        ],
    );
    let comment = container(
        0,
        12000,
        &[string(0, "author"), string(1, "a comment"), string(2, "ab")],
    );
    let interaction = container(0, 4082, &[atom(0, 4083, &numbers(&[0, 7, 0]))]);
    let old = container(0, 1006, &[shape(text(4, "out of date"))]);
    let second = container(
        0,
        1006,
        &[shape(
            [text(4, "evil[.]example \u{2013} x\u{b}y"), interaction].concat(),
        )],
    );
    let words = [&[0xc0, 0xc0][..], &numbers(&[10]), &wide("word\0")].concat();
    let first = container(
        0,
        1006,
        &[
            shape(atom(0, 3998, &numbers(&[0]))),
            atom(1, 0xf00b, &words),
            atom(0, 5003, &comment),
            container(3, 4057, &[string(2, "footer")]),
            shape(text(4, "*")),
        ],
    );
    let notes = container(
        0,
        1008,
        &[atom(1, 1009, &numbers(&[256, 0])), shape(text(2, "a note"))],
    );
    let mut stream = Vec::new();
    let mut add = |bytes: &[u8]| {
        let at = stream.len() as u32;
        stream.extend_from_slice(bytes);
        at
    };
    let old = add(&old);
    let before = add(&atom(0, 6002, &numbers(&[1 << 20 | 3, old])));
    let before = add(&atom(0, 4085, &numbers(&[0, 0, 0, before, 1, 0, 0])));
    let at = [document, second, first, notes].map(|bytes| add(&bytes));
    let run = [numbers(&[4 << 20 | 1]), numbers(&at)].concat();
    let directory = add(&atom(0, 6002, &run));
    let edit = add(&atom(
        0,
        4085,
        &numbers(&[0, 0, before, directory, 1, 0, 0]),
    ));
    file(&stream, &numbers(&[0x0ff6_0000, 20, 20, mark, edit]))
}

fn document(bytes: &[u8]) -> Document {
    read(bytes, None, &Limits::default()).unwrap().1
}

#[test]
fn slides_are_read_in_the_order_in_which_they_are_shown() {
    let bytes = presentation(0xe391_c05f);
    let (format, doc) = read(&bytes, None, &Limits::default()).unwrap();
    assert_eq!(format.name(), "ppt");
    assert_eq!(
        doc.text,
        "Title\nword\na comment\nfooter\nOne\nTwo\na note\nevil[.]example \u{2013} x\ny\nhttp://link.example/\nhttp://unused.example/"
    );
    assert_eq!(doc.blocks[0].kind, BlockKind::Heading);
    assert_eq!(doc.blocks[4].kind, BlockKind::ListItem);
    assert_eq!(doc.places, [Place::Slide(1), Place::Slide(2)]);
}

#[test]
fn a_file_without_its_directory_is_read_as_it_comes() {
    let slide = |words: &str| container(0, 1006, &[shape(text(4, words))]);
    let master = container(0, 1016, &[shape(text(0, "furniture"))]);
    let stream = [slide("one"), master, slide("two")].concat();
    let doc = document(&file(&stream, b""));
    assert_eq!(doc.text, "one\ntwo");
    assert_eq!(doc.places, [Place::Slide(1), Place::Slide(2)]);
    let few = Limits {
        pages: 1,
        ..Limits::default()
    };
    let doc = read(&file(&stream, b""), None, &few).unwrap().1;
    assert_eq!(
        (doc.text.as_str(), doc.warnings[0].code.as_str()),
        ("one", "truncated")
    );
}

#[test]
fn an_encrypted_presentation_says_so() {
    let failure = read(&presentation(0xf3d1_c4df), None, &Limits::default()).unwrap_err();
    assert_eq!(failure.code, FailureCode::Encrypted);
}

#[test]
fn slides_that_overlap_are_not_read_without_end() {
    // Each of 4,000 slides begins inside the one before and claims all that follows.
    let slides: Vec<u8> = (0..4_000u32)
        .flat_map(|_| {
            let mut head = atom(0, 1006, &[]);
            head[0] = 0xf;
            head[4..8].copy_from_slice(&[0xff; 4]);
            head
        })
        .collect();
    let filler = shape(text(4, "x")).repeat(40_000);
    let entries: Vec<Vec<u8>> = (0..4_000).map(|n| slide_entry(n + 2, n)).collect();
    let list = container(0, 1000, &[container(0, 4080, &entries)]);
    let document = slides.len() + filler.len();
    let mut stream = [slides, filler, list].concat();
    let mut run = numbers(&[4_001 << 20 | 1, document as u32]);
    run.extend(numbers(&(0..4_000).map(|n| n * 8).collect::<Vec<_>>()));
    let directory = stream.len() as u32;
    stream.extend(atom(0, 6002, &run));
    let edit = stream.len() as u32;
    stream.extend(atom(0, 4085, &numbers(&[0, 0, 0, directory, 1, 0, 0])));
    let bytes = file(&stream, &numbers(&[0, 20, 20, 0, edit]));
    assert!(document_length(&bytes) < 10 * stream.len());
}

fn document_length(bytes: &[u8]) -> usize {
    document(bytes).text.len()
}

#[test]
fn damaged_presentations_end_in_a_result() {
    let whole = presentation(0xe391_c05f);
    for at in (0x200..whole.len()).step_by(17) {
        let mut broken = whole.clone();
        broken[at] ^= 0xff;
        let _ = read(&broken, None, &Limits::default());
    }
    for end in (0..whole.len()).step_by(37) {
        let _ = read(&whole[..end], None, &Limits::default());
    }
}

#[test]
fn embedded_objects_are_read() {
    let object = |text: &str| {
        let rtf = format!("{{\\rtf1 {text}}}");
        compound(&[("/Package", rtf.as_bytes())])
    };
    let mut packed = flate2::write::ZlibEncoder::new(vec![0; 4], flate2::Compression::fast());
    packed.write_all(&object("packed.example")).unwrap();
    let stream = [
        container(0, 1006, &[shape(text(4, "slide"))]),
        atom(1, 4113, &packed.finish().unwrap()),
        atom(0, 4113, &object("plain.example")),
        atom(1, 4113, b"cut"),
    ];
    let doc = document(&file(&stream.concat(), b""));
    assert_eq!(
        doc.text,
        "slide\nEmbedded\npacked.example\nEmbedded\nplain.example"
    );
}
