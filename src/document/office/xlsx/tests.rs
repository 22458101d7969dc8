use super::column;
use crate::document::office::tests::zip;
use crate::document::{BlockKind, Document, Limits, Place, read};

const RELS: &str = "<Relationships><Relationship Id='r1' Type='x/worksheet' Target='worksheets/sheet1.xml'/><Relationship Id='r2' Type='x/sharedStrings' Target='sharedStrings.xml'/></Relationships>";

fn xlsx(sheet: &str, strings: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let sheet = format!("<worksheet>{sheet}</worksheet>");
    let mut parts = vec![
        ("[Content_Types].xml", "<Types/>"),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='IOCs &amp; more' state='hidden' r:id='r1'/></sheets></workbook>",
        ),
        ("xl/_rels/workbook.xml.rels", RELS),
        ("xl/worksheets/sheet1.xml", sheet.as_str()),
        ("xl/sharedStrings.xml", strings),
    ];
    parts.extend(more);
    zip(&parts)
}

fn document(sheet: &str, strings: &str, more: &[(&str, &str)]) -> Document {
    read(&xlsx(sheet, strings, more), None, &Limits::default())
        .unwrap()
        .1
}

#[test]
fn cells_of_every_kind_are_read_in_their_columns() {
    let strings = "<sst count='4294967295' uniqueCount='4294967295'><si><t>Type</t></si><si><r><t>Va</t></r><r><t>lue</t></r><rPh><t>no</t></rPh></si></sst>";
    let sheet = "<sheetData><row><c r='A1' t='s'><v>0</v></c><c r='C1' t='s'><v>1</v></c></row>\
        <row><c r='A2' t='inlineStr'><is><t>ip</t></is></c><c r='C2' t='str'><f>A1&amp;\"x\"</f><v>192.0.2.1</v></c></row>\
        <row><c r='A3'><v>4.43E2</v></c><c r='C3' t='b'><v>1</v></c><c r='D3' t='s'><v>99999999999</v></c></row></sheetData>";
    let doc = document(sheet, strings, &[]);
    assert_eq!(doc.text, "Type\t\tValue\nip\t\t192.0.2.1\n443\t\tTRUE");
    assert_eq!(doc.blocks[2].kind, BlockKind::Row { header: Some(0) });
    assert_eq!(doc.places, [Place::Sheet("IOCs & more".into())]);
}

#[test]
fn links_comments_and_formulas_are_read() {
    let sheet = "<sheetData><row><c r='A1' t='str'><f>HYPERLINK(\"http://f.example/\",\"x\")</f><v>click</v></c></row></sheetData><hyperlinks><hyperlink ref='A1' r:id='r1'/></hyperlinks>";
    let rels = "<Relationships><Relationship Id='r1' Type='x/hyperlink' Target='http://h.example/' TargetMode='External'/><Relationship Id='r2' Type='x/comments' Target='../comments1.xml'/></Relationships>";
    let comments = "<comments><commentList><comment><text><r><t>see </t></r><r><t>evil.example</t></r></text></comment></commentList></comments>";
    let doc = document(
        sheet,
        "<sst/>",
        &[
            ("xl/worksheets/_rels/sheet1.xml.rels", rels),
            ("xl/comments1.xml", comments),
        ],
    );
    assert_eq!(
        doc.text,
        "click\nhttp://f.example/\nhttp://h.example/\nsee evil.example"
    );
}

#[test]
fn dates_are_written_as_dates() {
    let styles = "<styleSheet><numFmts><numFmt numFmtId='164' formatCode='yyyy-mm-dd hh:mm'/></numFmts><cellStyleXfs><xf numFmtId='14'/></cellStyleXfs><cellXfs><xf numFmtId='0'/><xf numFmtId='14'/><xf numFmtId='164'/></cellXfs></styleSheet>";
    let sheet = "<sheetData><row><c s='0'><v>45422</v></c><c s='1'><v>45422</v></c><c s='2'><v>45422.75</v></c></row></sheetData>";
    let doc = document(sheet, "<sst/>", &[("xl/styles.xml", styles)]);
    assert_eq!(doc.text, "45422\t2024-05-10\t2024-05-10 18:00:00");
}

