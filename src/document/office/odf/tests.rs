use crate::document::office::tests::zip;
use crate::document::{BlockKind, Document, Limits, Place, read};
use crate::submission::FailureCode;

const TEXT: &str = "application/vnd.oasis.opendocument.text";
const SHEETS: &str = "application/vnd.oasis.opendocument.spreadsheet";
const SLIDES: &str = "application/vnd.oasis.opendocument.presentation";

/// A document of the kind `media` whose body holds `body`.
fn odf(media: &str, body: &str, more: &[(&str, &str)]) -> Vec<u8> {
    let kind = media.rsplit('.').next().unwrap();
    let content = format!("<office:document-content><office:body><office:{kind}>{body}");
    let mut parts = vec![("mimetype", media), ("content.xml", content.as_str())];
    parts.extend(more);
    zip(&parts)
}

fn text(body: &str) -> Document {
    read(&odf(TEXT, body, &[]), None, &Limits::default())
        .unwrap()
        .1
}

fn sheets(body: &str) -> Document {
    read(&odf(SHEETS, body, &[]), None, &Limits::default())
        .unwrap()
        .1
}

#[test]
fn spans_are_joined_and_white_space_is_one_space() {
    let doc = text(
        "<text:h>Head</text:h><text:p>evil<text:span>[.]</text:span>example\n   and<text:s text:c='2'/>on<text:line-break/>next &amp; foo\u{2011}bar\u{ad}x</text:p>",
    );
    assert_eq!(doc.text, "Head\nevil[.]example and  on\nnext & foo-barx");
    assert_eq!(doc.blocks[0].kind, BlockKind::Heading);
}

#[test]
fn notes_and_comments_stand_apart_from_the_sentence() {
    let doc = text(
        "<text:p>at evil<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>a note</text:p></text:note-body></text:note>[.]example<office:annotation><dc:creator>who</dc:creator><text:p>a comment</text:p></office:annotation> now</text:p>",
    );
    assert_eq!(doc.text, "a note\na comment\nat evil[.]example now");
}

#[test]
fn deleted_text_follows_the_paragraph_it_was_taken_from() {
    let change = |id: &str, text: &str| {
        format!(
            "<text:changed-region xml:id='{id}'><text:deletion><office:change-info><dc:creator>a</dc:creator></office:change-info><text:p>{text}</text:p></text:deletion></text:changed-region>"
        )
    };
    let doc = text(&format!(
        "<text:tracked-changes>{}{}</text:tracked-changes><text:p>new<text:change text:change-id='c1'/>[.]example</text:p><text:p>end</text:p>",
        change("c1", "old[.]example"),
        change("c2", "lost[.]example")
    ));
    assert_eq!(
        doc.text,
        "new[.]example\nold[.]example\nend\nlost[.]example"
    );
}

#[test]
fn text_hidden_by_a_condition_is_text() {
    let doc = text(
        "<text:p>seen<text:hidden-text text:condition='ooow:1' text:string-value='not seen'/></text:p>",
    );
    assert_eq!(doc.text, "seen\nnot seen");
}

#[test]
fn tables_in_texts_are_rows_and_boxes_in_cells_are_not_cells() {
    let doc = text(
        "<table:table><table:table-header-rows><table:table-row><table:table-cell><text:p>one.example</text:p></table:table-cell><table:table-cell><text:p>two</text:p></table:table-cell></table:table-row></table:table-header-rows>\
         <table:table-row><table:table-cell><text:p>a<draw:frame><draw:text-box><text:p>boxed</text:p></draw:text-box></draw:frame></text:p><text:p>b</text:p></table:table-cell><table:table-cell><text:list><text:list-item><text:p>c</text:p></text:list-item></text:list></table:table-cell></table:table-row></table:table>",
    );
    assert_eq!(doc.text, "one.example\ttwo\nboxed\na\nb\tc");
    assert_eq!(doc.blocks[2].kind, BlockKind::Row { header: Some(0) });
}

