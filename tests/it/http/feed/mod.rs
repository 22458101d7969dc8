//! The feed of indicators: its errors, its filters, its order, and that whoever polls it misses nothing.

mod errors;
mod order;
mod rows;
mod search;

use axum::http::{Method, StatusCode};
use iocsift::indicator::{Evidence, Finding, Kind, Reason};
use serde_json::{Value, json};

use super::{Answer, Server, finding};

impl Answer {
    /// Checks that this is an error of the feed with `status` and `code`.
    #[track_caller]
    fn is_feed_error(&self, status: u16, code: &str) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        assert_eq!(self.header("content-type"), "application/json");
        let error = self.json()["error"].clone();
        assert_eq!(error["code"], code, "{error}");
        let id = format!("req_{}", self.header("x-request-id"));
        assert_eq!(error["request_id"], id);
        assert!(error["message"].as_str().unwrap().ends_with('.'), "{error}");
        error
    }
}

impl Server {
    /// The page that `query` asks for.
    async fn feed(&self, query: &str) -> Value {
        let answer = self
            .get_as(&self.member, &format!("/api/v1/iocs?{query}"))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{query}: {}", answer.text());
        answer.json()
    }

    /// The values of that page.
    async fn feed_values(&self, query: &str) -> Vec<String> {
        values(&self.feed(query).await)
    }

    /// A completed submission of a URL.
    async fn page(&self, url: &str, findings: Vec<Finding>) -> String {
        let answer = self
            .post("/api/submissions/url", json!({ "url": url }))
            .await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        let id = answer.json()["id"].as_str().unwrap().to_owned();
        self.work(findings).await;
        id
    }

    async fn edit(&self, id: &str, body: Value) -> Value {
        let path = format!("/api/submissions/{id}");
        let answer = self.call(&self.member, Method::PATCH, &path, body).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    }
}

fn values(page: &Value) -> Vec<String> {
    let rows = page["data"].as_array().unwrap().iter();
    rows.map(|row| row["value"].as_str().unwrap().to_owned())
        .collect()
}

/// A finding whose reasons add up to `confidence`.
fn sure(kind: Kind, value: &str, confidence: i8) -> Finding {
    let evidence = vec![Evidence {
        reason: Reason::Form,
        points: confidence,
    }];
    Finding {
        confidence: Evidence::total(&evidence),
        evidence,
        ..finding(kind, value)
    }
}

const SHA512: &str = "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e";

/// An indicator of every kind of the feed, and some that are none of it.
fn every_type() -> Vec<Finding> {
    [
        (Kind::Ipv4, "192.0.2.1"),
        (Kind::Ipv6, "2001:db8::1"),
        (Kind::Domain, "evil.example"),
        (Kind::Url, "https://evil.example/gate.php"),
        (Kind::HashMd5, "d41d8cd98f00b204e9800998ecf8427e"),
        (Kind::HashSha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        (
            Kind::HashSha256,
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        (Kind::Cve, "CVE-2024-3400"),
        (Kind::MitreAttack, "T1059.001"),
        (Kind::Email, "user@evil.example"),
        (Kind::HashSha512, SHA512),
        (Kind::Filename, "loader.exe"),
        (Kind::Cwe, "CWE-79"),
    ]
    .into_iter()
    .map(|(kind, value)| finding(kind, value))
    .collect()
}
