//! Counters for Prometheus. Labels come from the route table, never from what a caller wrote.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

use axum::extract;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;

use super::State;

/// Requests by method, route and status since the process began.
#[derive(Debug, Default)]
pub(super) struct Metrics {
    requests: Mutex<BTreeMap<(String, &'static str, u16), u64>>,
}

impl Metrics {
    /// Counts one answered request. `route` is a row of the route table.
    pub(super) fn count(&self, method: &Method, route: &str, status: StatusCode) {
        let key = (route.to_owned(), known(method), status.as_u16());
        // A poisoned lock still holds whole numbers.
        *self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(key)
            .or_default() += 1;
    }
}

/// The method where it is one of ours: labels must be few.
fn known(method: &Method) -> &'static str {
    match method.as_str() {
        "GET" => "GET",
        "HEAD" => "HEAD",
        "POST" => "POST",
        "PATCH" => "PATCH",
        "DELETE" => "DELETE",
        "OPTIONS" => "OPTIONS",
        _ => "other",
    }
}

/// `GET /metrics`, in the text format of Prometheus. Without a database the queue is left out.
pub(super) async fn get(extract::State(state): extract::State<State>) -> impl IntoResponse {
    let mut text = String::from(
        "# HELP iocsift_requests_total Answered requests.\n# TYPE iocsift_requests_total counter\n",
    );
    let requests = state
        .metrics
        .requests
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .clone();
    for ((route, method, status), count) in requests {
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "iocsift_requests_total{{route=\"{route}\",method=\"{method}\",status=\"{status}\"}} {count}"
        );
    }
    if let Ok(ready) = state.store.ready().await {
        let _ = write!(
            text,
            "# HELP iocsift_queue_depth Jobs that wait.\n# TYPE iocsift_queue_depth gauge\niocsift_queue_depth {}\n\
             # HELP iocsift_queue_oldest_seconds Age of the oldest job that could start now.\n\
             # TYPE iocsift_queue_oldest_seconds gauge\niocsift_queue_oldest_seconds {}\n",
            ready.queue_depth, ready.oldest_ready_seconds
        );
    }
    (
        [(
            header::CONTENT_TYPE,
            "text/plain; version=0.0.4; charset=utf-8",
        )],
        text,
    )
}
