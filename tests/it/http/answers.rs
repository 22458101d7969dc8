//! Answers that are given once more: the same as the first while nothing was written, and never older than the question.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use iocsift::account::Scope;
use iocsift::http::{Settings, router};
use iocsift::indicator::Kind;
use iocsift::store::{PoolSettings, Store};
use serde_json::{Value, json};
use sqlx::{Connection, PgConnection};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Server, bearer, finding, request, state, token};
use crate::support::until;

/// A server of its own on the same database, without limits: as another machine.
async fn another(server: &Server) -> axum::Router {
    let store = Store::connect(&server.database.url, &PoolSettings::default())
        .await
        .unwrap();
    let settings = Settings {
        anonymous_per_minute: 0,
        ..Settings::default()
    };
    let catalogue = Default::default();
    router(state(&store, settings, catalogue, CancellationToken::new()).await)
}

async fn get(router: &axum::Router, path: &str) -> (StatusCode, Value) {
    let asked = request(Method::GET, path).body(Body::empty()).unwrap();
    let answer = router.clone().oneshot(asked).await.unwrap();
    let status = answer.status();
    let body = axum::body::to_bytes(answer.into_body(), usize::MAX).await;
    let mut body: Value = serde_json::from_slice(&body.unwrap()).unwrap();
    if let Some(body) = body.as_object_mut() {
        body.remove("request_id");
    }
    (status, body)
}

#[tokio::test]
async fn every_change_shows_in_the_next_answer_of_every_server() {
    let server = Server::new().await;
    let kept = server
        .report("kept", vec![finding(Kind::Ipv4, "198.51.100.7")])
        .await;
    let gone = server
        .report("gone", vec![finding(Kind::Domain, "c2.evil.net")])
        .await;
    let iocs = server.get("/api/iocs/search").await.json();
    let ioc = iocs["iocs"][0]["id"].as_str().unwrap().to_owned();
    let paths = [
        "/api/submissions".to_owned(),
        "/api/submissions?since=2020-01-01T00:00:00Z".to_owned(),
        "/api/submissions/search?q=title".to_owned(),
        format!("/api/submissions/{kept}"),
        format!("/api/submissions/{gone}"),
        "/api/iocs/search?q=evil".to_owned(),
        "/api/iocs/stats".to_owned(),
        format!("/api/iocs/{ioc}"),
    ];
    let other = another(&server).await;
    let path = |id: &str| format!("/api/submissions/{id}");
    let member = &server.member;
    let changes = [
        (Method::PATCH, path(&kept), json!({"title": "Anew"})),
        (
            Method::POST,
            "/api/false-positives".to_owned(),
            json!({"ioc_id": ioc, "reason": "ours"}),
        ),
        (
            Method::POST,
            format!("{}/reprocess", path(&kept)),
            Value::Null,
        ),
        (Method::DELETE, path(&gone), Value::Null),
    ];
    let mut seen = Vec::new();
    for change in [None].into_iter().chain(changes.map(Some)) {
        if let Some((method, path, body)) = change {
            let answer = server.call(member, method, &path, body).await;
            assert!(answer.status.is_success(), "{path}: {}", answer.text());
        }
        // Nothing is kept by one that was never asked.
        let fresh = another(&server).await;
        let mut now = Vec::new();
        for path in &paths {
            let expected = get(&fresh, path).await;
            for _ in 0..2 {
                assert_eq!(get(&other, path).await, expected, "{path}");
            }
            now.push(expected);
        }
        assert!(!seen.contains(&now), "the change shows");
        seen.push(now);
    }
}

