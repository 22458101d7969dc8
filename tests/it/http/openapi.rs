//! The description of the API, held against the API.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::Value;

use super::{Server, request};

/// Every address of the API that the code of the room writes down.
fn written(below: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && !path.ends_with("openapi") && !path.ends_with("pages") {
            written(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap();
            let lines = code
                .lines()
                .filter(|line| !line.trim_start().starts_with("//"));
            for literal in lines.flat_map(|line| line.split('"').skip(1).step_by(2)) {
                let known = [
                    "/api/", "/taxii2/", "/misp/", "/healthz", "/readyz", "/metrics",
                ];
                let formatted = literal.contains("{}");
                if !formatted && known.iter().any(|start| literal.starts_with(start)) {
                    // A description knows no parameter of several segments.
                    found.insert(literal.replace("{*", "{"));
                }
            }
        }
    }
}

#[tokio::test]
async fn every_route_is_described_with_its_methods_and_no_other() {
    let server = Server::new().await;
    let answer = server.get("/api/openapi.json").await;
    assert_eq!(answer.header("content-type"), "application/json");
    let paths = answer.json()["paths"].as_object().unwrap().clone();
    let mut routes = BTreeSet::new();
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/http");
    written(&room, &mut routes);
    routes.insert("/api/openapi.json".to_owned());
    assert!(routes.len() > 30, "{routes:?}");
    assert_eq!(routes, paths.keys().cloned().collect());

    for (path, item) in &paths {
        let real = path
            .replace("{collection}", "all")
            .replace("{file}", "x.json")
            .replace("{value}", "192.0.2.1")
            .replace("{id}", "sub_01h455vb4pex5vsknk084sn02q");
        for method in [
            Method::GET,
            Method::POST,
            Method::PATCH,
            Method::PUT,
            Method::DELETE,
        ] {
            let asked = request(method.clone(), &real).body(Body::empty()).unwrap();
            let answer = server.send(asked).await;
            let status = answer.status;
            let described = &item[method.as_str().to_lowercase()];
            // An address that lacks its value takes no method, and has its own words for one.
            let lacks_value = answer.text().contains("EMPTY_VALUE");
            assert_eq!(
                status == StatusCode::METHOD_NOT_ALLOWED || lacks_value,
                described.is_null(),
                "{method} {path}: {status}"
            );
            if !described.is_null() {
                let known = &described["responses"][status.as_str()];
                assert!(known.is_object(), "{method} {path} answers {status}");
            }
        }
    }
}

#[tokio::test]
async fn every_operation_says_what_it_takes_what_it_answers_and_how_it_refuses() {
    let server = Server::new().await;
    let document = server.get("/api/openapi.json").await.json();
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"));
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let what = format!("{method} {path}");
            assert!(
                operation["operationId"].is_string() && operation["summary"].is_string(),
                "{what}"
            );
            for parameter in operation["parameters"].as_array().unwrap() {
                let said = parameter["description"].as_str().map(str::len);
                assert!(
                    parameter["in"] == "path" || said > Some(0),
                    "{what}: {parameter}"
                );
                assert!(parameter["schema"].is_object(), "{what}: {parameter}");
            }
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.keys().any(|status| status.starts_with('2')),
                "{what}"
            );
            for (status, response) in responses {
                assert!(response["description"].is_string(), "{what} {status}");
                let bare = ["204", "304", "431"].contains(&status.as_str());
                assert_eq!(response["content"].is_null(), bare, "{what} {status}");
            }
            let is_open = operation["security"]
                .as_array()
                .unwrap()
                .contains(&Value::Object(Default::default()));
            let is_known = !operation["security"].as_array().unwrap().is_empty();
            assert_eq!(is_known, responses.contains_key("401"), "{what}");
            assert!(
                is_open || !is_known || responses.contains_key("403"),
                "{what}"
            );
        }
    }
}

#[tokio::test]
async fn the_page_of_the_description_needs_nothing_from_elsewhere() {
    let server = Server::new().await;
    for (path, media) in [
        ("/api/docs", "text/html"),
        ("/assets/reference.js", "text/javascript"),
    ] {
        let answer = server.get(path).await;
        assert_eq!(answer.status, StatusCode::OK);
        assert!(answer.header("content-type").starts_with(media));
        assert!(!answer.text().contains("://"), "{path}");
    }
    let tag = server
        .get("/api/openapi.json")
        .await
        .header("etag")
        .to_owned();
    let asked = request(Method::GET, "/api/openapi.json").header("if-none-match", tag);
    let same = server.send(asked.body(Body::empty()).unwrap()).await;
    assert_eq!(same.status, StatusCode::NOT_MODIFIED);
}
