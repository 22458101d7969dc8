//! Indicators over all submissions.

use axum::http::StatusCode;
use iocsift::indicator::Kind;
use serde_json::json;

use super::{Server, finding, flagged};

async fn two_reports() -> (Server, String) {
    let server = Server::new().await;
    server
        .report(
            "one",
            vec![
                finding(Kind::Ipv4, "192.0.2.1"),
                finding(Kind::Domain, "evil.example.com"),
            ],
        )
        .await;
    let newest = server
        .report(
            "two",
            vec![
                finding(Kind::Ipv4, "192.0.2.1"),
                flagged(Kind::Filename, "50%_off.exe"),
            ],
        )
        .await;
    (server, newest)
}

#[tokio::test]
async fn search_counts_exactly_and_shows_the_newest_sighting() {
    let (server, newest) = two_reports().await;
    let found = server
        .get("/api/iocs/search?q=192.0&type=ipv4")
        .await
        .json();
    assert_eq!(
        (
            found["total"].clone(),
            found["limit"].clone(),
            found["offset"].clone()
        ),
        (json!(1), json!(50), json!(0))
    );
    let row = &found["iocs"][0];
    assert_eq!(
        (row["value"].clone(), row["refanged_value"].clone()),
        (json!("192.0.2.1"), json!("192[.]0[.]2[.]1"))
    );
    assert_eq!(
        (row["type"].clone(), row["submission_count"].clone()),
        (json!("ipv4"), json!(2))
    );
    assert_eq!(row["submission_id"], json!(newest));
    for key in [
        "id",
        "context",
        "description",
        "first_seen_at",
        "last_seen_at",
        "flags",
        "created_at",
    ] {
        assert!(row.get(key).is_some(), "{key}");
    }
    assert_eq!(
        server.get("/api/iocs/search?limit=1").await.json()["total"],
        3
    );
}

#[tokio::test]
async fn a_search_text_is_literal_and_may_be_defanged() {
    let (server, _) = two_reports().await;
    let total = async |query: &str| {
        server
            .get(&format!("/api/iocs/search?{query}"))
            .await
            .json()["total"]
            .clone()
    };
    assert_eq!(total("q=evil%5B.%5Dexample").await, 1);
    assert_eq!(total("q=EVIL.example").await, 1);
    assert_eq!(total("q=%25").await, 1);
    assert_eq!(total("q=%5C").await, 0);
    assert_eq!(total("type=ipv4&type=domain").await, 2);
    assert_eq!(total("type=").await, 3);
    server
        .get("/api/iocs/search?type=ip")
        .await
        .refuses(422, "invalid_parameter");
    server
        .get("/api/iocs/search?q=a%00b")
        .await
        .refuses(422, "invalid_parameter");
}

#[tokio::test]
async fn one_indicator_tells_where_it_was_seen() {
    let (server, newest) = two_reports().await;
    let id = server.get("/api/iocs/search?q=192").await.json()["iocs"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let ioc = server.get(&format!("/api/iocs/{id}")).await.json();
    assert_eq!(
        (ioc["ioc_type"].clone(), ioc["submission_count"].clone()),
        (json!({"name": "ipv4"}), json!(2))
    );
    assert!(ioc["first_seen_at"].as_str().unwrap() < ioc["last_seen_at"].as_str().unwrap());
    let seen = ioc["submissions"].as_array().unwrap();
    assert_eq!(
        (seen.len(), seen[0]["id"].clone(), seen[0]["title"].clone()),
        (2, json!(newest), json!("A title"))
    );
    assert_eq!(seen[1]["source_identifier"], "one");
    let second = server
        .get(&format!("/api/iocs/{id}?limit=1&offset=1"))
        .await
        .json();
    assert_eq!(second["submissions"], json!([seen[1]]));
    let unknown = iocsift::id::IocId::generate();
    server
        .get(&format!("/api/iocs/{unknown}"))
        .await
        .refuses(404, "not_found");
    server
        .get("/api/iocs/ioc_does_not_exist")
        .await
        .refuses(404, "not_found");
}

#[tokio::test]
async fn statistics_name_every_kind() {
    let (server, _) = two_reports().await;
    let stats = server.get("/api/iocs/stats").await;
    assert_eq!(stats.status, StatusCode::OK);
    let stats = stats.json();
    assert_eq!(
        (
            stats["total_iocs"].clone(),
            stats["total_submissions"].clone()
        ),
        (json!(3), json!(2))
    );
    let by_type = stats["iocs_by_type"].as_object().unwrap();
    assert_eq!(by_type.len(), Kind::STANDARD.len());
    assert_eq!(
        (by_type["ipv4"].clone(), by_type["cve"].clone()),
        (json!(1), json!(0))
    );
}
