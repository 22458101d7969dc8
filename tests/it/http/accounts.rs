//! Credentials: what is accepted, what is refused, what they reach.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use chrono::{TimeDelta, Utc};
use iocsift::account::Scope;
use iocsift::http::Settings;
use serde_json::{Value, json};

use super::{Answer, Server, bearer, request, token};

const ME: &str = "/api/auth/me";

#[tokio::test]
async fn a_token_is_taken_in_either_header() {
    let server = Server::new().await;
    let me = server.get_as(&server.member, ME).await.json();
    assert_eq!(
        (me["username"].clone(), me["role"].clone()),
        (json!("member"), json!("member"))
    );
    assert_eq!(
        me["token"],
        json!({"name": "test", "scopes": ["read", "write"], "expires_at": null})
    );
    assert!(me["id"].as_str().unwrap().starts_with("usr_"));
    let key = request(Method::GET, ME)
        .header("x-api-key", &server.admin)
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(key).await.json()["username"], "admin");
}

#[tokio::test]
async fn what_is_no_valid_token_is_refused_even_where_none_is_needed() {
    let server = Server::new().await;
    server.get(ME).await.refuses(401, "authentication_required");
    let bad_sum = format!("{}x", &server.member[..server.member.len() - 1]);
    let of = |token: &str| format!("Bearer {token}");
    for value in [
        "Bearer",
        "Bearer ",
        "null",
        "Basic YWRtaW46YWRtaW4=",
        &of(&bad_sum),
        &of(&"a".repeat(8000)),
        &format!("Token {}", server.member),
        &of(&format!("{} {}", server.member, server.member)),
    ] {
        let asked = request(Method::GET, "/api/submissions")
            .header("authorization", value)
            .body(Body::empty())
            .unwrap();
        server.send(asked).await.refuses(401, "invalid_token");
    }
    let expired = token(
        &server.database,
        server.member_id,
        &[Scope::Read],
        Some(Utc::now() - TimeDelta::days(1)),
    )
    .await;
    server
        .get_as(&expired, ME)
        .await
        .refuses(401, "expired_token");
}

#[tokio::test]
async fn writing_needs_a_token_and_its_scope() {
    let server = Server::new().await;
    for path in [
        "/api/submissions/text",
        "/api/submissions/url",
        "/api/submissions/file",
        "/api/extract",
    ] {
        let asked = request(Method::POST, path).body(Body::empty()).unwrap();
        server
            .send(asked)
            .await
            .refuses(401, "authentication_required");
        let reader = token(&server.database, server.member_id, &[Scope::Read], None).await;
        server
            .call(&reader, Method::POST, path, json!({"text": "x"}))
            .await
            .refuses(403, "insufficient_scope");
    }
}

