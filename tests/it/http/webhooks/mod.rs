//! Webhooks: made over HTTP, told of what happens, step by step, by a receiver on loopback. What becomes of an event on its
//! way: `sending`.

mod sending;

use std::time::Duration;

use axum::http::{Method, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use iocsift::fetch::{Policy, Poster};
use iocsift::indicator::{Finding, Kind};
use iocsift::submission::{Failure, FailureCode};
use iocsift::worker::webhooks::step;
use serde_json::{Value, json};
use sha2::Sha256;

use super::{Answer, Server, finding, flagged};
use crate::receiver::{Received, Receiver};

const PATH: &str = "/api/webhooks";
/// How long a receiver that says nothing is waited for.
const TIME: Duration = Duration::from_millis(500);

/// Reaches 127.0.0.1 and nothing else that is private.
fn poster() -> Poster {
    let policy = Policy {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        deny: Vec::new(),
    };
    Poster::new(policy, TIME)
}

impl Server {
    /// A webhook of the member; the answer that made it.
    async fn hook(&self, wanted: Value) -> Value {
        let made = self.post(PATH, wanted).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
        made.json()
    }

    /// Sends what is ready; how many events that were.
    async fn send_all(&self) -> usize {
        let poster = poster();
        let mut sent = 0;
        while step(&self.database.store, &poster).await.unwrap() {
            sent += 1;
        }
        sent
    }

    /// No pause is waited for.
    async fn skip_pauses(&self) {
        for statement in [
            "UPDATE webhooks SET ready_at = now()",
            "UPDATE webhook_deliveries SET ready_at = now()",
        ] {
            self.database.execute(statement).await;
        }
    }

    async fn deliveries(&self, hook: &Value) -> Vec<Value> {
        let path = format!("{PATH}/{}/deliveries", hook["id"].as_str().unwrap());
        let found = self.get_as(&self.member, &path).await.json();
        let rows = found["deliveries"].as_array().unwrap().clone();
        assert_eq!(found["total"], rows.len());
        rows
    }

    async fn of_hook(&self, method: Method, hook: &Value, part: &str, body: Value) -> Answer {
        let path = format!("{PATH}/{}{part}", hook["id"].as_str().unwrap());
        self.call(&self.member, method, &path, body).await
    }
}

/// What a receiver does to know who sent it.
fn is_signed(received: &Received, secret: &Value) -> bool {
    let secret = secret.as_str().unwrap().strip_prefix("whsec_").unwrap();
    let key = BASE64_STANDARD.decode(secret).unwrap();
    let mut mac = Hmac::<Sha256>::new_from_slice(&key).unwrap();
    let head = format!(
        "{}.{}.",
        received.header("webhook-id"),
        received.header("webhook-timestamp")
    );
    mac.update(head.as_bytes());
    mac.update(&received.body);
    let sent: i64 = received.header("webhook-timestamp").parse().unwrap();
    let signature = format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()));
    received.header("webhook-signature") == signature
        && (chrono::Utc::now().timestamp() - sent).abs() < 600
}

fn sure(kind: Kind, value: &str, confidence: u8) -> Finding {
    Finding {
        confidence,
        ..finding(kind, value)
    }
}

#[tokio::test]
async fn a_webhook_is_told_of_what_was_read_and_of_new_indicators_that_it_wants_and_can_tell_who_says_so()
 {
    let server = Server::new().await;
    let receiver = Receiver::new().await;
    let known = vec![sure(Kind::Domain, "known.example.com", 90)];
    server.report("before", known).await;
    let hook = server
        .hook(json!({"url": receiver.url, "types": ["domain", "ja3"], "confidence": 50}))
        .await;
    let id = server
        .report(
            "now",
            vec![
                sure(Kind::Domain, "known.example.com", 90),
                sure(Kind::Domain, "new.example.com", 50),
                sure(Kind::Domain, "unsure.example.com", 49),
                sure(Kind::Url, "http://new.example.com/", 90),
                flagged(Kind::Domain, "www.example.org"),
                sure(Kind::Ja3, "72a589da586844d7f0818ce684948eea", 90),
            ],
        )
        .await;
    assert_eq!(server.send_all().await, 2);
    let received = receiver.received();
    for one in &received {
        assert!(is_signed(one, &hook["secret"]));
        assert_eq!(one.header("content-type"), "application/json");
    }
    let mut other = received[0].clone();
    other.body.push(b' ');
    assert!(!is_signed(&other, &hook["secret"]));

    let completed = received[0].json();
    assert_eq!(completed["type"], "submission.completed");
    let shown = server.get(&format!("/api/submissions/{id}")).await.json();
    for (key, value) in completed["data"]["submission"].as_object().unwrap() {
        assert_eq!(value, &shown[key], "{key}");
    }
    let new = received[1].json();
    assert_eq!(new["type"], "iocs.new");
    assert_eq!(new["data"]["submission"]["id"], *id);
    let iocs = new["data"]["iocs"].as_array().unwrap();
    let values: Vec<_> = iocs.iter().map(|ioc| &ioc["value"]).collect();
    assert_eq!(
        values,
        ["new.example.com", "72a589da586844d7f0818ce684948eea"]
    );
    let searched = server
        .get("/api/iocs/search?q=new.example.com&type=domain")
        .await;
    assert_eq!(iocs[0]["id"], searched.json()["iocs"][0]["id"]);

    let log = server.deliveries(&hook).await;
    let ids: Vec<_> = log
        .iter()
        .map(|delivery| delivery["id"].as_str().unwrap())
        .collect();
    assert_eq!(
        ids,
        [
            received[1].header("webhook-id"),
            received[0].header("webhook-id")
        ]
    );
    for delivery in &log {
        assert_eq!(
            (&delivery["status"], &delivery["next_attempt_at"]),
            (&json!("delivered"), &Value::Null)
        );
        assert_eq!(delivery["attempts"][0]["status"], 204);
    }
}

