use std::time::{Duration, Instant};

use crate::document::{BlockKind, Document, Limits, read};

fn rtf(body: &str) -> Document {
    bytes(format!("{{\\rtf1\\ansi\\ansicpg1252\\deff0{body}}}").as_bytes())
}

fn bytes(bytes: &[u8]) -> Document {
    read(bytes, None, &Limits::default()).unwrap().1
}

#[test]
fn groups_and_formatting_do_not_split_words() {
    let doc = rtf(
        "{\\b evil}[.]\\i exam\\i0\r\nple\\_x\\-y\\par{\\v hidden}\\line next\\~one\\\\two\\{\\}",
    );
    assert_eq!(doc.text, "evil[.]example-xy\nhidden\nnext one\\two{}");
}

#[test]
fn characters_are_decoded_by_font_code_page_and_unicode() {
    let fonts = "{\\fonttbl{\\f0\\fnil\\fcharset0 A;}{\\f1\\fnil\\fcharset204 B;}{\\f2\\fnil\\fcharset128 C;}{\\f3\\cpg1253 D;}}";
    let doc = rtf(&format!(
        "{fonts}caf\\'e9 {{\\f1\\'ec\\'e8\\'f0}} {{\\f2\\'82\\'a0\\'83A}} {{\\f3\\'e1}} \\u8211? \\u-10179?\\u-8704? \\uc2\\u233\\'61b{{\\uc0\\u233 x}}"
    ));
    assert_eq!(doc.text, "café мир あア α – 😀 ééx");
    let doc = bytes(b"{\\rtf1\\ansi\\ansicpg1251 \\'ec\\'e8\\'f0}");
    assert_eq!(doc.text, "мир");
}

#[test]
fn a_stand_in_that_is_missing_costs_no_word() {
    assert_eq!(rtf("a\\u8211\\par b\\u8211}c").text, "a–\nb–c");
}

#[test]
fn what_is_no_text_is_left_out() {
    let doc = rtf(
        "{\\colortbl;\\red0;}{\\*\\unknown no{\\b no}}{\\info{\\title The \\'e9 title}{\\author no}}{\\pict\\pngblip 89504e47}{\\shp{\\*\\shpinst{\\sp{\\sn pib}{\\sv no}}{\\shptxt boxed\\par}}{\\shprslt no{\\shptxt no}}}text\\bin5 {}\\}}{\\upr{no}{\\*\\ud{\\u233?}}}",
    );
    assert_eq!(doc.text, "boxed\ntexté");
    assert_eq!(doc.title.as_deref(), Some("The é title"));
}

#[test]
fn targets_of_fields_templates_and_pictures_are_kept() {
    let doc = rtf(
        "{\\*\\template http://template.example/t.dotm}{\\field{\\*\\fldinst{\\b HYPERLINK \"http://link.}example/?a\" }{\\fldrslt here}} and\\par{\\shp{\\*\\shpinst{\\sp{\\sn pibName}{\\sv http://beacon.example/p.png}}}}{\\field{\\*\\fldinst DDEAUTO c:\\\\\\\\cmd.exe \"/k calc\"}{\\fldrslt x}}",
    );
    assert_eq!(
        doc.text,
        "http://template.example/t.dotm\nhere and\nhttp://link.example/?a\nhttp://beacon.example/p.png\nDDEAUTO c:\\\\cmd.exe \"/k calc\"\nx"
    );
}

#[test]
fn notes_and_headers_stand_apart_from_the_sentence() {
    let doc = rtf(
        "{\\header top\\par}evil{\\footnote a note}{\\*\\annotation a comment}[.]example{\\deleted old}\\par end",
    );
    assert_eq!(doc.text, "top\na note\na comment\nevil[.]example\nold\nend");
}

#[test]
fn headings_and_items_are_known() {
    let doc = rtf(
        "{\\stylesheet{\\s0 Normal;}{\\s3\\b heading 1;}}\\pard\\s3 Head\\par\\pard{\\listtext 1.\\tab}one\\par\\pard\\ls1 two\\par\\pard text",
    );
    let kinds: Vec<_> = doc.blocks.iter().map(|block| block.kind).collect();
    use BlockKind::{Heading, ListItem, Paragraph};
    assert_eq!(doc.text, "Head\none\ntwo\ntext");
    assert_eq!(kinds, [Heading, ListItem, ListItem, Paragraph]);
}

