//! The export of every indicator, by what documents tell: when, how surely, and for whom.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use iocsift::indicator::{Finding, Kind};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Answer, Server, finding, flagged, request};

const PATH: &str = "/api/iocs/export";

async fn ask(server: &Server, query: &str) -> Answer {
    let answer = server.get(&format!("{PATH}?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer
}

async fn values(server: &Server, query: &str) -> Vec<String> {
    let answer = ask(server, &format!("format=txt&{query}")).await;
    answer.text().lines().map(str::to_owned).collect()
}

fn told(value: &str, context: &str, confidence: u8) -> Finding {
    Finding {
        context: context.to_owned(),
        confidence,
        ..finding(Kind::Domain, value)
    }
}

async fn label(server: &Server, id: &str, tlp: Value) {
    let path = format!("/api/submissions/{id}");
    let edit = json!({ "tlp": tlp });
    let answer = server
        .call(&server.member, Method::PATCH, &path, edit)
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

/// Four documents that share an indicator and have one each: red, amber, green, and one without a label.
async fn labelled() -> Server {
    let server = Server::new().await;
    for tlp in ["green", "amber+strict", "red", "none"] {
        let own = told(&format!("{}.example.com", &tlp[..3]), tlp, 60);
        let findings = vec![told("common.example.com", tlp, 60), own];
        let id = server.report(tlp, findings).await;
        if tlp != "none" {
            label(&server, &id, tlp.into()).await;
        }
    }
    server
}

#[tokio::test]
async fn a_label_lets_out_what_documents_with_it_or_a_more_open_one_tell_and_nothing_that_others_say()
 {
    let server = labelled().await;
    assert_eq!(values(&server, "").await.len(), 5);
    assert_eq!(values(&server, "tlp=clear").await, Vec::<String>::new());
    assert_eq!(
        values(&server, "tlp=green").await,
        ["gre.example.com", "common.example.com"]
    );
    assert_eq!(values(&server, "tlp=amber").await.len(), 2);
    // A `+` that nobody encoded is a space.
    assert_eq!(values(&server, "tlp=amber+strict").await.len(), 3);
    assert_eq!(values(&server, "tlp=amber%2Bstrict").await.len(), 3);
    let red = values(&server, "tlp=red").await;
    assert_eq!(red.len(), 4);
    assert!(
        !red.contains(&"non.example.com".to_owned()),
        "it has no label"
    );

    let green = ask(&server, "tlp=green&format=json").await.json();
    let common = green["iocs"]
        .as_array()
        .unwrap()
        .iter()
        .find(|ioc| ioc["value"] == "common.example.com")
        .unwrap();
    assert_eq!(common["context"], "green");
    assert_eq!(common["submission_count"], 1);
    assert_eq!(common["first_seen_at"], common["last_seen_at"]);
    for format in ["stix", "misp", "ecs", "csv"] {
        let text = ask(&server, &format!("tlp=green&format={format}")).await;
        for secret in ["red.example.com", "amber+strict"] {
            assert!(!text.text().contains(secret), "{format} tells {secret}");
        }
    }
}

#[tokio::test]
async fn the_confidence_is_that_of_the_newest_document_that_is_asked() {
    let server = Server::new().await;
    server
        .report(
            "old",
            vec![
                told("a.example.com", "old", 90),
                told("b.example.com", "old", 40),
            ],
        )
        .await;
    let before = ask(&server, "").await;
    server
        .report("new", vec![told("a.example.com", "new", 30)])
        .await;
    assert_eq!(values(&server, "confidence=0").await.len(), 2);
    assert_eq!(values(&server, "confidence=40").await, ["b.example.com"]);
    assert_eq!(values(&server, "confidence=41").await, Vec::<String>::new());
    let until = before.header("x-next-since");
    assert_eq!(
        values(&server, &format!("confidence=90&until={until}")).await,
        ["a.example.com"]
    );
}

#[tokio::test]
async fn until_asks_the_documents_of_before_as_if_there_were_no_others() {
    let server = Server::new().await;
    server
        .report("old", vec![told("a.example.com", "old", 90)])
        .await;
    let before = ask(&server, "").await;
    let until = before.header("x-next-since").to_owned();
    server
        .report(
            "new",
            vec![
                told("a.example.com", "new", 90),
                flagged(Kind::Ipv4, "192.0.2.1"),
            ],
        )
        .await;
    let then = ask(&server, &format!("until={until}")).await;
    assert_eq!(then.json()["iocs"], before.json()["iocs"]);
    assert_eq!(then.header("x-next-since"), until);
    let window = values(&server, &format!("since={until}&until=9000-01-01")).await;
    assert_eq!(window, ["192.0.2.1", "a.example.com"]);
    assert_eq!(
        values(&server, &format!("since={until}&flagged=exclude")).await,
        ["a.example.com"]
    );
    assert_eq!(
        values(&server, "until=2001-01-01").await,
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_label_that_changes_brings_what_it_lets_out_in_the_next_run() {
    let server = Server::new().await;
    let id = server
        .report("a", vec![told("a.example.com", "a", 90)])
        .await;
    let first = ask(&server, "tlp=green&format=txt").await;
    assert_eq!(first.text(), "");
    label(&server, &id, "clear".into()).await;
    let since = first.header("x-next-since");
    assert_eq!(
        values(&server, &format!("tlp=green&since={since}")).await,
        ["a.example.com"]
    );
}

#[tokio::test]
async fn an_export_that_is_known_is_not_sent_again() {
    let server = Server::new().await;
    server
        .report("a", vec![told("a.example.com", "a", 90)])
        .await;
    let known = async |tag: &str| {
        let asked = request(Method::GET, PATH).header("if-none-match", tag);
        server.send(asked.body(Body::empty()).unwrap()).await
    };
    let tag = ask(&server, "").await.header("etag").to_owned();
    assert!(tag.starts_with("W/"), "{tag}");
    for tag in [tag.as_str(), &tag[2..]] {
        let same = known(tag).await;
        assert_eq!(
            (same.status, same.body.len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
    }
    server
        .report("b", vec![told("b.example.com", "b", 90)])
        .await;
    assert_eq!(known(&tag).await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn runs_that_follow_each_other_miss_nothing_while_others_write() {
    const WRITERS: usize = 4;
    const REPORTS: usize = 12;
    let server = std::sync::Arc::new(Server::new().await);
    let mut writers = JoinSet::new();
    for writer in 0..WRITERS {
        let server = std::sync::Arc::clone(&server);
        writers.spawn(async move {
            for report in 0..REPORTS {
                let value = format!("w{writer}-{report}.example.com");
                server.report(&value, vec![told(&value, "new", 90)]).await;
            }
        });
    }
    let mut seen = BTreeSet::new();
    let mut since = "1970-01-01T00:00:00Z".to_owned();
    loop {
        let last = writers.is_empty();
        let page = ask(&server, &format!("format=txt&since={since}")).await;
        seen.extend(page.text().lines().map(str::to_owned));
        since = page.header("x-next-since").to_owned();
        if last {
            break;
        }
        while let Some(done) = writers.try_join_next() {
            done.unwrap();
        }
    }
    assert_eq!(seen.len(), WRITERS * REPORTS);
    assert_eq!(
        values(&server, &format!("since={since}")).await,
        Vec::<String>::new()
    );
}
