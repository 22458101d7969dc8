//! How the feed refuses, and how often it may be asked.

use axum::body::Body;
use axum::http::Method;
use chrono::{TimeDelta, Utc};
use iocsift::account::Scope;
use iocsift::http::Settings;

use super::super::{Server, request, token};

#[tokio::test]
async fn errors_have_the_form_and_the_words_of_the_feed() {
    let server = Server::new().await;
    let missing = server
        .get("/api/v1/iocs")
        .await
        .is_feed_error(401, "missing_api_key");
    assert_eq!(
        missing["message"],
        "API key is required. Include it in the Authorization header as \"Bearer ioc_...\" or in the X-API-Key header."
    );
    for path in [
        "/api/v1/iocs",
        "/api/v1/iocs/search?q=a",
        "/api/v1/lookup?value=a",
    ] {
        server.get(path).await.is_feed_error(401, "missing_api_key");
        let wrong = request(Method::GET, path).header("x-api-key", "sk_live_wrong");
        let wrong = server.send(wrong.body(Body::empty()).unwrap()).await;
        wrong.is_feed_error(401, "invalid_api_key");
    }
    let yesterday = Some(Utc::now() - TimeDelta::days(1));
    let old = token(
        &server.database,
        server.member_id,
        &[Scope::Read],
        yesterday,
    )
    .await;
    server
        .get_as(&old, "/api/v1/iocs")
        .await
        .is_feed_error(401, "expired_api_key");
    // A key in the address would land in logs.
    let in_query = format!("/api/v1/iocs?api_key={}", server.member);
    server
        .get(&in_query)
        .await
        .is_feed_error(401, "missing_api_key");

    for bad in [
        "type=ja3",
        "confidence=certain",
        "category='%20OR%201=1--",
        "industry=%00",
        "since=yesterday",
        "since=2026-01-31~ioc_x",
        "until=now",
        "limit=0",
        "limit=10001",
        "offset=-1",
        "format=xml",
        "count=maybe",
    ] {
        let answer = server
            .get_as(&server.member, &format!("/api/v1/iocs?{bad}"))
            .await;
        let error = answer.is_feed_error(422, "invalid_parameter");
        let name = bad.split('=').next().unwrap();
        assert!(
            error["message"].as_str().unwrap().starts_with(name),
            "{error}"
        );
    }
    for path in [
        "/api/v1/iocs/search",
        "/api/v1/iocs/search?q=",
        "/api/v1/lookup",
    ] {
        let answer = server.get_as(&server.member, path).await;
        answer.is_feed_error(422, "invalid_parameter");
    }
}

#[tokio::test]
async fn the_limit_of_requests_is_told_in_headers_and_kept() {
    let server = Server::with(Settings {
        signed_per_minute: 2,
        ..Settings::default()
    })
    .await;
    let first = server.get_as(&server.member, "/api/v1/iocs").await;
    assert_eq!(first.header("x-ratelimit-limit"), "2");
    assert_eq!(first.header("x-ratelimit-remaining"), "1");
    assert!(first.header("x-ratelimit-reset").parse::<i64>().unwrap() > Utc::now().timestamp());
    server.get_as(&server.member, "/api/v1/iocs").await;
    let refused = server.get_as(&server.member, "/api/v1/iocs").await;
    refused.is_feed_error(429, "rate_limit_exceeded");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() > 0);
}
