//! Lists as administrators keep them: made, uploaded, seen, changed, removed.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use serde_json::{Value, json};

use super::{Answer, Server, bearer};

impl Server {
    async fn list(&self, method: Method, path: &str, body: Value) -> Answer {
        let path = format!("/api/lists{path}");
        self.call(&self.admin, method, &path, body).await
    }

    async fn put_list(&self, token: &str, id: &str, query: &str, text: &str) -> Answer {
        let path = format!("/api/lists/{id}/content{query}");
        let request = bearer(Method::PUT, &path, token).body(Body::from(text.to_owned()));
        self.send(request.unwrap()).await
    }

    /// A new list; its id.
    async fn new_list(&self, list: Value) -> String {
        let made = self.list(Method::POST, "", list).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(made.header("location"), format!("/api/lists/{id}"));
        id
    }

    async fn is_found(&self, value: &str) -> bool {
        self.keeper.lock().await.look().await.unwrap();
        let answer = self.get(&format!("/api/v1/ioc/{value}/")).await.json();
        answer["data"]["found"].as_bool().unwrap()
    }
}

#[tokio::test]
async fn a_list_is_made_uploaded_looked_up_disabled_and_removed() {
    let server = Server::new().await;
    let id = server
        .new_list(
            json!({"slug": "seen-today", "format": "txt", "page_url": "https://lists.example/"}),
        )
        .await;
    let made = server
        .get_as(&server.member, &format!("/api/lists/{id}"))
        .await
        .json();
    assert_eq!(
        (&made["kind"], &made["name"]),
        (&json!("threat_intel"), &json!("seen-today"))
    );
    assert_eq!(made["health"]["entries"], 0);
    assert_eq!(made["health"]["last_success_at"], Value::Null);

    let answer = server
        .put_list(
            &server.admin,
            &id,
            "",
            "# ours\nevil-host.net\nno indicator\n",
        )
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let health = answer.json()["health"].clone();
    assert_eq!(
        (&health["entries"], &health["refused"], &health["error"]),
        (&json!(1), &json!(1), &Value::Null)
    );
    assert!(health["last_success_at"].is_string() && health["next_check_at"].is_null());
    assert!(server.is_found("evil-host.net").await);

    let edit = json!({"enabled": false, "name": "Seen today", "kind": "contextual"});
    let edited = server
        .list(Method::PATCH, &format!("/{id}"), edit)
        .await
        .json();
    assert_eq!(
        (&edited["name"], &edited["kind"]),
        (&json!("Seen today"), &json!("contextual"))
    );
    assert!(!server.is_found("evil-host.net").await);
    let edit = json!({"enabled": true, "name": null});
    let edited = server
        .list(Method::PATCH, &format!("/{id}"), edit)
        .await
        .json();
    assert_eq!(edited["name"], "seen-today");
    assert!(server.is_found("evil-host.net").await);

    let lists = server.get_as(&server.member, "/api/lists").await.json();
    assert_eq!(lists, json!([edited]));
    let gone = server
        .list(Method::DELETE, &format!("/{id}"), Value::Null)
        .await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    assert!(!server.is_found("evil-host.net").await);
    server
        .list(Method::DELETE, &format!("/{id}"), Value::Null)
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn an_upload_that_is_no_list_or_has_shrunk_leaves_the_one_before() {
    let server = Server::new().await;
    let id = server
        .new_list(json!({"slug": "seen", "format": "txt"}))
        .await;
    let put =
        async |query: &str, text: &str| server.put_list(&server.admin, &id, query, text).await;
    assert_eq!(
        put("", "a-host.net\nb-host.net\nc-host.net\n").await.status,
        StatusCode::OK
    );
    for (text, why) in [
        ("a-host.net\n", "1 entries where 3 were"),
        (
            "<html>\n<body>Sign in</body>\n</html>\n",
            "cannot be read as txt",
        ),
    ] {
        let answer = put("", text).await;
        answer.refuses(422, "invalid_request");
        assert!(
            answer.json()["detail"].as_str().unwrap().contains(why),
            "{}",
            answer.text()
        );
    }
    assert!(server.is_found("c-host.net").await);
    assert_eq!(
        put("?force=true", "a-host.net\n").await.json()["health"]["entries"],
        1
    );
    assert!(!server.is_found("c-host.net").await);
    put("?force=maybe", "a-host.net\n")
        .await
        .refuses(422, "invalid_parameter");
}

#[tokio::test]
async fn a_list_with_a_server_is_due_at_once_and_again_when_somebody_asks() {
    let server = Server::new().await;
    let source = "https://lists.example/a.csv?key=secret";
    let id = server
        .new_list(json!({
            "slug": "feed", "format": "csv", "source_url": source, "interval_seconds": 3600,
            "columns": {"value": "dst_ip", "delimiter": ";"},
        }))
        .await;
    let own = server
        .list(Method::GET, &format!("/{id}"), Value::Null)
        .await
        .json();
    assert_eq!(
        (&own["source_url"], &own["columns"]["value"]),
        (&json!(source), &json!("dst_ip"))
    );
    let others = server
        .get_as(&server.member, &format!("/api/lists/{id}"))
        .await
        .json();
    assert_eq!(others["source_url"], "https://lists.example/a.csv?…");

    let store = &server.database.store;
    let lease = std::time::Duration::from_secs(600);
    assert!(store.claim_list(lease).await.unwrap().is_some());
    assert!(store.claim_list(lease).await.unwrap().is_none());
    let due = server
        .list(
            Method::POST,
            &format!("/{id}/refresh?force=true"),
            Value::Null,
        )
        .await;
    assert_eq!(due.status, StatusCode::ACCEPTED);
    assert!(store.claim_list(lease).await.unwrap().unwrap().may_shrink);

    let uploaded = server
        .new_list(json!({"slug": "uploaded", "format": "txt"}))
        .await;
    let refused = server
        .list(Method::POST, &format!("/{uploaded}/refresh"), Value::Null)
        .await;
    refused.refuses(422, "invalid_request");
}

#[tokio::test]
async fn a_list_that_cannot_be_is_refused_in_words() {
    let server = Server::new().await;
    server
        .new_list(json!({"slug": "taken", "format": "txt"}))
        .await;
    for (list, why) in [
        (
            json!({"slug": "taken", "format": "txt"}),
            "There is a list called \"taken\"",
        ),
        (
            json!({"slug": "references", "format": "txt"}),
            "There is a list called",
        ),
        (json!({"slug": "../x", "format": "txt"}), "`slug`"),
        (json!({"slug": "", "format": "txt"}), "`slug`"),
        (
            json!({"slug": "x", "format": "xml"}),
            "`format` must be one of misp-warninglist, txt",
        ),
        (
            json!({"slug": "x", "format": "txt", "kind": "evil"}),
            "unknown variant",
        ),
        (
            json!({"slug": "x", "format": "txt", "interval_seconds": 1}),
            "`interval_seconds`",
        ),
        (
            json!({"slug": "x", "format": "txt", "source_url": "file:///etc/passwd"}),
            "`source_url`",
        ),
        (
            json!({"slug": "x", "format": "txt", "page_url": "javascript:x"}),
            "`page_url`",
        ),
        (
            json!({"slug": "x", "format": "txt", "source": "https://a.example/"}),
            "unknown field",
        ),
    ] {
        let answer = server.list(Method::POST, "", list.clone()).await;
        answer.refuses(422, "invalid_request");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(why), "{list}: {detail}");
    }
}

