//! Leaving all at once: the export of every indicator.

use std::collections::HashSet;
use std::fmt::Write;
use std::time::Duration;

use axum::body::Body;
use axum::http::{Method, StatusCode};
use futures_util::StreamExt;
use iocsift::export::FORMATS;
use iocsift::http::{Connections, Settings, serve};
use iocsift::indicator::{Finding, Kind};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use super::{Answer, Server, finding, flagged, request};

/// More than two pages of one kind, and a few of others.
const DOMAINS: usize = 2_450;
const PATH: &str = "/api/iocs/export";

/// A server that knows 2,500 indicators of one report.
async fn full(settings: Settings) -> Server {
    let server = Server::with(settings).await;
    let mut findings: Vec<Finding> = (0..DOMAINS)
        .map(|n| finding(Kind::Domain, &format!("h{n}.example.com")))
        .collect();
    for n in 0..20 {
        findings.push(finding(Kind::Ipv4, &format!("203.0.113.{n}")));
        // Shares its address with the one above.
        findings.push(finding(Kind::IpPort, &format!("203.0.113.{n}:443")));
    }
    findings.push(flagged(Kind::Ipv4, "192.0.2.1"));
    findings.push(finding(Kind::Cve, "CVE-2024-3400"));
    findings.push(finding(Kind::MitreAttack, "TA0001"));
    findings.push(finding(Kind::HashSha256, &"ab".repeat(32)));
    findings.push(finding(Kind::Filepath, r"C:\Temp\a.exe"));
    findings.push(finding(Kind::Filepath, r"C:\Temp\b.exe"));
    findings.push(finding(Kind::Email, "p@example.com"));
    findings.push(finding(Kind::Command, "cmd /c \"a\"\nb"));
    findings.push(flagged(Kind::Url, "https://www.example.org/a,b"));
    findings.push(finding(Kind::Filename, "=a.exe"));
    assert_eq!(findings.len(), 2_500);
    server.report("all of it", findings).await;
    server
}

