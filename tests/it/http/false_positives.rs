//! Marks of people over HTTP: who may make one, what it changes where, and that it can be taken back.

use axum::http::{Method, StatusCode};
use iocsift::indicator::Kind;
use serde_json::{Value, json};

use super::{Server, finding};

const PATH: &str = "/api/false-positives";

/// A server with a report, and the path of its indicator.
async fn reported() -> (Server, Value, String) {
    let server = Server::new().await;
    let findings = vec![finding(Kind::Ipv4, "192.0.2.1")];
    server.report("one", findings).await;
    let found = server.get("/api/iocs/search?q=192.0.2.1").await.json();
    let id = found["iocs"][0]["id"].clone();
    let path = format!("/api/iocs/{}", id.as_str().unwrap());
    (server, id, path)
}

#[tokio::test]
async fn a_mark_shows_everywhere_and_is_gone_when_it_is_taken_back() {
    let (server, id, ioc) = reported().await;
    assert_eq!(server.get(&ioc).await.json()["false_positive"], Value::Null);
    let wanted = json!({"ioc_id": id, "reason": "our scanner"});
    let answer = server.post(PATH, wanted).await;
    assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
    let mark = answer.json();
    for (key, value) in [
        ("ioc_id", id.clone()),
        ("type", json!("ipv4")),
        ("value", json!("192.0.2.1")),
        ("reason", json!("our scanner")),
        ("marked_by", json!("member")),
    ] {
        assert_eq!(mark[key], value, "{key}");
    }
    let flag =
        json!([{"reason": "marked as a false positive: our scanner", "list": "false-positives"}]);
    let shown = server.get(&ioc).await.json();
    assert_eq!(shown["flags"], flag);
    assert_eq!(shown["false_positive"]["id"], mark["id"]);
    assert!(shown["false_positive"].get("marked_by").is_none());
    let left = server.get("/api/iocs/export?format=txt&flagged=exclude");
    assert_eq!(left.await.text(), "");
    let read = server.post("/api/extract", json!({"text": "any"})).await;
    assert_eq!(read.json()["iocs"][0]["flags"], flag);

    let again = server.post(PATH, json!({"ioc_id": id})).await;
    assert_eq!(
        (again.status, &again.json()["id"]),
        (StatusCode::OK, &mark["id"])
    );
    let listed = server.get_as(&server.member, PATH).await.json();
    assert_eq!(
        (&listed["total"], &listed["false_positives"][0]),
        (&json!(1), &again.json())
    );

    let path = format!("{PATH}/{}", mark["id"].as_str().unwrap());
    let gone = server.call(&server.member, Method::DELETE, &path, Value::Null);
    assert_eq!(gone.await.status, StatusCode::NO_CONTENT);
    let shown = server.get(&ioc).await.json();
    assert_eq!(
        (&shown["flags"], &shown["false_positive"]),
        (&json!([]), &Value::Null)
    );
    let gone = server.call(&server.member, Method::DELETE, &path, Value::Null);
    gone.await.refuses(404, "not_found");
}

#[tokio::test]
async fn a_member_changes_no_mark_of_another() {
    let (server, id, ioc) = reported().await;
    let wanted = json!({"ioc_id": id, "reason": "ours"});
    let mark = server.call(&server.admin, Method::POST, PATH, wanted).await;
    let path = format!("{PATH}/{}", mark.json()["id"].as_str().unwrap());
    let other = server.post(PATH, json!({"ioc_id": id})).await;
    other.refuses(403, "not_yours");
    let gone = server.call(&server.member, Method::DELETE, &path, Value::Null);
    gone.await.refuses(403, "not_yours");
    let shown = server.get(&ioc).await.json();
    assert_eq!(shown["false_positive"]["reason"], "ours");
}

#[tokio::test]
async fn what_names_no_indicator_or_says_too_much_is_refused() {
    let (server, id, _) = reported().await;
    let gone = json!({"ioc_id": "ioc_01h455vb4pex5vsknk084sn02q"});
    server.post(PATH, gone).await.refuses(404, "not_found");
    for wanted in [
        json!({}),
        json!({"ioc_id": "sub_01h455vb4pex5vsknk084sn02q"}),
        json!({"ioc_id": id, "why": "misspelt"}),
        json!({"ioc_id": id, "reason": "x".repeat(301)}),
        json!({"ioc_id": id, "reason": "a\u{0}b"}),
    ] {
        server
            .post(PATH, wanted)
            .await
            .refuses(422, "invalid_request");
    }
    server
        .get(PATH)
        .await
        .refuses(401, "authentication_required");
    let path = format!("{PATH}/sub_01h455vb4pex5vsknk084sn02q");
    let gone = server.call(&server.admin, Method::DELETE, &path, Value::Null);
    gone.await.refuses(404, "not_found");
    let list = json!({"slug": "false-positives", "format": "txt"});
    let list = server.call(&server.admin, Method::POST, "/api/lists", list);
    list.await.refuses(422, "invalid_request");
}
