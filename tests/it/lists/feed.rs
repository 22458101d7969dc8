//! A MISP feed as a list: what changed is fetched, and nothing else.

use iocsift::lists::{Feed, FeedEvent};
use uuid::Uuid;

use super::*;

const FOLDER: &str = "/misp/";
const MANIFEST: &str = "/misp/manifest.json";

fn id(number: u32) -> Uuid {
    Uuid::from_u128(number.into())
}

fn path(number: u32) -> String {
    format!("/misp/{}.json", id(number))
}

/// What a manifest says of events, by their numbers and timestamps.
fn manifest(events: &[(u32, i64)]) -> String {
    let entries = events.iter().map(|(number, timestamp)| {
        format!(
            r#""{}":{{"info":"x","date":"2026-01-31","timestamp":"{timestamp}","Orgc":{{"name":"y"}}}}"#,
            id(*number)
        )
    });
    format!("{{{}}}", entries.collect::<Vec<_>>().join(","))
}

fn event(timestamp: i64, names: &[&str]) -> String {
    let attributes = names
        .iter()
        .map(|name| format!(r#"{{"type":"domain","value":"{name}","to_ids":true}}"#));
    format!(
        r#"{{"Event":{{"info":"x","timestamp":"{timestamp}","Attribute":[{{"type":"url","value":"http://context.example/","to_ids":false}},{}]}}}}"#,
        attributes.collect::<Vec<_>>().join(",")
    )
}

/// A list whose feed had two events.
async fn known() -> Desk {
    let desk = Desk::of(ListFormat::MispFeed, FOLDER).await;
    desk.source
        .says(ok("ETag: \"one\"\r\n", &manifest(&[(1, 10), (2, 20)])));
    desk.source.sends(&event(20, &["b.example", "c.example"]));
    desk.source.sends(&event(10, &["a.example"]));
    let health = desk.fetch().await;
    assert_eq!(
        (health.error, health.entries, health.left_out),
        (None, 3, 0)
    );
    assert_eq!(desk.source.paths(), [MANIFEST.to_owned(), path(2), path(1)]);
    desk
}

#[tokio::test]
async fn only_new_and_changed_events_are_fetched_and_what_left_the_manifest_goes() {
    let desk = known().await;
    assert_eq!(desk.values().await, ["a.example", "b.example", "c.example"]);

    desk.source
        .says("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
    let version = desk.store().lists_version().await.unwrap();
    let health = desk.fetch().await;
    assert!(desk.source.last_asked().contains("if-none-match: \"one\""));
    assert_eq!((health.error, health.entries), (None, 3));
    assert_eq!(desk.source.paths(), [MANIFEST]);

    // Its server forgot what it called it.
    desk.source.sends(&manifest(&[(2, 20), (1, 10)]));
    assert_eq!(desk.fetch().await.error, None);
    assert_eq!(desk.source.paths(), [MANIFEST]);
    assert_eq!(desk.store().lists_version().await.unwrap(), version);

    desk.source.sends(&manifest(&[(1, 30), (2, 20), (3, 5)]));
    desk.source.sends(&event(30, &["new.example"]));
    desk.source.sends(&event(5, &["d.example"]));
    assert_eq!(desk.fetch().await.error, None);
    assert_eq!(desk.source.paths(), [MANIFEST.to_owned(), path(1), path(3)]);
    let all = ["new.example", "b.example", "c.example", "d.example"];
    assert_eq!(desk.values().await, all);

    desk.source.sends(&manifest(&[(1, 30), (3, 5)]));
    assert_eq!(desk.fetch().await.error, None);
    assert_eq!(desk.source.paths(), [MANIFEST]);
    assert_eq!(desk.values().await, ["new.example", "d.example"]);
}

#[tokio::test]
async fn whatever_its_server_plays_no_feed_is_lost_or_half() {
    let desk = known().await;
    let changed = ok("", &manifest(&[(1, 11), (2, 20), (3, 30)]));
    let third = ok("", &event(30, &["d.example"]));
    let huge = "x".repeat(70 << 10);
    let million: Vec<_> = (0..10_000).map(|number| (number, 1)).collect();
    let long = format!("{}.example", "x".repeat(30 << 10));
    let large = |timestamp| ok("", &event(timestamp, &[&long]));
    for (why, answers) in [
        ("HTTP status 401", vec![status("401 Unauthorized")]),
        ("larger than the limit", vec![ok("", &manifest(&million))]),
        (
            "manifest.json cannot be read: it is not sound JSON",
            vec![ok("", "<html>")],
        ),
        (
            "the id of an event is missing",
            vec![ok("", r#"{"../../x":{"timestamp":"99"}}"#)],
        ),
        (
            "the id of an event is missing",
            vec![ok("", r#"[{"timestamp":"99"}]"#)],
        ),
        ("it has 0 entries where 3 were", vec![ok("", "{}")]),
        (
            "HTTP status 404",
            vec![changed.clone(), third.clone(), status("404 Not Found")],
        ),
        (
            "did not answer within 2 seconds",
            vec![changed.clone(), third.clone()],
        ),
        (
            "larger than the limit",
            vec![changed.clone(), ok("", &huge)],
        ),
        (
            "it cannot be read: it is not sound JSON",
            vec![changed.clone(), ok("", "<html>")],
        ),
        (
            "it cannot be read: `Event` is missing",
            vec![changed.clone(), ok("", r#"{"name":"x"}"#)],
        ),
        (
            "an address that must not be",
            vec![changed.clone(), elsewhere("http://127.0.0.2/x")],
        ),
        (
            "parts come to more than the limit of 65536 bytes",
            vec![
                ok("", &manifest(&[(1, 11), (2, 21), (3, 31)])),
                large(31),
                large(21),
                large(11),
            ],
        ),
    ] {
        answers
            .into_iter()
            .for_each(|answer| desk.source.says(answer));
        desk.refuses(why).await;
        let asked = desk.source.paths();
        assert!(
            asked
                .iter()
                .all(|path| path.starts_with(FOLDER) && !path.contains("..")),
            "{asked:?}"
        );
        desk.source.answers.lock().unwrap().clear();
    }
    let error = desk.health().await.error.unwrap();
    assert!(error.starts_with("its parts"), "{error}");

    // Of the third event nothing was kept, and what is no event is passed over.
    let odd = manifest(&[(1, 11), (2, 20), (3, 30)]).replacen(
        '{',
        r#"{"../../x":{"timestamp":"99"},"y":7,"#,
        1,
    );
    desk.source.sends(&odd);
    desk.source.says(third);
    desk.source.sends(&event(11, &["a.example"]));
    let health = desk.fetch().await;
    assert_eq!(
        (health.failures, health.error, health.entries),
        (0, None, 4)
    );
    assert_eq!(desk.source.paths(), [MANIFEST.to_owned(), path(3), path(1)]);
}

fn elsewhere(url: &str) -> String {
    format!(
        "HTTP/1.1 302 Found\r\nLocation: {url}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
}

#[tokio::test]
async fn of_a_feed_with_very_many_events_the_newest_are_kept_and_its_health_counts_the_others() {
    let desk = Desk {
        fetcher: within(1 << 20, Duration::from_secs(20)),
        ..Desk::of(ListFormat::MispFeed, MANIFEST).await
    };
    // All but the oldest stand already: nothing is to be fetched.
    let events: Vec<_> = (1..=2_003)
        .map(|number| (number, i64::from(number)))
        .collect();
    let mut standing = Feed::default();
    for (number, timestamp) in &events[3..] {
        let file = event(*timestamp, &[&format!("n{number}.example")]);
        let known = FeedEvent {
            id: id(*number),
            timestamp: *timestamp,
        };
        standing.add(known, file.as_bytes()).unwrap();
    }
    let content = standing.write();
    let contents = accept(
        ListFormat::MispFeed,
        &Default::default(),
        &content,
        0,
        false,
    )
    .unwrap();
    let taken = Taken::new(&contents, &content);
    desk.store().replace_list(desk.list, &taken).await.unwrap();

    desk.source.sends(&manifest(&events));
    let health = desk.fetch().await;
    assert_eq!(
        (health.error, health.entries, health.left_out),
        (None, 2_000, 3)
    );
    assert_eq!(desk.source.paths(), [MANIFEST]);

    desk.source.sends(&manifest(&events[..2_000]));
    for (number, timestamp) in events[..3].iter().rev() {
        desk.source
            .sends(&event(*timestamp, &[&format!("n{number}.example")]));
    }
    let health = desk.fetch().await;
    assert_eq!(
        (health.error, health.entries, health.left_out),
        (None, 2_000, 0)
    );
    assert_eq!(
        desk.source.paths(),
        [MANIFEST.to_owned(), path(3), path(2), path(1)]
    );
}

#[tokio::test]
async fn nothing_is_kept_of_what_another_server_said() {
    let desk = known().await;
    let elsewhere = desk.source.at("/other/");
    let edit = |list: &mut ListDefinition| list.source_url = Some(elsewhere.clone());
    desk.store().edit_list(desk.list, edit).await.unwrap();
    desk.source.sends(&manifest(&[(1, 10), (2, 20)]));
    desk.source.sends(&event(20, &["b.example"]));
    desk.source.sends(&event(10, &["other.example"]));
    assert_eq!(desk.step().await.error, None);
    assert_eq!(desk.source.paths().len(), 3);
    assert_eq!(desk.values().await, ["other.example", "b.example"]);
}

#[tokio::test]
async fn two_workers_fetch_a_feed_once() {
    let desk = known().await;
    desk.store().refresh_list(desk.list, false).await.unwrap();
    desk.source.sends(&manifest(&[(1, 11), (2, 20)]));
    desk.source.sends(&event(11, &["new.example"]));
    let (store, fetcher) = (desk.store(), &desk.fetcher);
    let (one, other) = tokio::join!(step(store, fetcher), step(store, fetcher));
    assert_ne!(one.unwrap(), other.unwrap());
    assert_eq!(desk.source.paths(), [MANIFEST.to_owned(), path(1)]);
    assert_eq!(desk.health().await.error, None);
    assert_eq!(
        desk.values().await,
        ["new.example", "b.example", "c.example"]
    );
}
