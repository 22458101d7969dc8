use super::*;
use crate::document::{BlockKind, Document, Limits, Place};

fn document(html: &str) -> Document {
    let mut out = Builder::new(&Limits::default());
    read(html.as_bytes(), &mut out);
    out.finish().unwrap()
}

#[test]
fn inline_tags_do_not_break_words_and_block_tags_do() {
    let doc = document(
        "<p>evil<b>[.]</b>exam<wbr>ple&shy;s<span>.org</span></p>one<div>two</div>three<br>four",
    );
    assert_eq!(doc.text, "evil[.]examples.org\none\ntwo\nthree\nfour");
}

#[test]
fn white_space_is_folded_outside_of_pre() {
    let doc = document("<p> a\n  b </p><pre>\n  c\n   d</pre>");
    assert_eq!(doc.text, "a b\n  c\n   d");
    assert_eq!(doc.blocks[1].kind, BlockKind::Code);
}

#[test]
fn scripts_and_styles_are_no_text_and_entities_are_resolved() {
    let doc = document(
        "<style>a{}</style><script>var x='1.2.3.4'</script>a &amp; b &#x2e; &lt;x&gt;<script src=http://s.example/x.js></script>",
    );
    assert_eq!(doc.text, "a & b . <x>\nhttp://s.example/x.js");
}

#[test]
fn tables_have_rows_and_headers() {
    let doc = document(
        "<table><thead><tr><th>Type<th>Value</thead><tr><td>c2<td>a<br>b</tr><tr><td><p>x</p></td><td><a href='http://a.example/'>y</a></td></tr></table>",
    );
    assert_eq!(doc.text, "Type\tValue\nc2\ta\nb\nx\ty\nhttp://a.example/");
    assert_eq!(doc.blocks[2].kind, BlockKind::Row { header: Some(0) });
    assert_eq!(doc.blocks[3].kind, BlockKind::Link);
}

#[test]
fn tables_for_looks_are_blocks() {
    let doc = document(
        "<table><tr><td><table><tr><td>inner one</td></tr></table>after</td></tr></table>",
    );
    assert_eq!(doc.text, "inner one\nafter");
    assert!(
        doc.blocks
            .iter()
            .all(|block| block.kind == BlockKind::Paragraph)
    );
}

#[test]
fn the_title_is_the_pages_own_then_the_one_for_sharing_then_the_first_heading() {
    assert_eq!(
        document("<title>A\n b</title><h1>C</h1>").title.as_deref(),
        Some("A b")
    );
    assert_eq!(
        document("<meta property='og:title' content='B'><h1>C</h1>")
            .title
            .as_deref(),
        Some("B")
    );
    assert_eq!(
        document("<title></title><h1>C <i>d</i></h1><svg><title>no</title></svg>")
            .title
            .as_deref(),
        Some("C d")
    );
}

#[test]
fn link_targets_follow_their_block_once_each() {
    let doc = document(
        "<ul><li>one <a href='https://a.example/?x=1&amp;y=2'>l</a> <a href='/rel'>r</a><li>two <a href='https://a.example/?x=1&amp;y=2'>l</a></ul><img src='http://i.example/p.png'>",
    );
    assert_eq!(
        doc.text,
        "one l r\nhttps://a.example/?x=1&y=2\ntwo l\nhttp://i.example/p.png"
    );
    assert_eq!(doc.blocks[0].kind, BlockKind::ListItem);
}

#[test]
fn xhtml_closes_what_it_says_it_closes() {
    let doc = document(
        "<?xml version='1.0'?><html xmlns='http://www.w3.org/1999/xhtml'><head><title/><script src='x.js'/></head><body><p>text<br/><![CDATA[a < b]]></p></body></html>",
    );
    assert_eq!(doc.text, "text\na < b");
}

#[test]
fn protected_mail_addresses_are_links() {
    let doc = document(
        "<p>Write <a class='__cf_email__' data-cfemail='422302206c273a232f322e27'>[email&#160;protected]</a></p>",
    );
    assert_eq!(doc.text, "Write [email protected]\na@b.example");
}

