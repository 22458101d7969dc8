use crate::document::office::tests::zip;
use crate::document::{
    BlockKind, Document, Limits, Picture, Place, Recogniser, Recognition, read, read_with,
};
use crate::submission::FailureCode;

/// A PDF of `objects`; the first is the catalog.
fn pdf(objects: &[Vec<u8>]) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut offsets = Vec::new();
    for (i, object) in objects.iter().enumerate() {
        offsets.push(out.len());
        out.extend(format!("{} 0 obj\n", i + 1).bytes());
        out.extend(object);
        out.extend(b"\nendobj\n");
    }
    let table = out.len();
    out.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    offsets
        .iter()
        .for_each(|offset| out.extend(format!("{offset:010} 00000 n \n").bytes()));
    out.extend(
        format!(
            "trailer\n<</Size {}/Root 1 0 R>>\nstartxref\n{table}\n%%EOF\n",
            objects.len() + 1
        )
        .bytes(),
    );
    out
}

fn stream(content: &str) -> Vec<u8> {
    format!("<</Length {}>>stream\n{content}\nendstream", content.len()).into_bytes()
}

/// A PDF of one page with `content`; `more` are entries of the page.
fn page(content: &str, more: &str) -> Vec<u8> {
    pdf(&[
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>{more}>>").into_bytes(),
        stream(content),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ])
}

#[test]
fn text_links_and_pages_are_read() {
    let content = "BT /F1 20 Tf 72 740 Td (The heading) Tj /F1 10 Tf 0 -40 Td (The C2 is evil[.]exam) Tj 0 -12 Td (ple and it was seen on many hosts) Tj ET";
    let link =
        "/Annots[<</Type/Annot/Subtype/Link/Rect[0 0 1 1]/A<</S/URI/URI(http://a.example/x)>>>>]";
    let (_, doc) = read(&page(content, link), None, &Limits::default()).unwrap();
    assert_eq!(
        doc.text,
        "The heading\nThe C2 is evil[.]exam\nple and it was seen on many hosts\nhttp://a.example/x"
    );
    let kinds: Vec<_> = doc.blocks.iter().map(|block| block.kind).collect();
    assert_eq!(
        kinds,
        [BlockKind::Heading, BlockKind::Paragraph, BlockKind::Link]
    );
    assert_eq!(doc.places, [Place::Page(1)]);
}

#[test]
fn a_page_without_text_is_told() {
    let failure = read(&page("0 0 10 10 re f", ""), None, &Limits::default()).unwrap_err();
    assert_eq!(failure.code, FailureCode::NoText);
    assert!(failure.message.contains("1 page "), "{}", failure.message);
}

#[test]
fn what_only_says_it_is_a_pdf_is_damaged() {
    let failure = read(b"%PDF-1.7\nnothing more", None, &Limits::default()).unwrap_err();
    assert_eq!(failure.code, FailureCode::Malformed);
}

#[test]
fn text_without_end_is_cut() {
    let content = "BT /F1 10 Tf 72 700 Td (198.51.100.7 and words) Tj ET\n".repeat(20_000);
    let limits = Limits {
        text: 10_000,
        ..Limits::default()
    };
    let (_, doc) = read(&page(&content, ""), None, &limits).unwrap();
    assert!(doc.text.len() <= 10_000);
    assert_eq!(doc.warnings[0].code, "truncated");
}

#[test]
fn a_form_that_calls_itself_ends() {
    let form = "<</Type/XObject/Subtype/Form/BBox[0 0 612 792]/Resources<</XObject<</X 6 0 R>>>>/Length 11>>stream\n/X Do /X Do\nendstream";
    let bytes = pdf(&[
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>/XObject<</X 6 0 R>>>>>>".to_vec(),
        stream("BT /F1 10 Tf 72 700 Td (before) Tj ET"),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
        form.as_bytes().to_vec(),
    ]);
    assert_eq!(
        read(&bytes, None, &Limits::default()).unwrap().1.text,
        "before"
    );
}

