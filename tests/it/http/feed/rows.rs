//! What a row says, and which rows there are.

use std::collections::{BTreeMap, BTreeSet};

use axum::body::Body;
use axum::http::Method;
use iocsift::indicator::{Finding, Kind};
use serde_json::{Value, json};

use super::super::{Server, finding, flagged, request};
use super::{SHA512, every_type, sure};

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
