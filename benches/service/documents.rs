//! The documents that are handed in, each another one.

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use zip::write::{SimpleFileOptions, ZipWriter};

use super::report::{Random, report};

/// A document and what it is called.
pub(super) struct Document {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
}

/// A page of 10 kB.
pub(super) fn html(number: usize) -> Document {
    let mut page =
        format!("<!DOCTYPE html><title>Report {number}</title><nav>Home</nav><article>\n");
    for paragraph in report(number, 9_500).split("\n\n") {
        page += &format!("<p>{paragraph}</p>\n");
    }
    page += "</article><footer>End</footer>\n";
    Document {
        name: format!("report-{number}.html"),
        bytes: page.into_bytes(),
    }
}

/// A report of 1 MB: 60 pages of text and a picture.
pub(super) fn pdf(number: usize) -> Document {
    const PAGES: usize = 60;
    const SIZE: usize = 1_000_000;
    let mut objects: Vec<Vec<u8>> = Vec::new();
    let pages: Vec<String> = (0..PAGES)
        .map(|page| format!("{} 0 R", 4 + 2 * page))
        .collect();
    objects.push(b"<< /Type /Catalog /Pages 2 0 R >>".to_vec());
    objects.push(
        format!(
            "<< /Type /Pages /Count {PAGES} /Kids [{}] >>",
            pages.join(" ")
        )
        .into_bytes(),
    );
    objects.push(b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_vec());
    for page in 0..PAGES {
        objects.push(
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {} 0 R /Resources << /Font << /F 3 0 R >> >> >>",
                5 + 2 * page
            )
            .into_bytes(),
        );
        let mut text = String::from("BT /F 9 Tf 11 TL 50 800 Td\n");
        for line in report(number * PAGES + page, 3_500).lines() {
            let line = line
                .replace('\\', "\\\\")
                .replace('(', "\\(")
                .replace(')', "\\)");
            text += &format!("({line}) Tj T*\n");
        }
        text += "ET";
        objects.push(stream("/Filter /FlateDecode", &packed(text.as_bytes())));
    }
    let written: usize = objects.iter().map(Vec::len).sum();
    let mut random = Random::new(number);
    let picture: Vec<u8> = (written..SIZE).map(|_| random.below(256) as u8).collect();
    objects.push(stream("/Type /XObject /Subtype /Image", &picture));

    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table += &format!("{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{} 0 obj\n", index + 1).into_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let end = format!(
        "{table}trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{}\n%%EOF\n",
        objects.len() + 1,
        bytes.len()
    );
    bytes.extend(end.into_bytes());
    Document {
        name: format!("report-{number}.pdf"),
        bytes,
    }
}

fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let mut object = format!("<< {entries} /Length {} >>\nstream\n", content.len()).into_bytes();
    object.extend(content);
    object.extend(b"\nendstream");
    object
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing to memory cannot fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

/// A list of 5 MB: 108,000 rows of which each sixteenth has a hash of its own, the others what is no hash.
pub(super) fn xlsx(number: usize) -> Document {
    const ROWS: usize = 108_000;
    let mut random = Random::new(number);
    let mut sheet = String::from(
        "<?xml version=\"1.0\"?><worksheet xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"><sheetData>\
         <row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>Value</t></is></c><c r=\"B1\" t=\"inlineStr\"><is><t>Note</t></is></c></row>",
    );
    for row in 2..ROWS + 2 {
        let words = if row % 16 == 0 { 8 } else { 6 };
        let value: String = (0..words)
            .map(|_| format!("{:08x}", random.below(1 << 32)))
            .collect();
        let batch = random.below(1 << 32);
        sheet += &format!(
            "<row r=\"{row}\"><c r=\"A{row}\" t=\"inlineStr\"><is><t>{value}</t></is></c><c r=\"B{row}\" t=\"inlineStr\"><is><t>batch {batch}</t></is></c></row>"
        );
    }
    sheet += "</sheetData></worksheet>";
    let parts = [
        (
            "[Content_Types].xml",
            "<Types xmlns=\"http://schemas.openxmlformats.org/package/2006/content-types\"/>",
        ),
        (
            "xl/workbook.xml",
            "<workbook xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\"><sheets><sheet name=\"List\" sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            "<Relationships><Relationship Id=\"rId1\" Type=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet\" Target=\"worksheets/sheet1.xml\"/></Relationships>",
        ),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
    ];
    Document {
        name: format!("list-{number}.xlsx"),
        bytes: zipped(&parts).unwrap_or_default(),
    }
}

fn zipped(parts: &[(&str, &str)]) -> zip::result::ZipResult<Vec<u8>> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        writer.start_file(*name, SimpleFileOptions::default())?;
        writer.write_all(text.as_bytes())?;
    }
    Ok(writer.finish()?.into_inner())
}
