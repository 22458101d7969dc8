//! What stands at the page: changed, the same, moved, packed, or none that can be read.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;
use iocsift::watch::{EntryState, Form};

use super::*;

#[tokio::test]
async fn whatever_its_server_plays_what_is_known_stays_and_its_health_says_why() {
    let desk = Desk::new().await;
    desk.site.has("/feed", &feed(&["/1", "/2"]));
    let watch = desk.watch_of("/feed").await;
    let good = desk.poll(watch).await;
    assert_eq!((good.entries, good.error), (2, None));
    desk.drain().await;
    let known = desk.entries(watch).await;

    let page = "<!DOCTYPE html><html><head><link rel='alternate' type='application/atom+xml' href='/atom.xml'></head><body>Sign in<br></body></html>";
    let whole = feed(&["/1", "/2", "/3"]);
    let huge = feed(&(0..10_000).map(|n| format!("/{n}")).collect::<Vec<_>>());
    let packed_half = &packed(whole.as_bytes())[..60];
    let says = |headers: &str, body: &str| Answer::Says(ok(headers, body.as_bytes()));
    let moved = |to: &str| Answer::Says(status(302, &format!("Location: {to}\r\n")).into());
    let tricks = [
        ("did not answer within 2 seconds", Answer::Hangs),
        (
            "an address that must not be fetched from",
            moved("http://127.0.0.2:8080/feed"),
        ),
        (
            "an address that must not be fetched from",
            moved("http://169.254.169.254/latest/"),
        ),
        ("more than 5 redirects", moved("/loop")),
        ("HTTP status 503", Answer::Says(status(503, "").into())),
        ("HTTP status 404", Answer::Says(status(404, "").into())),
        (
            "it is a web page; the feed that it names is",
            says("Content-Type: application/rss+xml\r\n", page),
        ),
        (
            "it is no RSS or Atom feed and no sitemap",
            says("Content-Type: application/rss+xml\r\n", "{\"items\": []}"),
        ),
        ("it is no RSS or Atom feed", says("", "")),
        (
            "it is damaged or breaks off",
            says("", &whole[..whole.len() - 10]),
        ),
        (
            "it is damaged or breaks off",
            says("", &whole.replace("</title>", "</titel>")),
        ),
        (
            "it is damaged or breaks off",
            Answer::Says(ok("", packed_half)),
        ),
        ("larger than the limit", says("", &huge)),
        ("larger than the limit", Answer::NeverEnds),
        (
            "broke off its answer",
            Answer::Says(
                format!(
                    "HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\n{whole}"
                )
                .into(),
            ),
        ),
        (
            "an encoding that is not read",
            says("Content-Encoding: x-odd\r\n", &whole),
        ),
    ];
    desk.site.answers("/loop", moved("/loop"));
    let mut failures = 0;
    for (why, answer) in tricks {
        desk.site.does("/feed", answer);
        let health = desk.poll(watch).await;
        failures += 1;
        let error = health.error.unwrap();
        assert!(error.contains(why), "{why}: {error}");
        assert_eq!((health.entries, health.failures), (2, failures), "{why}");
        assert_eq!(health.last_success_at, good.last_success_at, "{why}");
        assert!(Some(health.next_check_at) > health.checked_at, "{why}");
        assert_eq!(desk.entries(watch).await, known, "{why}");
    }

    desk.site.has("/feed", &whole);
    let health = desk.poll(watch).await;
    assert_eq!(
        (health.entries, health.failures, health.error),
        (3, 0, None)
    );
    desk.drain().await;
    assert_eq!(desk.handed_in().await, ["/1", "/2", "/3"]);
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[tokio::test]
async fn a_server_is_asked_whether_its_page_changed_and_a_same_one_is_a_success() {
    let desk = Desk::new().await;
    let watch = desk.watch_of("/feed").await;
    let named = "ETag: \"one\"\r\nLast-Modified: Sat, 31 Jan 2026 09:15:02 GMT\r\n";
    desk.site.says("/feed", ok(named, feed(&["/1"]).as_bytes()));
    desk.poll(watch).await;
    assert!(!desk.site.asked("/feed")[0].contains("if-none-match"));

    desk.drain().await;
    desk.site.says("/feed", status(304, ""));
    let health = desk.poll(watch).await;
    let asked = desk.site.asked("/feed").pop().unwrap();
    assert!(asked.contains("if-none-match: \"one\""), "{asked}");
    assert!(
        asked.contains("if-modified-since: sat, 31 jan 2026 09:15:02 gmt"),
        "{asked}"
    );
    assert_eq!((health.error, health.entries), (None, 1));
    assert_eq!(health.last_success_at, health.checked_at);
    assert!(health.last_new_at < health.last_success_at);

    // What is wanted of the page has changed: the server's word that it is the same says nothing.
    desk.store()
        .edit_watch(watch, |watch| watch.only = Some("/2".to_owned()))
        .await
        .unwrap();
    desk.site
        .says("/feed", ok(named, feed(&["/1", "/2"]).as_bytes()));
    desk.poll(watch).await;
    let asked = desk.site.asked("/feed").pop().unwrap();
    assert!(!asked.contains("if-"), "{asked}");
    desk.drain().await;
    assert_eq!(desk.handed_in().await, ["/1", "/2"]);

    desk.store()
        .edit_watch(watch, |watch| watch.url = desk.site.at("/other"))
        .await
        .unwrap();
    desk.site.says("/other", status(304, ""));
    let health = desk.poll(watch).await;
    assert!(health.error.unwrap().contains("304"), "it was not asked");
}

#[tokio::test]
async fn the_first_look_hands_in_the_newest_and_every_later_one_all_that_is_new() {
    let desk = Desk::new().await;
    desk.site.has("/feed", &feed(&["/1", "/2", "/3", "/4"]));
    let mut watch = definition(&desk.site.at("/feed"));
    watch.backfill = 2;
    let watch = desk.watch(&watch).await;
    desk.poll_and_drain(watch).await;
    assert_eq!(desk.handed_in().await, ["/3", "/4"]);
    use EntryState::{Skipped, Submitted};
    let states = [
        ("/1", Skipped),
        ("/2", Skipped),
        ("/3", Submitted),
        ("/4", Submitted),
    ];
    assert_eq!(
        desk.states(watch).await,
        states.map(|(path, state)| (path.to_owned(), state))
    );

    desk.site
        .has("/feed", &feed(&["/3", "/4", "/5", "/6", "/7", "/8"]));
    desk.poll_and_drain(watch).await;
    assert_eq!(desk.handed_in().await, ["/3", "/4", "/5", "/6", "/7", "/8"]);

    // Shuffled, shrunk, called otherwise, counted, back again from before the watch: nothing is new.
    for xml in [
        feed(&["/8", "/3", "/7", "/1"]),
        feed(&["/3"]),
        feed(&["/4"]).replace("About", "Update:"),
        feed(&["/4?utm_source=rss", "/5#top"]),
        feed::<&str>(&[]),
        feed(&["/1", "/2", "/3", "/4", "/5", "/6", "/7", "/8"]),
    ] {
        desk.site.has("/feed", &xml);
        desk.poll_and_drain(watch).await;
        assert_eq!(desk.handed_in().await.len(), 6, "{xml}");
    }
    let counts = desk.get(watch).await.health.counts;
    assert_eq!(
        (counts.submitted, counts.skipped, counts.waiting),
        (6, 2, 0)
    );
}

#[tokio::test]
async fn an_index_of_sitemaps_is_followed_on_its_own_host_packed_or_not() {
    let desk = Desk::new().await;
    let map = |paths: &[&str]| -> String {
        let urls = paths
            .iter()
            .map(|path| format!("<url><loc>{}</loc></url>", desk.site.at(path)));
        format!(
            "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{}</urlset>",
            urls.collect::<String>()
        )
    };
    let index = format!(
        "<sitemapindex xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\
         <sitemap><loc>{0}/old.xml</loc><lastmod>2025-01-01</lastmod></sitemap>\
         <sitemap><loc>{0}/new.xml.gz</loc><lastmod>2026-01-01</lastmod></sitemap>\
         <sitemap><loc>http://127.0.0.2:8080/elsewhere.xml</loc></sitemap></sitemapindex>",
        desk.site.url
    );
    desk.site.has("/sitemap.xml", &index);
    desk.site.has("/old.xml", &map(&["/about", "/blog/1"]));
    let body = packed(map(&["/blog/2", "/blog/1", "/blogger"]).as_bytes());
    desk.site
        .answers("/new.xml.gz", Answer::Says(ok("", &body)));
    let mut watch = definition(&desk.site.at("/sitemap.xml"));
    watch.only = Some("/blog/".to_owned());
    let watch = desk.watch(&watch).await;
    let health = desk.poll(watch).await;
    assert_eq!((health.error, health.entries, health.refused), (None, 2, 1));
    assert_eq!(desk.get(watch).await.form, Some(Form::Index));
    desk.drain().await;
    let mut handed_in = desk.handed_in().await;
    handed_in.sort();
    assert_eq!(handed_in, ["/blog/1", "/blog/2"]);

    // One of them is away: none of it is taken for all.
    desk.site.has("/old.xml", &map(&["/blog/3"]));
    desk.site.says("/new.xml.gz", status(500, ""));
    let health = desk.poll(watch).await;
    let error = health.error.unwrap();
    assert!(
        error.contains("/new.xml.gz") && error.contains("500"),
        "{error}"
    );
    assert_eq!(health.counts.waiting, 0);
}

#[tokio::test]
async fn a_feed_that_has_moved_is_read_where_it_is_now() {
    let desk = Desk::new().await;
    let elsewhere = Site::new().await;
    elsewhere.has("/blog/feed", &feed(&["one"]));
    let moved = status(301, &format!("Location: {}/blog/feed\r\n", elsewhere.url));
    desk.site.answers("/feed", Answer::Says(moved.into()));
    let watch = desk.watch_of("/feed").await;
    desk.poll_and_drain(watch).await;
    assert_eq!(desk.handed_in().await, [elsewhere.at("/blog/one")]);
}
