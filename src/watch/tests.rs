//! Feeds and sitemaps of every kind, and what is none.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const BASE: &str = "https://blog.example/feed.xml";

fn page(xml: &str) -> Page {
    read(xml.as_bytes(), BASE, None).unwrap()
}

fn urls(page: &Page) -> Vec<&str> {
    page.entries
        .iter()
        .map(|entry| entry.url.as_str())
        .collect()
}

fn refusal(bytes: &[u8]) -> Unreadable {
    read(bytes, BASE, None).unwrap_err()
}

fn rss(items: &str) -> String {
    format!(
        "<?xml version='1.0'?><rss version='2.0' xmlns:atom='http://www.w3.org/2005/Atom' \
         xmlns:feedburner='http://rssnamespace.org/feedburner/ext/1.0' xmlns:dc='http://purl.org/dc/elements/1.1/' \
         xmlns:media='http://search.yahoo.com/mrss/'><channel><title>A blog</title><link>https://blog.example/</link>\
         <atom:link href='https://blog.example/feed.xml' rel='self'/><image><title>No</title><link>/logo</link></image>{items}</channel></rss>"
    )
}

#[test]
fn rss_is_read_from_the_oldest_on() {
    let page = page(&rss(
        "<item><title>Two &amp; <![CDATA[more]]></title><link> https://blog.example/2?utm_source=rss </link>\
            <pubDate>Sat, 31 Jan 2026 09:15:00 GMT</pubDate><media:title>No</media:title></item>\
         <item><title>One</title><link>/1#top</link><pubDate>Fri, 30 Jan 2026 09:15:00 GMT</pubDate></item>",
    ));
    assert_eq!(
        (page.form, page.title.as_deref()),
        (Form::Rss, Some("A blog"))
    );
    assert_eq!(
        urls(&page),
        ["https://blog.example/1", "https://blog.example/2"]
    );
    assert_eq!(page.entries[1].title.as_deref(), Some("Two & more"));
    assert!(page.entries[0].published_at < page.entries[1].published_at);
}

#[test]
fn an_entry_without_a_date_is_as_old_as_its_place_says() {
    let item = |path: &str, date: &str| {
        format!("<item><link>{path}</link><pubDate>{date}</pubDate></item>")
    };
    let newest_first = [
        ("/5", ""),
        ("/4", "31 Jan 2026 09:15 GMT"),
        ("/2", "29 Jan 2026 09:15 GMT"),
        ("/1", "soon"),
        ("/3", "30 Jan 2026 09:15 GMT"),
        ("/0", ""),
    ];
    let items: String = newest_first.map(|(path, date)| item(path, date)).concat();
    let page = page(&rss(&items));
    let paths: Vec<_> = urls(&page)
        .iter()
        .map(|url| url.trim_start_matches("https://blog.example"))
        .collect();
    assert_eq!(paths, ["/0", "/2", "/3", "/1", "/4", "/5"]);
}

#[test]
fn an_entry_of_rss_has_its_surest_address() {
    for (item, url) in [
        (
            "<guid>https://blog.example/guid</guid>",
            Some("https://blog.example/guid"),
        ),
        (
            "<guid isPermaLink='false'>https://blog.example/guid</guid>",
            None,
        ),
        ("<guid>blog-17</guid>", None),
        ("<title>No address</title>", None),
        ("<link>mailto:a@b.example</link>", None),
        (
            "<guid>https://blog.example/guid</guid><link>/link</link>",
            Some("https://blog.example/link"),
        ),
        (
            "<link>https://feeds.example/~r/1</link><feedburner:origLink>https://blog.example/orig</feedburner:origLink>",
            Some("https://blog.example/orig"),
        ),
        (
            "<atom:link rel='alternate' href='/atom'/><source url='https://other.example/'><link>/no</link></source>",
            Some("https://blog.example/atom"),
        ),
        (
            "<link><![CDATA[https://blog.example/a?b=1&c=2]]></link>",
            Some("https://blog.example/a?b=1&c=2"),
        ),
        (
            "<link>https://blog.example/a?b=1&c=2</link>",
            Some("https://blog.example/a?b=1&c=2"),
        ),
    ] {
        let page = page(&rss(&format!("<item>{item}</item>")));
        assert_eq!(urls(&page).first().copied(), url, "{item}");
        assert_eq!(page.refused, usize::from(url.is_none()), "{item}");
    }
}