#[test]
fn cells_are_rows_with_their_header() {
    let row = |a: &str, b: &str| {
        format!("\\trowd\\cellx1\\cellx2\\pard\\intbl {a}\\cell\\pard\\intbl {b}\\cell\\row")
    };
    let doc = rtf(&format!(
        "before\\par{}{}\\pard after",
        row("Type", "Value"),
        row("c2", "192.0.2.1\\par 192.0.2.2")
    ));
    assert_eq!(
        doc.text,
        "before\nType\tValue\nc2\t192.0.2.1\n192.0.2.2\nafter"
    );
    assert_eq!(doc.blocks[2].kind, BlockKind::Row { header: Some(1) });
}

#[test]
fn tables_in_cells_are_rows_of_their_own() {
    let doc = rtf(
        "\\pard\\intbl outer\\par\\pard\\itap2\\intbl a\\nestcell b\\nestcell{\\*\\nesttableprops\\trowd\\nestrow}{\\nonesttables\\par no}\\pard\\intbl rest\\cell two\\cell\\row\\pard end",
    );
    assert_eq!(doc.text, "a\tb\nouter\nrest\ttwo\nend");
}

#[test]
fn objects_are_named_and_what_they_load_is_told() {
    let string = |text: &str| {
        [
            &(text.len() as u32 + 1).to_le_bytes()[..],
            text.as_bytes(),
            &[0],
        ]
        .concat()
    };
    let hex = |parts: &[Vec<u8>]| -> String {
        parts
            .concat()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    };
    let head = vec![1, 5, 0, 0, 2, 0, 0, 0];
    let empty = vec![0; 4];
    let package = hex(&[
        head.clone(),
        string("Package"),
        empty.clone(),
        empty.clone(),
        vec![9, 0, 0, 0, 2, 0],
        b"list.txt\0C:\\tmp\\list.txt\0\0\0\x03\0\x02\0\0\0t\0\x0e\0\0\0inside.example".to_vec(),
    ]);
    let moniker: Vec<u8> = "http://moniker.example/x\0"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let linked = hex(&[
        head,
        string("OLE2Link"),
        empty.clone(),
        empty,
        vec![0; 4],
        moniker,
    ]);
    let doc = rtf(&format!(
        "{{\\object\\objemb{{\\*\\objclass Word.Document.8}}{{\\*\\objdata {package}}}{{\\result shown}}}}{{\\object{{\\*\\objdata {linked}}}}}"
    ));
    assert_eq!(
        doc.text,
        "object: Word.Document.8\nobject: Package\nobject: OLE2Link\nhttp://moniker.example/x\nshown\nEmbedded: list.txt\ninside.example\nC:\\tmp\\list.txt\nt"
    );
}

#[test]
fn html_inside_rtf_is_read_as_html() {
    let doc = bytes(
        b"{\\rtf1\\ansi\\fromhtml1 {\\*\\htmltag64 <p>}\\htmlrtf {\\htmlrtf0 evil{\\*\\htmltag84 <b>}\\htmlrtf {\\b\\htmlrtf0 [.]{\\*\\htmltag92 </b>}\\htmlrtf }\\htmlrtf0 example\\htmlrtf\\par}\\htmlrtf0  {\\*\\htmltag84 <a href=\"http://link.example/\">}here{\\*\\htmltag92 </a>}}",
    );
    assert_eq!(doc.text, "evil[.]example here\nhttp://link.example/");
}

#[test]
fn hostile_groups_and_lengths_take_linear_time() {
    let started = Instant::now();
    for body in [
        "{".repeat(1_000_000),
        "}".repeat(1_000_000),
        "{\\b x}".repeat(300_000),
        "{\\footnote ".repeat(100_000),
        "{\\field{\\*\\fldinst ".repeat(50_000),
        "\\intbl\\nestcell\\cell".repeat(50_000),
        "{\\*\\objdata 01".repeat(50_000),
        "\\u55357".repeat(100_000),
        "\\'".repeat(100_000),
    ] {
        let whole = format!("{{\\rtf1 192.0.2.1 \\par {body}");
        assert!(bytes(whole.as_bytes()).text.starts_with("192.0.2.1"));
    }
    assert!(started.elapsed() < Duration::from_secs(20));
    let doc = bytes(b"{\\rtf1 192.0.2.1\\bin2147483647 rest");
    assert_eq!(doc.text, "192.0.2.1");
}

#[test]
fn text_beyond_the_deepest_group_is_read() {
    let deep = "{".repeat(20_000);
    assert_eq!(
        rtf(&format!("{deep}192.0.2.1{}", "}".repeat(20_000))).text,
        "192.0.2.1"
    );
}
