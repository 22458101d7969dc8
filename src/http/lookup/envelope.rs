//! The form of answers: `{success, data, meta}`, or `{success, error, meta}` with the codes in capitals.

use std::borrow::Cow;

use axum::Json;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::error::{Error, Problem};
use crate::submission::timestamp;

/// Of this API.
pub(super) const VERSION: &str = "1.0";
/// The documented sentence of a limit.
const RATE_LIMITED: &str = "Rate limit exceeded. Please try again later.";

#[derive(Serialize)]
struct Meta {
    api_version: &'static str,
    #[serde(serialize_with = "timestamp")]
    timestamp: DateTime<Utc>,
}

impl Meta {
    fn now() -> Self {
        Self {
            api_version: VERSION,
            timestamp: Utc::now(),
        }
    }
}

/// What went wrong.
#[derive(Serialize)]
pub(super) struct Wrong {
    code: String,
    message: Cow<'static, str>,
}

impl Wrong {
    fn new(code: &str, message: Cow<'static, str>) -> Self {
        Self {
            code: code.to_ascii_uppercase(),
            message,
        }
    }
}

impl From<&Error> for Wrong {
    fn from(error: &Error) -> Self {
        Self::new(error.code(), error.to_string().into())
    }
}

/// An answer that is no error.
pub(super) fn success(data: &impl Serialize) -> Response {
    #[derive(Serialize)]
    struct Envelope<'a, T> {
        success: bool,
        data: &'a T,
        meta: Meta,
    }
    Json(Envelope {
        success: true,
        data,
        meta: Meta::now(),
    })
    .into_response()
}

/// The layer of look-ups: gives errors their form.
pub(super) async fn wrap(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if let Some(problem) = Problem::in_form(&mut response, body, "application/json")
        && problem.code == "rate_limited"
    {
        problem.detail = Cow::Borrowed(RATE_LIMITED);
    }
    response
}

fn body(problem: &Problem, _: StatusCode, _: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Envelope {
        success: bool,
        error: Wrong,
        meta: Meta,
    }
    let envelope = Envelope {
        success: false,
        error: Wrong::new(problem.code, problem.detail.clone()),
        meta: Meta::now(),
    };
    // Strings always serialise.
    serde_json::to_vec(&envelope).unwrap_or_default()
}
