//! Watches as administrators keep them: made, seen, changed, looked at, removed.

use std::time::Duration;

use axum::http::{Method, StatusCode};
use iocsift::store::{Handed, Polled, Validators};
use iocsift::watch::read;
use serde_json::{Value, json};

use super::{Answer, Server};

const LEASE: Duration = Duration::from_secs(600);
const FEED: &str = "<rss version='2.0'><channel><title>A blog of reports</title>\
    <item><title>Three</title><link>/3</link><pubDate>Sat, 31 Jan 2026 09:15:00 GMT</pubDate></item><item><link>/2</link></item>\
    <item><title>One</title><link>/1</link></item><item/></channel></rss>";

impl Server {
    async fn watch(&self, method: Method, path: &str, body: Value) -> Answer {
        let path = format!("/api/watches{path}");
        self.call(&self.admin, method, &path, body).await
    }

    /// A new watch; its id.
    async fn new_watch(&self, watch: Value) -> String {
        let made = self.watch(Method::POST, "", watch).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        let id = made.json()["id"].as_str().unwrap().to_owned();
        assert_eq!(made.header("location"), format!("/api/watches/{id}"));
        id
    }

    /// A worker finds [`FEED`] at the page that is due.
    async fn look(&self) {
        let store = &self.database.store;
        let polling = store.claim_watch(LEASE).await.unwrap().unwrap();
        let page = read(FEED.as_bytes(), &polling.url, polling.only.as_deref()).unwrap();
        let read = Polled::Read(page, Validators::default());
        assert!(store.settle_watch(&polling, &read).await.unwrap());
    }
}

