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
async fn an_unchanged_page_is_not_sent_again_and_keeps_its_policy() {
    let server = Server::new().await;
    for path in ["/", "/assets/app.js"] {
        let first = server.get(path).await;
        let asked = request(Method::GET, path).header("if-none-match", first.header("etag"));
        let again = server.send(asked.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (again.status, again.body.len()),
            (StatusCode::NOT_MODIFIED, 0)
        );
        // A browser takes these over: with the policy of the API the page would load nothing.
        for name in ["content-security-policy", "cache-control", "etag"] {
            assert_eq!(again.header(name), first.header(name), "{path} {name}");
        }
    }
    server
        .get("/assets/..%2f..%2fCargo.toml")
        .await
        .refuses(404, "no_such_route");
}
