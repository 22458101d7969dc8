//! Look-ups in lists: what is known of a value, in the words of the documented API.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use iocsift::http::Settings;
use iocsift::indicator::Kind;
use iocsift::lists::{ListFormat, ListKind, accept};
use iocsift::store::{ListDefinition, Taken};
use serde_json::{Value, json};

use super::{Answer, Server, finding, flagged, request};
use crate::store::lists::definition;

/// A server without limits to the rate.
async fn unlimited() -> Server {
    Server::with(Settings {
        lookups_per_minute: 0,
        lookups_per_day: 0,
        ..Settings::default()
    })
    .await
}

impl Server {
    /// Puts a list into the server.
    async fn lists(&self, list: ListDefinition, text: &str) {
        let contents = accept(list.format, &list.columns, text.as_bytes(), 0, false).unwrap();
        let store = &self.database.store;
        let stored = store.create_list(&list).await.unwrap().unwrap();
        let taken = Taken::new(&contents, text.as_bytes());
        store.replace_list(stored.id, &taken).await.unwrap();
        assert!(self.keeper.lock().await.look().await.unwrap());
    }

    /// What is known of a value, which is encoded for a path.
    async fn look_up(&self, value: &str) -> Value {
        let answer = self.get(&format!("/api/v1/ioc/{value}/")).await;
        assert_eq!(answer.status, StatusCode::OK, "{value}: {}", answer.text());
        let answer = answer.json();
        assert_eq!(answer["success"], true);
        assert_eq!(answer["meta"]["api_version"], "1.0");
        answer["data"].clone()
    }

    async fn look_up_all(&self, values: Value) -> Answer {
        let request = request(Method::POST, "/api/v1/ioc/")
            .header("content-type", "application/json")
            .body(Body::from(json!({ "values": values }).to_string()));
        self.send(request.unwrap()).await
    }
}

fn names(sources: &Value) -> Vec<&str> {
    let sources = sources.as_array().unwrap().iter();
    sources
        .map(|source| source["name"].as_str().unwrap())
        .collect()
}

#[track_caller]
fn refuses(answer: &Answer, status: u16, code: &str) {
    assert_eq!(answer.status.as_u16(), status, "{}", answer.text());
    assert_eq!(answer.header("content-type"), "application/json");
    let body = answer.json();
    assert_eq!(
        (&body["success"], &body["error"]["code"]),
        (&json!(false), &json!(code))
    );
    assert!(body["error"]["message"].is_string() && body["meta"]["timestamp"].is_string());
    assert_eq!(body["meta"]["api_version"], "1.0");
}

#[tokio::test]
async fn the_documented_examples_hold_on_a_fresh_server() {
    let server = unlimited().await;
    let about = server.get("/api/v1/").await.json();
    assert_eq!(
        about["data"]["endpoints"]["ioc_lookup"],
        "/api/v1/ioc/<value>/"
    );
    assert_eq!(about["data"]["version"], "1.0");
    assert_eq!(server.get("/api/v1").await.json()["data"], about["data"]);

    let found = server.look_up("8.8.8.8").await;
    assert_eq!(found["ioc_type_display"], "IPv4 Address");
    assert_eq!(
        (&found["found"], &found["is_in_cidr"]),
        (&json!(true), &json!(true))
    );
    assert!(names(&found["sources"]).contains(&"List of known IPv4 public DNS resolvers"));
    assert_eq!(found["matching_cidrs"], json!(["8.8.8.0/24"]));
    assert_eq!(found["sources"], found["contextual_sources"]);

    let nothing = json!({
        "value": "192.0.2.1", "ioc_type": "ipv4", "ioc_type_display": "IPv4 Address", "found": false, "is_in_cidr": false,
        "sources": [], "threat_intel_sources": [], "contextual_sources": [], "matching_cidrs": [],
    });
    assert_eq!(server.look_up("192.0.2.1").await, nothing);
}

