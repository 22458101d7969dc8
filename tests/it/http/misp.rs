//! The MISP feed, read as a subscriber reads it.

use std::collections::BTreeSet;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use iocsift::http::Settings;
use iocsift::indicator::Kind;
use md5::{Digest, Md5};
use serde_json::{Value, json};

use super::{Server, bearer, finding, flagged, request};

const MANIFEST: &str = "/misp/manifest.json";

async fn known() -> (Server, String) {
    let server = Server::new().await;
    let findings = vec![
        finding(Kind::Ipv4, "203.0.113.7"),
        finding(Kind::IpPort, "203.0.113.7:443"),
        flagged(Kind::Domain, "example.org"),
    ];
    let id = server.report("first", findings).await;
    server.report("nothing in it", vec![]).await;
    server.paste("not read yet").await;
    (server, id)
}

fn timestamp(event: &Value) -> i64 {
    event["timestamp"].as_str().unwrap().parse().unwrap()
}

#[tokio::test]
async fn the_manifest_names_every_event_and_each_event_is_a_file() {
    let (server, id) = known().await;
    let answer = server.get(MANIFEST).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header("content-type"), "application/json");
    let manifest = answer.json();
    let entries = manifest.as_object().unwrap();
    assert_eq!(entries.len(), 1, "{manifest}");
    for (uuid, entry) in entries {
        let event = server.get(&format!("/misp/{uuid}.json")).await.json()["Event"].clone();
        assert_eq!(&event["uuid"], uuid);
        for (name, told) in entry.as_object().unwrap() {
            assert_eq!(&event[name], told, "{name}");
        }
        for own in ["distribution", "id", "org_id"] {
            assert_eq!(event.get(own), None, "{own} is for the importing side");
            assert!(
                event["Attribute"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .all(|a| a.get(own).is_none())
            );
        }
        let export = server
            .get(&format!("/api/submissions/{id}/export?format=misp"))
            .await;
        assert_eq!(
            &export.json()["Event"]["uuid"],
            uuid,
            "the export is the same event"
        );
    }
}

#[tokio::test]
async fn the_hashes_are_those_of_every_value_and_of_each_part_of_one() {
    let (server, _) = known().await;
    let manifest = server.get(MANIFEST).await.json();
    let uuid = manifest.as_object().unwrap().keys().next().unwrap().clone();
    let event = server.get(&format!("/misp/{uuid}.json")).await.json();
    let mut expected = BTreeSet::new();
    for attribute in event["Event"]["Attribute"].as_array().unwrap() {
        let value = attribute["value"].as_str().unwrap();
        let parts = match attribute["type"].as_str().unwrap().contains('|') {
            true => value.split('|').collect(),
            false => vec![value],
        };
        for part in parts {
            let hex: String = Md5::digest(part)
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect();
            expected.insert(format!("{hex},{uuid}"));
        }
    }
    let answer = server.get("/misp/hashes.csv").await;
    assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
    let lines: BTreeSet<String> = answer.text().lines().map(str::to_owned).collect();
    assert_eq!(lines, expected);
    let address: String = Md5::digest("203.0.113.7")
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    assert!(lines.contains(&format!("{address},{uuid}")));
}

#[tokio::test]
async fn every_change_that_was_told_raises_the_timestamp() {
    let (server, id) = known().await;
    let path = format!("/api/submissions/{id}");
    let mut last = 0;
    for title in ["a", "b", "c"] {
        // Two changes at once are one to the subscriber: neither was told before the other.
        for title in [title, "again"] {
            let edit = json!({ "title": title });
            server
                .call(&server.member, Method::PATCH, &path, edit)
                .await;
        }
        let manifest = server.get(MANIFEST).await.json();
        let (uuid, entry) = manifest.as_object().unwrap().iter().next().unwrap();
        assert!(timestamp(entry) > last, "{last} {entry}");
        last = timestamp(entry);
        let event = server.get(&format!("/misp/{uuid}.json")).await.json()["Event"].clone();
        assert_eq!(timestamp(&event), last);
        assert_eq!(event["info"], "again");
    }
}

#[tokio::test]
async fn who_has_a_file_already_does_not_get_it_again() {
    let (server, id) = known().await;
    let uuid = {
        let manifest = server.get(MANIFEST).await.json();
        manifest.as_object().unwrap().keys().next().unwrap().clone()
    };
    let files = [
        MANIFEST.to_owned(),
        "/misp/hashes.csv".to_owned(),
        format!("/misp/{uuid}.json"),
    ];
    let mut tags = Vec::new();
    let ask = async |file: &str, tag: &str| {
        let asked = request(Method::GET, file).header("if-none-match", tag);
        server.send(asked.body(Body::empty()).unwrap()).await
    };
    for file in &files {
        let tag = server.get(file).await.header("etag").to_owned();
        let same = ask(file, &tag).await;
        assert_eq!(
            (same.status, same.body.len()),
            (StatusCode::NOT_MODIFIED, 0),
            "{file}"
        );
        tags.push(tag);
    }
    let path = format!("/api/submissions/{id}");
    server
        .call(
            &server.member,
            Method::PATCH,
            &path,
            json!({"title": "new"}),
        )
        .await;
    for (file, tag) in files.iter().zip(&tags) {
        assert_eq!(ask(file, tag).await.status, StatusCode::OK, "{file}");
    }
    server
        .call(&server.member, Method::DELETE, &path, Value::Null)
        .await;
    assert_eq!(server.get(MANIFEST).await.text(), "{}\n");
    assert_eq!(server.get("/misp/hashes.csv").await.text(), "");
    server.get(&files[2]).await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_private_feed_opens_with_a_token_and_other_files_are_not_there() {
    let server = Server::with(Settings {
        private_reads: true,
        ..Settings::default()
    })
    .await;
    for file in ["manifest.json", "hashes.csv"] {
        let path = format!("/misp/{file}");
        server
            .get(&path)
            .await
            .refuses(401, "authentication_required");
        let asked = bearer(Method::GET, &path, &server.member).body(Body::empty());
        assert_eq!(server.send(asked.unwrap()).await.status, StatusCode::OK);
    }
    for file in ["x.json", "x", "00000000-0000-4000-8000-000000000000.json"] {
        let path = format!("/misp/{file}");
        server
            .get_as(&server.member, &path)
            .await
            .refuses(404, "not_found");
    }
}