#[tokio::test]
async fn private_reads_need_a_token_too() {
    let server = Server::with(Settings {
        private_reads: true,
        ..Settings::default()
    })
    .await;
    for path in [
        "/api/submissions",
        "/api/submissions/search",
        "/api/iocs/search",
        "/api/iocs/stats",
    ] {
        server
            .get(path)
            .await
            .refuses(401, "authentication_required");
        assert_eq!(
            server.get_as(&server.member, path).await.status,
            StatusCode::OK
        );
    }
    assert_eq!(server.get("/healthz").await.status, StatusCode::OK);
    assert_eq!(server.get("/").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_token_is_shown_once_and_revoked_at_once() {
    let server = Server::new().await;
    let wanted = json!({"name": "SIEM", "scopes": ["read"], "expires_in_days": 30});
    let made = server
        .call(&server.admin, Method::POST, "/api/auth/tokens", wanted)
        .await;
    assert_eq!(made.status, StatusCode::CREATED, "{}", made.text());
    let made = made.json();
    let secret = made["token"].as_str().unwrap();
    assert_eq!(
        server.get_as(secret, ME).await.json()["token"]["name"],
        "SIEM"
    );
    let listed = server.get_as(&server.admin, "/api/auth/tokens").await;
    assert!(!listed.text().contains(secret) && listed.text().contains(&secret[..8]));
    let path = format!("/api/auth/tokens/{}", made["id"].as_str().unwrap());
    assert_eq!(
        server
            .call(&server.admin, Method::DELETE, &path, Value::Null)
            .await
            .status,
        StatusCode::NO_CONTENT
    );
    server
        .get_as(secret, ME)
        .await
        .refuses(401, "invalid_token");
    server
        .call(&server.admin, Method::DELETE, &path, Value::Null)
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn a_token_makes_no_tokens_and_nobody_gives_away_more_than_they_have() {
    let server = Server::new().await;
    let wanted = json!({"name": "x"});
    server
        .call(&server.member, Method::POST, "/api/auth/tokens", wanted)
        .await
        .refuses(403, "insufficient_scope");
    for wanted in [
        json!({"name": ""}),
        json!({"name": "x", "scopes": ["root"]}),
        json!({"name": "x", "expires_in_days": 0}),
        json!({"name": "x", "expires_in_days": 4000}),
        json!({"name": "x", "expires_at": "2001-01-01T00:00:00Z"}),
        json!({"name": "x", "expires_in_days": 1, "expires_at": "2001-01-01T00:00:00Z"}),
        json!({"name": "x", "expires": "2999-01-01T00:00:00Z"}),
        json!({}),
    ] {
        server
            .call(&server.admin, Method::POST, "/api/auth/tokens", wanted)
            .await
            .refuses(422, "invalid_request");
    }
    let cookie = cookie(&sign_in(&server, "member", "correct horse").await);
    let wanted = json!({"name": "x", "scopes": ["admin"]});
    with_cookie(
        &server,
        &cookie,
        Some("https://ioc.example"),
        "/api/auth/tokens",
        wanted,
    )
    .await
    .refuses(403, "insufficient_scope");
}

async fn sign_in(server: &Server, username: &str, password: &str) -> Answer {
    let body = json!({"username": username, "password": password}).to_string();
    let asked = request(Method::POST, "/api/auth/login")
        .header("content-type", "application/json")
        .header("origin", "https://ioc.example");
    server.send(asked.body(body.into()).unwrap()).await
}

fn cookie(answer: &Answer) -> String {
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer
        .header("set-cookie")
        .split(';')
        .next()
        .unwrap()
        .to_owned()
}

async fn with_cookie(
    server: &Server,
    cookie: &str,
    origin: Option<&str>,
    path: &str,
    body: Value,
) -> Answer {
    let mut asked = request(Method::POST, path)
        .header("cookie", cookie)
        .header("content-type", "application/json");
    if let Some(origin) = origin {
        asked = asked.header("origin", origin);
    }
    server
        .send(asked.body(body.to_string().into()).unwrap())
        .await
}

#[tokio::test]
async fn signing_in_gives_a_session_that_only_its_own_site_writes_with() {
    let server = Server::new().await;
    let signed_in = sign_in(&server, "Member", "correct horse").await;
    assert_eq!(signed_in.json()["username"], "member");
    let set = signed_in.header("set-cookie");
    assert!(
        set.starts_with("__Host-iocsift=")
            && set.ends_with("; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure"),
        "{set}"
    );
    let cookie = cookie(&signed_in);
    let me = request(Method::GET, ME)
        .header("cookie", &cookie)
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(me).await.json()["token"], Value::Null);
    let text = json!({"text": "192.0.2.1"});
    let own = with_cookie(
        &server,
        &cookie,
        Some("https://ioc.example"),
        "/api/submissions/text",
        text.clone(),
    )
    .await;
    assert_eq!(own.status, StatusCode::CREATED, "{}", own.text());
    with_cookie(
        &server,
        &cookie,
        Some("https://evil.example"),
        "/api/submissions/text",
        text.clone(),
    )
    .await
    .refuses(403, "cross_site");
    with_cookie(&server, &cookie, None, "/api/submissions/text", text)
        .await
        .refuses(403, "cross_site");
    let out = with_cookie(
        &server,
        &cookie,
        Some("https://ioc.example"),
        "/api/auth/logout",
        Value::Null,
    )
    .await;
    assert_eq!(out.status, StatusCode::NO_CONTENT);
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    let ended = request(Method::GET, ME)
        .header("cookie", &cookie)
        .body(Body::empty())
        .unwrap();
    server
        .send(ended)
        .await
        .refuses(401, "authentication_required");
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_name_get_the_same_answer() {
    let server = Server::new().await;
    let wrong = sign_in(&server, "admin", "x").await;
    let unknown = sign_in(&server, "nobody", "x").await;
    for answer in [&wrong, &unknown] {
        answer.refuses(401, "invalid_credentials");
        assert!(!answer.headers.contains_key("set-cookie"));
    }
    assert_eq!(wrong.json()["detail"], unknown.json()["detail"]);
    let cross = request(Method::POST, "/api/auth/login")
        .header("content-type", "application/json")
        .header("origin", "https://evil.example");
    let body = json!({"username": "admin", "password": "correct horse"}).to_string();
    server
        .send(cross.body(body.into()).unwrap())
        .await
        .refuses(403, "cross_site");
}

#[tokio::test]
async fn guessing_passwords_is_slowed_down() {
    let server = Server::with(Settings {
        logins_per_minute: 4,
        ..Settings::default()
    })
    .await;
    sign_in(&server, "admin", "x")
        .await
        .refuses(401, "invalid_credentials");
    let refused = sign_in(&server, "admin", "correct horse").await;
    refused.refuses(429, "rate_limited");
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
}

#[tokio::test]
async fn a_stale_cookie_does_not_keep_anybody_from_reading() {
    let server = Server::new().await;
    let stale = format!("__Host-iocsift={}", "0".repeat(64));
    let asked = request(Method::GET, "/api/submissions")
        .header("cookie", stale)
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(asked).await.status, StatusCode::OK);
    let bare = bearer(Method::POST, "/api/auth/logout", &server.member)
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(bare).await.status, StatusCode::NO_CONTENT);
}
