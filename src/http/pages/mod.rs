//! The web page: a few files inside the binary, nothing from elsewhere, no inline script.

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use super::State;
use super::request::unless_current;

/// Its own script, style and requests; nothing inline, nothing foreign, no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// One file of the page.
struct Asset {
    path: &'static str,
    body: &'static str,
    media_type: &'static str,
}

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JS: &str = "text/javascript; charset=utf-8";

/// Every file at its address.
static ASSETS: &[Asset] = &[
    Asset {
        path: "/",
        body: include_str!("index.html"),
        media_type: HTML,
    },
    Asset {
        path: "/api/docs",
        body: include_str!("reference.html"),
        media_type: HTML,
    },
    Asset {
        path: "/assets/reference.js",
        body: include_str!("reference.js"),
        media_type: JS,
    },
    Asset {
        path: "/assets/style.css",
        body: include_str!("style.css"),
        media_type: CSS,
    },
    Asset {
        path: "/assets/app.js",
        body: include_str!("app.js"),
        media_type: JS,
    },
    Asset {
        path: "/assets/api.js",
        body: include_str!("api.js"),
        media_type: JS,
    },
    Asset {
        path: "/assets/dom.js",
        body: include_str!("dom.js"),
        media_type: JS,
    },
    Asset {
        path: "/assets/reports.js",
        body: include_str!("reports.js"),
        media_type: JS,
    },
    Asset {
        path: "/assets/report.js",
        body: include_str!("report.js"),
        media_type: JS,
    },
    Asset {
        path: "/assets/indicators.js",
        body: include_str!("indicators.js"),
        media_type: JS,
    },
    Asset {
        path: "/assets/account.js",
        body: include_str!("account.js"),
        media_type: JS,
    },
];

impl Asset {
    fn answer(&self, headers: &HeaderMap) -> Response {
        let etag = format!(
            "\"{}-{:x}\"",
            env!("CARGO_PKG_VERSION"),
            fingerprint(self.body)
        );
        let fixed = [
            (header::CONTENT_TYPE, self.media_type),
            (header::CONTENT_SECURITY_POLICY, POLICY),
            // Always asked for anew, rarely sent anew.
            (header::CACHE_CONTROL, "no-cache"),
        ];
        let file = (fixed, [(header::ETAG, etag)], self.body).into_response();
        unless_current(headers, file)
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
    ASSETS.iter().fold(Router::new(), |router, asset| {
        router.route(
            asset.path,
            get(move |headers: HeaderMap| async move { asset.answer(&headers) }),
        )
    })
}
