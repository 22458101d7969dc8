//! This program as a source of itself: lists from its own TAXII collections and its own MISP feed.

use std::net::SocketAddr;
use std::time::Duration;

use axum::http::Method;
use iocsift::fetch::{Fetcher, Limits, Policy};
use iocsift::http::{Connections, Settings, serve};
use iocsift::indicator::Kind;
use iocsift::worker::lists::step;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::{Server, finding, flagged};

/// A private server with two reports, on a socket.
async fn known() -> (Server, SocketAddr) {
    let settings = Settings {
        private_reads: true,
        ..Settings::default()
    };
    let server = Server::with(settings).await;
    let first = vec![
        finding(Kind::Domain, "evil-host.net"),
        finding(Kind::Ipv4, "8.8.4.1"),
        flagged(Kind::Domain, "famous-site.net"),
    ];
    server.report("first", first).await;
    let second = vec![
        finding(Kind::Url, "http://worse-host.net/a?b=1"),
        finding(Kind::HashMd5, "0123456789abcdef0123456789abcdef"),
        finding(Kind::Domain, "evil-host.net"),
    ];
    server.report("second", second).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server.router.clone();
    let shutdown = server.draining.clone().cancelled_owned();
    tokio::spawn(async move { serve(listener, router, shutdown, &Connections::default()).await });
    (server, address)
}

/// A list of what is there, fetched; how it fares.
async fn fetched(server: &Server, format: &str, source: &str, credentials: Value) -> Value {
    let list =
        json!({"slug": format, "format": format, "source_url": source, "credentials": credentials});
    let made = server
        .call(&server.admin, Method::POST, "/api/lists", list)
        .await
        .json();
    let policy = Policy {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        deny: Vec::new(),
    };
    let limits = Limits {
        time: Duration::from_secs(60),
        ..Limits::default()
    };
    let fetcher = Fetcher::new(policy, limits);
    assert!(step(&server.database.store, &fetcher).await.unwrap());
    let path = format!("/api/lists/{}", made["id"].as_str().unwrap());
    server.get_as(&server.admin, &path).await.json()["health"].clone()
}

/// Which of the values a list holds; the last one is flagged in its report.
async fn listed(server: &Server, slug: &str) -> Vec<bool> {
    let mut keeper = server.keeper.lock().await;
    keeper.look().await.unwrap();
    let known = keeper.catalogue().known();
    let values = [
        (Kind::Domain, "evil-host.net"),
        (Kind::Ipv4, "8.8.4.1"),
        (Kind::Url, "http://worse-host.net/a?b=1"),
        (Kind::HashMd5, "0123456789abcdef0123456789abcdef"),
        (Kind::Domain, "famous-site.net"),
    ];
    let is_listed = |(kind, value)| {
        let hits = known.matcher.look_up(kind, value);
        hits.iter().any(|hit| hit.list.slug == slug)
    };
    values.into_iter().map(is_listed).collect()
}

#[tokio::test]
async fn a_collection_of_this_program_is_a_list() {
    let (server, address) = known().await;
    let token = json!({"user": "whoever", "password": server.member});
    // One object a page.
    let source = format!("http://{address}/taxii2/root/collections/all/?limit=1");
    let health = fetched(&server, "taxii", &source, token).await;
    assert_eq!(
        (&health["error"], &health["entries"], &health["refused"]),
        (&Value::Null, &json!(4), &json!(0))
    );
    assert_eq!(
        listed(&server, "taxii").await,
        [true, true, true, true, false]
    );
}

#[tokio::test]
async fn the_feed_of_this_program_is_a_list() {
    let (server, address) = known().await;
    let token = json!({"value": format!("Bearer {}", server.member)});
    let source = format!("http://{address}/misp/");
    let health = fetched(&server, "misp-feed", &source, token).await;
    // What both reports show stands in both events.
    assert_eq!(
        (&health["error"], &health["entries"], &health["left_out"]),
        (&Value::Null, &json!(5), &json!(0))
    );
    let listed = listed(&server, "misp-feed").await;
    assert_eq!(listed, [true, true, true, true, false]);
}

#[tokio::test]
async fn a_private_server_gives_no_list_to_who_has_no_token() {
    let (server, address) = known().await;
    for (format, path) in [
        ("taxii", "taxii2/root/collections/all/"),
        ("misp-feed", "misp/manifest.json"),
    ] {
        let source = format!("http://{address}/{path}");
        let health = fetched(&server, format, &source, Value::Null).await;
        let error = health["error"].as_str().unwrap();
        assert!(error.contains("HTTP status 401"), "{error}");
        assert_eq!(health["entries"], 0);
    }
}
