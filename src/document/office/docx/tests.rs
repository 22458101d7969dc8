use crate::document::office::tests::zip;
use crate::document::{BlockKind, Document, Limits, Place, read};

const HEAD: &str = "<w:document xmlns:w='w' xmlns:r='r' xmlns:mc='mc'><w:body>";

fn docx(body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let document = format!("{HEAD}{body}</w:body></w:document>");
    let mut parts = vec![
        ("[Content_Types].xml", "<Types/>"),
        ("word/document.xml", document.as_str()),
    ];
    parts.extend(more);
    zip(&parts)
}

fn document(body: &str, more: &[(&str, &str)]) -> Document {
    read(&docx(body, more), None, &Limits::default()).unwrap().1
}

fn p(text: &str) -> String {
    format!("<w:p><w:r><w:t>{text}</w:t></w:r></w:p>")
}

#[test]
fn runs_are_joined_without_separators() {
    let doc = document(
        "<w:p><w:r><w:t>evil</w:t></w:r><w:r><w:rPr><w:b/></w:rPr><w:t>[.]</w:t></w:r><w:r><w:t>example</w:t><w:noBreakHyphen/><w:t>x</w:t><w:br/><w:t>next &amp; last</w:t></w:r></w:p>",
        &[],
    );
    assert_eq!(doc.text, "evil[.]example-x\nnext & last");
    assert_eq!(doc.places, [Place::Whole]);
}

#[test]
fn hidden_inserted_and_deleted_text_is_text() {
    let doc = document(
        "<w:p><w:ins><w:r><w:t>in</w:t></w:r></w:ins><w:del><w:r><w:delText>out</w:delText></w:r></w:del><w:r><w:rPr><w:vanish/></w:rPr><w:t> hidden</w:t></w:r></w:p>",
        &[],
    );
    assert_eq!(doc.text, "in hidden\nout");
}

#[test]
fn a_fallback_does_not_say_things_twice() {
    let boxed = format!("<w:txbxContent>{}</w:txbxContent>", p("boxed"));
    let body = format!(
        "<w:p><w:r><w:t>around</w:t><mc:AlternateContent><mc:Choice>{boxed}</mc:Choice><mc:Fallback>{boxed}</mc:Fallback></mc:AlternateContent></w:r></w:p>"
    );
    assert_eq!(document(&body, &[]).text, "boxed\naround");
}

#[test]
fn targets_of_links_follow_their_paragraph() {
    let rels = "<Relationships><Relationship Id='r1' Type='x/hyperlink' Target='http://rel.example/?a=1&amp;b=2' TargetMode='External'/></Relationships>";
    let body = "<w:p><w:hyperlink r:id='r1'><w:r><w:t>here</w:t></w:r></w:hyperlink></w:p><w:p><w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> HYPERLINK \"http://field.</w:instrText></w:r><w:r><w:instrText>example/\" </w:instrText></w:r><w:r><w:fldChar w:fldCharType='separate'/><w:t>there</w:t><w:fldChar w:fldCharType='end'/></w:r></w:p>";
    let doc = document(body, &[("word/_rels/document.xml.rels", rels)]);
    assert_eq!(
        doc.text,
        "here\nhttp://rel.example/?a=1&b=2\nthere\nhttp://field.example/"
    );
}

#[test]
fn a_template_from_outside_is_told() {
    let rels = "<Relationships><Relationship Id='r1' Type='x/attachedTemplate' Target='http://t.example/x.dotm' TargetMode='External'/><Relationship Id='r2' Type='x/oleObject' Target='\\\\192.0.2.1\\s' TargetMode='External'/></Relationships>";
    let doc = document(&p("text"), &[("word/_rels/settings.xml.rels", rels)]);
    assert_eq!(
        doc.text,
        "text\noleObject: \\\\192.0.2.1\\s\nhttp://t.example/x.dotm"
    );
}

#[test]
fn tables_are_rows_with_their_header() {
    let row = |a: &str, b: &str| {
        format!(
            "<w:tr><w:tc>{}</w:tc><w:tc>{}{}</w:tc></w:tr>",
            p(a),
            p(b),
            p("more")
        )
    };
    let doc = document(
        &format!(
            "<w:tbl>{}{}</w:tbl>",
            row("Type", "Value"),
            row("c2", "192.0.2.1")
        ),
        &[],
    );
    assert_eq!(doc.text, "Type\tValue\nmore\nc2\t192.0.2.1\nmore");
    assert_eq!(doc.blocks[1].kind, BlockKind::Row { header: Some(0) });
}

