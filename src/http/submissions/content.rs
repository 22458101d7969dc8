//! The bytes that were handed in, and the text that was scanned. With a token: they may be hostile, and
//! are not ours to publish.

use axum::extract;
use axum::http::header;
use axum::response::{IntoResponse, Response};

use super::super::auth::Reader;
use super::super::error::Error;
use super::super::{Id, State};
use super::export::attachment;
use super::find;
use crate::id::SubmissionId;

/// Should a browser show it after all: no script, no origin, nothing loaded.
const SANDBOX: &str = "sandbox; default-src 'none'; frame-ancestors 'none'";

/// `GET /api/submissions/{id}/content`: the original, never shown in place.
pub(in super::super) async fn get(
    extract::State(state): extract::State<State>,
    _: Reader,
    Id(id): Id<SubmissionId>,
) -> Result<Response, Error> {
    find(&state, id).await?;
    let content = state
        .store
        .content(id)
        .await?
        .ok_or(Error::NotFound("content yet"))?;
    let name = content.filename.as_deref().unwrap_or("content.bin");
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream".to_owned()),
        (header::CONTENT_DISPOSITION, attachment(name)),
        (header::CONTENT_SECURITY_POLICY, SANDBOX.to_owned()),
        (header::CACHE_CONTROL, "private, no-store".to_owned()),
    ];
    Ok((headers, content.bytes).into_response())
}

/// `GET /api/submissions/{id}/text`: what locations count into.
pub(in super::super) async fn text(
    extract::State(state): extract::State<State>,
    _: Reader,
    Id(id): Id<SubmissionId>,
) -> Result<Response, Error> {
    find(&state, id).await?;
    let text = state
        .store
        .text(id)
        .await?
        .ok_or(Error::NotFound("text yet"))?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
        (header::CACHE_CONTROL, "private, no-store"),
    ];
    Ok((headers, text).into_response())
}