#[test]
fn rss_of_every_age_is_read() {
    let old = "<rss version='0.91'><channel><title>Old</title><item><link>https://blog.example/1</link></item></channel></rss>";
    assert_eq!(urls(&page(old)), ["https://blog.example/1"]);
    let rdf = "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' xmlns:dc='http://purl.org/dc/elements/1.1/'>\
        <channel rdf:about='https://blog.example/'><title>RDF</title><items><rdf:Seq><rdf:li resource='/1'/></rdf:Seq></items></channel>\
        <item rdf:about='https://blog.example/2'><title>B</title><dc:date>2026-01-31</dc:date></item>\
        <item rdf:about='https://blog.example/x'><link>https://blog.example/1</link><dc:date>2026-01-30</dc:date></item></rdf:RDF>";
    let rdf = page(rdf);
    assert_eq!(rdf.title.as_deref(), Some("RDF"));
    assert_eq!(
        urls(&rdf),
        ["https://blog.example/1", "https://blog.example/2"]
    );
}

#[test]
fn atom_is_read_with_its_bases_and_kinds_of_links() {
    let atom = "<feed xmlns='http://www.w3.org/2005/Atom' xml:base='https://cdn.example/'><title type='html'>Atom</title>\
        <link rel='self' href='/atom.xml'/><link href='/'/>\
        <entry xml:base='posts/'><title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A <b>bold</b> one</div></title>\
            <link rel='enclosure' href='no.zip'/><link rel='alternate' type='application/pdf' href='one.pdf'/><link type='text/html' href='one'/>\
            <updated>2026-02-01T00:00:00Z</updated><published>2026-01-01T00:00:00Z</published>\
            <source><title>No</title><link href='/no'/></source><content type='xhtml'><div><title>No</title><link href='/no'/></div></content></entry>\
        <entry><link rel='alternate' type='application/pdf' href='two.pdf'/><updated>2025-01-01T00:00:00Z</updated></entry>\
        <entry><id>urn:uuid:1</id><link href=''/></entry></feed>";
    let page = page(atom);
    assert_eq!(
        (page.form, page.title.as_deref(), page.refused),
        (Form::Atom, Some("Atom"), 1)
    );
    assert_eq!(
        urls(&page),
        [
            "https://cdn.example/two.pdf",
            "https://cdn.example/posts/one"
        ]
    );
    let one = &page.entries[1];
    assert_eq!(one.title.as_deref(), Some("A bold one"));
    assert!(
        one.published_at
            .unwrap()
            .to_rfc3339()
            .starts_with("2026-01-01")
    );
    let prefixed = "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:link href='/p'/></a:entry></a:feed>";
    assert_eq!(urls(&self::page(prefixed)), ["https://blog.example/p"]);
}

const SITEMAP: &str = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'>\
    <url><loc>https://blog.example/about</loc></url>\
    <url><loc>https://blog.example/blog/2</loc><lastmod>2026-02-02</lastmod><image:image><image:loc>https://blog.example/blog/no.png</image:loc></image:image></url>\
    <url><loc>https://blog.example/blog/1</loc><lastmod>2026-01-01T10:00+00:00</lastmod></url>\
    <url><loc>https://blog.example/blogs/3</loc></url></urlset>";

#[test]
fn a_sitemap_is_narrowed_by_the_path() {
    let only = read(SITEMAP.as_bytes(), BASE, Some("/blog/")).unwrap();
    assert_eq!(only.form, Form::Sitemap);
    assert_eq!(
        urls(&only),
        ["https://blog.example/blog/1", "https://blog.example/blog/2"]
    );
    assert_eq!(page(SITEMAP).entries.len(), 4);
}