#[tokio::test]
async fn every_type_is_known_by_its_form_however_it_is_written() {
    let server = unlimited().await;
    let md5 = "d41d8cd98f00b204e9800998ecf8427e";
    for (path, kind, value) in [
        ("8%5B.%5D8%5B.%5D8%5B.%5D8", "ipv4", "8.8.8.8"),
        ("8(.)8%5Bdot%5D8.8", "ipv4", "8.8.8.8"),
        ("%208.8.8.8%20", "ipv4", "8.8.8.8"),
        ("2001:4860:4860:0000::8888", "ipv6", "2001:4860:4860::8888"),
        ("192.168.1.0/24", "cidr", "192.168.1.0/24"),
        ("192.168.1.9%2F24", "cidr", "192.168.1.0/24"),
        ("EXAMPLE%5B.%5Dcom", "domain", "example.com"),
        ("b%C3%9CCHER.example", "domain", "xn--bcher-kva.example"),
        (
            "https://example.com/path",
            "url",
            "https://example.com/path",
        ),
        (
            "hxxps%3A%2F%2Fexample%5B.%5Dcom%2Fpath",
            "url",
            "https://example.com/path",
        ),
        ("D41D8CD98F00B204E9800998ECF8427E", "md5", md5),
        (
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
            "sha1",
            "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        ),
        (
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "sha256",
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        ),
        ("user%5B@%5Dexample%5B.%5Dcom", "email", "user@example.com"),
    ] {
        let found = server.look_up(path).await;
        assert_eq!(
            (&found["ioc_type"], &found["value"]),
            (&json!(kind), &json!(value)),
            "{path}"
        );
        let without = server.get(&format!("/api/v1/ioc/{path}")).await;
        assert_eq!(without.json()["data"], found, "{path}");
    }
}

#[tokio::test]
async fn what_cannot_be_looked_up_is_refused_in_the_same_form() {
    let server = unlimited().await;
    for value in [
        "zz",
        "999.999.999.999",
        "not%20an%20ioc",
        "http:%2F%2F",
        "%00",
        "%ff%fe",
        "..%2f..%2fetc%2fpasswd",
    ] {
        refuses(
            &server.get(&format!("/api/v1/ioc/{value}/")).await,
            400,
            "INVALID_IOC",
        );
    }
    let long = format!("/api/v1/ioc/{}/", "a".repeat(5000));
    refuses(&server.get(&long).await, 400, "INVALID_IOC");
    for path in [
        "/api/v1/ioc",
        "/api/v1/ioc/",
        "/api/v1/ioc//",
        "/api/v1/ioc/%20/",
    ] {
        refuses(&server.get(path).await, 400, "EMPTY_VALUE");
    }
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for path in ["/api/v1/", "/api/v1/ioc/8.8.8.8/"] {
            let asked = request(method.clone(), path).body(Body::empty()).unwrap();
            let answer = server.send(asked).await;
            refuses(&answer, 405, "METHOD_NOT_ALLOWED");
            assert!(answer.header("allow").contains("GET"));
        }
    }
    server.database.store.close().await;
    refuses(
        &server.get("/api/v1/ioc/8.8.8.8/").await,
        503,
        "DATABASE_UNAVAILABLE",
    );
}