#[tokio::test]
async fn a_webhook_is_told_of_failures_and_where_it_wants_of_its_owners_alone() {
    let server = Server::new().await;
    let (all, own) = (Receiver::new().await, Receiver::new().await);
    server
        .hook(json!({"url": all.url, "events": ["submission.failed"]}))
        .await;
    server.hook(json!({"url": own.url, "own": true})).await;
    let body = json!({"text": "of the administrator"});
    server
        .call(&server.admin, Method::POST, "/api/submissions/text", body)
        .await;
    server.paste("of the member").await;
    let failure = Failure::new(FailureCode::Encrypted, "it needs a password");
    for _ in 0..2 {
        let store = &server.database.store;
        let job = store.claim(Duration::from_secs(60)).await.unwrap().unwrap();
        assert!(store.fail(&job, &failure).await.unwrap());
        // A worker that lost its job tells nobody.
        assert!(!store.fail(&job, &failure).await.unwrap());
    }
    server.send_all().await;
    assert_eq!((all.received().len(), own.received().len()), (2, 1));
    let told = own.received()[0].json();
    assert_eq!(told["type"], "submission.failed");
    assert_eq!(told["data"]["submission"]["error"]["code"], "encrypted");
    assert_eq!(
        told["data"]["submission"]["source_identifier"],
        "of the member"
    );
}

#[tokio::test]
async fn a_secret_is_shown_once_and_webhooks_are_their_owners_and_the_administrators() {
    let server = Server::new().await;
    let hook = server
        .hook(json!({"url": "https://siem.example/hook", "own": true}))
        .await;
    assert!(hook["secret"].as_str().unwrap().starts_with("whsec_"));
    assert_eq!(
        hook["events"],
        json!(["submission.completed", "submission.failed", "iocs.new"])
    );
    let body = json!({"url": "https://soc.example/hook"});
    let of_admin = server
        .call(&server.admin, Method::POST, PATH, body)
        .await
        .json();
    let own = server.get_as(&server.member, PATH).await;
    assert!(!own.text().contains("secret") && !own.text().contains("whsec_"));
    assert_eq!(own.json().as_array().unwrap().len(), 1);
    assert_eq!(
        server
            .get_as(&server.admin, PATH)
            .await
            .json()
            .as_array()
            .unwrap()
            .len(),
        2
    );
    for (method, part, body) in [
        (Method::GET, "", Value::Null),
        (Method::PATCH, "", json!({"paused": true})),
        (Method::DELETE, "", Value::Null),
        (Method::POST, "/test", Value::Null),
        (Method::GET, "/deliveries", Value::Null),
    ] {
        server
            .of_hook(method, &of_admin, part, body)
            .await
            .refuses(404, "not_found");
    }
    let paused = server
        .of_hook(Method::PATCH, &hook, "", json!({"paused": true}))
        .await
        .json();
    assert_eq!(paused["paused_because"], "paused by hand");
    server.report("unheard", vec![]).await;
    assert_eq!(server.deliveries(&hook).await.len(), 0);
    let gone = server.of_hook(Method::DELETE, &hook, "", Value::Null).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    server
        .of_hook(Method::GET, &hook, "", Value::Null)
        .await
        .refuses(404, "not_found");
    server
        .get(PATH)
        .await
        .refuses(401, "authentication_required");
}

#[tokio::test]
async fn a_webhook_that_cannot_be_meant_is_refused() {
    let server = Server::new().await;
    for wanted in [
        json!({"url": "ftp://siem.example/"}),
        json!({"url": "https://me:pass@siem.example/"}),
        json!({"url": "siem.example"}),
        json!({"url": "https://siem.example/", "events": ["webhook.test"]}),
        json!({"url": "https://siem.example/", "events": ["all"]}),
        json!({"url": "https://siem.example/", "types": ["ip"]}),
        json!({"url": "https://siem.example/", "confidence": 101}),
        json!({"url": "https://siem.example/", "filter": {}}),
        json!({}),
    ] {
        server
            .post(PATH, wanted)
            .await
            .refuses(422, "invalid_request");
    }
    for _ in 0..20 {
        server.hook(json!({"url": "https://siem.example/"})).await;
    }
    let one_more = server
        .post(PATH, json!({"url": "https://siem.example/"}))
        .await;
    one_more.refuses(422, "invalid_request");
}
