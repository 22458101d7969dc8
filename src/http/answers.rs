//! Answers that are given once more: as long as nothing was written since, whoever asks what another one asked gets
//! the same bytes. Never an answer of before a write that was acknowledged before the question.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::body::{Bytes, HttpBody};
use axum::extract::{self, Request};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::State;
use super::auth::Visitor;
use super::error::Error;
use crate::store::Version;

/// Bytes that are kept, questions included.
const ROOM: usize = 16 << 20;
/// Bytes of one answer that is kept.
const LARGEST: u64 = 1 << 20;

/// The answers to what was asked since the last change.
#[derive(Debug, Default)]
pub(super) struct Answers(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    version: Option<Version>,
    answers: HashMap<String, Bytes>,
    size: usize,
}

impl Answers {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The answer of this version; those of earlier ones are forgotten.
    fn get(&self, version: Version, asked: &str) -> Option<Bytes> {
        let mut kept = self.kept();
        if kept.version < Some(version) {
            *kept = Kept {
                version: Some(version),
                ..Kept::default()
            };
        }
        if kept.version != Some(version) {
            return None;
        }
        kept.answers.get(asked).cloned()
    }

    /// Keeps an answer that was found at this version or after it, where there is room.
    fn put(&self, version: Version, asked: String, answer: Bytes) {
        let mut kept = self.kept();
        let size = asked.len() + answer.len();
        if kept.version == Some(version) && kept.size + size <= ROOM {
            kept.size += size;
            kept.answers.insert(asked, answer);
        }
    }
}

/// The layer of what is read again and again: pages of submissions and indicators, one of either, statistics. Their JSON
/// hangs on the database and on the question alone, and not on who asks.
pub(super) async fn again(
    extract::State(state): extract::State<State>,
    _: Visitor,
    request: Request,
    next: Next,
) -> Result<Response, Error> {
    // What a replica says is late, and would stay so here.
    if request.method() != Method::GET || state.store.has_replica() {
        return Ok(next.run(request).await);
    }
    let version = state.store.version().await?;
    let asked = request.uri().to_string();
    if let Some(answer) = state.answers.get(version, &asked) {
        return Ok(([(header::CONTENT_TYPE, "application/json")], answer).into_response());
    }
    let answer = next.run(request).await;
    let size = answer.body().size_hint().exact();
    if answer.status() != StatusCode::OK || size.is_none_or(|size| size > LARGEST) {
        return Ok(answer);
    }
    let (parts, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX)
        .await
        .map_err(|error| Error::Internal(error.to_string()))?;
    state.answers.put(version, asked, body.clone());
    Ok(Response::from_parts(parts, body.into()))
}
