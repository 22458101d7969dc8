//! Submissions: what was handed in. Here they are listed, searched and shown.

pub(super) mod content;
pub(super) mod create;
pub(super) mod edit;
pub(super) mod export;

use axum::Json;
use axum::extract;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::auth::Visitor;
use super::error::Error;
use super::query::Query;
use super::{Id, State};
use crate::id::SubmissionId;
use crate::indicator::Ioc;
use crate::store::{self, Store, SubmissionQuery};
use crate::submission::{SourceType, Status, Submission};

/// `GET /api/submissions`: a bare array, newest first; with `since` the change feed, oldest first and
/// with what was deleted.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    _: Visitor,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    let page = query.page()?;
    let submissions = match query.since()? {
        Some(since) => {
            state
                .store
                .submissions_since(since, page.limit, page.offset)
                .await?
        }
        None => {
            let ask =
                |store: Store| async move { store.submissions(page.limit, page.offset).await };
            state.store.read_late(ask).await?
        }
    };
    Ok(Json(submissions))
}

/// `GET /api/submissions/search`: by title, file name and URL, status and source type.
pub(super) async fn search(
    extract::State(state): extract::State<State>,
    _: Visitor,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Found {
        total: i64,
        limit: i64,
        offset: i64,
        submissions: Vec<Submission>,
    }
    let page = query.page()?;
    let wanted = SubmissionQuery {
        q: query.search_text()?.map(str::to_owned),
        status: query.word("status", Status::ALL)?,
        source_type: query.word("source_type", SourceType::ALL)?,
        limit: page.limit,
        offset: page.offset,
    };
    let wanted = &wanted;
    let ask = |store: Store| async move { store.search_submissions(wanted).await };
    let found = state.store.read_late(ask).await?;
    Ok(Json(Found {
        total: found.total,
        limit: page.limit,
        offset: page.offset,
        submissions: found.rows,
    }))
}

/// `GET /api/submissions/{id}`: one with its indicators, or with a page of them; with `extended=true` those of
/// extended kinds too.
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Id(id): Id<SubmissionId>,
    query: Query,
) -> Result<Response, Error> {
    #[derive(Serialize)]
    struct Detail<'a> {
        #[serde(flatten)]
        submission: &'a Submission,
        iocs: &'a [Ioc],
    }
    let extended = query.extended()?;
    let part = query.part()?;
    let shown = |store: Store, submission: Submission| async move {
        let iocs = store
            .submission_iocs_in_time(id, extended, part.limit, part.offset)
            .await?;
        let submission = if extended {
            let ioc_count = store.count_submission_iocs(id).await?;
            Submission {
                ioc_count,
                ..submission
            }
        } else {
            submission
        };
        Ok::<_, store::Error>((submission, iocs))
    };
    let ask = |store: Store| async move {
        match store.submission(id).await? {
            Some(submission) if submission.status != Status::Deleted => {
                Ok(Some(shown(store, submission).await?))
            }
            _ => Ok(None),
        }
    };
    let (submission, iocs) = match state.store.find_late(ask).await? {
        Some(found) => found,
        None => shown(state.store.clone(), find(&state, id).await?).await?,
    };
    let detail = Detail {
        submission: &submission,
        iocs: &iocs,
    };
    Ok(Json(detail).into_response())
}

/// All its indicators; where extended kinds are asked for, `ioc_count` counts them too.
pub(super) async fn with_iocs(
    store: &Store,
    mut submission: Submission,
    extended: bool,
) -> Result<(Submission, Vec<Ioc>), store::Error> {
    let iocs = store.submission_iocs(submission.id, extended).await?;
    if extended {
        submission.ioc_count = iocs.len() as i64;
    }
    Ok((submission, iocs))
}

/// The submission, or why there is none: 404, or 410 once deleted.
async fn find(state: &State, id: SubmissionId) -> Result<Submission, Error> {
    match state.store.submission(id).await? {
        None => Err(Error::NotFound("submission")),
        Some(submission) if submission.status == Status::Deleted => Err(Error::Gone),
        Some(submission) => Ok(submission),
    }
}
