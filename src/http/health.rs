//! Whether the process lives, and whether it can do its work.

use std::collections::BTreeMap;
use std::time::Duration;

use axum::Json;
use axum::extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::State;
use super::error::Error;
use crate::store;

/// A database that takes longer is away. Who asks has a patience of its own, and shall learn it from us.
const DATABASE_PATIENCE: Duration = Duration::from_millis(1500);

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// `GET /healthz`: the process answers.
pub(super) async fn alive() -> impl IntoResponse {
    Json(Health { status: "ok" })
}

/// `GET /readyz`: the database answers and the process is not about to go; 503 otherwise.
pub(super) async fn ready(extract::State(state): extract::State<State>) -> Result<Response, Error> {
    #[derive(Serialize)]
    struct Ready {
        status: &'static str,
        queue_depth: i64,
        oldest_ready_seconds: f64,
        sandbox: BTreeMap<&'static str, bool>,
    }
    if state.draining.is_cancelled() {
        return Ok((
            StatusCode::SERVICE_UNAVAILABLE,
            Json(Health { status: "draining" }),
        )
            .into_response());
    }
    let ready = tokio::time::timeout(DATABASE_PATIENCE, state.store.ready())
        .await
        .map_err(|late| store::Error::Unavailable(late.into()))??;
    let body = Ready {
        status: "ready",
        queue_depth: ready.queue_depth,
        oldest_ready_seconds: ready.oldest_ready_seconds,
        sandbox: state.extractor.locks().into_iter().collect(),
    };
    Ok(Json(body).into_response())
}