#[test]
fn headings_are_known_by_the_name_of_their_style() {
    let styles = "<w:styles xmlns:w='w'><w:style w:styleId='berschrift1'><w:name w:val='heading 1'/></w:style></w:styles>";
    let core = "<c:p xmlns:c='c' xmlns:dc='dc'><dc:title>The &lt;report&gt;</dc:title><dc:language>fr_fr</dc:language></c:p>";
    let body = "<w:p><w:pPr><w:pStyle w:val='berschrift1'/></w:pPr><w:r><w:t>Head</w:t></w:r></w:p><w:p><w:pPr><w:numPr/></w:pPr><w:r><w:t>item</w:t></w:r></w:p>";
    let doc = document(
        body,
        &[("word/styles.xml", styles), ("docProps/core.xml", core)],
    );
    assert_eq!(doc.blocks[0].kind, BlockKind::Heading);
    assert_eq!(doc.blocks[1].kind, BlockKind::ListItem);
    assert_eq!(doc.title.as_deref(), Some("The <report>"));
    assert_eq!(doc.language.as_deref(), Some("fr-FR"));
}

#[test]
fn a_bomb_is_cut_and_what_came_before_is_kept() {
    let bomb = format!("{}<w:p><w:r><w:t>{}", p("192.0.2.1"), "A".repeat(4 << 20));
    let limits = Limits {
        part: 2 << 20,
        ..Limits::default()
    };
    let (_, doc) = read(&docx(&bomb, &[]), None, &limits).unwrap();
    assert!(doc.text.starts_with("192.0.2.1"));
    assert!(doc.text.len() <= 2 << 20);
    assert_eq!(doc.warnings[0].code, "truncated");
    // However much is allowed, nothing packs 200 to 1 by honest means.
    let (_, doc) = read(&docx(&bomb, &[]), None, &Limits::default()).unwrap();
    assert!(doc.text.len() <= 2 << 20, "{}", doc.text.len());
}

#[test]
fn deep_nesting_loses_nothing() {
    for (open, close) in [
        ("<w:tbl><w:tr><w:tc>", "</w:tc></w:tr></w:tbl>"),
        ("<w:zz>", "</w:zz>"),
        ("<w:p>", "</w:p>"),
    ] {
        let body = format!(
            "{}{}{}",
            open.repeat(100_000),
            p("192.0.2.1"),
            close.repeat(100_000)
        );
        assert_eq!(document(&body, &[]).text, "192.0.2.1");
    }
}

#[test]
fn encrypted_and_broken_files_say_so() {
    use crate::submission::FailureCode::{Encrypted, Malformed};
    let mut compound = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    compound.resize(512, 0);
    compound.extend(
        "EncryptedPackage\0"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    assert_eq!(
        read(&compound, None, &Limits::default()).unwrap_err().code,
        Encrypted
    );
    let whole = docx(&p("x"), &[]);
    assert_eq!(
        read(&whole[..whole.len() / 2], None, &Limits::default())
            .unwrap_err()
            .code,
        Malformed
    );
}

#[test]
fn pictures_that_a_header_loads_are_told() {
    let rels = "<Relationships><Relationship Id='r1' Type='x/image' Target='http://beacon.example/i.png' TargetMode='External'/></Relationships>";
    let header = format!("<w:hdr>{}</w:hdr>", p("top"));
    let doc = document(
        &p("text"),
        &[
            ("word/header1.xml", &header),
            ("word/_rels/header1.xml.rels", rels),
        ],
    );
    assert_eq!(doc.text, "text\ntop\nhttp://beacon.example/i.png");
}

#[test]
fn what_a_document_takes_in_is_read() {
    let rels = "<Relationships><Relationship Id='r1' Type='x/aFChunk' Target='/word/in.rtf'/><Relationship Id='r2' Type='x/aFChunk' Target='in.rtf'/></Relationships>";
    let doc = document(
        "<w:p/><w:altChunk r:id='r1'/>",
        &[
            ("word/_rels/document.xml.rels", rels),
            ("word/in.rtf", "{\\rtf1 evil{\\b [.]}example}"),
        ],
    );
    assert_eq!(doc.text, "Embedded: in.rtf\nevil[.]example");
}
