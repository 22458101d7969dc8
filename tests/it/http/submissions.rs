//! Handing in, listing, searching, showing.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use iocsift::http::Settings;
use iocsift::indicator::Kind;
use serde_json::{Value, json};

use super::{Server, bearer, finding, form, upload_request};

/// The keys that every submission has, wherever it is shown.
const KEYS: [&str; 18] = [
    "id",
    "status",
    "source_type",
    "source_identifier",
    "original_filename",
    "title",
    "summary",
    "language",
    "ioc_count",
    "content_type",
    "size_bytes",
    "sha256",
    "tags",
    "tlp",
    "error",
    "created_at",
    "updated_at",
    "processed_at",
];

#[track_caller]
fn has_every_key(submission: &Value) {
    for key in KEYS {
        assert!(
            submission.get(key).is_some(),
            "{key} is missing in {submission}"
        );
    }
}

#[tokio::test]
async fn a_request_with_a_name_is_answered_again_as_at_first() {
    let server = Server::new().await;
    let hand_in = async |keys: &[&str], text: &str| {
        let mut request = bearer(Method::POST, "/api/submissions/text", &server.member)
            .header("content-type", "application/json");
        for key in keys {
            request = request.header("idempotency-key", *key);
        }
        let body = json!({ "text": text }).to_string();
        server.send(request.body(body.into()).unwrap()).await
    };
    let first = hand_in(&["4f1a"], "one").await;
    assert_eq!(first.status, StatusCode::CREATED);
    let again = hand_in(&["4f1a"], "one").await;
    assert_eq!(again.status, StatusCode::CREATED);
    assert_eq!(again.json(), first.json());
    assert_eq!(again.header("location"), first.header("location"));
    hand_in(&["4f1a"], "two")
        .await
        .refuses(422, "idempotency_key_reused");
    let known = hand_in(&["other"], "one").await;
    assert_eq!(known.status, StatusCode::OK);
    assert_eq!(known.json()["duplicate"], true);
    for bad in [&[""][..], &["a", "b"], &["é"], &[&"a".repeat(256)]] {
        hand_in(bad, "three").await.refuses(422, "invalid_request");
    }
    assert_eq!(hand_in(&[], "three").await.status, StatusCode::CREATED);
    // What was deleted does not come back by a request that comes late.
    let id = first.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/submissions/{id}");
    let deleted = server.call(&server.member, Method::DELETE, &path, Value::Null);
    assert_eq!(deleted.await.status, StatusCode::NO_CONTENT);
    hand_in(&["4f1a"], "one").await.refuses(410, "deleted");
    assert_eq!(hand_in(&["new"], "one").await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn a_form_with_a_name_is_known_again_whatever_its_boundary() {
    let server = Server::new().await;
    let hand_in = async |boundary: &str, file: &str| {
        let body = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{file}\"\r\n\r\n192.0.2.1\r\n--{boundary}--\r\n"
        );
        let request = bearer(Method::POST, "/api/submissions/file", &server.member)
            .header(
                "content-type",
                format!("multipart/form-data; boundary={boundary}"),
            )
            .header("idempotency-key", "4f1a");
        server.send(request.body(body.into()).unwrap()).await
    };
    let first = hand_in("one", "report.txt").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    assert_eq!(hand_in("two", "report.txt").await.json(), first.json());
    hand_in("two", "other.txt")
        .await
        .refuses(422, "idempotency_key_reused");
}

#[tokio::test]
async fn a_file_is_taken_once_and_known_again() {
    let server = Server::new().await;
    let first = server.upload("threat report.txt", b"192.0.2.1").await;
    assert_eq!(first.status, StatusCode::CREATED, "{}", first.text());
    let submission = first.json();
    has_every_key(&submission);
    assert_eq!(
        first.header("location"),
        format!("/api/submissions/{}", submission["id"].as_str().unwrap())
    );
    assert_eq!(submission["status"], "pending");
    assert_eq!(submission["source_type"], "file_upload");
    assert_eq!(submission["original_filename"], "threat report.txt");
    assert_eq!(submission["content_type"], "text/plain");
    assert_eq!(submission["size_bytes"], 9);
    assert_eq!(submission["sha256"].as_str().unwrap().len(), 64);
    assert_eq!(submission["duplicate"], false);
    let again = server.upload("other name.txt", b"192.0.2.1").await;
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(again.json()["duplicate"], true);
    assert_eq!(again.json()["id"], submission["id"]);
}

#[tokio::test]
async fn a_form_without_a_usable_file_is_refused() {
    let server = Server::new().await;
    server
        .upload("empty.txt", b"")
        .await
        .refuses(422, "missing_file");
    let other = form(&[("title", None, b"x")]);
    server
        .send(upload_request(&server.member, other))
        .await
        .refuses(422, "missing_file");
    server
        .post("/api/submissions/file", Value::Null)
        .await
        .refuses(422, "missing_file");
    server
        .upload("tool.exe", b"MZ\x90\0\x03\0\0\0\x04\0\0\0\xff\xff\0\0\0\0")
        .await
        .refuses(415, "unsupported_type");
    let open = form(&[("file", Some("a.txt"), b"x")]);
    let cut = open[..open.len() - 8].to_vec();
    server
        .send(upload_request(&server.member, cut))
        .await
        .refuses(400, "malformed_request");
    let many: Vec<_> = (0..50).map(|_| ("field", None, &b"x"[..])).collect();
    server
        .send(upload_request(&server.member, form(&many)))
        .await
        .refuses(422, "invalid_request");
    assert_eq!(
        server.get("/api/submissions").await.json(),
        json!([]),
        "nothing was stored"
    );
}

#[tokio::test]
async fn what_is_larger_than_the_limit_is_413_and_what_is_as_large_is_taken() {
    let server = Server::with(Settings {
        max_upload_bytes: 1000,
        ..Settings::default()
    })
    .await;
    assert_eq!(
        server.upload("fits.txt", &[b'a'; 1000]).await.status,
        StatusCode::CREATED
    );
    server
        .upload("big.txt", &[b'a'; 1001])
        .await
        .refuses(413, "too_large");
    server
        .post("/api/submissions/text", json!({"text": "b".repeat(1001)}))
        .await
        .refuses(413, "too_large");
    server
        .post("/api/submissions/url", json!({"url": "x".repeat(70_000)}))
        .await
        .refuses(413, "too_large");
    let announced = bearer(Method::POST, "/api/submissions/file", &server.member)
        .header("content-type", "multipart/form-data; boundary=b")
        .header("content-length", "9000000000")
        .body(Body::empty());
    server
        .send(announced.unwrap())
        .await
        .refuses(413, "too_large");
}

#[tokio::test]
async fn a_url_is_normalised_and_known_again_while_in_flight() {
    let server = Server::new().await;
    let first = server
        .post(
            "/api/submissions/url",
            json!({"url": " https://Example.com/report#top "}),
        )
        .await;
    assert_eq!(first.status, StatusCode::CREATED);
    let submission = first.json();
    has_every_key(&submission);
    assert_eq!(submission["source_type"], "url");
    assert_eq!(
        submission["source_identifier"],
        "https://example.com/report"
    );
    assert_eq!(submission["ioc_count"], 0);
    let again = server
        .post(
            "/api/submissions/url",
            json!({"url": "https://example.com:443/report"}),
        )
        .await;
    assert_eq!(
        (again.status, again.json()["id"].clone()),
        (StatusCode::OK, submission["id"].clone())
    );
}

#[tokio::test]
async fn what_is_no_url_or_no_json_is_refused_with_a_sentence() {
    let server = Server::new().await;
    for url in [
        "not a url",
        "",
        "ftp://example.com/",
        "file:///etc/passwd",
        "http://a:b@example.com/",
        "http://a\u{0}b/",
    ] {
        server
            .post("/api/submissions/url", json!({ "url": url }))
            .await
            .refuses(422, "invalid_request");
    }
    let deep = "[".repeat(10_000);
    for body in [
        "null",
        "\"x\"",
        "{}",
        "{\"url\": 1}",
        "[\"https://example.com/\"]",
        "\u{feff}{}",
        &deep,
    ] {
        let request = bearer(Method::POST, "/api/submissions/url", &server.member)
            .header("content-type", "application/json");
        server
            .send(request.body(body.to_owned().into()).unwrap())
            .await
            .refuses(422, "invalid_request");
    }
    for body in ["", "{'url':'x'}", "{\"url\":"] {
        let request = bearer(Method::POST, "/api/submissions/url", &server.member)
            .header("content-type", "application/json");
        server
            .send(request.body(body.to_owned().into()).unwrap())
            .await
            .refuses(400, "malformed_request");
    }
    for (name, value) in [
        ("content-type", "text/plain"),
        ("content-type", "application/json; charset=utf-16"),
    ] {
        let request =
            bearer(Method::POST, "/api/submissions/url", &server.member).header(name, value);
        let body = json!({"url": "https://example.com/"}).to_string();
        server
            .send(request.body(body.into()).unwrap())
            .await
            .refuses(415, "unsupported_type");
    }
    let packed = bearer(Method::POST, "/api/submissions/url", &server.member)
        .header("content-type", "application/json")
        .header("content-encoding", "gzip");
    server
        .send(packed.body(Body::from("x")).unwrap())
        .await
        .refuses(415, "unsupported_type");
}

#[tokio::test]
async fn a_text_is_named_by_its_title_or_its_first_line() {
    let server = Server::new().await;
    let titled = server
        .post(
            "/api/submissions/text",
            json!({"text": "192.0.2.1", "title": " Notes "}),
        )
        .await
        .json();
    assert_eq!(
        (
            titled["source_type"].clone(),
            titled["source_identifier"].clone()
        ),
        (json!("text"), json!("Notes"))
    );
    let plain = server
        .post(
            "/api/submissions/text",
            json!({"text": "\nfirst line\nmore", "title": null}),
        )
        .await
        .json();
    assert_eq!(plain["source_identifier"], "first line");
    for body in [
        json!({"text": ""}),
        json!({"text": " \n"}),
        json!({"text": "a\u{0}b"}),
        json!({"text": "a", "title": "\u{0}"}),
    ] {
        server
            .post("/api/submissions/text", body)
            .await
            .refuses(422, "invalid_request");
    }
}

#[tokio::test]
async fn the_list_is_a_bare_array_newest_first_in_pages() {
    let server = Server::new().await;
    let mut ids = Vec::new();
    for text in ["one", "two", "three"] {
        ids.insert(0, server.paste(text).await);
    }
    let listed = |answer: Value| {
        answer
            .as_array()
            .unwrap()
            .iter()
            .map(|s| s["id"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    let all = server.get("/api/submissions").await.json();
    all.as_array().unwrap().iter().for_each(has_every_key);
    assert_eq!(listed(all), ids);
    assert_eq!(
        listed(
            server
                .get("/api/submissions?limit=1&offset=1&unknown=x")
                .await
                .json()
        ),
        ids[1..2]
    );
}

#[tokio::test]
async fn a_mirror_by_since_meets_every_change_once() {
    let server = Server::new().await;
    for text in ["one", "two", "three"] {
        server.paste(text).await;
    }
    server.work(vec![]).await;
    let mut cursor = "1970-01-01T00:00:00Z".to_owned();
    let mut seen = Vec::new();
    loop {
        let page = server
            .get(&format!("/api/submissions?since={cursor}&limit=1"))
            .await
            .json();
        let Some(last) = page.as_array().unwrap().last() else {
            break;
        };
        cursor = last["updated_at"].as_str().unwrap().to_owned();
        seen.push((
            last["id"].as_str().unwrap().to_owned(),
            last["status"].as_str().unwrap().to_owned(),
        ));
    }
    assert_eq!(seen.len(), 3);
    assert_eq!(
        seen[2].1, "completed",
        "the latest change comes last: {seen:?}"
    );
    assert!(
        cursor.ends_with('Z') && cursor.len() == "2026-01-31T09:15:02.123456Z".len(),
        "{cursor}"
    );
    let lost_plus = cursor.replace('Z', "+00:00");
    assert_eq!(
        server
            .get(&format!("/api/submissions?since={lost_plus}"))
            .await
            .json(),
        json!([])
    );
}

#[tokio::test]
async fn parameters_are_refused_by_name_value_and_range() {
    let server = Server::new().await;
    let refused = server.get("/api/submissions?limit=101").await;
    refused.refuses(422, "invalid_parameter");
    assert_eq!(
        refused.json()["detail"],
        "limit is \"101\"; it must be a whole number from 1 to 100."
    );
    for query in [
        "limit=0",
        "limit=abc",
        "offset=-1",
        "since=yesterday",
        "since=",
        "cursor=AAAA",
        "limit=1&limit=2",
    ] {
        server
            .get(&format!("/api/submissions?{query}"))
            .await
            .refuses(422, "invalid_parameter");
    }
    for query in [
        "status=done",
        "source_type=file",
        "q=%00",
        &format!("q={}", "a".repeat(257)),
    ] {
        server
            .get(&format!("/api/submissions/search?{query}"))
            .await
            .refuses(422, "invalid_parameter");
    }
    server
        .get("/api/submissions/search?q=%C0%AF")
        .await
        .refuses(400, "malformed_request");
    server
        .get(&format!("/api/submissions/search?q={}", "a".repeat(9000)))
        .await
        .refuses(414, "uri_too_long");
}

#[tokio::test]
async fn search_takes_a_text_a_status_and_a_source_type() {
    let server = Server::new().await;
    server.upload("Alpha%report.txt", b"alpha").await;
    server.work(vec![]).await;
    server.paste("beta").await;
    let found = server
        .get("/api/submissions/search?q=ALPHA%25&status=completed&source_type=file_upload&limit=5")
        .await
        .json();
    assert_eq!(
        (
            found["total"].clone(),
            found["limit"].clone(),
            found["offset"].clone()
        ),
        (json!(1), json!(5), json!(0))
    );
    has_every_key(&found["submissions"][0]);
    assert_eq!(
        server
            .get("/api/submissions/search?q=alpha&status=pending")
            .await
            .json()["total"],
        0
    );
    assert_eq!(
        server.get("/api/submissions/search?q=%25a").await.json()["total"],
        0,
        "a per cent sign is itself"
    );
    assert_eq!(
        server
            .get("/api/submissions/search?q=&status=")
            .await
            .json()["total"],
        2,
        "empty filters are none"
    );
}

#[tokio::test]
async fn the_detail_is_whole_or_a_page_as_asked() {
    let server = Server::new().await;
    let findings = (0..5).map(|at| finding(Kind::Ipv4, &format!("192.0.2.{at}")));
    let all: Vec<_> = findings.chain([finding(Kind::Cwe, "CWE-79")]).collect();
    let id = server.report("five", all).await;
    let shown = async |query: &str| {
        let path = format!("/api/submissions/{id}{query}");
        let detail = server.get(&path).await.json();
        let iocs = detail["iocs"].as_array().unwrap().iter();
        let values: Vec<_> = iocs.map(|ioc| ioc["value"].clone()).collect();
        (detail["ioc_count"].clone(), json!(values))
    };
    let five = json!([
        "192.0.2.0",
        "192.0.2.1",
        "192.0.2.2",
        "192.0.2.3",
        "192.0.2.4"
    ]);
    assert_eq!(shown("").await, (json!(5), five));
    let two = json!(["192.0.2.1", "192.0.2.2"]);
    assert_eq!(shown("?limit=2&offset=1").await, (json!(5), two));
    let last = json!(["192.0.2.4", "CWE-79"]);
    let query = "?limit=10000&offset=4&extended=true";
    assert_eq!(shown(query).await, (json!(6), last));
    assert_eq!(shown("?offset=5").await, (json!(5), json!([])));
    for wrong in ["limit=0", "limit=10001", "offset=-1"] {
        let path = format!("/api/submissions/{id}?{wrong}");
        server.get(&path).await.refuses(422, "invalid_parameter");
    }
}

#[tokio::test]
async fn the_detail_holds_every_indicator_in_the_documented_shape() {
    let server = Server::new().await;
    let id = server
        .report(
            "text",
            vec![
                finding(Kind::Ipv4, "192.0.2.1"),
                finding(Kind::Url, "https://a.example/x"),
            ],
        )
        .await;
    let detail = server.get(&format!("/api/submissions/{id}")).await.json();
    has_every_key(&detail);
    assert_eq!(detail["ioc_count"], 2);
    let ioc = &detail["iocs"][0];
    assert_eq!(ioc["value"], "192.0.2.1");
    assert_eq!(ioc["refanged_value"], "192[.]0[.]2[.]1");
    assert_eq!(ioc["ioc_type"], json!({"name": "ipv4"}));
    assert_eq!(ioc["type"], "ipv4");
    assert_eq!(ioc["description"], "C2 server");
    assert_eq!(ioc["flags"], json!([]));
    assert_eq!(
        ioc["confidence_reasons"],
        json!([{"reason": "called_malicious", "points": 15, "phrase": "the document calls it malicious"}])
    );
    assert!(
        ioc["id"].as_str().unwrap().starts_with("ioc_")
            && ioc["location"]["line"] == 1
            && ioc["created_at"].is_string()
    );
    assert_eq!(detail["iocs"][1]["refanged_value"], "hxxps://a[.]example/x");
}

#[tokio::test]
async fn what_is_no_id_names_nothing() {
    let server = Server::new().await;
    let unknown = iocsift::id::SubmissionId::generate().to_string();
    for id in [
        unknown.as_str(),
        "-1",
        "sub_abc123",
        "%00",
        "%FF",
        "%252e%252e%252fetc",
        "00000000-0000-0000-0000-000000000000",
    ] {
        server
            .get(&format!("/api/submissions/{id}"))
            .await
            .refuses(404, "not_found");
    }
    server
        .get("/api/nothing")
        .await
        .refuses(404, "no_such_route");
    server.get("/.env").await.refuses(404, "no_such_route");
}

#[tokio::test]
async fn extract_answers_at_once_and_stores_nothing() {
    let server = Server::new().await;
    let answer = server
        .post("/api/extract", json!({"text": "192.0.2.1"}))
        .await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    let found = answer.json();
    assert_eq!(
        (found["ioc_count"].clone(), found["content_type"].clone()),
        (json!(1), json!("text/plain"))
    );
    assert_eq!(found["iocs"][0]["refanged_value"], "192[.]0[.]2[.]1");
    let file = bearer(Method::POST, "/api/extract", &server.member)
        .header(
            "content-type",
            format!("multipart/form-data; boundary={}", super::BOUNDARY),
        )
        .body(form(&[("file", Some("notes.txt"), b"text")]).into());
    assert_eq!(
        server.send(file.unwrap()).await.json()["title"],
        "notes.txt"
    );
    server
        .post("/api/extract", json!({"text": "locked"}))
        .await
        .refuses(422, "encrypted");
    let broken = server.post("/api/extract", json!({"text": "broken"})).await;
    broken.refuses(500, "internal");
    assert!(
        !broken.text().contains("fork"),
        "the cause is for the log alone"
    );
    server
        .post("/api/extract", json!({"text": "panic"}))
        .await
        .refuses(500, "internal");
    assert_eq!(server.get("/api/submissions").await.json(), json!([]));
}
