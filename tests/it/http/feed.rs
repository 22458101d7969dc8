//! The feed of indicators: its errors, its filters, its order, and that whoever polls it misses nothing.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::{Method, StatusCode};
use chrono::{TimeDelta, Utc};
use iocsift::account::Scope;
use iocsift::http::Settings;
use iocsift::indicator::{Evidence, Finding, Kind, Reason};
use iocsift::submission::rfc3339;
use serde_json::{Value, json};

use super::{Answer, Server, finding, flagged, request, token};

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

#[tokio::test]
async fn each_type_goes_by_its_name_there_and_they_add_up_to_the_total() {
    let server = Server::new().await;
    server.report("a", every_type()).await;
    let all = server.feed("").await;
    assert_eq!(
        (
            &all["meta"]["total"],
            &all["meta"]["limit"],
            &all["meta"]["offset"]
        ),
        (&json!(10), &json!(100), &json!(0))
    );
    let told: BTreeSet<&str> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["type"].as_str().unwrap())
        .collect();
    let ten = [
        "cve",
        "domain",
        "email",
        "ipv4",
        "ipv6",
        "md5",
        "mitre-attack",
        "sha1",
        "sha256",
        "url",
    ];
    assert_eq!(told, BTreeSet::from(ten));
    for name in ten {
        let page = server.feed(&format!("type={name}")).await;
        assert_eq!(page["meta"]["total"], 1, "{name}");
        assert_eq!(page["data"][0]["type"], name);
    }
    assert_eq!(server.feed_values("type=mitre_attack").await, ["T1059.001"]);
    assert_eq!(server.feed_values("type=sha512").await, [SHA512]);
    assert_eq!(server.feed("type=md5&type=sha1").await["meta"]["total"], 2);

    let by_key = request(Method::GET, "/api/v1/iocs").header("x-api-key", &server.member);
    let by_key = server.send(by_key.body(Body::empty()).unwrap()).await;
    assert_eq!(by_key.json(), all);
}

#[tokio::test]
async fn a_row_says_what_its_best_source_says() {
    let server = Server::new().await;
    let low = sure(Kind::Domain, "evil.example", 45);
    let high = Finding {
        context: "the best of them".to_owned(),
        ..sure(Kind::Domain, "evil.example", 75)
    };
    server.page("https://www.cisa.gov/alert", vec![high]).await;
    server
        .page("https://securelist.com/report", vec![low])
        .await;

    let page = server.feed("").await;
    assert_eq!(page["meta"]["total"], 1);
    let row = &page["data"][0];
    assert_eq!(
        (&row["confidence"], &row["confidence_score"]),
        (&json!("high"), &json!(75))
    );
    assert_eq!(row["confidence_reasons"][0]["points"], 75);
    assert_eq!(row["context"], "the best of them");
    assert_eq!(row["source"]["feed_name"], "cisa.gov");
    assert_eq!(row["source"]["category"], "government");
    assert_eq!(row["source"]["reference_url"], "https://www.cisa.gov/alert");

    // Within a category its own sources speak alone.
    let commercial = server.feed("category=commercial").await;
    let row = &commercial["data"][0];
    assert_eq!(
        (&row["confidence"], &row["confidence_score"]),
        (&json!("medium"), &json!(45))
    );
    assert_eq!(row["source"]["feed_name"], "securelist.com");
    assert_eq!(
        server.feed("category=commercial&confidence=high").await["meta"]["total"],
        0
    );
    assert_eq!(
        server.feed("category=government&confidence=high").await["meta"]["total"],
        1
    );
    assert_eq!(server.feed("category=community").await["meta"]["total"], 0);
}

#[tokio::test]
async fn levels_add_up_and_what_may_be_benign_is_low_with_the_reason() {
    let server = Server::new().await;
    let doubted = flagged(Kind::Ipv4, "192.0.2.9");
    server
        .report(
            "a",
            vec![
                sure(Kind::Ipv4, "192.0.2.1", 100),
                sure(Kind::Ipv4, "192.0.2.2", 70),
                sure(Kind::Ipv4, "192.0.2.3", 69),
                sure(Kind::Ipv4, "192.0.2.4", 30),
                sure(Kind::Ipv4, "192.0.2.5", 29),
                doubted,
            ],
        )
        .await;
    let mut found = BTreeMap::new();
    for level in ["high", "medium", "low"] {
        let page = server.feed(&format!("confidence={level}")).await;
        let rows = page["data"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["confidence"] == level));
        assert_eq!(page["meta"]["total"], rows.len());
        // The same without a count, step by step.
        let walked = server
            .feed(&format!("confidence={level}&count=false"))
            .await;
        assert_eq!(walked["meta"]["total"], Value::Null);
        assert_eq!(walked["data"], page["data"]);
        found.insert(level, rows.len());
    }
    assert_eq!(
        found,
        BTreeMap::from([("high", 2), ("low", 2), ("medium", 2)])
    );
    let low = server.feed("confidence=low").await;
    let row = low["data"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["value"] == "192.0.2.9")
        .unwrap();
    assert_eq!(row["confidence_score"], 29);
    let last = row["confidence_reasons"]
        .as_array()
        .unwrap()
        .last()
        .unwrap();
    assert_eq!(
        (&last["reason"], &last["points"]),
        (&json!("held_low"), &json!(-61))
    );
}