#[test]
fn a_megabyte_of_nested_tags_is_read() {
    for tag in ["<div>", "<ul><li>", "<table><tr><td>", "<b><p>"] {
        let doc = document(&format!("{}192.0.2.1", tag.repeat(1_000_000 / tag.len())));
        assert_eq!(doc.text, "192.0.2.1");
    }
}

#[test]
fn declared_charsets_are_obeyed() {
    let (page, ..) = encoding_rs::EUC_KR.encode("<meta charset=\"euc-kr\"><p>악성코드</p>");
    let mut out = Builder::new(&Limits::default());
    read(&page, &mut out);
    assert_eq!(out.finish().unwrap().text, "악성코드");
}

/// The blocks of the article, then those around it.
fn parts(html: &str) -> [Vec<String>; 2] {
    let doc = document(html);
    let around = |block: &crate::document::Block| doc.places[block.place] == Place::Surroundings;
    let text = |block: &crate::document::Block| doc.text[block.span.clone()].to_owned();
    let (around, article): (Vec<_>, Vec<_>) = doc.blocks.iter().partition(|block| around(block));
    [
        article.into_iter().map(text).collect(),
        around.into_iter().map(text).collect(),
    ]
}

const PROSE: &str = "The loader asks its server every hour for work and writes what it gets into the folder \
    of the user, where a task that it makes at its first start runs it at every logon of that user, as \
    the sample of last week did before it.";

#[test]
fn the_article_comes_first_and_nothing_is_lost() {
    for page in [
        "<nav>Home</nav><article><p>PROSE</p><aside>Note</aside><footer>Tags</footer></article><aside>Related</aside>",
        "<div class='top-menu'>Home</div><main><p>PROSE</p><aside>Note</aside><div id=share>Tags</div></main><div role=complementary>Related</div>",
        "<ul id=nav_1><li>Home</ul><div itemprop=articleBody><p>PROSE</p><p>Note<div class='post sharing'><div>Tags</div></div></div><section><h2>Related</h2></section>",
        "<header>Home</header><div><p>PROSE<p>Note</div><footer><p>Tags<div>Related</div></footer>",
    ] {
        let [article, around] = parts(&page.replace("PROSE", PROSE));
        assert_eq!(article, [PROSE, "Note"], "{page}");
        assert_eq!(around, ["Home", "Tags", "Related"], "{page}");
    }
}

#[test]
fn the_headline_belongs_to_the_article_wherever_it_stands() {
    let [article, around] = parts(&format!(
        "<header><a href='/'>Site</a><h1>A loader</h1></header><article>{PROSE}</article>"
    ));
    assert_eq!(article, ["A loader", PROSE]);
    assert_eq!(around, ["Site"]);
}

#[test]
fn a_page_without_an_article_stays_in_its_order() {
    for page in [
        "<nav>Home</nav><p>short</p><footer>end</footer>".to_owned(),
        format!("<article>{PROSE}</article><article>{PROSE}</article><p>end</p>"),
        format!("<div class='content-with-sidebar'>{PROSE}</div>"),
    ] {
        let [_, around] = parts(&page);
        assert!(around.is_empty(), "{page}: {around:?}");
    }
}

#[test]
fn regions_that_are_never_closed_end_with_the_one_around_them() {
    let [article, around] = parts(&format!(
        "<main><p>{PROSE}<div class=share><b>Share<div></main><p>Legal<div class=menu><div>x</div>y</div>"
    ));
    assert_eq!(article, [PROSE]);
    assert_eq!(around, ["Share", "Legal", "x", "y"]);
    let deep = format!("{}<p>{PROSE}", "<div class=menu>".repeat(100_000));
    assert_eq!(document(&deep).text, PROSE);
}

#[test]
fn the_root_element_says_the_language_and_a_header_where_it_does_not() {
    for (page, language) in [
        ("<html lang=de-at><p lang=fr>x", Some("de-AT")),
        (
            "<?xml version='1.0'?><html xml:lang='ja'><p>x</p></html>",
            Some("ja"),
        ),
        (
            "<meta http-equiv=Content-Language content='en, fr'><p>x",
            Some("en"),
        ),
        ("<p lang=fr>x", None),
        ("<html lang=\"'><script>\"><p>x", None),
    ] {
        assert_eq!(document(page).language.as_deref(), language, "{page}");
    }
}
