//! Leaving: exports, the original, the scanned text.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use iocsift::export::FORMATS;
use iocsift::indicator::Kind;
use serde_json::json;

use super::{Server, finding, flagged, request};

#[tokio::test]
async fn every_format_leaves_with_its_media_type_and_a_name() {
    let server = Server::new().await;
    let id = server
        .report("My report", vec![finding(Kind::Domain, "c2.example.com")])
        .await;
    for row in FORMATS {
        let answer = server
            .get(&format!("/api/submissions/{id}/export?format={}", row.name))
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{}", row.name);
        assert_eq!(answer.header("content-type"), row.media_type);
        let name = format!("My-report.{}", row.extension);
        assert_eq!(
            answer.header("content-disposition"),
            format!("attachment; filename=\"{name}\"; filename*=UTF-8''{name}")
        );
        assert!(answer.text().contains("example.com"), "{}", row.name);
    }
    let plain = server.get(&format!("/api/submissions/{id}/export")).await;
    assert_eq!(plain.header("content-type"), "application/json");
    assert_eq!(
        plain.body,
        server
            .get(&format!("/api/submissions/{id}/export?format=json"))
            .await
            .body
    );
    server
        .get(&format!("/api/submissions/{id}/export?format=exe"))
        .await
        .refuses(422, "invalid_parameter");
    server
        .get(&format!("/api/submissions/{id}/export?defang=maybe"))
        .await
        .refuses(422, "invalid_parameter");
}

#[tokio::test]
async fn an_unchanged_export_is_not_sent_again() {
    let server = Server::new().await;
    let id = server
        .report("text", vec![finding(Kind::Ipv4, "192.0.2.1")])
        .await;
    let path = format!("/api/submissions/{id}/export?format=stix");
    let etag = server.get(&path).await.header("etag").to_owned();
    for (known, status) in [
        (etag.as_str(), 304),
        ("*", 304),
        (&format!("\"x\", W/{etag}"), 304),
        ("\"x\"", 200),
        ("\"x", 200),
    ] {
        let asked = request(Method::GET, &path)
            .header("if-none-match", known)
            .body(Body::empty())
            .unwrap();
        let answer = server.send(asked).await;
        assert_eq!(answer.status.as_u16(), status, "{known}");
        assert_eq!(answer.body.is_empty(), status == 304);
    }
    server
        .call(
            &server.member,
            Method::PATCH,
            &format!("/api/submissions/{id}"),
            json!({"title": "New"}),
        )
        .await;
    assert_ne!(server.get(&path).await.header("etag"), etag);
}

#[tokio::test]
async fn options_defang_values_and_leave_flagged_ones_out() {
    let server = Server::new().await;
    let id = server
        .report(
            "text",
            vec![
                finding(Kind::Ipv4, "203.0.113.7"),
                flagged(Kind::Ipv4, "192.0.2.1"),
            ],
        )
        .await;
    let path = format!("/api/submissions/{id}/export?format=txt");
    assert!(server.get(&path).await.text().contains("192.0.2.1"));
    let careful = server
        .get(&format!("{path}&flagged=exclude&defang=true"))
        .await;
    assert!(
        careful.text().contains("203[.]0[.]113[.]7"),
        "{}",
        careful.text()
    );
    assert!(!careful.text().contains("192") && !careful.text().contains("203.0"));
}

#[tokio::test]
async fn what_is_not_completed_has_no_export() {
    let server = Server::new().await;
    let id = server.paste("text").await;
    let refused = server.get(&format!("/api/submissions/{id}/export")).await;
    refused.refuses(409, "not_completed");
    assert!(
        refused.json()["detail"]
            .as_str()
            .unwrap()
            .contains("pending")
    );
}

#[tokio::test]
async fn the_original_leaves_as_an_attachment_and_with_a_token_only() {
    let server = Server::new().await;
    let name = "<b>März.html";
    let body = b"<script>alert(1)</script>";
    let id = server.upload(name, body).await.json()["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("/api/submissions/{id}/content");
    server
        .get(&path)
        .await
        .refuses(401, "authentication_required");
    let original = server.get_as(&server.member, &path).await;
    assert_eq!(
        (original.status, &original.body[..]),
        (StatusCode::OK, &body[..])
    );
    assert_eq!(original.header("content-type"), "application/octet-stream");
    assert_eq!(
        original.header("content-security-policy"),
        "sandbox; default-src 'none'; frame-ancestors 'none'"
    );
    let disposition = original.header("content-disposition");
    assert_eq!(
        disposition,
        "attachment; filename=\"<b>M_rz.html\"; filename*=UTF-8''%3Cb%3EM%C3%A4rz.html"
    );
}

#[tokio::test]
async fn the_scanned_text_is_there_once_it_was_scanned() {
    let server = Server::new().await;
    let id = server.paste("text").await;
    let path = format!("/api/submissions/{id}/text");
    server
        .get(&path)
        .await
        .refuses(401, "authentication_required");
    server
        .get_as(&server.member, &path)
        .await
        .refuses(404, "not_found");
    server.work(vec![]).await;
    let text = server.get_as(&server.member, &path).await;
    assert_eq!(
        (text.text(), text.header("content-type")),
        ("the scanned text", "text/plain; charset=utf-8")
    );
}
