//! The web page.

use axum::body::Body;
use axum::http::{Method, StatusCode};

use super::{Server, request};

#[tokio::test]
async fn the_page_loads_only_its_own_files_and_all_of_them_exist() {
    let server = Server::new().await;
    let page = server.get("/").await;
    assert_eq!(
        (page.status, page.header("content-type")),
        (StatusCode::OK, "text/html; charset=utf-8")
    );
    assert!(
        page.header("content-security-policy")
            .starts_with("default-src 'none'; script-src 'self'; style-src 'self'")
    );
    assert!(
        !page.text().contains("<script>")
            && !page.text().contains(" style=")
            && !page.text().contains(" onclick")
    );
    let mut wanted = vec!["/assets/app.js".to_owned(), "/assets/style.css".to_owned()];
    for path in &wanted {
        assert!(page.text().contains(path.as_str()), "{path}");
    }
    let mut at = 0;
    while at < wanted.len() {
        let file = server.get(&wanted[at]).await;
        assert_eq!(file.status, StatusCode::OK, "{}", wanted[at]);
        for import in file.text().split("from \"./").skip(1) {
            let path = format!("/assets/{}", import.split('"').next().unwrap());
            if !wanted.contains(&path) {
                wanted.push(path);
            }
        }
        at += 1;
    }
    assert!(wanted.len() > 5, "{wanted:?}");
}

#[tokio::test]
async fn an_unchanged_file_of_the_page_is_not_sent_again() {
    let server = Server::new().await;
    let etag = server.get("/assets/app.js").await.header("etag").to_owned();
    let asked = request(Method::GET, "/assets/app.js")
        .header("if-none-match", &etag)
        .body(Body::empty())
        .unwrap();
    assert_eq!(server.send(asked).await.status, StatusCode::NOT_MODIFIED);
    server
        .get("/assets/..%2f..%2fCargo.toml")
        .await
        .refuses(404, "no_such_route");
}