#[tokio::test]
async fn a_watch_is_made_looked_at_changed_and_removed() {
    let server = Server::new().await;
    let watch = json!({
        "url": "https://Blog.example/feed?key=secret#top", "backfill": 2, "category": "Security Blog", "confidence": "high",
        "industries": ["finance", "energy"], "tlp": "green",
    });
    let id = server.new_watch(watch).await;
    let path = format!("/{id}");
    let made = server.watch(Method::GET, &path, Value::Null).await.json();
    assert_eq!(made["url"], "https://blog.example/feed?key=secret");
    assert_eq!(made["name"], "blog.example");
    assert_eq!(made["category"], "security-blog");
    assert_eq!(made["industries"], json!(["financial-services", "energy"]));
    assert_eq!(
        (&made["interval_seconds"], &made["form"], &made["enabled"]),
        (&json!(3600), &Value::Null, &json!(true))
    );
    assert_eq!(made["health"]["last_success_at"], Value::Null);

    server.look().await;
    let seen = server
        .get_as(&server.member, &format!("/api/watches{path}"))
        .await
        .json();
    assert_eq!(seen["url"], "https://blog.example/feed?…");
    assert_eq!(
        (&seen["name"], &seen["form"]),
        (&json!("A blog of reports"), &json!("rss"))
    );
    let health = &seen["health"];
    for (field, count) in [
        ("entries", 3),
        ("refused", 1),
        ("waiting", 2),
        ("skipped", 1),
        ("submitted", 0),
        ("failures", 0),
    ] {
        assert_eq!(health[field], count, "{field}");
    }
    assert_eq!(health["last_success_at"], health["last_new_at"]);

    let store = &server.database.store;
    let handing = store.claim_entry(LEASE).await.unwrap().unwrap();
    let handed = store.hand_in(&handing, Duration::ZERO).await.unwrap();
    let Handed::New(submission) = handed else {
        panic!("{handed:?}");
    };
    let entries = server
        .get_as(
            &server.member,
            &format!("/api/watches{path}/entries?limit=2"),
        )
        .await
        .json();
    assert_eq!(
        (&entries["total"], &entries["limit"]),
        (&json!(3), &json!(2))
    );
    let [newest, next] = entries["entries"].as_array().unwrap().as_slice() else {
        panic!("{entries}");
    };
    assert_eq!(
        (&newest["title"], &newest["state"], &newest["submission_id"]),
        (&json!("Three"), &json!("waiting"), &Value::Null)
    );
    assert!(
        newest["published_at"]
            .as_str()
            .unwrap()
            .starts_with("2026-01-31T09:15:00")
    );
    assert_eq!(
        (&next["url"], &next["state"], &next["submission_id"]),
        (
            &json!("https://blog.example/2"),
            &json!("submitted"),
            &json!(submission)
        )
    );
    let read = server
        .get(&format!("/api/submissions/{submission}"))
        .await
        .json();
    assert_eq!(
        (&read["category"], &read["tlp"], &read["status"]),
        (&json!("security-blog"), &json!("green"), &json!("pending"))
    );

    let edit = json!({"name": "Theirs", "category": null, "industries": null, "tlp": null, "interval_seconds": 600, "enabled": false});
    let edited = server.watch(Method::PATCH, &path, edit).await.json();
    assert_eq!(
        (&edited["name"], &edited["interval_seconds"]),
        (&json!("Theirs"), &json!(600))
    );
    for field in ["category", "industries", "tlp"] {
        assert_eq!(edited[field], Value::Null, "{field}");
    }
    assert!(edited["health"]["next_check_at"].as_str() < health["next_check_at"].as_str());
    let all = server.watch(Method::GET, "", Value::Null).await.json();
    assert_eq!(all, json!([edited]));

    let gone = server.watch(Method::DELETE, &path, Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    for path in [path.clone(), format!("{path}/entries")] {
        let answer = server.watch(Method::GET, &path, Value::Null).await;
        answer.refuses(404, "not_found");
    }
    let stays = server.get(&format!("/api/submissions/{submission}")).await;
    assert_eq!(stays.status, StatusCode::OK);
}

#[tokio::test]
async fn a_watch_is_due_at_once_and_again_when_somebody_asks() {
    let server = Server::new().await;
    let id = server
        .new_watch(json!({"url": "https://blog.example/feed"}))
        .await;
    let store = &server.database.store;
    assert!(store.claim_watch(LEASE).await.unwrap().is_some());
    assert!(store.claim_watch(LEASE).await.unwrap().is_none());
    let due = server
        .watch(Method::POST, &format!("/{id}/poll"), Value::Null)
        .await;
    assert_eq!(due.status, StatusCode::ACCEPTED);
    assert!(store.claim_watch(LEASE).await.unwrap().is_some());
    let other = "/watch_01h455vb4pex5vsknk084sn02q/poll";
    let answer = server.watch(Method::POST, other, Value::Null).await;
    answer.refuses(404, "not_found");
}

#[tokio::test]
async fn a_watch_that_cannot_be_is_refused_in_words() {
    let server = Server::new().await;
    for (field, value, why) in [
        ("url", json!("file:///etc/passwd"), "`url` must begin with"),
        (
            "url",
            json!("https://a:b@blog.example/"),
            "`url` must not carry",
        ),
        ("url", json!("blog.example"), "`url` is not an absolute URL"),
        (
            "only",
            json!("blog/"),
            "`only` must be the beginning of a path",
        ),
        ("interval_seconds", json!(60), "`interval_seconds`"),
        ("backfill", json!(5000), "`backfill`"),
        ("confidence", json!("85"), "unknown variant"),
        ("tlp", json!("blue"), "unknown variant"),
        ("category", json!("a/b"), "`category`"),
        ("industries", json!(["farming"]), "`industries`"),
        ("name", json!("n".repeat(400)), "`name`"),
        ("interval", json!(600), "unknown field"),
    ] {
        let mut watch = json!({"url": "https://blog.example/feed"});
        watch[field] = value;
        let answer = server.watch(Method::POST, "", watch.clone()).await;
        answer.refuses(422, "invalid_request");
        let detail = answer.json()["detail"].as_str().unwrap().to_owned();
        assert!(detail.contains(why), "{watch}: {detail}");
    }
    let all = server.watch(Method::GET, "", Value::Null).await.json();
    assert_eq!(all, json!([]));
}

#[tokio::test]
async fn who_may_read_sees_watches_and_administrators_alone_change_them() {
    let server = Server::new().await;
    let id = server
        .new_watch(json!({"url": "https://blog.example/feed"}))
        .await;
    let path = format!("/api/watches/{id}");
    let entries = format!("{path}/entries");
    for path in ["/api/watches", &path, &entries] {
        server
            .get(path)
            .await
            .refuses(401, "authentication_required");
        let seen = server.get_as(&server.member, path).await;
        assert_eq!(seen.status, StatusCode::OK);
    }
    for (method, path, body) in [
        (
            Method::POST,
            "/api/watches".to_owned(),
            json!({"url": "https://blog.example/"}),
        ),
        (Method::PATCH, path.clone(), json!({"enabled": false})),
        (Method::DELETE, path.clone(), Value::Null),
        (Method::POST, format!("{path}/poll"), Value::Null),
    ] {
        let answer = server.call(&server.member, method, &path, body).await;
        answer.refuses(403, "insufficient_scope");
    }
}
