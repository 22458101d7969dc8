//! The web page: three files inside the binary, nothing from elsewhere, no inline script.

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::State;
use super::request::not_modified;

/// Its own script, style and requests; nothing inline, nothing foreign, no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One file of the page.
struct Asset {
    body: &'static str,
    media_type: &'static str,
}

const INDEX: Asset = Asset {
    body: include_str!("index.html"),
    media_type: "text/html; charset=utf-8",
};
const SCRIPT: Asset = Asset {
    body: include_str!("app.js"),
    media_type: "text/javascript; charset=utf-8",
};
const STYLE: Asset = Asset {
    body: include_str!("style.css"),
    media_type: "text/css; charset=utf-8",
};

impl Asset {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let etag = format!(
            "\"{}-{:x}\"",
            env!("CARGO_PKG_VERSION"),
            fingerprint(self.body)
        );
        if let Some(unchanged) = not_modified(headers, &etag) {
            return unchanged;
        }
        let fixed = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            // Always asked for anew, rarely sent anew.
            (header::CACHE_CONTROL, "no-cache"),
        ];
        (fixed, [(header::ETAG, etag)], self.body).into_response()
    }
}

/// FNV-1a: tells one build of a file from the next.
fn fingerprint(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The files of the page at their addresses.
pub(super) fn router() -> Router<State> {
    Router::new()
        .route(
            "/",
            get(|headers: HeaderMap| async move { INDEX.answer(&headers) }),
        )
        .route(
            "/assets/app.js",
            get(|headers: HeaderMap| async move { SCRIPT.answer(&headers) }),
        )
        .route(
            "/assets/style.css",
            get(|headers: HeaderMap| async move { STYLE.answer(&headers) }),
        )
}