#[test]
fn an_index_tells_of_sitemaps_whatever_path_is_wanted() {
    let index = "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'><sitemap><loc>https://blog.example/s1.xml</loc></sitemap></sitemapindex>";
    let index = read(index.as_bytes(), BASE, Some("/blog/")).unwrap();
    assert_eq!(index.form, Form::Index);
    assert_eq!(urls(&index), ["https://blog.example/s1.xml"]);
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn a_packed_page_is_read_whatever_it_is_called_and_no_further_than_the_limit() {
    let packed_map = packed(SITEMAP.as_bytes());
    assert_eq!(
        read(&packed_map, BASE, None).unwrap().entries,
        page(SITEMAP).entries
    );
    let half = &packed_map[..packed_map.len() / 2];
    assert!(matches!(refusal(half), Unreadable::Damaged(_)));
    let bomb = packed(&vec![b' '; MAX_BYTES as usize + 10]);
    assert_eq!(refusal(&bomb), Unreadable::TooLarge);
}

#[test]
fn a_page_in_an_old_charset_is_read() {
    let latin = b"<?xml version='1.0' encoding='ISO-8859-1'?><rss><channel><item><title>Caf\xe9</title><link>/a</link></item></channel></rss>";
    let page = read(latin, BASE, None).unwrap();
    assert_eq!(page.entries[0].title.as_deref(), Some("Caf\u{e9}"));
    let wide: Vec<u8> = "\u{feff}<rss><channel><item><link>/a</link></item></channel></rss>"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    assert_eq!(
        urls(&read(&wide, BASE, None).unwrap()),
        ["https://blog.example/a"]
    );
}

#[test]
fn an_entry_stands_there_once_however_often_it_is_named() {
    let twice = rss(
        "<item><link>/a?utm_source=x</link></item><item><link>http://blog.example/a</link></item>",
    );
    assert_eq!(page(&twice).entries.len(), 1);
}

#[test]
fn what_is_no_feed_is_refused_as_what_it_is() {
    for other in [
        "",
        "{\"version\": \"https://jsonfeed.org/version/1.1\"}",
        "plain",
        "<svg/>",
        "\0\0\0",
    ] {
        assert_eq!(refusal(other.as_bytes()), Unreadable::Other, "{other}");
    }
    let html = "<!DOCTYPE html>\n<html><head><meta charset=utf-8><link rel=stylesheet href=/a.css>\
        <link rel='alternate' type='application/rss+xml' href='/rss.xml'></head><body><p>Hello & welcome<br></body>";
    let named = Unreadable::NamesFeed("https://blog.example/rss.xml".to_owned());
    assert_eq!(refusal(html.as_bytes()), named);
    let without = html.replace("rss+xml", "oembed");
    assert_eq!(refusal(without.as_bytes()), Unreadable::WebPage);
    assert_eq!(
        refusal(b"<meta charset=utf-8><html><p>Hi</html>"),
        Unreadable::Other
    );
}

#[test]
fn a_page_that_breaks_off_is_refused_as_a_whole() {
    let whole = rss("<item><link>/1</link></item><item><link>/2</link></item>");
    let start = whole.find("<channel>").unwrap();
    for end in start..whole.len() {
        assert!(
            matches!(refusal(&whole.as_bytes()[..end]), Unreadable::Damaged(_)),
            "{end}"
        );
    }
    let crossed = rss("<item><b></item></b>");
    assert!(matches!(
        refusal(crossed.as_bytes()),
        Unreadable::Damaged(_)
    ));
    let second = format!("{whole}<rss/>");
    assert!(matches!(refusal(second.as_bytes()), Unreadable::Damaged(_)));
}

#[test]
fn bombs_cost_nothing() {
    let entity = "<!DOCTYPE rss [<!ENTITY a 'aaaaaaaaaaaaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]>\
        <rss><channel><item><title>&b;&x;</title><link>/1</link></item></channel></rss>";
    assert_eq!(page(entity).entries[0].title.as_deref(), Some("&b;&x;"));
    let deep = format!("<rss>{}", "<a>".repeat(100_000));
    assert!(matches!(refusal(deep.as_bytes()), Unreadable::Damaged(_)));
    let long = rss(&format!(
        "<item><title>{}</title><link>/1</link></item>",
        "a ".repeat(1 << 20)
    ));
    assert!(page(&long).entries[0].title.as_ref().unwrap().len() <= 300);
    let item = |n: usize| format!("<item><link>/{n}</link></item>");
    let many: String = (0..=MAX_ENTRIES).map(item).collect();
    assert_eq!(refusal(rss(&many).as_bytes()), Unreadable::TooManyEntries);
    let most: String = (0..MAX_ENTRIES).map(item).collect();
    assert_eq!(page(&rss(&most)).entries.len(), MAX_ENTRIES);
}