async fn ask(server: &Server, query: &str) -> Answer {
    let answer = server.get(&format!("{PATH}?{query}")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    answer
}

async fn lines(server: &Server, query: &str) -> Vec<String> {
    let answer = ask(server, &format!("format=txt&{query}")).await;
    answer.text().lines().map(str::to_owned).collect()
}

#[tokio::test]
async fn every_format_holds_every_indicator_once() {
    let server = full(Settings::default()).await;
    for row in FORMATS {
        let answer = ask(&server, &format!("format={}", row.name)).await;
        assert_eq!(answer.header("content-type"), row.media_type);
        let name = format!("indicators.{}", row.extension);
        assert_eq!(
            answer.header("content-disposition"),
            format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")
        );
        let again = ask(&server, &format!("format={}", row.name)).await;
        assert_eq!(answer.body, again.body, "{}: a re-export differs", row.name);
    }

    let values = lines(&server, "").await;
    assert_eq!(values.len(), 2_500);
    assert_eq!(values.iter().collect::<HashSet<_>>().len(), 2_500);

    let json = ask(&server, "").await.json();
    let iocs = json["iocs"].as_array().unwrap();
    assert_eq!(json.as_object().unwrap().len(), 1);
    assert_eq!(iocs.len(), 2_500);
    let shown = server.get("/api/iocs/search?q=h7.example").await.json()["iocs"][0].clone();
    let written = iocs.iter().find(|ioc| ioc["id"] == shown["id"]).unwrap();
    for (key, value) in shown.as_object().unwrap() {
        assert_eq!(&written[key], value, "{key}");
    }

    let csv = ask(&server, "format=csv").await;
    assert!(csv.text().starts_with("type,value,refanged_value,"));
    // One header.
    assert_eq!(csv.text().matches("\r\n").count(), 2_501);
    assert!(csv.text().contains("\r\nfilename,'=a.exe,"));

    let ecs = ask(&server, "format=ecs").await;
    let documents: Vec<Value> = ecs
        .text()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(documents.len(), 2_500);
    assert!(
        documents
            .iter()
            .all(|document| document["labels"]["submission_id"].is_string())
    );
}

#[tokio::test]
async fn the_bundle_of_everything_is_sound_and_one_report_holds_it() {
    let server = full(Settings::default()).await;
    let bundle = ask(&server, "format=stix").await.json();
    let objects = bundle["objects"].as_array().unwrap();
    let ids: HashSet<&str> = objects
        .iter()
        .map(|object| object["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids.len(), objects.len());
    let of_type = |kind: &str| objects.iter().filter(|o| o["type"] == kind).count();
    assert_eq!((of_type("identity"), of_type("report")), (1, 1));
    let report = objects.iter().find(|o| o["type"] == "report").unwrap();
    let held = report["object_refs"].as_array().unwrap();
    assert_eq!(
        held.len(),
        objects.len() - 2,
        "all but the producer and itself"
    );
    // All but the flagged two, the vulnerability and the tactic.
    assert_eq!(of_type("indicator"), 2_496);
    assert_eq!((of_type("vulnerability"), of_type("directory")), (1, 1));
    // Both flagged values, and the tactic, which STIX has no object for.
    assert_eq!(of_type("note"), 3);
    for object in objects {
        for (name, value) in object.as_object().unwrap() {
            let refers = match value {
                Value::String(one) if name.ends_with("_ref") => vec![one.as_str()],
                Value::Array(many) if name.ends_with("_refs") => {
                    many.iter().filter_map(Value::as_str).collect()
                }
                _ => continue,
            };
            assert!(refers.iter().all(|id| ids.contains(id)), "{object}");
        }
    }
    let documents = ask(&server, "format=ecs&type=domain").await;
    let first: Value = serde_json::from_str(documents.text().lines().next().unwrap()).unwrap();
    let id = first["threat"]["indicator"]["id"][0].as_str().unwrap();
    assert!(ids.contains(id), "ECS and STIX name an indicator alike");
}

#[tokio::test]
async fn the_event_of_everything_is_that_of_the_instance() {
    let server = full(Settings::default()).await;
    let event = ask(&server, "format=misp").await.json()["Event"].clone();
    assert_eq!(event["info"], "iocsift indicators");
    let attributes = event["Attribute"].as_array().unwrap();
    assert_eq!(attributes.len(), 2_500);
    let uuids: HashSet<String> = attributes.iter().map(|a| a["uuid"].to_string()).collect();
    assert_eq!(uuids.len(), 2_500);
    server
        .report("later", vec![finding(Kind::Domain, "new.example.com")])
        .await;
    let later = ask(&server, "format=misp").await.json()["Event"].clone();
    assert_eq!(event["uuid"], later["uuid"]);
    let moment = |event: &Value| event["timestamp"].as_str().unwrap().parse::<i64>().unwrap();
    assert!(moment(&event) <= moment(&later));
}

#[tokio::test]
async fn types_and_flags_choose_what_leaves() {
    let server = full(Settings::default()).await;
    assert_eq!(lines(&server, "type=domain").await.len(), DOMAINS);
    assert_eq!(
        lines(&server, "type=ipv4&type=cve&type=ipv4").await.len(),
        22
    );
    assert_eq!(lines(&server, "type=asn").await, Vec::<String>::new());
    assert_eq!(lines(&server, "type=").await.len(), 2_500);
    let careful = lines(&server, "flagged=exclude&type=ipv4&type=url").await;
    assert_eq!(careful.len(), 20);
    assert!(!careful.contains(&"192.0.2.1".to_owned()));
    let defanged = lines(&server, "defang=true&type=url").await;
    assert_eq!(defanged, ["hxxps://www[.]example[.]org/a,b"]);
}

#[tokio::test]
async fn since_asks_for_the_last_sighting_and_is_strict() {
    let server = full(Settings::default()).await;
    let seen_again = vec![
        finding(Kind::Domain, "h3.example.com"),
        finding(Kind::Domain, "new.example.com"),
    ];
    let before = server.get("/api/iocs/search?q=h3.example").await.json()["iocs"][0].clone();
    server.report("later", seen_again).await;
    let since = before["last_seen_at"].as_str().unwrap();
    let found = lines(&server, &format!("since={since}")).await;
    assert_eq!(found, ["new.example.com", "h3.example.com"]);
    assert_eq!(lines(&server, "since=2001-01-01").await.len(), 2_501);
    assert_eq!(lines(&server, "since=9000-01-01").await.len(), 0);
    let empty = ask(&server, "since=9000-01-01").await.json();
    assert_eq!(empty["iocs"].as_array().unwrap().len(), 0);
    let bundle = ask(&server, "since=9000-01-01&format=stix").await.json();
    // The producer, and a report of it.
    assert_eq!(bundle["objects"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn an_empty_store_gives_whole_files() {
    let server = Server::new().await;
    assert_eq!(ask(&server, "format=txt").await.text(), "");
    assert_eq!(ask(&server, "format=json").await.text(), "{\"iocs\":[]}\n");
    assert_eq!(ask(&server, "format=csv").await.text().lines().count(), 1);
    for format in ["stix", "misp"] {
        assert!(
            ask(&server, &format!("format={format}"))
                .await
                .json()
                .is_object()
        );
    }
}

#[tokio::test]
async fn what_cannot_be_meant_is_refused() {
    let server = Server::new().await;
    for query in [
        "format=exe",
        "format=json&format=csv",
        "type=ip",
        "type=ipv4&type=IPV4",
        "since=yesterday",
        "since=",
        "flagged=only",
        "defang=maybe",
    ] {
        let refused = server.get(&format!("{PATH}?{query}")).await;
        refused.refuses(422, "invalid_parameter");
    }
    let private = Server::with(Settings {
        private_reads: true,
        ..Settings::default()
    })
    .await;
    private
        .get(PATH)
        .await
        .refuses(401, "authentication_required");
    let signed = private.get_as(&private.member, PATH).await;
    assert_eq!(signed.status, StatusCode::OK);
    private.database.store.close().await;
    private
        .get_as(&private.member, PATH)
        .await
        .refuses(503, "database_unavailable");
}

/// The body of an export whose first page was read, and nothing more.
async fn begun(server: &Server) -> Body {
    use tower::ServiceExt;
    let asked = request(Method::GET, &format!("{PATH}?format=txt"))
        .body(Body::empty())
        .unwrap();
    let answer = server.router.clone().oneshot(asked).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    answer.into_body()
}

#[tokio::test]
async fn readers_that_stop_hold_no_connection_to_the_database() {
    let server = full(Settings::default()).await;
    let mut stopped = Vec::new();
    // More than there are connections.
    for _ in 0..40 {
        let mut chunks = begun(&server).await.into_data_stream();
        chunks.next().await.unwrap().unwrap();
        stopped.push(chunks);
    }
    assert_eq!(lines(&server, "").await.len(), 2_500);
}

#[tokio::test]
async fn an_export_does_not_see_what_comes_after_its_place_and_ends() {
    let server = full(Settings::default()).await;
    let mut chunks = begun(&server).await.into_data_stream();
    let mut text = String::new();
    let mut reports = 0;
    while let Some(chunk) = chunks.next().await {
        text += std::str::from_utf8(&chunk.unwrap()).unwrap();
        let mut value = String::new();
        write!(value, "later-{reports}.example.com").unwrap();
        server
            .report(&value, vec![finding(Kind::Domain, &value)])
            .await;
        reports += 1;
    }
    let values: Vec<&str> = text.lines().collect();
    assert_eq!(values.iter().collect::<HashSet<_>>().len(), values.len());
    let old = values.iter().filter(|v| !v.starts_with("later-")).count();
    assert_eq!(old, 2_500);
    assert!(reports > 2, "{reports} pages");
}

#[tokio::test]
async fn an_export_that_breaks_or_takes_too_long_does_not_look_whole() {
    let server = full(Settings {
        export_timeout: Duration::ZERO,
        ..Settings::default()
    })
    .await;
    let mut late = begun(&server).await.into_data_stream();
    late.next().await.unwrap().unwrap();
    late.next().await.unwrap().unwrap_err();

    let server = full(Settings::default()).await;
    let mut broken = begun(&server).await.into_data_stream();
    broken.next().await.unwrap().unwrap();
    server.database.store.close().await;
    let error = loop {
        match broken.next().await {
            Some(Ok(_)) => {}
            Some(Err(error)) => break error,
            None => panic!("the export ended as if it were whole"),
        }
    };
    assert!(error.to_string().contains("not available"), "{error}");
}

#[tokio::test]
async fn over_a_socket_a_broken_export_lacks_its_end() {
    let server = full(Settings {
        export_timeout: Duration::ZERO,
        ..Settings::default()
    })
    .await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = server.router.clone();
    let never = std::future::pending();
    tokio::spawn(async move { serve(listener, router, never, &Connections::default()).await });
    let fetch = async |query: &str, version: &str| {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let head =
            format!("GET {PATH}?{query} HTTP/{version}\r\nHost: x\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let end = stream.read_to_end(&mut answer).await;
        (end.is_ok(), String::from_utf8(answer).unwrap())
    };
    // One page is read before the time counts.
    let (is_whole, answer) = fetch("format=csv&type=cve", "1.1").await;
    assert!(is_whole && answer.ends_with("0\r\n\r\n"), "{answer}");
    let (is_whole, answer) = fetch("format=csv&type=cve", "1.0").await;
    assert!(is_whole && answer.contains("CVE-2024-3400"), "{answer}");

    let (_, answer) = fetch("format=csv", "1.1").await;
    assert!(!answer.ends_with("0\r\n\r\n"), "{answer}");
    // There the end of the connection is the end of the file: it must be a reset.
    let (is_whole, answer) = fetch("format=csv", "1.0").await;
    assert!(!is_whole, "{answer}");
}
