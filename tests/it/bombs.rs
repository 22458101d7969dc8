//! Small files that unpack to giants. Each ends as completed or failed with a reason, within the
//! reader's limits, and the server's own memory stays flat.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use serde_json::Value;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::process::Server;

/// What the server may grow by while a bomb of a few MB passes through it.
const GROWTH: u64 = 64 << 20;

/// Submits a bomb; how it ended.
async fn explode(name: &str, bomb: Vec<u8>) -> Value {
    assert!(bomb.len() < 5 << 20, "a bomb is small: {}", bomb.len());
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--reader-memory", "256", "--reader-cpu", "5"]);
    // A harmless document first, so that what every document costs is not held against the bomb.
    let (status, first) = server
        .upload("first.txt", b"evil[.]example.com is first")
        .await;
    assert_eq!(status, 201, "{first}");
    server.ended(first["id"].as_str().unwrap()).await;
    let before = server.peak_memory();

    let (status, submission) = server.upload(name, &bomb).await;
    assert_eq!(status, 201, "{submission}");
    let ended = server.ended(submission["id"].as_str().unwrap()).await;

    let growth = server.peak_memory().saturating_sub(before);
    assert!(growth < GROWTH, "the server grew by {} MiB", growth >> 20);
    // It still works.
    let (_, last) = server
        .upload("last.txt", b"evil[.]example.com is last")
        .await;
    assert_eq!(
        server.ended(last["id"].as_str().unwrap()).await["status"],
        "completed"
    );
    ended
}

/// The word under which a submission failed.
fn code(submission: &Value) -> Option<&str> {
    submission["error"]["code"].as_str()
}

fn archive(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        archive
            .start_file(
                *name,
                SimpleFileOptions::default().compression_level(Some(9)),
            )
            .unwrap();
        archive.write_all(bytes).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

const CONTENT_TYPES: (&str, &[u8]) = (
    "[Content_Types].xml",
    b"<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
);

#[tokio::test(flavor = "multi_thread")]
async fn a_zip_bomb_in_a_word_document_ends() {
    let mut body = b"<w:document xmlns:w=\"w\"><w:body><w:p><w:r><w:t>evil[.]example.com ".to_vec();
    body.resize(400 << 20, b' ');
    let bomb = archive(&[CONTENT_TYPES, ("word/document.xml", &body)]);
    drop(body);
    let ended = explode("bomb.docx", bomb).await;
    assert!(
        ended["status"] == "completed" || code(&ended) == Some("too_large"),
        "{ended}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entity_bomb_in_xml_expands_nothing() {
    let mut xml =
        String::from("<?xml version=\"1.0\"?><!DOCTYPE r [<!ENTITY e0 \"evil.example.com \">");
    for level in 1..=12 {
        let inner = format!("&e{};", level - 1).repeat(10);
        xml += &format!("<!ENTITY e{level} \"{inner}\">");
    }
    xml += "]><r>&e12; and hxxp://c2[.]example.net/x</r>";
    let ended = explode("bomb.xml", xml.into_bytes()).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    let found: Vec<_> = ended["iocs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ioc| ioc["value"].as_str().unwrap())
        .collect();
    assert!(found.contains(&"http://c2.example.net/x"), "{found:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pdf_bomb_ends() {
    let pack = |bytes: &[u8]| {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    // A gigabyte of spaces in two layers: some 4 kB.
    let mut inner = ZlibEncoder::new(Vec::new(), Compression::best());
    for _ in 0..1024 {
        inner.write_all(&vec![b' '; 1 << 20]).unwrap();
    }
    let content = pack(&inner.finish().unwrap());
    let mut pdf = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    let mut object = |pdf: &mut Vec<u8>, body: &[u8]| {
        offsets.push(pdf.len());
        pdf.extend_from_slice(format!("{} 0 obj\n", offsets.len()).as_bytes());
        pdf.extend_from_slice(body);
        pdf.extend_from_slice(b"\nendobj\n");
    };
    object(&mut pdf, b"<< /Type /Catalog /Pages 2 0 R >>");
    object(&mut pdf, b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    object(
        &mut pdf,
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 100] /Contents 4 0 R >>",
    );
    let head = format!(
        "<< /Length {} /Filter [/FlateDecode /FlateDecode] >>\nstream\n",
        content.len()
    );
    object(
        &mut pdf,
        &[head.as_bytes(), &content, b"\nendstream"].concat(),
    );
    let start = pdf.len();
    let mut tail = format!("xref\n0 {}\n0000000000 65535 f \n", offsets.len() + 1);
    for offset in &offsets {
        tail += &format!("{offset:010} 00000 n \n");
    }
    tail += &format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n",
        offsets.len() + 1
    );
    pdf.extend_from_slice(tail.as_bytes());

    let ended = explode("bomb.pdf", pdf).await;
    let codes = ["memory_limit", "read_timeout", "too_large", "no_text"];
    assert!(
        code(&ended).is_some_and(|code| codes.contains(&code)),
        "{ended}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_with_a_cell_at_the_far_corner_is_read_cell_by_cell() {
    let workbook = b"<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"IOCs\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>";
    let rels = b"<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>";
    let sheet = b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>near.evil-example.com</t></is></c></row><row r=\"1048576\"><c r=\"XFD1048576\" t=\"inlineStr\"><is><t>far.evil-example.com</t></is></c></row></sheetData></worksheet>";
    let bomb = archive(&[
        CONTENT_TYPES,
        ("xl/workbook.xml", workbook),
        ("xl/_rels/workbook.xml.rels", rels),
        ("xl/worksheets/sheet1.xml", sheet),
    ]);
    let ended = explode("bomb.xlsx", bomb).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    let found: Vec<_> = ended["iocs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|ioc| ioc["value"].as_str().unwrap())
        .collect();
    assert!(
        found.contains(&"near.evil-example.com") && found.contains(&"far.evil-example.com"),
        "{found:?}"
    );
}