#[tokio::test]
async fn category_and_industries_are_derived_edited_and_given_back() {
    let server = Server::new().await;
    let id = server
        .page(
            "https://blog.example/x",
            vec![finding(Kind::Ipv4, "192.0.2.1")],
        )
        .await;
    let told = server
        .edit(
            &id,
            json!({"title": "Wiper hits hospitals", "industries": null}),
        )
        .await;
    assert_eq!(told["industries"], json!(["healthcare"]));
    assert_eq!(told["category"], "community");
    assert_eq!(server.feed("industry=healthcare").await["meta"]["total"], 1);

    let edited = server
        .edit(
            &id,
            json!({"category": "Law Enforcement", "industries": ["banking", "energy", "finance"]}),
        )
        .await;
    assert_eq!(edited["category"], "law-enforcement");
    assert_eq!(
        edited["industries"],
        json!(["financial-services", "energy"])
    );
    assert_eq!(
        server.feed("category=law-enforcement").await["meta"]["total"],
        1
    );
    assert_eq!(
        server.feed("industry=finance").await["data"][0]["source"]["industries"],
        edited["industries"]
    );
    assert_eq!(server.feed("industry=healthcare").await["meta"]["total"], 0);

    // Reading it again keeps what a person said.
    let path = format!("/api/submissions/{id}/reprocess");
    server
        .call(&server.member, Method::POST, &path, Value::Null)
        .await;
    server.work(vec![finding(Kind::Ipv4, "192.0.2.1")]).await;
    let kept = server.get(&format!("/api/submissions/{id}")).await.json();
    assert_eq!(kept["category"], "law-enforcement");
    assert_eq!(kept["industries"], edited["industries"]);

    let back = server
        .edit(&id, json!({"category": null, "industries": null}))
        .await;
    assert_eq!(back["category"], "community");
    assert_eq!(back["industries"], json!(["healthcare"]));
    for bad in [
        json!({"category": "a b!"}),
        json!({"industries": ["magic"]}),
    ] {
        let path = format!("/api/submissions/{id}");
        let answer = server.call(&server.member, Method::PATCH, &path, bad).await;
        answer.refuses(422, "invalid_request");
    }
}