#[test]
fn what_is_loaded_from_outside_is_told() {
    let doc = read(
        &odf(
            TEXT,
            "<text:p><text:a xlink:href='http://link.example/'>here</text:a><draw:frame><draw:image xlink:href='Pictures/1.png'/><draw:object xlink:href='file://192.0.2.66/share/x.jpg'/></draw:frame></text:p>\
             <text:section><text:section-source xlink:href='http://section.example/s'/></text:section><text:dde-connection-decl office:dde-application='cmd' office:dde-topic='/c calc' office:dde-item='x'/>",
            &[
                ("meta.xml", "<m><meta:template xlink:href='http://template.example/t.ott'/><dc:title>The title</dc:title><dc:language>de-DE</dc:language></m>"),
                ("Basic/Standard/Module1.xml", "<script:module script:name='M'>Sub Main\n Shell &quot;x&quot;\nEnd Sub</script:module>"),
            ],
        ),
        None,
        &Limits::default(),
    )
    .unwrap()
    .1;
    assert_eq!(
        doc.text,
        "object: file://192.0.2.66/share/x.jpg\nhere\nhttp://link.example/\nhttp://section.example/s\ncmd /c calc x\nSub Main\n Shell \"x\"\nEnd Sub\nhttp://template.example/t.ott"
    );
    assert_eq!(doc.title.as_deref(), Some("The title"));
    assert_eq!(doc.language.as_deref(), Some("de-DE"));
}

#[test]
fn cells_are_read_as_they_are_shown() {
    let doc = sheets(
        "<table:table table:name='A'><table:table-row><table:table-cell><text:p>Type</text:p></table:table-cell><table:table-cell><text:p>Value</text:p></table:table-cell></table:table-row>\
         <table:table-row><table:table-cell office:value='0.5'><office:annotation><text:p>noted</text:p></office:annotation><text:p>50%</text:p></table:table-cell><table:table-cell office:value='7'/></table:table-row></table:table>\
         <table:table table:name='B' table:display='false'><table:table-row table:visibility='collapse'><table:table-cell><text:p>hidden</text:p><text:p>line</text:p></table:table-cell></table:table-row></table:table>",
    );
    assert_eq!(doc.text, "Type\tValue\n50%\t7\nnoted\nhidden\nline");
    assert_eq!(doc.blocks[1].kind, BlockKind::Row { header: Some(0) });
    assert_eq!(doc.places[0], Place::Sheet("A".to_owned()));
    assert_eq!(doc.places[1], Place::Sheet("B".to_owned()));
}

#[test]
fn a_million_repeated_rows_cost_nothing() {
    let row = |rows: &str, cell: &str| {
        format!("<table:table-row table:number-rows-repeated='{rows}'>{cell}</table:table-row>")
    };
    let filled = "<table:table-cell table:number-columns-repeated='30'><text:p>x</text:p></table:table-cell>";
    let empty = "<table:table-cell table:number-columns-repeated='16384'/>";
    let body = [
        row("1048576", filled),
        row("18446744073709551615", empty),
        row(
            "1",
            "<table:table-cell table:number-columns-repeated='18446744073709551615'/><table:table-cell><text:p>192.0.2.1</text:p></table:table-cell>",
        ),
        row(
            "99999999999999999999999",
            "<table:table-cell><text:p>192.0.2.2</text:p></table:table-cell>",
        ),
    ];
    let doc = sheets(&format!("<table:table>{}</table:table>", body.concat()));
    assert!(doc.text.len() < 4_200, "{}", doc.text.len());
    assert!(doc.text.contains("\t192.0.2.1\n192.0.2.2"));
}

