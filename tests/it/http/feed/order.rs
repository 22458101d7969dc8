//! In which order changes are told, and that whoever polls misses none.

use std::collections::BTreeSet;

use axum::http::Method;
use chrono::{TimeDelta, Utc};
use iocsift::indicator::Kind;
use iocsift::submission::rfc3339;
use serde_json::{Value, json};

use super::super::{Server, finding};
use super::values;

#[tokio::test]
async fn without_since_the_latest_change_is_first_and_pages_join() {
    let server = Server::new().await;
    for report in 0..4 {
        let findings =
            (0..5).map(|n| finding(Kind::Ipv4, &format!("198.51.100.{}", report * 3 + n)));
        server.report(&report.to_string(), findings.collect()).await;
    }
    let all = server.feed("").await;
    assert_eq!(all["meta"]["total"], 14);
    let moments: Vec<&str> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["updated_at"].as_str().unwrap())
        .collect();
    assert!(moments.is_sorted_by(|a, b| a >= b), "{moments:?}");
    let mut joined = Vec::new();
    for offset in (0..20).step_by(3) {
        let page = server.feed(&format!("limit=3&offset={offset}")).await;
        assert_eq!(page["meta"]["total"], 14);
        joined.extend(values(&page));
    }
    assert_eq!(joined, values(&all));
    // A filter that leaves all in is counted another way, and gives the same.
    let filtered = server.feed("category=community").await;
    assert_eq!(
        (&filtered["data"], &filtered["meta"]["total"]),
        (&all["data"], &json!(14))
    );
    let until = server.feed(&format!("until={}", moments[13])).await;
    assert_eq!(until["meta"]["total"], 5);
}

#[tokio::test]
async fn a_client_that_polls_with_since_is_told_of_every_change_in_order() {
    let server = Server::new().await;
    let at = |n: usize| finding(Kind::Ipv4, &format!("198.51.100.{n}"));
    server.report("a", vec![at(1), at(2), at(3)]).await;
    server.report("b", vec![at(3), at(4)]).await;
    let everything = server.feed("since=2000-01-01T00:00:00Z").await;
    assert_eq!(everything["meta"]["total"], 4);
    let moments: Vec<&str> = everything["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["updated_at"].as_str().unwrap())
        .collect();
    assert!(moments.is_sorted());

    // An indicator that another report shows has changed; one that changed twice is told of once.
    let as_of = everything["meta"]["as_of"].as_str().unwrap().to_owned();
    assert_eq!(
        server.feed(&format!("since={as_of}")).await["meta"]["total"],
        0
    );
    let before = rfc3339(Utc::now());
    server.report("c", vec![at(1), at(5)]).await;
    server.report("d", vec![at(5)]).await;
    for since in [&as_of, &before] {
        let changed: BTreeSet<String> = server
            .feed_values(&format!("since={since}"))
            .await
            .into_iter()
            .collect();
        assert_eq!(
            changed,
            BTreeSet::from(["198.51.100.1".into(), "198.51.100.5".into()])
        );
    }
    let future = rfc3339(Utc::now() + TimeDelta::days(1));
    let nothing = server.feed(&format!("since={future}")).await;
    assert_eq!(
        (&nothing["meta"]["total"], &nothing["data"]),
        (&json!(0), &json!([]))
    );
}

/// A report is cut by every page, and between two pages others come in, change and go.
#[tokio::test]
async fn a_walk_by_places_misses_nothing_however_the_pages_cut_and_whoever_writes() {
    let server = Server::new().await;
    let at = |n: usize| finding(Kind::Domain, &format!("host{n}.example"));
    let first = server.report("a", (0..5).map(at).collect()).await;
    server.report("b", (3..8).map(at).collect()).await;
    let gone = server.report("c", (8..12).map(at).collect()).await;

    for counted in ["", "&count=false"] {
        let mut seen = BTreeSet::new();
        let mut since = "2000-01-01".to_owned();
        let mut pages = 0;
        loop {
            let page = server
                .feed(&format!("limit=2&since={since}{counted}"))
                .await;
            seen.extend(values(&page));
            pages += 1;
            if pages == 2 {
                server
                    .edit(&first, json!({"tags": [format!("moved{counted}")]}))
                    .await;
                server
                    .report(&format!("late{counted}"), vec![at(20), at(0)])
                    .await;
            }
            match page["meta"]["next"].as_str() {
                Some(next) => since = next.to_owned(),
                None => break,
            }
            assert!(pages < 40, "the walk does not end");
        }
        let known: BTreeSet<String> = server.feed_values("").await.into_iter().collect();
        assert_eq!(seen, known);
        assert_eq!(seen.len(), 13);
    }
    let path = format!("/api/submissions/{gone}");
    server
        .call(&server.member, Method::DELETE, &path, Value::Null)
        .await;
    assert_eq!(server.feed("").await["meta"]["total"], 9);
    assert_eq!(server.feed("since=2000-01-01").await["meta"]["total"], 9);
}
