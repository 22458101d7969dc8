//! Indicators that people marked as false positives: marked and taken back by who may write, seen by who may read.
//!
//! Nothing is dropped by a mark: it is a flag on what reports say, those that are there and all that come.

use axum::Json;
use axum::extract::{self, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::auth::{Reader, Writer};
use super::body::{self, JSON_BYTES};
use super::error::Error;
use super::query::Query;
use super::{Id, State};
use crate::id::{FalsePositiveId, IocId};
use crate::indicator::Kind;
use crate::store::FalsePositive;
use crate::submission::timestamp;

/// Characters of a reason.
const MAX_REASON: usize = 300;
/// Reports that are brought in line before the answer; a worker does the rest.
const AT_ONCE: i64 = 100;

#[derive(Serialize)]
struct View<'a> {
    id: FalsePositiveId,
    ioc_id: Option<IocId>,
    r#type: Kind,
    value: &'a str,
    reason: Option<&'a str>,
    marked_by: Option<&'a str>,
    #[serde(serialize_with = "timestamp")]
    marked_at: DateTime<Utc>,
}

impl<'a> From<&'a FalsePositive> for View<'a> {
    fn from(mark: &'a FalsePositive) -> Self {
        Self {
            id: mark.id,
            ioc_id: mark.ioc,
            r#type: mark.kind,
            value: &mark.value,
            reason: mark.reason.as_deref(),
            marked_by: mark.marked_by_name.as_deref(),
            marked_at: mark.marked_at,
        }
    }
}

/// `GET /api/false-positives`: latest first.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    _: Reader,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Marks<'a> {
        total: i64,
        limit: i64,
        offset: i64,
        false_positives: Vec<View<'a>>,
    }
    let page = query.page()?;
    let marks = state.store.false_positives(page.limit, page.offset).await?;
    let body = Marks {
        total: marks.total,
        limit: page.limit,
        offset: page.offset,
        false_positives: marks.rows.iter().map(View::from).collect(),
    };
    Ok(Json(&body).into_response())
}

/// A field that is misspelt is refused, as everywhere.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    ioc_id: IocId,
    reason: Option<String>,
}

/// `POST /api/false-positives`: in place of an earlier mark of the indicator, where that was one's own.
pub(super) async fn create(
    extract::State(state): extract::State<State>,
    caller: Writer,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let wanted: Wanted = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    let reason = body::said("reason", wanted.reason, MAX_REASON)?;
    let before = state.store.false_positive_of(wanted.ioc_id).await?;
    if let Some(before) = &before {
        caller.require_edit(before.marked_by)?;
    }
    let by = caller.account.id;
    let mark = state
        .store
        .mark_false_positive(wanted.ioc_id, reason.as_deref(), by)
        .await?
        .ok_or(Error::NotFound("indicator"))?;
    let settling = state.store.settle_false_positives(Some(mark.id), AT_ONCE);
    settling.await?;
    let status = if before.is_some() {
        StatusCode::OK
    } else {
        StatusCode::CREATED
    };
    Ok((status, Json(View::from(&mark))).into_response())
}

/// `DELETE /api/false-positives/{id}`: what reports say of the indicator counts again.
pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    caller: Writer,
    Id(id): Id<FalsePositiveId>,
) -> Result<impl IntoResponse, Error> {
    let mark = state.store.false_positive(id).await?;
    let mark = mark.ok_or(Error::NotFound("mark"))?;
    caller.require_edit(mark.marked_by)?;
    if !state.store.withdraw_false_positive(id).await? {
        return Err(Error::NotFound("mark"));
    }
    let settling = state.store.settle_false_positives(Some(id), AT_ONCE);
    settling.await?;
    Ok(StatusCode::NO_CONTENT)
}
