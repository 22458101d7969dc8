//! The TAXII server, walked as clients walk it.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use iocsift::http::Settings;
use iocsift::indicator::Kind;
use iocsift::store::Finished;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::{Answer, Server, finding, flagged, request};
use crate::store::text;

const MEDIA: &str = "application/taxii+json;version=2.1";
const ALL: &str = "/taxii2/root/collections/all";

/// A server with two reports that share an indicator.
async fn known() -> Server {
    let server = Server::new().await;
    server
        .report(
            "first",
            vec![
                finding(Kind::Ipv4, "203.0.113.7"),
                finding(Kind::Url, "https://bad.example/a"),
                finding(Kind::Cve, "CVE-2024-3400"),
                finding(Kind::MitreAttack, "TA0001"),
                flagged(Kind::Ipv4, "192.0.2.1"),
            ],
        )
        .await;
    let shared = vec![
        finding(Kind::Ipv4, "203.0.113.7"),
        finding(Kind::MitreAttack, "T1059.001"),
    ];
    server.report("second", shared).await;
    server
}

/// An answer that is sound by what all of them promise.
async fn ask(server: &Server, path: &str) -> Answer {
    let answer = server.get(path).await;
    assert_eq!(answer.status, StatusCode::OK, "{path}: {}", answer.text());
    assert_eq!(answer.header("content-type"), MEDIA);
    answer
}

fn types(envelope: &Value) -> Vec<&str> {
    let objects = envelope["objects"].as_array().unwrap().iter();
    objects.map(|o| o["type"].as_str().unwrap()).collect()
}

/// Every object of a collection in pages of `limit`.
async fn walk(server: &Server, path: &str, limit: usize) -> Vec<Value> {
    let mut objects = Vec::new();
    let mut next = String::new();
    loop {
        let page = ask(server, &format!("{path}?limit={limit}{next}"))
            .await
            .json();
        let held = page["objects"].as_array().unwrap().clone();
        assert!(held.len() <= limit);
        objects.extend(held);
        match page["next"].as_str() {
            Some(place) => next = format!("&next={place}"),
            None => break,
        }
        assert_eq!(page["more"], true);
    }
    objects
}

