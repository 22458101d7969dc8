//! Answers that are given once more: as long as nothing was written since, whoever asks what another one asked gets
//! the same bytes. Never an answer of before a write that was acknowledged before the question.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use axum::body::{Bytes, HttpBody};
use axum::extract::{self, Request};
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::State;
use super::auth::{Identity, Visitor};
use super::error::Error;

/// Bytes that are kept, questions included.
const ROOM: usize = 16 << 20;
/// What keeping one takes besides, roughly.
const ENTRY: usize = 128;
/// Bytes of one answer that is kept.
const LARGEST: u64 = 1 << 20;

/// What was asked since the last change, and the answers.
#[derive(Debug, Default)]
pub(super) struct Answers {
    answers: HashMap<String, Bytes>,
    size: usize,
}

impl Answers {
    /// Keeps an answer where there is room.
    fn keep(&mut self, asked: String, answer: &[u8]) {
        let size = self.size + ENTRY + asked.len() + answer.len();
        if size <= ROOM
            && let Entry::Vacant(place) = self.answers.entry(asked)
        {
            // A copy: the buffer in which it was written is up to twice as large.
            place.insert(Bytes::copy_from_slice(answer));
            self.size = size;
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
    if request.method() != Method::GET || state.store.may_be_late() {
        return Ok(next.run(request).await);
    }
    let identity = request.extensions().get::<Identity>();
    let version = match identity.and_then(Identity::as_of) {
        None => state.store.version().await,
        looked_at => looked_at,
    };
    let Some(version) = version else {
        return Ok(next.run(request).await);
    };
    let asked = request.uri().to_string();
    let kept = state
        .answers
        .at(version, |kept| kept.answers.get(&asked).cloned());
    if let Some(answer) = kept.flatten() {
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
    // What a replica says is late, and would stay so.
    if !state.store.may_be_late() {
        state.answers.at(version, |kept| kept.keep(asked, &body));
    }
    Ok(Response::from_parts(parts, body.into()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_is_kept_than_there_is_room_for() {
        let mut kept = Answers::default();
        let answer = vec![b' '; 1 << 20];
        for n in 0..100 {
            for _ in 0..2 {
                kept.keep(n.to_string(), &answer);
            }
        }
        assert_eq!(kept.answers.len(), 15);
        assert!((15 << 20..=ROOM).contains(&kept.size));
        kept.keep("small".to_owned(), b"[]");
        assert!(kept.answers.contains_key("small"));
    }
}
