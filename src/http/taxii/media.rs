//! The media types of TAXII, and its form of an error.

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::super::error::{Error, Problem};

/// Of every answer.
pub(super) const TAXII: &str = "application/taxii+json;version=2.1";
/// Of every object.
pub(super) const STIX: &str = "application/stix+json;version=2.1";

/// An answer in JSON.
pub(super) fn answer(body: &impl Serialize) -> Result<Response, Error> {
    let bytes = serde_json::to_vec(body).map_err(|error| Error::Internal(error.to_string()))?;
    Ok(([(header::CONTENT_TYPE, TAXII)], bytes).into_response())
}

/// The layer of TAXII: refuses callers that take another form, and gives errors the form of the standard.
pub(super) async fn speak(request: Request, next: Next) -> Response {
    let mut response = if accepts(request.headers()) {
        next.run(request).await
    } else {
        let only = "Answers are application/taxii+json;version=2.1 alone.";
        Error::NotAcceptable(only).into_response()
    };
    if Problem::in_form(&mut response, error, TAXII).is_some() {
        // The standard knows 422 only of objects that were sent.
        if response.status() == StatusCode::UNPROCESSABLE_ENTITY {
            *response.status_mut() = StatusCode::BAD_REQUEST;
        }
        if response.status() == StatusCode::UNAUTHORIZED {
            let schemes = HeaderValue::from_static("Bearer, Basic realm=\"iocsift\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, schemes);
        }
    }
    response
}

/// The error message of section 3.6.1.
fn error(problem: &Problem, status: StatusCode, request_id: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Message<'a> {
        title: &'a str,
        description: &'a str,
        error_id: &'a str,
        error_code: &'a str,
        http_status: String,
    }
    let message = Message {
        title: status.canonical_reason().unwrap_or("Error"),
        description: &problem.detail,
        error_id: request_id,
        error_code: problem.code,
        http_status: status.as_u16().to_string(),
    };
    // Strings always serialise.
    serde_json::to_vec(&message).unwrap_or_default()
}

/// Whether the caller takes TAXII 2.1. One that says nothing takes anything.
fn accepts(headers: &HeaderMap) -> bool {
    let mut accepted = headers.get_all(header::ACCEPT).iter().peekable();
    accepted.peek().is_none()
        || accepted
            .filter_map(|value| value.to_str().ok())
            .flat_map(|list| list.split(','))
            .any(|range| takes(&range.to_ascii_lowercase()))
}

fn takes(range: &str) -> bool {
    let mut parts = range.split(';').map(str::trim);
    let media = parts.next().unwrap_or_default();
    let fits = matches!(media, "*/*" | "application/*" | "application/taxii+json");
    fits && parts.all(|parameter| match parameter.split_once('=') {
        Some(("version", version)) => version.trim_matches('"') == "2.1",
        Some(("q", weight)) => weight.parse::<f32>().is_ok_and(|weight| weight > 0.0),
        _ => true,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_takes_is_read_as_it_means_it() {
        let accepts = |accept: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT, accept.parse().unwrap());
            super::accepts(&headers)
        };
        for good in [
            "application/taxii+json;version=2.1",
            "application/taxii+json; version=2.1",
            "application/taxii+json; version=\"2.1\"",
            "application/taxii+json",
            "text/html, */*;q=0.1",
        ] {
            assert!(accepts(good), "{good}");
        }
        for bad in [
            "application/vnd.oasis.taxii+json;version=2.0",
            "application/taxii+json;version=2.0",
            "application/json",
            "application/taxii+json;q=0",
        ] {
            assert!(!accepts(bad), "{bad}");
        }
        assert!(super::accepts(&HeaderMap::new()));
    }
}
