//! Limits, time-outs, trouble: what stands around every route.

use sqlx::{Connection, PgConnection};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{Method, StatusCode};
use iocsift::catalogue::Catalogue;
use iocsift::http::{Connections, Settings, State, exchange_rates, router, serve};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::{Server, bearer, request, state};
use crate::support::Database;

#[tokio::test]
async fn too_many_requests_are_429_and_every_answer_tells_the_limit() {
    let server = Server::with(Settings {
        anonymous_per_minute: 2,
        signed_per_minute: 5,
        ..Settings::default()
    })
    .await;
    let first = server.get("/api/submissions").await;
    assert_eq!(
        (
            first.header("x-ratelimit-limit"),
            first.header("x-ratelimit-remaining")
        ),
        ("2", "1")
    );
    assert!(first.header("x-ratelimit-reset").parse::<u64>().unwrap() > 1_700_000_000);
    server.get("/api/iocs/stats").await;
    let refused = server.get("/api/submissions").await;
    refused.refuses(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    let forged = request(Method::GET, "/api/submissions")
        .header("x-forwarded-for", "198.51.100.7")
        .body(Body::empty())
        .unwrap();
    server.send(forged).await.refuses(429, "rate_limited");
    let signed = server.get_as(&server.member, "/api/submissions").await;
    assert_eq!(
        (signed.status, signed.header("x-ratelimit-limit")),
        (StatusCode::OK, "5")
    );
    assert_eq!(
        server.get("/healthz").await.status,
        StatusCode::OK,
        "health is never limited"
    );
}

#[tokio::test]
async fn servers_on_one_database_keep_a_limit_together() {
    let database = Database::new().await;
    let settings = Settings {
        anonymous_per_minute: 8,
        lookups_per_minute: 8,
        ..Settings::default()
    };
    let mut servers = Vec::new();
    for _ in 0..2 {
        let (settings, catalogue) = (settings.clone(), Catalogue::default());
        let ending = CancellationToken::new();
        servers.push(state(&database.store, settings, catalogue, ending).await);
    }
    // How many of `tries` requests are answered; the answer to the last.
    let ask = async |server: &State, path: &str, tries: usize| {
        let (mut answered, mut last) = (0, None);
        for _ in 0..tries {
            let asked = request(Method::GET, path).body(Body::empty()).unwrap();
            let answer = router(server.clone()).oneshot(asked).await.unwrap();
            answered += usize::from(answer.status() != StatusCode::TOO_MANY_REQUESTS);
            last = Some(answer);
        }
        (answered, last.unwrap())
    };
    for path in ["/api/iocs/stats", "/api/v1/ioc/192.0.2.1/"] {
        let [one, two] = &servers[..] else { panic!() };
        assert_eq!(ask(one, path, 5).await.0, 5);
        assert_eq!(ask(two, path, 1).await.0, 1, "it has heard of nothing");
        for server in &servers {
            exchange_rates(server).await.unwrap();
        }
        let (answered, last) = ask(two, path, 3).await;
        assert_eq!(answered, 2, "six of eight are gone");
        assert_eq!(last.headers()["x-ratelimit-remaining"], "0");
        exchange_rates(two).await.unwrap();
        // The one that has heard least still has some of its own; it is owed then, and by both.
        assert_eq!(ask(one, path, 5).await.0, 3);
        for server in servers.iter().chain(&servers) {
            exchange_rates(server).await.unwrap();
        }
        let (answered, last) = ask(one, path, 1).await;
        assert_eq!(answered, 0);
        let wait: u64 = last.headers()["retry-after"]
            .to_str()
            .unwrap()
            .parse()
            .unwrap();
        assert!(wait > 60 / 8 * 3, "three were too many: {wait}");
    }

    sqlx::query("UPDATE rates SET whole_at = now() - interval '1 second'")
        .execute(&mut PgConnection::connect(&database.url).await.unwrap())
        .await
        .unwrap();
    database.store.forget_rates().await.unwrap();
    let left: i64 = sqlx::query_scalar("SELECT count(*) FROM rates")
        .fetch_one(&mut PgConnection::connect(&database.url).await.unwrap())
        .await
        .unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn submissions_are_limited_by_account_and_by_the_queue() {
    let server = Server::with(Settings {
        submissions_per_hour: 1,
        ..Settings::default()
    })
    .await;
    server.paste("one").await;
    server
        .post("/api/submissions/text", json!({"text": "two"}))
        .await
        .refuses(429, "rate_limited");
    let server = Server::with(Settings {
        queue_limit: 1,
        ..Settings::default()
    })
    .await;
    server.paste("one").await;
    let full = server
        .post("/api/submissions/text", json!({"text": "two"}))
        .await;
    full.refuses(429, "queue_full");
    assert!(full.headers.contains_key("retry-after"));
    server.work(vec![]).await;
    server.paste("two").await;
}

#[tokio::test]
async fn a_body_that_never_comes_is_given_up() {
    let server = Server::with(Settings {
        body_idle_timeout: Duration::from_millis(20),
        ..Settings::default()
    })
    .await;
    let never =
        || Body::from_stream(futures_util::stream::pending::<Result<Bytes, std::io::Error>>());
    let json = bearer(Method::POST, "/api/submissions/text", &server.member)
        .header("content-type", "application/json");
    server
        .send(json.body(never()).unwrap())
        .await
        .refuses(408, "body_timeout");
    let form = bearer(Method::POST, "/api/submissions/file", &server.member)
        .header("content-type", "multipart/form-data; boundary=b");
    server
        .send(form.body(never()).unwrap())
        .await
        .refuses(408, "body_timeout");
}

#[tokio::test]
async fn a_refused_upload_still_gets_its_answer_in_place_of_a_reset() {
    let server = Server::new().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server.router.clone();
    let never = std::future::pending();
    tokio::spawn(async move { serve(listener, router, never, &Connections::default()).await });
    for (credential, status) in [
        ("X-None: 1", "401"),
        (&format!("X-API-Key: {}", server.member), "413"),
    ] {
        let head = format!(
            "POST /api/submissions/file HTTP/1.1\r\nHost: x\r\n{credential}\r\nContent-Length: 20000000\r\n\
             Content-Type: multipart/form-data; boundary=b\r\nConnection: close\r\n\r\n"
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // Like a simple client: everything is sent before anything is read.
        stream
            .write_all(&vec![b'a'; 20_000_000])
            .await
            .expect("nobody closes while we send");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_504() {
    let server = Server::with(Settings {
        request_timeout: Duration::from_millis(100),
        ..Settings::default()
    })
    .await;
    // The answer waits for this lock for ever.
    let mut blocker = PgConnection::connect(&server.database.url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE ioc_totals_added_up")
        .execute(&mut blocker)
        .await
        .unwrap();
    server.get("/api/iocs/stats").await.refuses(504, "timeout");
}

#[tokio::test]
async fn without_its_database_the_server_lives_and_says_so() {
    let server = Server::new().await;
    server.database.store.close().await;
    let refused = server.get("/api/submissions").await;
    refused.refuses(503, "database_unavailable");
    assert!(refused.headers.contains_key("retry-after"));
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    server
        .get("/readyz")
        .await
        .refuses(503, "database_unavailable");
    assert_eq!(server.get("/metrics").await.status, StatusCode::OK);
}

#[tokio::test]
async fn readiness_tells_the_queue_and_the_coming_end() {
    let server = Server::new().await;
    server.paste("text").await;
    let ready = server.get("/readyz").await.json();
    assert_eq!(
        (ready["status"].clone(), ready["queue_depth"].clone()),
        (json!("ready"), json!(1))
    );
    assert_eq!(
        ready["sandbox"],
        json!({ "landlock": false, "seccomp": true })
    );
    server.draining.cancel();
    let leaving = server.get("/readyz").await;
    assert_eq!(
        (leaving.status, leaving.json()["status"].clone()),
        (StatusCode::SERVICE_UNAVAILABLE, json!("draining"))
    );
}

#[tokio::test]
async fn metrics_count_by_route_and_status() {
    let server = Server::new().await;
    server.get("/api/submissions/none").await;
    server.get("/api/submissions/other").await;
    let metrics = server.get("/metrics").await;
    let line =
        "iocsift_requests_total{route=\"/api/submissions/{id}\",method=\"GET\",status=\"404\"} 2";
    assert!(metrics.text().contains(line), "{}", metrics.text());
    assert!(metrics.text().contains("\niocsift_queue_depth 0\n"));
}

#[tokio::test]
async fn a_harmless_request_id_is_kept_and_any_other_replaced() {
    let server = Server::new().await;
    let with = async |id: &str| {
        let asked = request(Method::GET, "/healthz")
            .header("x-request-id", id)
            .body(Body::empty())
            .unwrap();
        server.send(asked).await.header("x-request-id").to_owned()
    };
    assert_eq!(with("trace-0001").await, "trace-0001");
    for odd in ["a b", "<script>", "", &"x".repeat(65)] {
        assert_ne!(with(odd).await, odd);
    }
}

#[tokio::test]
async fn other_methods_are_405_and_say_which_are_taken() {
    let server = Server::new().await;
    for (method, path, allowed) in [
        ("POST", "/healthz", "GET,HEAD"),
        ("FOO", "/api/submissions", "GET,HEAD"),
        ("TRACE", "/", "GET,HEAD"),
        ("GET", "/api/submissions/file", "POST"),
    ] {
        let asked = request(Method::from_bytes(method.as_bytes()).unwrap(), path)
            .body(Body::empty())
            .unwrap();
        let refused = server.send(asked).await;
        refused.refuses(405, "method_not_allowed");
        assert_eq!(refused.header("allow"), allowed, "{method} {path}");
    }
}

#[tokio::test]
async fn other_origins_are_answered_only_when_named() {
    let asked = |origin: &str| {
        request(Method::GET, "/api/iocs/stats")
            .header("origin", origin)
            .body(Body::empty())
            .unwrap()
    };
    let closed = Server::new().await;
    assert!(
        !closed
            .send(asked("https://siem.example"))
            .await
            .headers
            .contains_key("access-control-allow-origin")
    );
    let open = Server::with(Settings {
        cors_origins: vec!["https://siem.example".to_owned()],
        ..Settings::default()
    })
    .await;
    assert_eq!(
        open.send(asked("https://siem.example"))
            .await
            .header("access-control-allow-origin"),
        "https://siem.example"
    );
    for other in ["https://evil.example", "null"] {
        assert!(
            !open
                .send(asked(other))
                .await
                .headers
                .contains_key("access-control-allow-origin"),
            "{other}"
        );
    }
}
