//! What stands around every request: its id, its time limit, the headers that keep browsers safe, the
//! body of an error, one line in the log.
//!
//! Never logs a query, a header or a body: secrets travel there.

use std::any::Any;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{self, MatchedPath, Request};
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Response as HttpResponse, StatusCode, header,
};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::State;
use super::error::{Error, Problem};
use super::linger;
use super::peer::{self, Peer};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest request id that a caller may choose.
const ID_CHARS: usize = 64;
/// For what is no page: nothing may be loaded, run or framed.
const NOTHING: HeaderValue = HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");

/// The outermost layer: gives the request its id and the response its last form.
pub(super) async fn frame(
    extract::State(state): extract::State<State>,
    matched: Option<MatchedPath>,
    request: Request,
    next: Next,
) -> Response {
    let id = request_id(request.headers());
    let peer = request.extensions().get::<Peer>().copied();
    let client = peer::client(peer, request.headers(), &state.settings.trusted_proxies);
    let method = request.method().clone();
    let route = matched
        .as_ref()
        .map_or("none", MatchedPath::as_str)
        .to_owned();
    let started = Instant::now();

    let (request, rest) = linger::share(request);
    let mut response = next.run(request).await;
    let status = response.status();
    if let Some(rest) = rest {
        rest.discard(status, state.settings.body_idle_timeout).await;
    }
    let cause = match response.extensions_mut().remove::<Problem>() {
        Some(problem) => {
            *response.body_mut() =
                Body::from(problem.body(status, id.to_str().unwrap_or_default()));
            response.headers_mut().remove(header::CONTENT_LENGTH);
            problem.cause
        }
        None => None,
    };
    state.metrics.count(&method, &route, status);
    let (id_text, milliseconds) = (
        id.to_str().unwrap_or_default(),
        started.elapsed().as_millis(),
    );
    match cause {
        Some(cause) if status.is_server_error() => {
            tracing::error!(request_id = id_text, %method, route, status = status.as_u16(), milliseconds, %client, %cause, "request");
        }
        _ => {
            tracing::info!(request_id = id_text, %method, route, status = status.as_u16(), milliseconds, %client, "request")
        }
    }
    harden(response.headers_mut(), state.settings.https);
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// The caller's id where it is harmless, else one of ours.
fn request_id(headers: &HeaderMap) -> HeaderValue {
    let harmless = |id: &&HeaderValue| {
        let bytes = id.as_bytes();
        (1..=ID_CHARS).contains(&bytes.len())
            && bytes
                .iter()
                .all(|b| b.is_ascii_alphanumeric() || *b == b'-')
    };
    headers
        .get(REQUEST_ID)
        .filter(harmless)
        .cloned()
        .unwrap_or_else(|| {
            let id = Uuid::now_v7().to_string();
            HeaderValue::from_str(&id).unwrap_or(HeaderValue::from_static("unknown"))
        })
}

/// Headers that keep a browser from guessing, framing and leaking. A handler may have set its own.
fn harden(headers: &mut HeaderMap, https: bool) {
    let fixed = [
        (
            header::X_CONTENT_TYPE_OPTIONS,
            HeaderValue::from_static("nosniff"),
        ),
        (
            header::REFERRER_POLICY,
            HeaderValue::from_static("same-origin"),
        ),
        (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
        (header::CONTENT_SECURITY_POLICY, NOTHING),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            HeaderValue::from_static("same-origin"),
        ),
        (
            HeaderName::from_static("permissions-policy"),
            HeaderValue::from_static("camera=(), geolocation=(), microphone=()"),
        ),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(value);
    }
    if https {
        headers
            .entry(header::STRICT_TRANSPORT_SECURITY)
            .or_insert(HeaderValue::from_static("max-age=31536000"));
    }
}

/// Cuts an answer off at the limit of ordinary requests.
pub(super) async fn in_time(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    within(state.settings.request_timeout, request, next).await
}

/// Cuts an answer off at the limit of requests that carry an upload.
pub(super) async fn in_upload_time(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    within(state.settings.upload_timeout, request, next).await
}

/// Gives up on what the database is asked at the limit of ordinary requests, where the request itself may take longer: one
/// that has fallen silent must not hold up those who wait for a turn.
pub(super) async fn asked_in_time<T, E: Into<Error>>(
    state: &State,
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, Error> {
    match tokio::time::timeout(state.settings.request_timeout, asked).await {
        Ok(answer) => answer.map_err(Into::into),
        Err(_) => Err(Error::Timeout),
    }
}

async fn within(limit: Duration, request: Request, next: Next) -> Response {
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => Error::Timeout.into_response(),
    }
}

/// The answer when a handler panicked: the caller learns nothing of it, the log its words.
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> HttpResponse<Body> {
    let words = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("of unknown kind");
    Error::Internal(format!("panic: {words}")).into_response()
}

/// Sends `304 Not Modified` where the caller already has what the answer's `ETag` names. All headers
/// stay: a cache takes those of the 304 over, and the policy of a page must not change under it.
pub(super) fn unless_current(asked: &HeaderMap, mut answer: Response) -> Response {
    let etag = answer
        .headers()
        .get(header::ETAG)
        .and_then(|etag| etag.to_str().ok());
    let same = |tag: &str| tag == "*" || etag.is_some_and(|etag| opaque(etag) == opaque(tag));
    let known = asked.get_all(header::IF_NONE_MATCH).into_iter();
    let mut known = known
        .filter_map(|list| list.to_str().ok())
        .flat_map(|list| list.split(','));
    if etag.is_some() && known.any(|tag| same(tag.trim())) {
        *answer.status_mut() = StatusCode::NOT_MODIFIED;
        *answer.body_mut() = Body::empty();
        answer.headers_mut().remove(header::CONTENT_LENGTH);
    }
    answer
}

/// A tag without the mark of a weak one: what is not to be sent again is told by weak comparison.
fn opaque(tag: &str) -> &str {
    tag.strip_prefix("W/").unwrap_or(tag)
}
