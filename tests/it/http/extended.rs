//! Extended kinds: stored always, told of where they are asked for.

use iocsift::export::FORMATS;
use iocsift::indicator::{Finding, Kind};
use serde_json::{Value, json};

use super::{Server, finding};

/// One finding of every kind, and one of a kind of somebody's own.
fn every_kind() -> Vec<Finding> {
    let own: Kind = "x_case".parse().unwrap();
    let kinds = Kind::ALL.iter().chain([&own]);
    kinds
        .map(|kind| match kind {
            Kind::HashMd5 => finding(*kind, &"c0ffee".repeat(6)[..32]),
            Kind::HashSha1 => finding(*kind, &"c0ffee".repeat(7)[..40]),
            Kind::HashSha256 => finding(*kind, &"c0ffee".repeat(11)[..64]),
            Kind::HashSha512 => finding(*kind, &"c0ffee".repeat(22)[..128]),
            _ => finding(*kind, &format!("c0ffee-{kind}")),
        })
        .collect()
}

fn types(iocs: &Value) -> Vec<&str> {
    let iocs = iocs.as_array().unwrap().iter();
    iocs.map(|ioc| ioc["type"].as_str().unwrap()).collect()
}

const STANDARD: usize = Kind::STANDARD.len();
const ALL: usize = Kind::ALL.len() + 1;

#[tokio::test]
async fn a_report_tells_of_them_where_they_are_asked_for() {
    let server = Server::new().await;
    let id = server.report("text", every_kind()).await;
    let path = format!("/api/submissions/{id}");
    let plain = server.get(&path).await.json();
    let names: Vec<_> = Kind::STANDARD.iter().map(Kind::name).collect();
    assert_eq!(types(&plain["iocs"]), names);
    assert_eq!(plain["ioc_count"], STANDARD);
    assert_eq!(
        server.get("/api/submissions").await.json()[0]["ioc_count"],
        STANDARD
    );
    let whole = server.get(&format!("{path}?extended=true")).await.json();
    assert_eq!(types(&whole["iocs"]).len(), ALL);
    assert_eq!(whole["ioc_count"], ALL);
    assert_eq!(types(&whole["iocs"]).last(), Some(&"x_case"));
    server
        .get(&format!("{path}?extended=1"))
        .await
        .refuses(422, "invalid_parameter");
}

#[tokio::test]
async fn every_export_leaves_them_out_and_takes_them_along() {
    let server = Server::new().await;
    let id = server.report("text", every_kind()).await;
    let of_one = format!("/api/submissions/{id}/export");
    for path in [of_one.as_str(), "/api/iocs/export"] {
        for row in FORMATS {
            let plain = server.get(&format!("{path}?format={}", row.name)).await;
            let whole = server
                .get(&format!("{path}?format={}&extended=true", row.name))
                .await;
            for extended in ["c0ffee-mutex", "c0ffee-tlp", "c0ffee-x_case"] {
                assert!(!plain.text().contains(extended), "{path} {}", row.name);
                assert!(whole.text().contains(extended), "{path} {}", row.name);
            }
        }
    }
    let asked = server
        .get("/api/iocs/export?format=txt&type=x_case&type=mutex")
        .await;
    assert_eq!(asked.text(), "c0ffee-mutex\nc0ffee-x_case\n");
}

#[tokio::test]
async fn a_search_finds_them_by_their_type_or_where_all_are_asked_for() {
    let server = Server::new().await;
    server.report("text", every_kind()).await;
    let total = async |query: &str| {
        let found = server
            .get(&format!("/api/iocs/search?{query}"))
            .await
            .json();
        assert_eq!(found["total"], types(&found["iocs"]).len(), "{query}");
        found["total"].clone()
    };
    assert_eq!(total("").await, STANDARD);
    assert_eq!(total("extended=true").await, ALL);
    assert_eq!(total("q=c0ffee").await, STANDARD);
    assert_eq!(total("q=c0ffee&extended=true").await, ALL);
    assert_eq!(total("q=c0ffee&type=onion").await, 1);
    assert_eq!(total("type=onion&type=x_case&type=ipv4").await, 3);
    assert_eq!(total("type=x_unheard_of").await, 0);
    server
        .get("/api/iocs/search?type=x_")
        .await
        .refuses(422, "invalid_parameter");
    let pages = [0, 9, 18, 27].map(|offset| format!("extended=true&limit=9&offset={offset}"));
    let mut told = Vec::new();
    for page in pages {
        let found = server.get(&format!("/api/iocs/search?{page}")).await.json();
        told.extend(types(&found["iocs"]).into_iter().map(str::to_owned));
    }
    told.sort_unstable();
    told.dedup();
    assert_eq!(told.len(), ALL, "a page repeats another");
}

#[tokio::test]
async fn statistics_add_their_keys_where_they_are_asked_for() {
    let server = Server::new().await;
    server.report("text", every_kind()).await;
    let plain = server.get("/api/iocs/stats").await.json();
    assert_eq!(plain["total_iocs"], STANDARD);
    assert_eq!(plain["iocs_by_type"].as_object().unwrap().len(), STANDARD);
    let whole = server.get("/api/iocs/stats?extended=true").await.json();
    assert_eq!(whole["total_iocs"], ALL);
    let by_type = whole["iocs_by_type"].as_object().unwrap();
    assert_eq!(by_type.len(), ALL);
    assert_eq!(by_type["x_case"], 1);
}

#[tokio::test]
async fn an_extraction_at_once_tells_of_them_where_they_are_asked_for() {
    let server = Server::new().await;
    for (query, kinds) in [("", vec!["ipv4"]), ("?extended=true", vec!["ipv4", "cwe"])] {
        let answer = server
            .post(&format!("/api/extract{query}"), json!({"text": "any"}))
            .await
            .json();
        assert_eq!(types(&answer["iocs"]), kinds);
        assert_eq!(answer["ioc_count"], kinds.len());
    }
}