#[tokio::test]
async fn a_client_finds_its_way_from_the_discovery_to_the_objects() {
    let server = known().await;
    let discovery = ask(&server, "/taxii2/").await.json();
    let root = discovery["api_roots"][0].as_str().unwrap();
    assert_eq!(discovery["default"], root);
    let information = ask(&server, root).await.json();
    assert_eq!(information["versions"], json!([MEDIA]));
    assert!(information["max_content_length"].as_u64().unwrap() > 0);
    let listed = ask(&server, &format!("{root}collections/")).await.json();
    let collections = listed["collections"].as_array().unwrap();
    let ids: HashSet<&str> = collections
        .iter()
        .map(|c| c["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), collections.len());
    for collection in collections {
        assert_eq!(
            (&collection["can_read"], &collection["can_write"]),
            (&json!(true), &json!(false))
        );
        for name in ["id", "alias"] {
            let path = format!("{root}collections/{}", collection[name].as_str().unwrap());
            assert_eq!(&ask(&server, &format!("{path}/")).await.json(), collection);
            let objects = ask(&server, &format!("{path}/objects/")).await.json();
            assert!(objects["objects"].is_array());
        }
    }
    assert_eq!(server.get("/taxii2").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_of_any_size_hold_every_object_once_and_in_order() {
    let server = known().await;
    let all = walk(&server, &format!("{ALL}/objects/"), 100).await;
    let count = |kind: &str| all.iter().filter(|o| o["type"] == kind).count();
    // The tactic and the flagged address are no objects.
    assert_eq!(
        [
            "identity",
            "marking-definition",
            "indicator",
            "vulnerability",
            "attack-pattern",
            "report"
        ]
        .map(count),
        [1, 5, 2, 1, 1, 2]
    );
    let ids: HashSet<&str> = all.iter().map(|o| o["id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), all.len());
    for report in all.iter().filter(|o| o["type"] == "report") {
        let refs = report["object_refs"].as_array().unwrap();
        assert!(!refs.is_empty() && refs.iter().all(|id| ids.contains(id.as_str().unwrap())));
    }
    for limit in 1..=all.len() + 1 {
        assert_eq!(walk(&server, &format!("{ALL}/objects/"), limit).await, all);
    }
    let manifest = walk(&server, &format!("{ALL}/manifest/"), 3).await;
    for (record, object) in manifest.iter().zip(&all) {
        assert_eq!(record["id"], object["id"]);
        let version = object.get("modified").unwrap_or(&object["created"]);
        assert_eq!(&record["version"], version);
        assert_eq!(record["media_type"], "application/stix+json;version=2.1");
    }
    assert_eq!(manifest.len(), all.len());
    assert!(manifest.is_sorted_by_key(|record| record["date_added"].as_str().unwrap().to_owned()));
}

#[tokio::test]
async fn what_was_added_after_a_moment_is_all_that_is_new() {
    let server = known().await;
    let answer = ask(&server, &format!("{ALL}/objects/")).await;
    let last = answer.header("x-taxii-date-added-last").to_owned();
    assert!(answer.header("x-taxii-date-added-first") < last.as_str());
    let later = format!("{ALL}/objects/?added_after={last}");
    let nothing = ask(&server, &later).await;
    assert_eq!(nothing.json(), json!({"more": false, "objects": []}));
    assert!(!nothing.headers.contains_key("x-taxii-date-added-last"));
    server
        .report("third", vec![finding(Kind::Domain, "new.example.com")])
        .await;
    assert_eq!(
        types(&ask(&server, &later).await.json()),
        ["indicator", "report"]
    );
}

#[tokio::test]
async fn filters_choose_and_combine() {
    let server = known().await;
    let objects = async |query: &str| {
        let path = format!("{ALL}/objects/?{query}");
        ask(&server, &path).await.json()["objects"]
            .as_array()
            .unwrap()
            .clone()
    };
    let indicators = objects("match[type]=indicator").await;
    assert_eq!(indicators.len(), 2);
    assert_eq!(
        objects("match%5Btype%5D=vulnerability,attack-pattern")
            .await
            .len(),
        2
    );
    assert_eq!(objects("match[type]=malware").await.len(), 0);
    let id = indicators[0]["id"].as_str().unwrap();
    assert_eq!(objects(&format!("match[id]={id}")).await, indicators[..1]);
    assert_eq!(
        objects(&format!("match[id]={id}&match[type]=report"))
            .await
            .len(),
        0
    );
    let other = id.replace("indicator", "report");
    assert_eq!(
        objects(&format!("match[id]={other},x,report--1"))
            .await
            .len(),
        0
    );
    let modified = indicators[0]["modified"].as_str().unwrap();
    let of_version = objects(&format!("match[version]={modified}&match[type]=indicator")).await;
    assert_eq!(of_version, indicators, "one report, one moment");
    assert_eq!(
        objects("match[version]=2001-01-01T00:00:00Z").await.len(),
        0
    );
    assert_eq!(objects("match[version]=first,last").await.len(), 12);
    assert_eq!(objects("match[spec_version]=2.0").await.len(), 0);
    assert_eq!(objects("match[spec_version]=2.0,2.1").await.len(), 12);
    let urls = ask(&server, "/taxii2/root/collections/urls/objects/")
        .await
        .json();
    let said = urls["objects"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(said["pattern"], "[url:value = 'https://bad.example/a']");
    assert_eq!(
        types(&urls).iter().filter(|t| **t == "indicator").count(),
        1
    );
}

#[tokio::test]
async fn one_object_is_found_by_its_id_with_its_version() {
    let server = known().await;
    for object in walk(&server, &format!("{ALL}/objects/"), 100).await {
        let path = format!("{ALL}/objects/{}", object["id"].as_str().unwrap());
        let found = ask(&server, &format!("{path}/")).await.json();
        assert_eq!(found["objects"], json!([object]));
        let versions = ask(&server, &format!("{path}/versions/")).await.json();
        let version = object.get("modified").unwrap_or(&object["created"]);
        assert_eq!(versions["versions"], json!([version]));
    }
    for unknown in [
        format!("{ALL}/objects/indicator--00000000-0000-4000-8000-000000000000/"),
        format!("{ALL}/objects/x/"),
        "/taxii2/root/collections/none/objects/".to_owned(),
    ] {
        let refused = server.get(&unknown).await;
        assert_eq!(refused.status, StatusCode::NOT_FOUND, "{}", refused.text());
        assert_eq!(refused.header("content-type"), MEDIA);
        let error = refused.json();
        assert_eq!(
            (&error["http_status"], &error["error_code"]),
            (&json!("404"), &json!("not_found"))
        );
        assert!(error["title"].is_string() && error["description"].is_string());
        assert_eq!(error["error_id"], refused.header("x-request-id"));
    }
}

#[tokio::test]
async fn what_cannot_be_meant_and_what_cannot_be_taken_is_refused() {
    let server = known().await;
    for query in [
        "limit=0",
        "limit=x",
        "limit=-1",
        "next=x",
        "next=1.2&next=1.2",
        "added_after=yesterday",
        "match[version]=newest",
    ] {
        let refused = server.get(&format!("{ALL}/objects/?{query}")).await;
        assert_eq!(refused.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(refused.header("content-type"), MEDIA);
    }
    let old = request(Method::GET, "/taxii2/")
        .header("accept", "application/vnd.oasis.taxii+json;version=2.0");
    let refused = server.send(old.body(Body::empty()).unwrap()).await;
    assert_eq!(refused.status, StatusCode::NOT_ACCEPTABLE);
    assert_eq!(refused.json()["error_code"], "not_acceptable");
}

#[tokio::test]
async fn every_way_to_send_a_token_opens_a_private_server() {
    let settings = Settings {
        private_reads: true,
        ..Settings::default()
    };
    let server = Server::with(settings).await;
    let send = async |authorization: Option<String>| {
        let mut asked = request(Method::GET, "/taxii2/");
        if let Some(authorization) = authorization {
            asked = asked.header("authorization", authorization);
        }
        server.send(asked.body(Body::empty()).unwrap()).await
    };
    let token = server.member.as_str();
    let basic = |pair: String| format!("Basic {}", base64(pair.as_bytes()));
    for good in [
        format!("Bearer {token}"),
        format!("Token {token}"),
        basic(format!("anybody:{token}")),
        basic(format!(":{token}")),
    ] {
        assert_eq!(
            send(Some(good.clone())).await.status,
            StatusCode::OK,
            "{good}"
        );
    }
    for bad in [
        None,
        Some("Token x".to_owned()),
        Some(basic("member:correct horse".to_owned())),
        Some(basic(token.to_owned())),
        Some("Basic é".to_owned()),
    ] {
        let refused = send(bad).await;
        assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
        assert!(refused.header("www-authenticate").contains("Basic realm="));
        assert_eq!(refused.json()["http_status"], "401");
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let mut bits = 0;
        for at in 0..3 {
            bits = bits << 8 | u32::from(*chunk.get(at).unwrap_or(&0));
        }
        for at in 0..=chunk.len() {
            text.push(char::from(DIGITS[(bits >> (18 - 6 * at)) as usize & 63]));
        }
    }
    text
}

#[tokio::test]
async fn an_indicator_moves_when_its_first_report_changes_and_stays_when_others_come_and_go() {
    let server = Server::new().await;
    let shared = || vec![finding(Kind::Domain, "bad.example.com")];
    let first = server.report("first", shared()).await;
    let path = "/taxii2/root/collections/domains/objects/?match[type]=indicator";
    let held = async || ask(&server, path).await.json()["objects"].clone();
    let before = held().await;
    let second = server.report("second", shared()).await;
    assert_eq!(held().await, before);
    let edit = json!({"tlp": "red"});
    let of = |id: &str| format!("/api/submissions/{id}");
    server
        .call(&server.member, Method::PATCH, &of(&first), edit)
        .await;
    // Now the second is the one that stands before.
    let after = held().await;
    assert_eq!(after[0]["id"], before[0]["id"]);
    assert!(after[0]["modified"].as_str() > before[0]["modified"].as_str());
    assert_eq!(after[0].get("object_marking_refs"), None);
    server
        .call(&server.member, Method::DELETE, &of(&second), Value::Null)
        .await;
    let last = held().await;
    assert!(last[0]["modified"].as_str() > after[0]["modified"].as_str());
    let red = "marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed";
    assert_eq!(last[0]["object_marking_refs"], json!([red]));
    server
        .call(&server.member, Method::DELETE, &of(&first), Value::Null)
        .await;
    assert_eq!(held().await, json!([]));
}

/// Hands in, reads, changes, reads again and deletes; values are shared with other writers.
async fn write(server: Arc<Server>, writer: usize) {
    let store = &server.database.store;
    for round in 0..25 {
        let new = text(server.member_id, &format!("{writer} {round}"));
        store.insert_submission(new, Duration::ZERO).await.unwrap();
        let Some(job) = store.claim(Duration::from_secs(60)).await.unwrap() else {
            continue;
        };
        let findings = (0..6).map(|n| {
            let value = format!("d{}.example.com", (writer + round * 5 + n * n * 3) % 60);
            if (writer + n).is_multiple_of(4) {
                flagged(Kind::Domain, &value)
            } else {
                finding(Kind::Domain, &value)
            }
        });
        let mut findings: Vec<_> = findings.collect();
        findings.sort_by(|a, b| a.value.cmp(&b.value));
        findings.dedup_by(|a, b| a.value == b.value);
        let finished = Finished {
            content_type: "text/plain".to_owned(),
            title: None,
            summary: None,
            language: None,
            text: String::new(),
            findings,
            warnings: Vec::new(),
            content: None,
        };
        store.finish(&job, finished).await.unwrap();
        match round % 3 {
            0 => drop(store.reprocess_submission(job.submission_id).await.unwrap()),
            1 => drop(store.delete_submission(job.submission_id).await.unwrap()),
            _ => {}
        }
    }
}

/// Follows `next` to the end and starts from the last moment it saw, until the writers have stopped.
async fn mirror(
    server: Arc<Server>,
    limit: usize,
    stopped: Arc<AtomicBool>,
) -> BTreeMap<String, Value> {
    let mut mirror = BTreeMap::new();
    let mut seen = HashSet::new();
    let mut added_after = "1970-01-01T00:00:00Z".to_owned();
    loop {
        let last_look = stopped.load(Ordering::SeqCst);
        let (mut next, mut reached) = (String::new(), added_after.clone());
        loop {
            let path = format!("{ALL}/objects/?limit={limit}&added_after={added_after}{next}");
            let answer = ask(&server, &path).await;
            let page = answer.json();
            for object in page["objects"].as_array().unwrap() {
                let id = object["id"].as_str().unwrap().to_owned();
                let version = object.get("modified").map(Value::to_string);
                assert!(seen.insert((id.clone(), version)), "{id} came twice");
                mirror.insert(id, object.clone());
            }
            // The last page may be empty: what it promised was deleted meanwhile.
            if let Some(last) = answer.headers.get("x-taxii-date-added-last") {
                reached = last.to_str().unwrap().to_owned();
            }
            match page["next"].as_str() {
                Some(place) => next = format!("&next={place}"),
                None => break,
            }
        }
        added_after = reached;
        if last_look {
            return mirror;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mirrors_miss_nothing_and_get_nothing_twice_while_four_writers_write() {
    let settings = Settings {
        anonymous_per_minute: 0,
        ..Settings::default()
    };
    let server = Arc::new(Server::with(settings).await);
    let stopped = Arc::new(AtomicBool::new(false));
    let mut mirrors = JoinSet::new();
    for limit in [1, 7, 100] {
        mirrors.spawn(mirror(server.clone(), limit, stopped.clone()));
    }
    let mut writers = JoinSet::new();
    for writer in 0..4 {
        writers.spawn(write(server.clone(), writer));
    }
    writers.join_all().await;
    stopped.store(true, Ordering::SeqCst);
    let truth = walk(&server, &format!("{ALL}/objects/"), 1000).await;
    assert!(truth.len() > 60, "{}", truth.len());
    for mirror in mirrors.join_all().await {
        for object in &truth {
            let id = object["id"].as_str().unwrap();
            let held = mirror.get(id).unwrap_or_else(|| panic!("{id} is missing"));
            let [held_at, at] = [held, object].map(|o| o.get("modified").map(Value::to_string));
            // Where the report it became known by is gone, the next oldest speaks for an indicator: perhaps one
            // that the mirror has passed. Reports themselves only move forward.
            assert!(
                held_at <= at && (held["type"] != "report" || held == object),
                "{id}"
            );
            assert_eq!(
                (&held["pattern"], &held["name"]),
                (&object["pattern"], &object["name"])
            );
        }
    }
}
