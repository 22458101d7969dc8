//! Containers around made-up contents: a random file is no ZIP and no PDF, and a broken one is dropped before its
//! parts are read. The first byte chooses what is made, zeros divide the rest into parts.

use std::io::{Cursor, Write};

use zip::write::{SimpleFileOptions, ZipWriter};

/// The parts of packages that their readers look at, and what must stand before them.
const PACKAGES: &[&[&str]] = &[
    &[
        "word/document.xml",
        "word/_rels/document.xml.rels",
        "word/styles.xml",
        "word/comments.xml",
        "word/footnotes.xml",
        "word/settings.xml",
    ],
    &[
        "xl/worksheets/sheet1.xml",
        "xl/sharedStrings.xml",
        "xl/styles.xml",
        "xl/workbook.xml",
        "xl/_rels/workbook.xml.rels",
        "xl/comments1.xml",
    ],
    &[
        "ppt/slides/slide1.xml",
        "ppt/slides/_rels/slide1.xml.rels",
        "ppt/presentation.xml",
        "ppt/_rels/presentation.xml.rels",
        "ppt/notesSlides/notesSlide1.xml",
    ],
    &[
        "content.xml",
        "styles.xml",
        "meta.xml",
        "META-INF/manifest.xml",
    ],
    &[
        "OEBPS/a.xhtml",
        "OEBPS/content.opf",
        "META-INF/container.xml",
        "META-INF/encryption.xml",
    ],
];
/// What the first part of a package is called, and what it holds, one for each of [`PACKAGES`] and kind.
const FIRST: &[(usize, &str, &str)] = &[
    (0, "[Content_Types].xml", "<Types/>"),
    (1, "[Content_Types].xml", "<Types/>"),
    (2, "[Content_Types].xml", "<Types/>"),
    (3, "mimetype", "application/vnd.oasis.opendocument.text"),
    (
        3,
        "mimetype",
        "application/vnd.oasis.opendocument.spreadsheet",
    ),
    (
        3,
        "mimetype",
        "application/vnd.oasis.opendocument.presentation",
    ),
    (4, "mimetype", "application/epub+zip"),
];

/// A package of XML parts.
pub fn package(input: &[u8]) -> Option<Vec<u8>> {
    let (selector, contents) = input.split_first()?;
    let (kind, name, content) = FIRST[usize::from(*selector) % FIRST.len()];
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file(name, stored).ok()?;
    writer.write_all(content.as_bytes()).ok()?;
    for (name, content) in PACKAGES[kind].iter().zip(parts(contents)) {
        writer.start_file(*name, stored).ok()?;
        writer.write_all(content).ok()?;
    }
    Some(writer.finish().ok()?.into_inner())
}

/// The streams of compound files that our own readers look at.
const COMPOUNDS: &[&[&str]] = &[
    &[
        "WordDocument",
        "1Table",
        "0Table",
        "\u{5}SummaryInformation",
    ],
    &[
        "PowerPoint Document",
        "Current User",
        "\u{5}SummaryInformation",
    ],
    &[
        "__properties_version1.0",
        "__substg1.0_1000001F",
        "__substg1.0_10090102",
        "__substg1.0_10130102",
        "__substg1.0_007D001F",
        "__substg1.0_0037001F",
    ],
];

/// A compound file. Its streams hold zeros: a length goes before each.
pub fn compound(input: &[u8]) -> Option<Vec<u8>> {
    let (selector, mut contents) = input.split_first()?;
    let names = COMPOUNDS[usize::from(*selector) % COMPOUNDS.len()];
    let mut file = cfb::CompoundFile::create(Cursor::new(Vec::new())).ok()?;
    for name in names {
        let (length, rest) = contents.split_first_chunk::<2>().unwrap_or((&[0, 0], &[]));
        let (content, rest) = rest.split_at(rest.len().min(u16::from_le_bytes(*length).into()));
        file.create_stream(name).ok()?.write_all(content).ok()?;
        contents = rest;
    }
    file.flush().ok()?;
    Some(file.into_inner().into_inner())
}

/// A PDF of one page: its content, the entries of an annotation, of a form field, of a file specification and of the
/// information, and a table of characters.
pub fn pdf(input: &[u8]) -> Vec<u8> {
    let mut given = parts(input);
    let mut next = || given.next().unwrap_or_default();
    let content = next();
    let [annotation, field, file, info] = std::array::from_fn(|_| {
        // What closes a dictionary would only end the document.
        String::from_utf8_lossy(next()).replace(">>", "")
    });
    let characters = next();
    let objects = [
        b"<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[6 0 R]>>/Names<</EmbeddedFiles<</Names[(a)7 0 R]>>>>>>".to_vec(),
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Contents 4 0 R/Annots[5 0 R 6 0 R]/Resources<</Font<</F 8 0 R>>/XObject<</X 4 0 R>>>>>>".to_vec(),
        stream("/Type/XObject/Subtype/Form/BBox[0 0 600 800]/Resources<</Font<</F 8 0 R>>/XObject<</X 4 0 R>>>>", content),
        format!("<</Type/Annot {annotation}>>").into_bytes(),
        format!("<</Type/Annot/Subtype/Widget {field}>>").into_bytes(),
        format!("<</Type/Filespec/F(a.txt)/EF<</F 9 0 R>> {file}>>").into_bytes(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/ToUnicode 9 0 R>>".to_vec(),
        stream("", characters),
        format!("<<{info}>>").into_bytes(),
    ];
    let mut bytes = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table += &format!("{:010} 00000 n \n", bytes.len());
        bytes.extend(format!("{number} 0 obj\n").into_bytes());
        bytes.extend(object);
        bytes.extend(b"\nendobj\n");
    }
    let start = bytes.len();
    let size = objects.len() + 1;
    bytes.extend(
        format!(
            "{table}trailer\n<</Size {size}/Root 1 0 R/Info 10 0 R>>\nstartxref\n{start}\n%%EOF\n"
        )
        .into_bytes(),
    );
    bytes
}

fn stream(entries: &str, content: &[u8]) -> Vec<u8> {
    let mut object = format!("<<{entries}/Length {}>>\nstream\n", content.len()).into_bytes();
    object.extend(content);
    object.extend(b"\nendstream");
    object
}

fn parts(input: &[u8]) -> impl Iterator<Item = &[u8]> {
    input.split(|byte| *byte == 0)
}