#[tokio::test]
async fn what_was_asked_before_is_answered_without_a_look_at_the_tables() {
    let server = Server::new().await;
    let id = server
        .report("a text", vec![finding(Kind::Ipv4, "198.51.100.7")])
        .await;
    let other = another(&server).await;
    let path = format!("/api/submissions/{id}");
    let first = get(&other, &path).await;
    assert_eq!(first.0, StatusCode::OK);
    let mut holder = PgConnection::connect(&server.database.url).await.unwrap();
    // Other tests on the same server of Postgres write in between, now and then.
    until(async || {
        assert_eq!(get(&other, &path).await, first);
        let mut lock = holder.begin().await.unwrap();
        sqlx::raw_sql("LOCK TABLE submissions, iocs, sightings IN ACCESS EXCLUSIVE MODE")
            .execute(&mut *lock)
            .await
            .unwrap();
        let asked = tokio::time::timeout(Duration::from_millis(100), get(&other, &path)).await;
        lock.rollback().await.unwrap();
        asked.is_ok_and(|again| again == first)
    })
    .await;
}

#[tokio::test]
async fn no_reader_of_many_is_told_what_was_before_it_asked() {
    let server = Server::new().await;
    let id = server.report("a text", vec![]).await;
    let path = format!("/api/submissions/{id}");
    let other = another(&server).await;
    let acknowledged = Arc::new(AtomicU64::new(0));
    let mut readers = JoinSet::new();
    for _ in 0..8 {
        let (other, path, acknowledged) = (other.clone(), path.clone(), Arc::clone(&acknowledged));
        readers.spawn(async move {
            let (mut last, mut asked) = (0, 0_u64);
            while last < 200 {
                let least = acknowledged.load(Ordering::SeqCst);
                let (_, body) = get(&other, &path).await;
                last = body["tags"][0]
                    .as_str()
                    .map_or(0, |tag| tag.parse().unwrap());
                assert!(last >= least, "{last} was told after {least}");
                asked += 1;
            }
            asked
        });
    }
    for n in 1..=200 {
        let edit = json!({"tags": [n.to_string()]});
        let answer = server
            .call(&server.member, Method::PATCH, &path, edit)
            .await;
        assert_eq!(answer.status, StatusCode::OK);
        acknowledged.store(n, Ordering::SeqCst);
    }
    assert!(readers.join_all().await.iter().all(|asked| *asked > 0));
}

#[tokio::test]
async fn who_may_not_read_gets_no_answer_of_others() {
    let settings = Settings {
        private_reads: true,
        ..Settings::default()
    };
    let server = Server::with(settings).await;
    for _ in 0..2 {
        let told = server.get_as(&server.member, "/api/iocs/stats").await;
        assert_eq!(told.status, StatusCode::OK);
        let refused = server.get("/api/iocs/stats").await;
        refused.refuses(401, "authentication_required");
    }
}

#[tokio::test]
async fn a_token_that_ended_is_refused_by_every_server_at_once() {
    let server = Server::new().await;
    let other = another(&server).await;
    let ask = async |token: &str| {
        let asked = bearer(Method::GET, "/api/auth/me", token).body(Body::empty());
        other
            .clone()
            .oneshot(asked.unwrap())
            .await
            .unwrap()
            .status()
    };
    for _ in 0..3 {
        assert_eq!(ask(&server.member).await, StatusCode::OK);
    }
    let lifetime = Duration::from_millis(500);
    let until = chrono::Utc::now() + lifetime;
    let short = token(
        &server.database,
        server.member_id,
        &[Scope::Read],
        Some(until),
    )
    .await;
    for _ in 0..3 {
        assert_eq!(ask(&short).await, StatusCode::OK);
    }
    tokio::time::sleep(lifetime).await;
    assert_eq!(
        ask(&short).await,
        StatusCode::UNAUTHORIZED,
        "nothing was written"
    );
    let all = server
        .database
        .store
        .tokens(server.member_id)
        .await
        .unwrap();
    for one in all {
        let revoked = server.database.store.revoke_token(server.member_id, one.id);
        assert!(revoked.await.unwrap());
    }
    assert_eq!(ask(&server.member).await, StatusCode::UNAUTHORIZED);
}