#[test]
fn slides_hold_their_notes_and_no_furniture() {
    let body = "<presentation:footer-decl>footer.example</presentation:footer-decl><draw:page><draw:frame presentation:class='title'><draw:text-box><text:p>Title</text:p></draw:text-box></draw:frame>\
        <draw:frame presentation:class='page-number'><draw:text-box><text:p>7</text:p></draw:text-box></draw:frame><draw:g><draw:custom-shape><text:p>shape</text:p></draw:custom-shape></draw:g>\
        <draw:frame><draw:object xlink:href='./Object 1'/></draw:frame><presentation:notes><draw:frame><draw:text-box><text:p>note</text:p></draw:text-box></draw:frame></presentation:notes></draw:page><draw:page><draw:frame><draw:text-box><text:list><text:list-item><text:p>item</text:p></text:list-item></text:list></draw:text-box></draw:frame></draw:page>";
    let chart = "<chart:title><text:p>chart.example</text:p></chart:title>";
    let bytes = odf(SLIDES, body, &[("Object 1/content.xml", chart)]);
    let (format, doc) = read(&bytes, None, &Limits::default()).unwrap();
    assert_eq!(format.name(), "odp");
    assert_eq!(
        doc.text,
        "footer.example\nTitle\nshape\nnote\nitem\nchart.example"
    );
    assert_eq!(doc.blocks[1].kind, BlockKind::Heading);
    assert_eq!(doc.places[doc.blocks[3].place], Place::Slide(1));
    assert_eq!(doc.places[doc.blocks[4].place], Place::Slide(2));
    assert_eq!(doc.places[doc.blocks[5].place], Place::Slide(1));
    let few = Limits {
        pages: 1,
        ..Limits::default()
    };
    let doc = read(&bytes, None, &few).unwrap().1;
    assert!(!doc.text.contains("item"));
    assert_eq!(doc.warnings[0].code, "truncated");
}

#[test]
fn embedded_parts_are_read() {
    let body = "<text:p>text</text:p><draw:frame><draw:object-ole xlink:href='./Object 1'/><draw:object-ole xlink:href='./none'/></draw:frame>";
    let bytes = odf(TEXT, body, &[("Object 1", "{\\rtf1 inside.example}")]);
    let doc = read(&bytes, None, &Limits::default()).unwrap().1;
    assert_eq!(doc.text, "text\nEmbedded: Object 1\ninside.example");
}

#[test]
fn headers_are_read_and_the_number_of_the_page_is_not() {
    let styles = "<office:master-styles><style:master-page><style:header><text:p>header.example</text:p></style:header><style:footer><text:p>Page <text:page-number>1</text:page-number></text:p></style:footer></style:master-page></office:master-styles>";
    let bytes = odf(TEXT, "<text:p>text</text:p>", &[("styles.xml", styles)]);
    let doc = read(&bytes, None, &Limits::default()).unwrap().1;
    assert_eq!(doc.text, "text\nheader.example");
}

#[test]
fn an_encrypted_document_says_so() {
    let manifest = "<manifest:manifest><manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data/></manifest:file-entry></manifest:manifest>";
    let bytes = odf(TEXT, "", &[("META-INF/manifest.xml", manifest)]);
    let failure = read(&bytes, None, &Limits::default()).unwrap_err();
    assert_eq!(failure.code, FailureCode::Encrypted);
}

#[test]
fn deep_nesting_loses_nothing() {
    for open in [
        "<text:p>",
        "<table:table><table:table-row><table:table-cell>",
        "<draw:frame><draw:text-box>",
        "<office:annotation>",
        "<text:list><text:list-item>",
        "<zz>",
        "<text:deletion>",
    ] {
        for body in [
            format!("{}<text:p>192.0.2.1</text:p>", open.repeat(15_000)),
            format!("{}<text:p>192.0.2.1", open.repeat(3)),
        ] {
            for media in [TEXT, SHEETS, SLIDES] {
                let result = read(&odf(media, &body, &[]), None, &Limits::default());
                let found = result.map(|(_, doc)| doc.text);
                assert_eq!(found.as_deref(), Ok("192.0.2.1"), "{open} {media}");
            }
        }
    }
}
