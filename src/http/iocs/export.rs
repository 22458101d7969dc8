//! Every indicator as a file for other programs, written while it is read.
//!
//! Never holds more than a page in memory, nor a connection to the database while the client reads. What
//! goes wrong after the first byte cuts the connection: a file that ends early must not look whole.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::extract;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::super::State;
use super::super::auth::Visitor;
use super::super::error::Error;
use super::super::query::Query;
use super::super::submissions::export::{attachment, choices};
use crate::export::Stream;
use crate::indicator::Kind;
use crate::store::{self, Store, Walk};

/// `GET /api/iocs/export?format=…`: kind by kind, newest first. `type` may repeat; `since` takes what was
/// seen after it; `extended=true`, `defang=true` and `flagged=exclude` as in the export of a submission. What is promised
/// while others write: [`Store::walk`].
pub(in super::super) async fn get(
    extract::State(state): extract::State<State>,
    _: Visitor,
    query: Query,
) -> Result<Response, Error> {
    let (format, options) = choices(&query)?;
    let mut kinds = query.kinds()?;
    let extended = query.extended()?;
    let since = query.since()?;
    if kinds.is_empty() {
        kinds.extend(Kind::STANDARD);
        if extended {
            kinds.extend(Kind::EXTENDED);
            kinds.extend(state.store.custom_kinds().await?);
        }
    }
    kinds.sort_unstable();
    kinds.dedup();
    let walks = kinds.into_iter().map(|kind| Walk::new(kind, since));

    let ask = |store: Store| async move { Ok((store.changed_at().await?, store)) };
    // With `since` it is a feed, and those who follow one must miss nothing.
    let (changed_at, store) = match since {
        None => state.store.read_late(ask).await?,
        Some(_) => ask(state.store.clone()).await?,
    };
    let changed_at = changed_at.unwrap_or(state.producer.created_at);
    let mut head = Vec::new();
    let stream = Stream::open_instance(&state.producer, changed_at, format, options, &mut head);
    let mut pages = Pages {
        store,
        permits: Arc::clone(&state.page_permits),
        deadline: Instant::now() + state.settings.export_timeout,
        walks: walks.collect(),
        stream: Some(stream),
    };
    // The first page is read before anything is promised: trouble is still an answer of its own here.
    let first = pages.next(head).await?;

    let row = format.row();
    let headers = [
        (header::CONTENT_TYPE, row.media_type.to_owned()),
        (
            header::CONTENT_DISPOSITION,
            attachment(&format!("indicators.{}", row.extension)),
        ),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    Ok((headers, body(first, pages)).into_response())
}

fn body(first: Option<Bytes>, pages: Pages) -> Body {
    Body::from_stream(stream::try_unfold(
        (first, pages),
        async |(ready, mut pages)| match ready {
            Some(ready) => Ok(Some((ready, (None, pages)))),
            None => match pages.next_in_time().await {
                Ok(next) => Ok(next.map(|next| (next, (None, pages)))),
                Err(error) => {
                    tracing::error!(%error, "an export was cut off");
                    Err(error)
                }
            },
        },
    ))
}

/// What is still to be written.
struct Pages {
    store: Store,
    permits: Arc<Semaphore>,
    deadline: Instant,
    walks: VecDeque<Walk>,
    /// `None` once everything is written.
    stream: Option<Stream>,
}

impl Pages {
    /// The next bytes; fails once the whole has taken too long.
    async fn next_in_time(&mut self) -> io::Result<Option<Bytes>> {
        match tokio::time::timeout_at(self.deadline, self.next(Vec::new())).await {
            Ok(next) => next.map_err(io::Error::other),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    /// `out` with what the next page that holds something adds to it; `None` after the end.
    async fn next(&mut self, mut out: Vec<u8>) -> Result<Option<Bytes>, store::Error> {
        let Some(stream) = &mut self.stream else {
            return Ok(None);
        };
        while let Some(walk) = self.walks.front_mut() {
            // Held for a page, not for the export: slow readers do not keep each other waiting. The semaphore
            // is never closed.
            let permit = self.permits.acquire().await.ok();
            let rows = self.store.walk(walk).await?;
            if walk.is_done() {
                self.walks.pop_front();
            }
            for row in &rows {
                stream.push_seen(&row.ioc, row.submission_id, &mut out);
            }
            drop(permit);
            if !out.is_empty() {
                return Ok(Some(out.into()));
            }
        }
        if let Some(stream) = self.stream.take() {
            stream.close(&mut out);
        }
        Ok((!out.is_empty()).then(|| out.into()))
    }
}