#[tokio::test]
async fn each_list_is_a_source_of_its_kind_with_hits_and_near_misses() {
    let server = unlimited().await;
    server
        .lists(
            ListDefinition {
                name: Some("Blocked".to_owned()),
                page_url: Some("https://lists.example/blocked".to_owned()),
                description: Some("Seen attacking.".to_owned()),
                ..definition("blocked", None)
            },
            "5.188.10.0/24\n5.188.0.0/16\n5.188.10.7\nevil-host.net\nhttp://a.shop-host.net/gate.php\n",
        )
        .await;
    let warning = ListDefinition {
        kind: ListKind::Contextual,
        format: ListFormat::Warninglist,
        ..definition("top", None)
    };
    let top = r#"{"name": "Top names", "description": "D", "type": "hostname", "list": ["google-search.net", ".dyn-dns.net"]}"#;
    server.lists(warning, top).await;
    server
        .lists(
            ListDefinition {
                kind: ListKind::Allowlist,
                format: ListFormat::Allowlist,
                ..definition("ours", None)
            },
            ".evil-host.net\n",
        )
        .await;

    let found = server.look_up("5.188.10.7").await;
    assert_eq!(
        found["threat_intel_sources"],
        json!([{
            "name": "Blocked", "description": "Seen attacking.", "url": "https://lists.example/blocked",
            "matched_cidrs": ["5.188.0.0/16", "5.188.10.0/24"],
        }])
    );
    assert_eq!(found["sources"], found["threat_intel_sources"]);
    for (value, sources) in [
        ("5.188.10.0/25", &["Blocked"][..]),
        ("5.188.0.0/15", &[]),
        ("5.189.10.7", &[]),
        ("EVIL-host.net.", &["Blocked"]),
        ("notevil-host.net", &[]),
        ("a.shop-host.net", &["Blocked"]),
        ("http://a.shop-host.net/gate.php", &["Blocked"]),
        ("http://a.shop-host.net/other.php", &[]),
        ("google-search.net", &["Top names"]),
        ("www.google-search.net", &["Top names"]),
        ("notgoogle-search.net", &[]),
        ("https://www.google-search.net/x", &["Top names"]),
        ("dyn-dns.net", &["Top names"]),
        ("undyn-dns.net", &[]),
    ] {
        let found = server.look_up(value).await;
        assert_eq!(names(&found["sources"]), sources, "{value}");
        assert_eq!(found["found"], !sources.is_empty(), "{value}");
        let in_network = found["matching_cidrs"] != json!([]);
        assert_eq!(found["is_in_cidr"], in_network, "{value}");
    }
}

#[tokio::test]
async fn reports_of_this_server_are_sources_by_their_feed_and_what_they_call_benign_is_not() {
    let server = unlimited().await;
    let findings = vec![
        finding(Kind::Ipv4, "192.0.2.66"),
        finding(Kind::Url, "https://evil.example/Gate.php"),
        finding(Kind::HashMd5, "0123456789abcdef0123456789abcdef"),
        flagged(Kind::Ipv4, "192.0.2.1"),
    ];
    let first = server.report("one", findings.clone()).await;
    let second = server.report("two", findings).await;
    let found = server.look_up("192.0.2.66").await;
    assert_eq!(
        found["threat_intel_sources"],
        json!([{
            "name": "Texts", "description": "Reports on this server, the latest: A title",
            "url": format!("/#/s/{second}"), "matched_cidrs": [],
        }])
    );
    assert!(first < second && found["found"] == true && found["is_in_cidr"] == false);
    for (value, is_known) in [
        ("hxxps%3A%2F%2FEVIL%5B.%5Dexample%2FGate.php", true),
        ("https://evil.example/gate.php", false),
        ("0123456789ABCDEF0123456789ABCDEF", true),
        ("192.0.2.1", false),
        ("192.0.2.67", false),
    ] {
        assert_eq!(server.look_up(value).await["found"], is_known, "{value}");
    }
}

#[tokio::test]
async fn where_reading_needs_a_token_lists_answer_and_reports_do_not() {
    let server = Server::with(Settings {
        private_reads: true,
        ..Settings::default()
    })
    .await;
    server
        .report(
            "one",
            vec![
                finding(Kind::Ipv4, "192.0.2.66"),
                finding(Kind::Ipv4, "8.8.8.8"),
            ],
        )
        .await;
    assert_eq!(server.look_up("192.0.2.66").await["found"], false);
    let found = server.look_up("8.8.8.8").await;
    assert_eq!(
        (&found["found"], &found["threat_intel_sources"]),
        (&json!(true), &json!([]))
    );
}

