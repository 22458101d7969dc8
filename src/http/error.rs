//! Every answer that is not what was asked for: one enum, an explicit status, a stable code, a
//! sentence. Never the text of a driver: the cause of a 5xx goes to the log under the request id.
//!
//! The body is written by [`request::frame`](super::request::frame), which knows the request id.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::store;
use crate::submission::{Failure, FailureCode, Status};

/// Seconds after which a caller may try again when the trouble is ours.
const RETRY_SECONDS: u64 = 2;
/// Characters of a refused value that are shown back.
const SHOWN_CHARS: usize = 64;

/// Why a request was not answered as asked.
#[derive(Debug)]
pub(super) enum Error {
    /// No such route.
    NoRoute,
    /// The route knows other methods.
    MethodNotAllowed,
    /// No such thing: "submission", "indicator", "token".
    NotFound(&'static str),
    /// The submission has no such part yet: "text", "content".
    NotYet(&'static str),
    /// It was deleted.
    Gone,
    /// What was sent breaks its own format.
    Malformed(String),
    /// The query is longer than is read.
    UriTooLong,
    /// What was sent is well-formed and not acceptable.
    Invalid(String),
    /// A parameter with a value it cannot have.
    Parameter {
        name: &'static str,
        value: String,
        expected: Cow<'static, str>,
    },
    /// The multipart field `file` is missing or empty.
    NoFile(&'static str),
    /// More bytes than the limit.
    TooLarge { limit: usize },
    /// A media type or a kind of document that is not read.
    UnsupportedType(Cow<'static, str>),
    /// Nothing was asked for.
    EmptyValue,
    /// What was asked for is of no kind that is known.
    InvalidIoc,
    /// Another request came under this Idempotency-Key.
    KeyReused,
    /// No credential, or one that is not valid.
    Unauthenticated {
        code: &'static str,
        detail: &'static str,
    },
    /// A valid credential without the right.
    Forbidden { code: &'static str, detail: String },
    /// An export of what is not completed.
    NotCompleted(Status),
    /// No form of the answer that the caller takes.
    NotAcceptable(&'static str),
    /// Too many requests.
    RateLimited { retry_after: u64 },
    /// Too many jobs wait.
    QueueFull,
    /// The client stopped sending.
    BodyTimeout,
    /// The answer took too long.
    Timeout,
    /// A document that cannot be read, met while answering at once.
    Unreadable(Failure),
    /// The database.
    Store(store::Error),
    /// A fault of ours.
    Internal(String),
}

impl Error {
    /// A parameter that was refused, with what it may be.
    pub(super) fn parameter(
        name: &'static str,
        value: &str,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        let mut shown: String = value.chars().take(SHOWN_CHARS).collect();
        if shown.len() < value.len() {
            shown.push('…');
        }
        Self::Parameter {
            name,
            value: shown,
            expected: expected.into(),
        }
    }

    fn outline(&self) -> (StatusCode, &'static str) {
        use StatusCode as S;
        match self {
            Self::NoRoute => (S::NOT_FOUND, "no_such_route"),
            Self::MethodNotAllowed => (S::METHOD_NOT_ALLOWED, "method_not_allowed"),
            Self::NotFound(_) | Self::NotYet(_) => (S::NOT_FOUND, "not_found"),
            Self::Gone => (S::GONE, "deleted"),
            Self::Malformed(_) => (S::BAD_REQUEST, "malformed_request"),
            Self::EmptyValue => (S::BAD_REQUEST, "empty_value"),
            Self::InvalidIoc => (S::BAD_REQUEST, "invalid_ioc"),
            Self::UriTooLong => (S::URI_TOO_LONG, "uri_too_long"),
            Self::Invalid(_) => (S::UNPROCESSABLE_ENTITY, "invalid_request"),
            Self::KeyReused => (S::UNPROCESSABLE_ENTITY, "idempotency_key_reused"),
            Self::Parameter { .. } => (S::UNPROCESSABLE_ENTITY, "invalid_parameter"),
            Self::NoFile(_) => (S::UNPROCESSABLE_ENTITY, "missing_file"),
            Self::TooLarge { .. } => (S::PAYLOAD_TOO_LARGE, "too_large"),
            Self::UnsupportedType(_) => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_type"),
            Self::Unauthenticated { code, .. } => (S::UNAUTHORIZED, code),
            Self::Forbidden { code, .. } => (S::FORBIDDEN, code),
            Self::NotCompleted(_) => (S::CONFLICT, "not_completed"),
            Self::NotAcceptable(_) => (S::NOT_ACCEPTABLE, "not_acceptable"),
            Self::RateLimited { .. } => (S::TOO_MANY_REQUESTS, "rate_limited"),
            Self::QueueFull => (S::TOO_MANY_REQUESTS, "queue_full"),
            Self::BodyTimeout => (S::REQUEST_TIMEOUT, "body_timeout"),
            Self::Timeout => (S::GATEWAY_TIMEOUT, "timeout"),
            Self::Unreadable(failure) => match failure.code {
                FailureCode::UnsupportedType => (S::UNSUPPORTED_MEDIA_TYPE, "unsupported_type"),
                FailureCode::Internal => (S::INTERNAL_SERVER_ERROR, "internal"),
                code => (S::UNPROCESSABLE_ENTITY, code.as_str()),
            },
            Self::Store(store::Error::Unavailable(..)) => {
                (S::SERVICE_UNAVAILABLE, "database_unavailable")
            }
            Self::Store(store::Error::Full(..)) => (S::SERVICE_UNAVAILABLE, "storage_full"),
            Self::Store(store::Error::Timeout(..)) => (S::UNPROCESSABLE_ENTITY, "query_too_wide"),
            Self::Store(store::Error::Schema(..) | store::Error::Internal(..))
            | Self::Internal(_) => (S::INTERNAL_SERVER_ERROR, "internal"),
        }
    }

    /// The stable word for it.
    pub(super) fn code(&self) -> &'static str {
        self.outline().1
    }

    fn detail(&self) -> Cow<'static, str> {
        match self {
            Self::NoRoute => "There is nothing at this address.".into(),
            Self::MethodNotAllowed => {
                "This address does not take this method; the Allow header names those it takes."
                    .into()
            }
            Self::NotFound(what) => format!("There is no such {what}.").into(),
            Self::NotYet(what) => format!("The submission has no {what} yet.").into(),
            Self::Gone => "This submission was deleted.".into(),
            Self::Malformed(detail) | Self::Invalid(detail) => detail.clone().into(),
            Self::EmptyValue => "IOC value cannot be empty".into(),
            Self::InvalidIoc => "Unable to detect IOC type for the provided value".into(),
            Self::UriTooLong => "The query of the address is too long.".into(),
            Self::KeyReused => {
                "Another request came under this Idempotency-Key; each needs one of its own.".into()
            }
            Self::Parameter {
                name,
                value,
                expected,
            } => format!("{name} is {value:?}; it must be {expected}.").into(),
            Self::NoFile(detail) | Self::NotAcceptable(detail) => (*detail).into(),
            Self::TooLarge { limit } => {
                format!("The body is larger than the limit of {limit} bytes.").into()
            }
            Self::UnsupportedType(detail) => detail.clone(),
            Self::Unauthenticated { detail, .. } => (*detail).into(),
            Self::Forbidden { detail, .. } => detail.clone().into(),
            Self::NotCompleted(status) => {
                format!("The submission is {status}; only a completed one can be exported.").into()
            }
            Self::RateLimited { retry_after } => {
                format!("Too many requests; try again in {retry_after} s.").into()
            }
            Self::QueueFull => "Too many submissions wait to be read; try again later.".into(),
            Self::BodyTimeout => "The body did not arrive in time.".into(),
            Self::Timeout => "The answer took too long; try again or ask for less.".into(),
            Self::Unreadable(failure) if failure.code != FailureCode::Internal => {
                failure.message.clone().into()
            }
            Self::Store(store::Error::Unavailable(..)) => {
                "The database does not answer; try again shortly.".into()
            }
            Self::Store(store::Error::Full(..)) => {
                "The server has no space left to store this.".into()
            }
            Self::Store(store::Error::Timeout(..)) => {
                "The query took too long; narrow it, or ask for less at once with `limit`.".into()
            }
            Self::Unreadable(_) | Self::Store(_) | Self::Internal(_) => {
                "The server failed to answer; the log has the cause under this request id.".into()
            }
        }
    }

    /// Seconds for `Retry-After`, where trying again can help.
    fn retry_after(&self) -> Option<u64> {
        match self {
            Self::RateLimited { retry_after } => Some(*retry_after),
            Self::QueueFull
            | Self::Store(store::Error::Unavailable(..) | store::Error::Full(..)) => {
                Some(RETRY_SECONDS)
            }
            _ => None,
        }
    }

    /// What the log shall say and the caller shall not see.
    fn cause(&self) -> Option<String> {
        match self {
            Self::Store(error) => Some(chain(error)),
            Self::Internal(cause) => Some(cause.clone()),
            Self::Unreadable(failure) if failure.code == FailureCode::Internal => {
                Some(failure.message.clone())
            }
            _ => None,
        }
    }
}

/// An error with what is behind it, in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut line = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let cause_text = cause.to_string();
        if !line.ends_with(&cause_text) {
            line = format!("{line}: {cause_text}");
        }
        source = cause.source();
    }
    line
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        Self::Store(error)
    }
}

/// What [`request::frame`](super::request::frame) needs to write the body of an error.
#[derive(Debug, Clone)]
pub(super) struct Problem {
    /// A stable word.
    pub(super) code: &'static str,
    /// A sentence for people.
    pub(super) detail: Cow<'static, str>,
    /// Another form than that of RFC 9457.
    form: Option<Form>,
    /// For the log alone.
    pub(super) cause: Option<Arc<str>>,
}

/// Writes a problem, with its status and the request id, as a body.
pub(super) type Form = fn(&Problem, StatusCode, &str) -> Vec<u8>;

impl Problem {
    /// The problem that `response` tells of, if it does, from here on in another form of this media type.
    pub(super) fn in_form<'a>(
        response: &'a mut Response,
        form: Form,
        media_type: &'static str,
    ) -> Option<&'a mut Self> {
        response.extensions().get::<Self>()?;
        let media_type = HeaderValue::from_static(media_type);
        response
            .headers_mut()
            .insert(header::CONTENT_TYPE, media_type);
        let problem = response.extensions_mut().get_mut::<Self>()?;
        problem.form = Some(form);
        Some(problem)
    }

    /// The body in its form, RFC 9457 where none was chosen.
    pub(super) fn body(&self, status: StatusCode, request_id: &str) -> Vec<u8> {
        self.form.unwrap_or(Self::rfc9457)(self, status, request_id)
    }

    fn rfc9457(&self, status: StatusCode, request_id: &str) -> Vec<u8> {
        #[derive(Serialize)]
        struct Body<'a> {
            r#type: &'a str,
            title: &'a str,
            status: u16,
            detail: &'a str,
            code: &'a str,
            request_id: &'a str,
        }
        let body = Body {
            r#type: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: &self.detail,
            code: self.code,
            request_id,
        };
        // Strings and a number always serialise.
        serde_json::to_vec(&body).unwrap_or_default()
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        let (status, code) = self.outline();
        let mut response = status.into_response();
        let headers = response.headers_mut();
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/problem+json"),
        );
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.retry_after() {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        let cause = self.cause().map(Arc::from);
        response.extensions_mut().insert(Problem {
            code,
            detail: self.detail(),
            form: None,
            cause,
        });
        response
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.detail())
    }
}

/// The answer where no route is.
pub(super) async fn no_route() -> Error {
    Error::NoRoute
}

/// The answer where the route knows other methods.
pub(super) async fn method_not_allowed() -> Error {
    Error::MethodNotAllowed
}
