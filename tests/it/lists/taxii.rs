//! A TAXII collection as a list, from servers that page as they like.

use super::*;

const COLLECTION: &str = "/root/collections/1/";
const FIRST: &str = "/root/collections/1/objects/?match%5btype%5d=indicator&limit=1000";

/// An indicator by its number and the second in which it was changed.
fn indicator(number: u32, name: &str, second: u32) -> String {
    format!(
        r#"{{"type":"indicator","spec_version":"2.1","id":"indicator--{number}","modified":"2026-01-31T09:15:{second:02}.000Z",
            "pattern_type":"stix","pattern":"[domain-name:value = '{name}']"}}"#
    )
}

fn page(next: &str, objects: &[String]) -> String {
    let next = match next {
        "" => r#""more":false"#.to_owned(),
        next => format!(r#""more":true,"next":"{next}""#),
    };
    typed(
        "application/taxii+json;version=2.1",
        &format!(r#"{{{next},"objects":[{}]}}"#, objects.join(",")),
    )
}

fn typed(media: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: {media}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

/// A list whose collection had two indicators.
async fn known() -> Desk {
    let desk = Desk::of(ListFormat::Taxii, COLLECTION).await;
    let objects = [indicator(1, "a.example", 1), indicator(2, "b.example", 1)];
    desk.source.says(page("", &objects));
    let health = desk.fetch().await;
    assert_eq!((health.entries, health.error), (2, None));
    desk.source.paths();
    desk
}

#[tokio::test]
async fn all_pages_are_one_list_and_an_indicator_that_changes_meanwhile_stands_in_it_once() {
    let desk = Desk::of(ListFormat::Taxii, COLLECTION).await;
    let identity = r#"{"type":"identity","id":"identity--1","name":"x"}"#.to_owned();
    let first = [identity, indicator(1, "old.example", 1)];
    desk.source.says(page("2&limit=1", &first));
    desk.source.says(page("3", &[indicator(2, "b.example", 2)]));
    let last = [indicator(1, "new.example", 3), indicator(3, "c.example", 3)];
    desk.source.says(page("", &last));
    let health = desk.fetch().await;
    assert_eq!((health.error, health.entries, health.refused), (None, 3, 0));
    assert_eq!(
        desk.values().await,
        ["new.example", "b.example", "c.example"]
    );
    let asked = desk.source.last_asked();
    assert!(
        asked.contains("accept: application/taxii+json;version=2.1"),
        "{asked}"
    );
    let second = format!("{FIRST}&next=2%26limit%3d1");
    assert_eq!(
        desk.source.paths(),
        [FIRST.to_owned(), second, format!("{FIRST}&next=3")]
    );

    // In other pages and another order it is the same list.
    let version = desk.store().lists_version().await.unwrap();
    let objects = [
        indicator(3, "c.example", 3),
        indicator(2, "b.example", 2),
        indicator(1, "new.example", 4),
    ];
    desk.source.says(page("", &objects));
    assert_eq!(desk.fetch().await.error, None);
    assert_eq!(desk.store().lists_version().await.unwrap(), version);
}

#[tokio::test]
async fn whatever_its_server_plays_no_collection_is_lost_or_half() {
    let desk = known().await;
    let of = |name: &str| [indicator(7, name, 7)];
    let large = of(&"x".repeat(40 << 10));
    let other = [indicator(8, &"y".repeat(40 << 10), 7)];
    let json = typed("application/json", r#"{"objects":[]}"#);
    let older = typed("application/taxii+json;version=2.0", "{}");
    let cut = page("", &of("cut.example")).replace("[domain-name", "");
    for (why, answers) in [
        ("HTTP status 401", vec![status("401 Unauthorized")]),
        (
            "HTTP status 404",
            vec![page("2", &of("x.example")), status("404 Not Found")],
        ),
        (
            "did not answer within 2 seconds",
            vec![page("2", &of("x.example"))],
        ),
        (
            "answered with text/plain where application/taxii+json",
            vec![ok("", "<html>")],
        ),
        ("answered with application/json where", vec![json]),
        (
            "version=2.0 where",
            vec![page("2", &of("x.example")), older],
        ),
        ("broke off its answer", vec![cut]),
        (
            "it cannot be read as taxii: it is not sound JSON",
            vec![typed("application/taxii+json", "{\"objects\":[")],
        ),
        (
            "it cannot be read as taxii: `objects` is missing",
            vec![typed("application/taxii+json", r#"{"title":"Sign in"}"#)],
        ),
        (
            "`next`, where more is promised, is missing",
            vec![typed(
                "application/taxii+json",
                r#"{"more":true,"objects":[]}"#,
            )],
        ),
        (
            "the same page again and again",
            vec![page("2", &of("x.example")); 6],
        ),
        (
            "parts come to more than the limit of 65536 bytes",
            vec![page("2", &large), page("3", &other)],
        ),
        ("it has 0 entries where 2 were", vec![page("", &[])]),
    ] {
        answers
            .into_iter()
            .for_each(|answer| desk.source.says(answer));
        desk.refuses(why).await;
        desk.source.answers.lock().unwrap().clear();
    }
    desk.source.says(page("", &of("good.example")));
    let health = desk.fetch().await;
    assert_eq!((health.failures, health.error), (0, None));
    assert_eq!(desk.values().await, ["good.example"]);
}

#[tokio::test]
async fn a_server_may_keep_the_place_itself_under_one_word() {
    let desk = known().await;
    desk.source
        .says(page("here", &[indicator(1, "a.example", 1)]));
    desk.source.says(page("here", &[]));
    desk.source.says(page("here", &[]));
    desk.source
        .says(page("here", &[indicator(2, "b.example", 1)]));
    desk.source.says(page("", &[indicator(3, "c.example", 1)]));
    assert_eq!(desk.fetch().await.error, None);
    assert_eq!(desk.values().await, ["a.example", "b.example", "c.example"]);
}

#[tokio::test]
async fn a_collection_without_an_end_is_given_up() {
    let desk = Desk {
        fetcher: within(MOST_BYTES, Duration::from_secs(60)),
        ..known().await
    };
    for number in 0..1_001 {
        desk.source.says(page(&format!("n{number}"), &[]));
    }
    desk.refuses("more than 1000 pages").await;
    assert_eq!(desk.source.paths().len(), 1_000);
}

#[tokio::test]
async fn a_server_that_wants_to_be_left_alone_is_asked_again_but_not_for_ever() {
    let desk = known().await;
    let later =
        "HTTP/1.1 429 Slow\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
    desk.source.says(later);
    desk.source.says(page("2", &[indicator(1, "a.example", 1)]));
    desk.source.says(later);
    desk.source.says(later);
    desk.source.says(page("", &[indicator(2, "c.example", 2)]));
    assert_eq!(desk.fetch().await.error, None);
    assert_eq!(desk.values().await, ["a.example", "c.example"]);
    (0..30).for_each(|_| desk.source.says(later));
    desk.refuses("HTTP status 429").await;

    let desk = Desk {
        fetcher: within(MOST_BYTES, Duration::from_millis(200)),
        ..desk
    };
    desk.source.answers.lock().unwrap().clear();
    desk.source
        .says(later.replace(": 0\r\nContent", ": 60\r\nContent"));
    desk.refuses("did not come within 2 seconds").await;
}