#[tokio::test]
async fn many_values_are_answered_each_in_its_place() {
    let server = unlimited().await;
    server
        .report("one", vec![finding(Kind::Ipv4, "192.0.2.66")])
        .await;
    let values = json!(["8[.]8[.]8[.]8", "zz", "192.0.2.66", "", "8.8.8.8"]);
    let answer = server.look_up_all(values).await.json();
    let results = answer["data"]["results"].as_array().unwrap();
    assert_eq!((answer["success"].clone(), results.len()), (json!(true), 5));
    assert_eq!(results[0]["asked"], "8[.]8[.]8[.]8");
    assert_eq!(results[0]["data"], server.look_up("8.8.8.8").await);
    assert_eq!(results[0]["data"], results[4]["data"]);
    assert_eq!(results[2]["data"], server.look_up("192.0.2.66").await);
    let refused = [(1, "INVALID_IOC"), (3, "EMPTY_VALUE")];
    for (place, code) in refused {
        assert_eq!(results[place]["success"], false);
        assert_eq!(results[place]["error"]["code"], code);
        assert!(results[place].get("data").is_none());
    }

    let most = vec![json!("192.0.2.66"); 1000];
    let answer = server.look_up_all(most.into()).await.json();
    let results = answer["data"]["results"].as_array().unwrap();
    assert!(results.len() == 1000 && results.iter().all(|one| one["data"]["found"] == true));
    let more = vec![json!("192.0.2.66"); 1001];
    refuses(
        &server.look_up_all(more.into()).await,
        422,
        "INVALID_REQUEST",
    );
    refuses(
        &server.look_up_all(json!([1])).await,
        422,
        "INVALID_REQUEST",
    );
    assert_eq!(
        server.look_up_all(json!([])).await.json()["data"]["results"],
        json!([])
    );
}

#[tokio::test]
async fn look_ups_are_limited_by_address_and_take_no_notice_of_tokens() {
    let server = Server::with(Settings {
        lookups_per_minute: 2,
        ..Settings::default()
    })
    .await;
    let first = server.get_as("nonsense", "/api/v1/ioc/8.8.8.8/").await;
    assert_eq!(first.status, StatusCode::OK);
    assert_eq!(
        (
            first.header("x-ratelimit-limit"),
            first.header("x-ratelimit-remaining")
        ),
        ("2", "1")
    );
    let about = server.get("/api/v1/").await.json();
    assert_eq!(
        about["data"]["rate_limits"],
        json!({"per_minute": 2, "per_day": 1000})
    );
    let refused = server.get_as(&server.member, "/api/v1/ioc/8.8.8.8/").await;
    refuses(&refused, 429, "RATE_LIMITED");
    assert_eq!(
        refused.json()["error"]["message"],
        "Rate limit exceeded. Please try again later."
    );
    assert!(refused.header("retry-after").parse::<u64>().unwrap() >= 1);
    assert_eq!(server.get("/api/submissions").await.status, StatusCode::OK);
}

#[tokio::test]
async fn pages_of_any_origin_may_look_up_and_nothing_else() {
    let server = Server::with(Settings {
        cors_origins: vec!["https://siem.example".to_owned()],
        ..Settings::default()
    })
    .await;
    let asked = |method: Method, path: &str| {
        request(method, path)
            .header("origin", "https://other.example")
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "content-type")
            .body(Body::empty())
            .unwrap()
    };
    let answer = server
        .send(asked(Method::GET, "/api/v1/ioc/8.8.8.8/"))
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), "*");
    let refused = server.send(asked(Method::GET, "/api/v1/ioc/zz/")).await;
    assert_eq!(refused.header("access-control-allow-origin"), "*");
    let before = server.send(asked(Method::OPTIONS, "/api/v1/ioc/")).await;
    assert_eq!(before.header("access-control-allow-origin"), "*");
    assert!(
        before
            .header("access-control-allow-methods")
            .contains("POST")
    );
    let elsewhere = server.send(asked(Method::GET, "/api/submissions")).await;
    assert!(
        !elsewhere
            .headers
            .contains_key("access-control-allow-origin")
    );
}