#[tokio::test]
async fn without_since_the_latest_change_is_first_and_pages_join() {
    let server = Server::new().await;
    for report in 0..4 {
        let findings =
            (0..5).map(|n| finding(Kind::Ipv4, &format!("198.51.100.{}", report * 3 + n)));
        server.report(&report.to_string(), findings.collect()).await;
    }
    let all = server.feed("").await;
    assert_eq!(all["meta"]["total"], 14);
    let moments: Vec<&str> = all["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["updated_at"].as_str().unwrap())
        .collect();
    assert!(moments.is_sorted_by(|a, b| a >= b), "{moments:?}");
    let mut joined = Vec::new();
    for offset in (0..20).step_by(3) {
        let page = server.feed(&format!("limit=3&offset={offset}")).await;
        assert_eq!(page["meta"]["total"], 14);
        joined.extend(values(&page));
    }
    assert_eq!(joined, values(&all));
    // A filter that leaves all in is counted another way, and gives the same.
    let filtered = server.feed("category=community").await;
    assert_eq!(
        (&filtered["data"], &filtered["meta"]["total"]),
        (&all["data"], &json!(14))
    );
    let until = server.feed(&format!("until={}", moments[13])).await;
    assert_eq!(until["meta"]["total"], 5);
}

#[tokio::test]
async fn a_client_that_polls_with_since_is_told_of_every_change_in_order() {
    let server = Server::new().await;
    let at = |n: usize| finding(Kind::Ipv4, &format!("198.51.100.{n}"));
    server.report("a", vec![at(1), at(2), at(3)]).await;
    server.report("b", vec![at(3), at(4)]).await;
    let everything = server.feed("since=2000-01-01T00:00:00Z").await;
    assert_eq!(everything["meta"]["total"], 4);
    let moments: Vec<&str> = everything["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["updated_at"].as_str().unwrap())
        .collect();
    assert!(moments.is_sorted());

    // An indicator that another report shows has changed; one that changed twice is told of once.
    let as_of = everything["meta"]["as_of"].as_str().unwrap().to_owned();
    assert_eq!(
        server.feed(&format!("since={as_of}")).await["meta"]["total"],
        0
    );
    let before = rfc3339(Utc::now());
    server.report("c", vec![at(1), at(5)]).await;
    server.report("d", vec![at(5)]).await;
    for since in [&as_of, &before] {
        let changed: BTreeSet<String> = server
            .feed_values(&format!("since={since}"))
            .await
            .into_iter()
            .collect();
        assert_eq!(
            changed,
            BTreeSet::from(["198.51.100.1".into(), "198.51.100.5".into()])
        );
    }
    let future = rfc3339(Utc::now() + TimeDelta::days(1));
    let nothing = server.feed(&format!("since={future}")).await;
    assert_eq!(
        (&nothing["meta"]["total"], &nothing["data"]),
        (&json!(0), &json!([]))
    );
}

/// A report is cut by every page, and between two pages others come in, change and go.
#[tokio::test]
async fn a_walk_by_places_misses_nothing_however_the_pages_cut_and_whoever_writes() {
    let server = Server::new().await;
    let at = |n: usize| finding(Kind::Domain, &format!("host{n}.example"));
    let first = server.report("a", (0..5).map(at).collect()).await;
    server.report("b", (3..8).map(at).collect()).await;
    let gone = server.report("c", (8..12).map(at).collect()).await;

    for counted in ["", "&count=false"] {
        let mut seen = BTreeSet::new();
        let mut since = "2000-01-01".to_owned();
        let mut pages = 0;
        loop {
            let page = server
                .feed(&format!("limit=2&since={since}{counted}"))
                .await;
            seen.extend(values(&page));
            pages += 1;
            if pages == 2 {
                server
                    .edit(&first, json!({"tags": [format!("moved{counted}")]}))
                    .await;
                server
                    .report(&format!("late{counted}"), vec![at(20), at(0)])
                    .await;
            }
            match page["meta"]["next"].as_str() {
                Some(next) => since = next.to_owned(),
                None => break,
            }
            assert!(pages < 40, "the walk does not end");
        }
        let known: BTreeSet<String> = server.feed_values("").await.into_iter().collect();
        assert_eq!(seen, known);
        assert_eq!(seen.len(), 13);
    }
    let path = format!("/api/submissions/{gone}");
    server
        .call(&server.member, Method::DELETE, &path, Value::Null)
        .await;
    assert_eq!(server.feed("").await["meta"]["total"], 9);
    assert_eq!(server.feed("since=2000-01-01").await["meta"]["total"], 9);
}

#[tokio::test]
async fn a_page_is_a_table_or_a_value_to_a_line_as_well() {
    let server = Server::new().await;
    let mut odd = finding(Kind::Url, "https://evil.example/a,b");
    odd.context = "=cmd|' /C calc'".to_owned();
    server
        .report("a", vec![odd, finding(Kind::Ipv4, "192.0.2.1")])
        .await;
    let csv = server
        .get_as(&server.member, "/api/v1/iocs?format=csv&type=url")
        .await;
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    assert_eq!(csv.header("x-total-count"), "1");
    let mut lines = csv.text().split("\r\n");
    assert_eq!(
        lines.next(),
        Some("id,type,value,confidence,first_seen,last_seen,source,category,context,tags")
    );
    let row = lines.next().unwrap();
    assert!(
        row.contains(",url,\"https://evil.example/a,b\",high,"),
        "{row}"
    );
    assert!(row.contains(",Texts,community,'=cmd|' /C calc',"), "{row}");

    let text = server
        .get_as(
            &server.member,
            "/api/v1/iocs?format=txt&since=2000-01-01&limit=1",
        )
        .await;
    assert_eq!(text.header("content-type"), "text/plain; charset=utf-8");
    let next = text.header("x-feed-next").to_owned();
    let rest = server
        .get_as(
            &server.member,
            &format!("/api/v1/iocs?format=txt&since={next}"),
        )
        .await;
    let both: BTreeSet<&str> = text.text().lines().chain(rest.text().lines()).collect();
    assert_eq!(
        both,
        BTreeSet::from(["192.0.2.1", "https://evil.example/a,b"])
    );
}

#[tokio::test]
async fn a_search_finds_the_value_itself_first_and_tells_what_stands_beside_it() {
    let server = Server::new().await;
    server.report("a", every_type()).await;
    server
        .report("b", vec![finding(Kind::Domain, "evil.example.org")])
        .await;
    let search = async |query: &str| {
        let path = format!("/api/v1/iocs/search?{query}");
        let answer = server.get_as(&server.member, &path).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
        answer.json()
    };
    let exact = search("q=EVIL[.]example").await;
    assert_eq!(
        (&exact["meta"]["match"], &exact["meta"]["total"]),
        (&json!("exact"), &json!(1))
    );
    assert_eq!(values(&exact), ["evil.example"]);
    let related = exact["related"].as_array().unwrap();
    assert_eq!(related.len(), 9);
    assert!(related.iter().all(|row| row["value"] != "evil.example"));
    assert!(
        search("q=evil.example&include_related=false").await["related"]
            .as_array()
            .unwrap()
            .is_empty()
    );

    let partial = search("q=vil.exam&type=domain").await;
    assert_eq!(
        (&partial["meta"]["match"], &partial["meta"]["total"]),
        (&json!("partial"), &json!(2))
    );
    assert_eq!(search("q=t1059.001").await["meta"]["match"], "exact");
    let nothing = search("q=never-seen.example").await;
    assert_eq!(
        (&nothing["meta"]["match"], &nothing["data"]),
        (&Value::Null, &json!([]))
    );
    assert_eq!(search("q=ev").await["meta"]["total"], 0);
}

#[tokio::test]
async fn a_lookup_tells_who_says_what_and_an_unknown_value_is_no_error() {
    let server = Server::new().await;
    server
        .page("https://securelist.com/one", every_type())
        .await;
    server
        .page(
            "https://securelist.com/two",
            vec![finding(Kind::Ipv4, "192.0.2.1")],
        )
        .await;
    server
        .report("c", vec![flagged(Kind::Ipv4, "192.0.2.1")])
        .await;
    let lookup = async |query: &str| {
        let path = format!("/api/v1/lookup?{query}");
        server.get_as(&server.member, &path).await.json()
    };
    let known = lookup("value=192[.]0[.]2[.]1&type=ipv4").await;
    assert_eq!(known["found"], true);
    assert_eq!(
        (&known["value"], &known["type"]),
        (&json!("192.0.2.1"), &json!("ipv4"))
    );
    assert_eq!(
        (&known["confidence"], &known["confidence_score"]),
        (&json!("high"), &json!(90))
    );
    assert_eq!(known["submission_count"], 3);
    let sources = known["sources"].as_array().unwrap();
    let told: Vec<_> = sources
        .iter()
        .map(|source| {
            (
                source["feed_name"].as_str().unwrap(),
                source["reports"].as_u64().unwrap(),
                source["confidence"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(told, [("securelist.com", 2, "high"), ("Texts", 1, "low")]);
    assert_eq!(known["mitre_techniques"][0]["id"], "T1059.001");
    assert_eq!(known["mitre_techniques"][0]["name"], "PowerShell");
    assert!(
        known["hunting_queries"]["kql"]
            .as_str()
            .unwrap()
            .contains("192.0.2.1")
    );
    assert_eq!(lookup("ioc=192.0.2.1").await, known);

    let unknown = lookup("value=203.0.113.99").await;
    assert_eq!(
        (&unknown["found"], &unknown["value"], &unknown["confidence"]),
        (&json!(false), &json!("203.0.113.99"), &Value::Null)
    );
    assert_eq!(lookup("value=192.0.2.1&type=domain").await["found"], false);
}

/// So many submissions that a walk takes several steps, and rare indicators in the oldest of them alone.
#[tokio::test]
async fn the_rarest_of_a_type_is_found_among_many_reports_and_each_way_of_finding_gives_the_same() {
    let server = Server::new().await;
    let techniques = |ids: &[usize]| {
        let technique = |id: &usize| finding(Kind::MitreAttack, &format!("T10{id:02}"));
        ids.iter().map(technique).collect::<Vec<_>>()
    };
    server.report("old", techniques(&[1, 2, 3, 4, 5])).await;
    server.report("common", techniques(&[1, 90])).await;
    let many = "DO $$ BEGIN FOR n IN 1..500 LOOP
            WITH new AS (
                INSERT INTO submissions (id, status, source_type, source_identifier, ioc_count, owner_id)
                SELECT gen_random_uuid(), 'completed', 'text', 'copy', 1, id FROM users LIMIT 1 RETURNING id)
            INSERT INTO sightings SELECT (json_populate_record(s, json_build_object('submission_id', new.id))).*
            FROM new, sightings s WHERE s.ioc_id = (SELECT id FROM iocs WHERE value = 'T1090') LIMIT 1;
        END LOOP; END $$";
    server.database.execute(many).await;
    for order in ["", "&since=2000-01-01"] {
        let all = server.feed(&format!("type=mitre-attack{order}")).await;
        assert_eq!(all["meta"]["total"], 6);
        assert_eq!(all["data"].as_array().unwrap().len(), 6);
        let counted = server.feed(&format!("category=community{order}")).await;
        assert_eq!(counted["data"], all["data"]);
        let mut joined = Vec::new();
        for offset in 0..7 {
            let page = server
                .feed(&format!("limit=1&offset={offset}{order}"))
                .await;
            joined.extend(values(&page));
        }
        assert_eq!(joined, values(&all));
    }
}