#[tokio::test]
async fn who_may_read_sees_lists_and_administrators_alone_change_them() {
    let server = Server::new().await;
    let id = server
        .new_list(json!({"slug": "seen", "format": "txt"}))
        .await;
    server
        .get("/api/lists")
        .await
        .refuses(401, "authentication_required");
    assert_eq!(
        server.get_as(&server.member, "/api/lists").await.status,
        StatusCode::OK
    );
    let path = format!("/api/lists/{id}");
    for (method, path, body) in [
        (
            Method::POST,
            "/api/lists".to_owned(),
            json!({"slug": "x", "format": "txt"}),
        ),
        (Method::PATCH, path.clone(), json!({"enabled": false})),
        (Method::DELETE, path.clone(), Value::Null),
        (Method::POST, format!("{path}/refresh"), Value::Null),
    ] {
        let answer = server.call(&server.member, method, &path, body).await;
        answer.refuses(403, "insufficient_scope");
    }
    let answer = server
        .put_list(&server.member, &id, "", "a-host.net\n")
        .await;
    answer.refuses(403, "insufficient_scope");
}

#[tokio::test]
async fn an_administrator_has_marks_made_anew_and_whoever_reads_sees_how_far_it_is() {
    const PATH: &str = "/api/lists/remark";
    let server = Server::new().await;
    let seen = server.get_as(&server.member, PATH).await;
    seen.refuses(404, "not_found");
    let asked = server.post(PATH, Value::Null).await;
    asked.refuses(403, "insufficient_scope");
    let asked = server.call(&server.admin, Method::POST, PATH, Value::Null);
    let run = asked.await;
    assert_eq!(run.status, StatusCode::ACCEPTED);
    let seen = server.get_as(&server.member, PATH).await;
    assert_eq!(seen.json(), run.json());
    for (key, value) in [
        ("ended_at", Value::Null),
        ("submissions", json!(0)),
        ("changed", json!(0)),
    ] {
        assert_eq!(seen.json()[key], value, "{key}");
    }
    server
        .get(PATH)
        .await
        .refuses(401, "authentication_required");
}