/// `bytes` as a zlib stream.
fn deflate(bytes: &[u8]) -> Vec<u8> {
    use std::io::{Cursor, Write};
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    zip.start_file("x", zip::write::SimpleFileOptions::default())
        .unwrap();
    zip.write_all(bytes).unwrap();
    let archive = zip.finish().unwrap().into_inner();
    // The packed bytes stand between the local header, 30 bytes and the name, and the directory.
    let end = memchr::memmem::rfind(&archive, b"PK\x01\x02").unwrap();
    let (a, b) = bytes.iter().fold((1u32, 0u32), |(a, b), &byte| {
        let a = (a + u32::from(byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    [
        &[0x78, 0x9c],
        &archive[31..end],
        &(b << 16 | a).to_be_bytes()[..],
    ]
    .concat()
}

#[test]
fn a_packed_page_of_fifty_megabytes_of_nothing_is_read() {
    let mut content = b"BT /F1 10 Tf 72 700 Td (before) Tj ET".to_vec();
    content.resize(50 << 20, b' ');
    content.extend(b"BT /F1 10 Tf 72 600 Td (after) Tj ET");
    let packed = deflate(&content);
    let mut stream =
        format!("<</Filter/FlateDecode/Length {}>>stream\n", packed.len()).into_bytes();
    stream.extend(&packed);
    stream.extend(b"\nendstream");
    let bytes = pdf(&[
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>".to_vec(),
        stream,
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ]);
    assert!(bytes.len() < 100 << 10);
    assert_eq!(
        read(&bytes, None, &Limits::default()).unwrap().1.text,
        "before\nafter"
    );
}

#[test]
fn pages_beyond_the_limit_are_told() {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 3 0 R/Resources<</Font<</F1 4 0 R>>>>>>";
    let kids: String = (5..45).map(|number| format!("{number} 0 R ")).collect();
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Kids[{kids}]/Count 40>>").into_bytes(),
        stream("BT /F1 10 Tf 72 700 Td (again) Tj ET"),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ];
    objects.extend(std::iter::repeat_n(page.as_bytes().to_vec(), 40));
    let limits = Limits {
        pages: 10,
        ..Limits::default()
    };
    let (_, doc) = read(&pdf(&objects), None, &limits).unwrap();
    assert_eq!(doc.places.last(), Some(&Place::Page(10)));
    assert_eq!(doc.warnings[0].code, "truncated");
}

/// A PDF of one page whose catalog has `more`, with further `objects` from number 6 on.
fn document(more: &str, page: &str, objects: &[&str]) -> Vec<u8> {
    let mut all = vec![
        format!("<</Type/Catalog/Pages 2 0 R{more}>>").into_bytes(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>{page}>>").into_bytes(),
        stream("BT /F1 10 Tf 72 700 Td (the page) Tj ET"),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>".to_vec(),
    ];
    all.extend(objects.iter().map(|object| object.as_bytes().to_vec()));
    pdf(&all)
}

fn text(bytes: &[u8]) -> String {
    read(bytes, None, &Limits::default()).unwrap().1.text
}

#[test]
fn the_catalog_says_the_language() {
    for (said, language) in [
        ("/Lang(en_us)", Some("en-US")),
        ("/Lang<FEFF00640065>", Some("de")),
        ("/Lang/en", None),
        ("", None),
    ] {
        let (_, doc) = read(&document(said, "", &[]), None, &Limits::default()).unwrap();
        assert_eq!(doc.language.as_deref(), language, "{said}");
    }
}

#[test]
fn a_field_is_told_once_wherever_it_lies() {
    let bytes = document(
        "/AcroForm<</Fields[6 0 R]>>",
        "/Annots[7 0 R 8 0 R]",
        &[
            "<</FT/Tx/T(server)/TU(The server)/V(198.51.100.7)/Kids[7 0 R 8 0 R]>>",
            "<</Type/Annot/Subtype/Widget/Parent 6 0 R/Rect[0 0 9 9]>>",
            "<</Type/Annot/Subtype/Widget/Parent 6 0 R/Rect[0 0 9 9]>>",
        ],
    );
    assert_eq!(text(&bytes), "the page\nThe server\t198.51.100.7");
}

#[test]
fn fields_that_contain_themselves_end() {
    let bytes = document(
        "/AcroForm<</Fields[6 0 R]>>",
        "/Annots[6 0 R]",
        &["<</Subtype/Widget/FT/Tx/T(x)/V(value)/Parent 6 0 R/Kids[6 0 R 6 0 R]>>"],
    );
    assert_eq!(text(&bytes), "the page\nx\tvalue");
}

#[test]
fn a_choice_shows_its_words_and_its_value() {
    let field = |value: &str| {
        let field = format!(
            "<</Subtype/Widget/FT/Ch/T(actor)/Opt[[(a1)(First)][(a2)(Second)](Third)]/V{value}>>"
        );
        text(&document("", "/Annots[6 0 R]", &[&field]))
    };
    assert_eq!(field("(a2)"), "the page\nactor\tSecond (a2)");
    assert_eq!(field("(Third)"), "the page\nactor\tThird");
    assert_eq!(
        field("[(a1)(Third)]"),
        "the page\nactor:\nFirst (a1)\nThird"
    );
}

#[test]
fn a_broken_annotation_costs_no_other() {
    let notes = "/Annots[99 0 R null (x) <</Subtype/Text/Contents(a note)>> <</Subtype/Link/A<</URI(http://a.example/x)>>>>]";
    assert_eq!(
        text(&document("", notes, &[])),
        "the page\na note\nhttp://a.example/x"
    );
}

#[test]
fn what_an_annotation_says_and_draws_is_told_once() {
    let form = "<</Subtype/Form/BBox[0 0 9 9]/Resources<</Font<</F1 5 0 R>>>>/Length 59>>stream\nBT /F1 9 Tf 0 20 Td (said in) Tj 0 -12 Td (two lines) Tj ET \nendstream";
    let note =
        "/Annots[<</Subtype/FreeText/Rect[0 0 9 9]/Contents(said in two lines)/AP<</N 6 0 R>>>>]";
    assert_eq!(
        text(&document("", note, &[form])),
        "the page\nsaid in two lines"
    );
    let stamp = "/Annots[<</Subtype/Stamp/Rect[0 0 9 9]/AP<</N 6 0 R>>>>]";
    assert_eq!(
        text(&document("", stamp, &[form])),
        "the page\nsaid in\ntwo lines"
    );
}

#[test]
fn a_tree_of_attachments_that_contains_itself_ends() {
    let file = String::from_utf8(stream("attached.example")).unwrap();
    let bytes = document(
        "/Names<</EmbeddedFiles 6 0 R>>",
        "",
        &[
            "<</Kids[6 0 R 7 0 R 7 0 R]>>",
            "<</Names[(a)8 0 R(b)8 0 R]>>",
            "<</Type/Filespec/UF(a.txt)/EF<</F 9 0 R>>>>",
            &file,
        ],
    );
    assert_eq!(
        text(&bytes),
        "the page\nAttachment: a.txt\nattached.example"
    );
}

#[test]
fn a_page_that_is_no_stream_is_named() {
    let bytes = page("BT /F1 10 Tf 72 700 Td (one) Tj ET", "");
    let broken = String::from_utf8(bytes)
        .unwrap()
        .replace("/Contents 4 0 R", "/Contents 9 0 R");
    let failure = read(broken.as_bytes(), None, &Limits::default()).unwrap_err();
    assert_eq!(failure.code, FailureCode::NoText);
    assert!(failure.message.contains("damaged"), "{}", failure.message);
    let content = "/Annots[<</Subtype/Text/Contents(a note)>>]";
    let broken = String::from_utf8(page("", content))
        .unwrap()
        .replace("/Contents 4 0 R", "/Contents 9 0 R");
    let (_, doc) = read(broken.as_bytes(), None, &Limits::default()).unwrap();
    assert_eq!(doc.text, "a note");
    assert_eq!(
        doc.warnings[0].message,
        "Page 1 is damaged and was left out."
    );
}

#[test]
fn an_attachment_that_cannot_be_unpacked_is_named() {
    let bytes = document(
        "/AF[6 0 R]",
        "",
        &[
            "<</Type/Filespec/UF(a.txt)/EF<</F 7 0 R>>>>",
            "<</Filter/DCTDecode/Length 1>>stream\nx\nendstream",
        ],
    );
    let (_, doc) = read(&bytes, None, &Limits::default()).unwrap();
    assert_eq!(doc.text, "the page");
    assert_eq!(doc.warnings[0].message, "a.txt: It is damaged.");
}

#[test]
fn what_a_stretch_stands_for_is_believed_of_words_and_not_of_pages() {
    let content = |glyphs: &str| {
        let content = format!(
            "BT /F1 10 Tf 72 700 Td (a) Tj /Span<</ActualText(xyz)>>BDC ({glyphs}) Tj EMC (b) Tj ET"
        );
        text(&page(&content, ""))
    };
    assert_eq!(content("012"), "axyzb");
    let long = "0".repeat(300);
    assert_eq!(content(&long), format!("a{long}b"));
}

/// A PDF of one page of 20 by 10 points, `turned` by that many degrees, that shows an image: white, with a
/// black quarter at its top left.
fn scan(turned: u32) -> Vec<u8> {
    let image = b"<</Type/XObject/Subtype/Image/Width 2/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8/Length 4>>stream\n\0\xff\xff\xff\nendstream";
    pdf(&[
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
        format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 20 10]/Rotate {turned}/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>").into_bytes(),
        stream("q 20 0 0 10 0 0 cm /I Do Q"),
        image.to_vec(),
    ])
}

/// What is made of `bytes` where pictures are read by `eyes`.
fn recognised(
    bytes: &[u8],
    eyes: impl Fn(&Picture) -> Recognition + 'static,
) -> Result<Document, crate::submission::Failure> {
    let recogniser = Recogniser::new(eyes);
    read_with(bytes, None, &Limits::default(), Some(&recogniser)).map(|(_, document)| document)
}

#[test]
fn a_page_of_images_is_handed_over_as_it_is_seen() {
    // Which quarter is dark: left or right, upper or lower.
    for (turned, dark) in [
        (0, (false, false)),
        (90, (true, false)),
        (180, (true, true)),
        (270, (false, true)),
    ] {
        let eyes = move |picture: &Picture| {
            let (width, height) = (picture.width as usize, picture.height as usize);
            assert_eq!(picture.pixels.len(), width * height);
            assert_eq!(turned % 180 == 0, width > height);
            for right in [false, true] {
                for lower in [false, true] {
                    let x = width / 4 + if right { width / 2 } else { 0 };
                    let y = height / 4 + if lower { height / 2 } else { 0 };
                    let black = picture.pixels[y * width + x] == 0;
                    assert_eq!(black, dark == (right, lower), "{turned}: {right} {lower}");
                }
            }
            Recognition::Text("C2: evil[.Jexample[.]com\n\nnext".into())
        };
        let document = recognised(&scan(turned), eyes).unwrap();
        assert_eq!(document.text, "C2: evil[.]example[.]com\nnext");
        assert_eq!(document.recognised, [0, 1]);
        assert_eq!(document.places, [Place::Page(1)]);
        assert_eq!(document.warnings[0].code, "recognised");
    }
}

#[test]
fn a_page_of_which_an_image_was_left_out_is_told_as_read_in_part() {
    // Another image: damaged, larger than what is decoded, or as good as the first.
    for (more, left_out) in [
        ("/Width 2/Height 2/Filter/DCTDecode", true),
        ("/Width 60000/Height 60000", true),
        ("/Width 2/Height 2", false),
    ] {
        let image = |more: &str| {
            format!("<</Type/XObject/Subtype/Image{more}/ColorSpace/DeviceGray/BitsPerComponent 8/Length 4>>stream\nabcd\nendstream").into_bytes()
        };
        let bytes = pdf(&[
            b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
            b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 20 10]/Contents 4 0 R/Resources<</XObject<</I 5 0 R/J 6 0 R>>>>>>".to_vec(),
            stream("q 10 0 0 10 0 0 cm /I Do 1 0 0 1 1 0 cm /J Do Q"),
            image("/Width 2/Height 2"),
            image(more),
        ]);
        let words = |_: &Picture| Recognition::Text("words".into());
        let document = recognised(&bytes, words).unwrap();
        let [warning] = &document.warnings[..] else {
            panic!("{more}: {:?}", document.warnings)
        };
        let told = warning
            .message
            .contains("of page 1 images that are damaged");
        assert_eq!(told, left_out, "{more}: {}", warning.message);
        let photograph = |_: &Picture| Recognition::Text(String::new());
        let failure = recognised(&bytes, photograph).unwrap_err();
        let told = failure.message.contains("are damaged or too large");
        assert_eq!(told, left_out, "{more}: {failure}");
    }
}

#[test]
fn a_picture_that_cannot_be_read_is_told_with_its_reason() {
    let late = |_: &Picture| Recognition::Failed("it took longer than 3 seconds".into());
    let failure = recognised(&scan(0), late).unwrap_err();
    assert_eq!(failure.code, FailureCode::NoText);
    assert!(
        failure
            .message
            .contains("page 1: it took longer than 3 seconds."),
        "{failure}"
    );
    let photograph = |_: &Picture| Recognition::Text(" \n\u{c}".into());
    let failure = recognised(&scan(0), photograph).unwrap_err();
    assert!(failure.message.contains("found no words"), "{failure}");
}

/// A PDF of `pages` that show nothing but an image which cannot be decoded.
fn damaged_scan(pages: usize) -> Vec<u8> {
    let image = b"<</Type/XObject/Subtype/Image/Width 2/Height 2/Filter/DCTDecode/ColorSpace/DeviceGray/BitsPerComponent 8/Length 4>>stream\nabcd\nendstream";
    let kids: String = (0..pages).map(|i| format!("{} 0 R ", i + 5)).collect();
    let mut objects = vec![
        b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
        format!("<</Type/Pages/Kids[{kids}]/Count {pages}>>").into_bytes(),
        stream("q 20 0 0 10 0 0 cm /I Do Q"),
        image.to_vec(),
    ];
    let page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 20 10]/Contents 3 0 R/Resources<</XObject<</I 4 0 R>>>>>>";
    objects.extend(std::iter::repeat_n(page.to_vec(), pages));
    pdf(&objects)
}

#[test]
fn pages_that_were_not_tried_behind_damaged_ones_say_so() {
    let words = |_: &Picture| Recognition::Text("words".into());
    let told = recognised(&damaged_scan(12), words).unwrap_err().message;
    assert!(
        told.contains("pages 1–10: its images could not be decoded; pages 11–12: 10 in a row"),
        "{told}"
    );
}

#[test]
fn damaged_scans_in_an_archive_end_no_other_document() {
    let archive = zip(&[("a.pdf", damaged_scan(10)), ("b.pdf", scan(0))]);
    let words = |_: &Picture| Recognition::Text("198.51.100.1".into());
    let text = recognised(&archive, words).unwrap().text;
    assert!(text.contains("198.51.100.1"), "{text}");
}

#[test]
fn a_page_with_text_is_no_picture() {
    let content = "BT /F1 10 Tf 72 700 Td (198.51.100.7) Tj ET";
    let never = |_: &Picture| panic!("a page with text was handed over");
    let document = recognised(&page(content, ""), never).unwrap();
    assert!(document.recognised.is_empty() && document.warnings.is_empty());
}

#[test]
fn an_image_whose_mask_is_larger_than_what_is_decoded_is_not_drawn() {
    let image = |more: &str| {
        let head =
            "/Type/XObject/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8";
        format!("<<{head}{more}/Length 1>>stream\nx\nendstream").into_bytes()
    };
    for (mask, drawn) in [
        ("/Width 1/Height 1", true),
        ("/Width 60000/Height 60000", false),
    ] {
        for name in ["SMask", "Mask"] {
            let mask = format!(
                "<</Type/XObject/Subtype/Image{mask}/ColorSpace/DeviceGray/BitsPerComponent 8/Length 1>>stream\nx\nendstream"
            );
            let file = pdf(&[
                b"<</Type/Catalog/Pages 2 0 R>>".to_vec(),
                b"<</Type/Pages/Kids[3 0 R]/Count 1>>".to_vec(),
                b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 612 792]/Contents 4 0 R/Resources<</XObject<</I 5 0 R>>>>>>".to_vec(),
                stream("q 600 0 0 700 0 0 cm /I Do Q"),
                image(&format!("/{name} 6 0 R")),
                mask.into_bytes(),
            ]);
            let recogniser = Recogniser::new(|_| Recognition::Text("198.51.100.1".into()));
            let read = read_with(&file, None, &Limits::default(), Some(&recogniser));
            let told = match read {
                Ok((_, document)) => document.text,
                Err(failure) => failure.message,
            };
            let words = if drawn {
                "198.51.100.1"
            } else {
                "larger than what is decoded"
            };
            assert!(told.contains(words), "{name}: {told}");
        }
    }
}
