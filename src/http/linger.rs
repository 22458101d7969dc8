//! Reads on what a refused client is still sending, and throws it away.
//!
//! A connection that closes over unread bytes is reset, and the client would see the reset in place of
//! the answer. What is kept of such a body is nothing; how much is read, and for how long, is bounded.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{StatusCode, header};
use futures_util::StreamExt;
use hyper::body::{Body as HttpBody, Frame, SizeHint};

/// Bytes thrown away for one request; a client that announces more is not waited for.
const MOST_BYTES: u64 = 32 << 20;

/// A body that two may read: the handler, and after it whoever throws the rest away.
#[derive(Clone)]
pub(super) struct Rest(Arc<Mutex<Body>>);

impl HttpBody for Rest {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut body = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Pin::new(&mut *body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .size_hint()
    }
}

/// The request, and its body once more where it is worth reading on: not where there is none, nor where
/// it is endless, nor where the client waits for leave to send it.
pub(super) fn share(request: Request) -> (Request, Option<Rest>) {
    let waits = request.headers().contains_key(header::EXPECT);
    if waits || request.body().is_end_stream() || request.body().size_hint().lower() > MOST_BYTES {
        return (request, None);
    }
    let (parts, body) = request.into_parts();
    let rest = Rest(Arc::new(Mutex::new(body)));
    (
        Request::from_parts(parts, Body::new(rest.clone())),
        Some(rest),
    )
}

impl Rest {
    /// Reads on after a refusal, for at most `patience`. A client that stalled has lost its right to it.
    pub(super) async fn discard(self, status: StatusCode, patience: Duration) {
        let stalled = matches!(
            status,
            StatusCode::REQUEST_TIMEOUT | StatusCode::GATEWAY_TIMEOUT
        );
        if stalled || !(status.is_client_error() || status.is_server_error()) {
            return;
        }
        let reading = async {
            let mut chunks = Body::new(self).into_data_stream();
            let mut read = 0;
            while let Some(Ok(chunk)) = chunks.next().await {
                read += chunk.len() as u64;
                if read > MOST_BYTES {
                    break;
                }
            }
        };
        // Out of time or at the end: either way there is nothing left to do.
        let _ = tokio::time::timeout(patience, reading).await;
    }
}
