//! `POST /api/extract`: the indicators of a document at once, storing nothing.
//!
//! The document is read where all are read, in a sandbox; this room only asks for it.

use axum::Json;
use axum::extract::{self, Request};
use axum::http::header;
use axum::response::IntoResponse;
use futures_util::future::BoxFuture;
use serde::{Deserialize, Serialize};

use super::auth::Writer;
use super::error::Error;
use super::query::Query;
use super::view::Found;
use super::{State, turn};
use super::{body, upload};
use crate::format::Format;
use crate::indicator::Finding;
use crate::submission::{Failure, Warning};

/// Reads a document outside this process and says what it found.
pub trait Extract: Send + Sync {
    /// Reads `bytes`; `name` is the file name, where there is one. Fails with a fact about the input, or
    /// with [`FailureCode::Internal`](crate::submission::FailureCode::Internal) when the trouble is ours.
    fn extract(
        &self,
        bytes: Vec<u8>,
        name: Option<String>,
    ) -> BoxFuture<'_, Result<Extracted, Failure>>;

    /// The locks around what reads, by name, and whether each of them holds on this machine.
    fn locks(&self) -> Vec<(&'static str, bool)>;
}

/// What one document says.
#[derive(Debug, Clone)]
pub struct Extracted {
    /// What the bytes are.
    pub format: Format,
    /// The document's title.
    pub title: Option<String>,
    /// A few of its sentences.
    pub summary: Option<String>,
    /// The language that the document says it is written in, a BCP 47 tag.
    pub language: Option<String>,
    /// Its indicators, in order of first appearance.
    pub findings: Vec<Finding>,
    /// What the reader could not do.
    pub warnings: Vec<Warning>,
    /// The text that was scanned; locations count into it.
    pub text: String,
}

#[derive(Deserialize)]
struct Pasted {
    text: String,
}

#[derive(Serialize)]
struct Answer<'a> {
    content_type: &'static str,
    title: Option<&'a str>,
    summary: Option<&'a str>,
    language: Option<&'a str>,
    ioc_count: usize,
    iocs: Vec<Found<'a>>,
    warnings: &'a [Warning],
    text: &'a str,
}

/// Takes a multipart `file`, or `{"text": …}`; with `extended=true` it tells of extended kinds too.
pub(super) async fn create(
    extract::State(state): extract::State<State>,
    caller: Writer,
    query: Query,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let extended = query.extended()?;
    state.rates.submission(caller.account.id)?;
    let _permit = turn(&state.preview_permits).await?;
    let media = request
        .headers()
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let (bytes, name) = if media.to_ascii_lowercase().starts_with("multipart/") {
        let file = upload::read(request, &state).await?;
        (file.bytes, Some(file.name))
    } else {
        let cap = state.settings.max_upload_bytes;
        let pasted: Pasted = body::json(
            request,
            cap.saturating_mul(2),
            state.settings.body_idle_timeout,
        )
        .await?;
        (body::pasted_text(pasted.text, cap)?.into_bytes(), None)
    };
    let mut found = state
        .extractor
        .extract(bytes, name)
        .await
        .map_err(Error::Unreadable)?;
    let marking = state.store.flag_false_positives(&mut found.findings);
    marking.await?;
    found
        .findings
        .retain(|finding| extended || !finding.kind.is_extended());
    let answer = Answer {
        content_type: found.format.media_type(),
        title: found.title.as_deref(),
        summary: found.summary.as_deref(),
        language: found.language.as_deref(),
        ioc_count: found.findings.len(),
        iocs: found.findings.iter().map(Found::from).collect(),
        warnings: &found.warnings,
        text: &found.text,
    };
    Ok(Json(answer).into_response())
}
