//! Editing, reading again, deleting: by owners and administrators.

use axum::http::{Method, StatusCode};
use iocsift::account::Scope;
use iocsift::indicator::Kind;
use serde_json::{Value, json};

use super::{Server, finding, token};

#[tokio::test]
async fn an_edit_changes_what_it_names_and_clears_what_is_null() {
    let server = Server::new().await;
    let id = server.report("text", vec![]).await;
    let path = format!("/api/submissions/{id}");
    let edit =
        json!({"title": "New", "tags": [" apt ", "apt", "", "loader"], "tlp": "amber+strict"});
    let edited = server
        .call(&server.member, Method::PATCH, &path, edit)
        .await;
    assert_eq!(edited.status, StatusCode::OK, "{}", edited.text());
    let edited = edited.json();
    assert_eq!(
        (edited["title"].clone(), edited["tags"].clone()),
        (json!("New"), json!(["apt", "loader"]))
    );
    assert_eq!(
        (edited["tlp"].clone(), edited["summary"].clone()),
        (json!("amber+strict"), json!("A summary."))
    );
    let cleared = server
        .call(
            &server.member,
            Method::PATCH,
            &path,
            json!({"summary": null, "tlp": null}),
        )
        .await
        .json();
    assert_eq!(
        (
            cleared["summary"].clone(),
            cleared["tlp"].clone(),
            cleared["title"].clone()
        ),
        (json!(null), json!(null), json!("New"))
    );
    let before = edited["updated_at"].as_str().unwrap();
    assert!(
        cleared["updated_at"].as_str().unwrap() > before,
        "a mirror learns of it"
    );
}

#[tokio::test]
async fn an_edit_that_means_nothing_is_refused() {
    let server = Server::new().await;
    let path = format!("/api/submissions/{}", server.paste("text").await);
    let long = "x".repeat(301);
    for body in [
        json!({}),
        json!({"titel": "x"}),
        json!({"tlp": "purple"}),
        json!({"title": long}),
        json!({"title": "a\u{0}"}),
        json!({"tags": "x"}),
        json!({"tags": [1]}),
        json!({"tags": ["x".repeat(65)]}),
    ] {
        server
            .call(&server.member, Method::PATCH, &path, body)
            .await
            .refuses(422, "invalid_request");
    }
}

#[tokio::test]
async fn only_owners_and_administrators_change_a_submission() {
    let server = Server::new().await;
    let theirs = server
        .call(
            &server.admin,
            Method::POST,
            "/api/submissions/text",
            json!({"text": "theirs"}),
        )
        .await
        .json();
    let path = format!("/api/submissions/{}", theirs["id"].as_str().unwrap());
    let title = json!({"title": "Mine now"});
    server
        .call(&server.member, Method::PATCH, &path, title.clone())
        .await
        .refuses(403, "not_yours");
    server
        .call(&server.member, Method::DELETE, &path, Value::Null)
        .await
        .refuses(403, "not_yours");
    server
        .call(
            &server.member,
            Method::POST,
            &format!("{path}/reprocess"),
            Value::Null,
        )
        .await
        .refuses(403, "not_yours");
    let own = format!("/api/submissions/{}", server.paste("own").await);
    assert_eq!(
        server
            .call(&server.admin, Method::PATCH, &own, title.clone())
            .await
            .status,
        StatusCode::OK
    );
    let reader = token(&server.database, server.member_id, &[Scope::Read], None).await;
    let refused = server.call(&reader, Method::PATCH, &own, title).await;
    refused.refuses(403, "insufficient_scope");
    assert!(refused.json()["detail"].as_str().unwrap().contains("write"));
}

#[tokio::test]
async fn a_deleted_submission_is_gone_everywhere_but_in_the_change_feed() {
    let server = Server::new().await;
    let id = server
        .report("text", vec![finding(Kind::Ipv4, "192.0.2.1")])
        .await;
    let path = format!("/api/submissions/{id}");
    let deleted = server
        .call(&server.member, Method::DELETE, &path, Value::Null)
        .await;
    assert_eq!(
        (deleted.status, deleted.body.len()),
        (StatusCode::NO_CONTENT, 0)
    );
    server.get(&path).await.refuses(410, "deleted");
    server
        .get(&format!("{path}/export"))
        .await
        .refuses(410, "deleted");
    server
        .get_as(&server.member, &format!("{path}/content"))
        .await
        .refuses(410, "deleted");
    server
        .call(&server.member, Method::DELETE, &path, Value::Null)
        .await
        .refuses(410, "deleted");
    assert_eq!(server.get("/api/submissions").await.json(), json!([]));
    let feed = server.get("/api/submissions?since=1970-01-01").await.json();
    assert_eq!(
        (feed[0]["id"].clone(), feed[0]["status"].clone()),
        (json!(id), json!("deleted"))
    );
    assert_eq!(server.get("/api/iocs/stats").await.json()["total_iocs"], 0);
}

#[tokio::test]
async fn reading_again_puts_a_completed_submission_back_in_the_queue() {
    let server = Server::new().await;
    let id = server
        .report("text", vec![finding(Kind::Ipv4, "192.0.2.1")])
        .await;
    let again = server
        .post(&format!("/api/submissions/{id}/reprocess"), Value::Null)
        .await;
    assert_eq!(
        (again.status, again.json()["status"].clone()),
        (StatusCode::ACCEPTED, json!("pending"))
    );
    server.work(vec![finding(Kind::Ipv4, "192.0.2.2")]).await;
    let detail = server.get(&format!("/api/submissions/{id}")).await.json();
    assert_eq!(
        (
            detail["ioc_count"].clone(),
            detail["iocs"][0]["value"].clone()
        ),
        (json!(1), json!("192.0.2.2"))
    );
}
