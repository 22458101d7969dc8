//! The feed's form of an error, and its words for those that have some.

use std::borrow::Cow;

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::Response;
use serde::Serialize;

use super::super::error::Problem;

/// The feed's code and sentence for a code of ours.
const WORDS: &[(&str, &str, Option<&str>)] = &[
    (
        "authentication_required",
        "missing_api_key",
        Some(
            "API key is required. Include it in the Authorization header as \"Bearer ioc_...\" or in the X-API-Key header.",
        ),
    ),
    ("invalid_token", "invalid_api_key", None),
    ("expired_token", "expired_api_key", None),
    (
        "rate_limited",
        "rate_limit_exceeded",
        Some(
            "The limit of requests is reached. Retry-After and X-RateLimit-Reset say when to come back.",
        ),
    ),
    (
        "query_too_wide",
        "query_too_wide",
        Some(
            "This is too much to be counted or skipped in time. Narrow it by type, since or until, or walk it with since and count=false.",
        ),
    ),
];

/// The layer of the feed: gives errors its form.
pub(super) async fn wrap(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(problem) = Problem::in_form(&mut response, body, "application/json")
        && let Some((_, code, says)) = WORDS.iter().find(|(ours, ..)| *ours == problem.code)
    {
        problem.code = code;
        if let Some(says) = says {
            problem.detail = Cow::Borrowed(says);
        }
    }
    response
}

/// `{"error": {code, message, request_id}}`
fn body(problem: &Problem, _: StatusCode, request_id: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Envelope<'a> {
        error: Inner<'a>,
    }
    #[derive(Serialize)]
    struct Inner<'a> {
        code: &'a str,
        message: &'a str,
        /// That of the header, with the prefix that clients were told of.
        request_id: String,
    }
    let envelope = Envelope {
        error: Inner {
            code: problem.code,
            message: &problem.detail,
            request_id: format!("req_{request_id}"),
        },
    };
    // Strings always serialise.
    serde_json::to_vec(&envelope).unwrap_or_default()
}