#[test]
fn the_last_cell_of_the_largest_sheet_costs_nothing() {
    let sheet = "<dimension ref='A1:XFD1048576'/><sheetData><row r='1'><c r='A1'><v>1</v></c></row><row r='4294967295'><c r='XFD1048576'><v>2</v></c><c r='ZZZZZZZ99999999999'><v>3</v></c></row></sheetData>";
    let doc = document(sheet, "<sst/>", &[]);
    assert!(doc.text.len() < 100, "{}", doc.text.len());
    assert!(doc.text.starts_with("1\n") && doc.text.ends_with("2\t3"));
}

#[test]
fn one_large_string_in_many_cells_is_cut() {
    let strings = format!("<sst><si><t>{}</t></si></sst>", "A ".repeat(500_000));
    let row = format!("<row>{}</row>", "<c t='s'><v>0</v></c>".repeat(200));
    let doc = document(
        &format!("<sheetData>{}</sheetData>", row.repeat(100)),
        &strings,
        &[],
    );
    assert!(doc.text.len() <= Limits::default().text);
    assert_eq!(doc.warnings[0].code, "truncated");
}

#[test]
fn columns_are_counted_in_letters() {
    assert_eq!(column("A1"), Some(0));
    assert_eq!(column("AB12"), Some(27));
    assert_eq!(column("XFD1048576"), Some(16_383));
    assert_eq!(column("ZZZZ1"), None);
    assert_eq!(column("12"), None);
}

#[test]
fn what_stands_beside_the_cells_is_read() {
    let sheet = "<worksheet><sheetData><row><c t='inlineStr'><is><t>cell</t></is></c></row></sheetData><dataValidations><dataValidation prompt='hint.example'><formula1>1</formula1></dataValidation></dataValidations><headerFooter><oddHeader>&amp;Chead.example</oddHeader><oddFooter>&amp;CPage &amp;P</oddFooter></headerFooter></worksheet>";
    let relation = |id: &str, kind: &str, target: &str, mode: &str| {
        format!("<Relationship Id='{id}' Type='x/{kind}' Target='{target}' TargetMode='{mode}'/>")
    };
    let relations = |all: &[String]| format!("<Relationships>{}</Relationships>", all.concat());
    let bytes = zip(&[
        ("[Content_Types].xml", "<Types/>"),
        (
            "xl/workbook.xml",
            "<workbook><sheets><sheet name='S' r:id='s'/></sheets><definedNames><definedName name='x'>\"http://name.example/\"</definedName></definedNames></workbook>",
        ),
        (
            "xl/_rels/workbook.xml.rels",
            &relations(&[relation("s", "worksheet", "worksheets/sheet1.xml", "")]),
        ),
        ("xl/worksheets/sheet1.xml", sheet),
        (
            "xl/worksheets/_rels/sheet1.xml.rels",
            &relations(&[
                relation("d", "drawing", "../drawings/drawing1.xml", ""),
                relation("t", "threadedComment", "../threadedComments/t1.xml", ""),
            ]),
        ),
        (
            "xl/drawings/drawing1.xml",
            "<xdr:wsDr><xdr:sp><a:p><a:r><a:t>boxed</a:t></a:r></a:p></xdr:sp></xdr:wsDr>",
        ),
        (
            "xl/drawings/_rels/drawing1.xml.rels",
            &relations(&[
                relation("c", "chart", "../charts/chart1.xml", ""),
                relation("h", "hyperlink", "http://click.example/", "External"),
            ]),
        ),
        (
            "xl/charts/chart1.xml",
            "<c:chart><c:v>chart.example</c:v></c:chart>",
        ),
        (
            "xl/threadedComments/t1.xml",
            "<ThreadedComments><threadedComment><text>thread.example</text></threadedComment></ThreadedComments>",
        ),
        (
            "xl/externalLinks/externalLink1.xml",
            "<externalLink><ddeLink ddeService='cmd' ddeTopic='/c calc'/></externalLink>",
        ),
    ]);
    let (_, doc) = read(&bytes, None, &Limits::default()).unwrap();
    assert_eq!(
        doc.text,
        "cell\nhint.example\nhead.example\nboxed\nchart.example\nhttp://click.example/\nthread.example\ncmd /c calc\nhttp://name.example/"
    );
}
