use crate::document::{BlockKind, Limits, Place, read};
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
