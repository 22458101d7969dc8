//! A [MISP feed](https://www.misp-standard.org/rfc/misp-standard-core.html) to subscribe to: one event for each
//! completed submission that shows anything. Enter at [`router`].
//!
//! A subscriber takes an event anew when its timestamp has risen, and MISP counts in whole seconds. So nothing is told
//! before its second is over: a second change in it would go unseen for ever.

mod pages;

use std::time::Duration;

use axum::Router;
use axum::extract;
use axum::http::{HeaderMap, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use uuid::Uuid;

use super::auth::Visitor;
use super::error::Error;
use super::request::unless_current;
use super::submissions::with_iocs;
use super::{Segments, State, rate, request, turn};
use crate::export::{Report, feed};
use crate::submission::{Status, Submission};
use pages::{File, Pages};

/// The files of the feed.
pub(super) fn router(state: &State) -> Router<State> {
    Router::new()
        .route("/misp/manifest.json", get(manifest))
        .route("/misp/hashes.csv", get(hashes))
        .route("/misp/{file}", get(event))
        .route_layer(from_fn_with_state(state.clone(), request::in_time))
        .route_layer(from_fn_with_state(state.clone(), rate::admit))
}

/// `GET /misp/manifest.json`
async fn manifest(
    extract::State(state): extract::State<State>,
    _: Visitor,
    asked: HeaderMap,
) -> Result<Response, Error> {
    list(&state, &asked, File::Manifest, "application/json").await
}

/// `GET /misp/hashes.csv`
async fn hashes(
    extract::State(state): extract::State<State>,
    _: Visitor,
    asked: HeaderMap,
) -> Result<Response, Error> {
    list(&state, &asked, File::Hashes, "text/csv; charset=utf-8").await
}

async fn list(
    state: &State,
    asked: &HeaderMap,
    file: File,
    media_type: &'static str,
) -> Result<Response, Error> {
    let changed_at = state.store.changed_at().await?;
    let until = second_after(changed_at.unwrap_or(state.producer.created_at));
    wait_for(state, until).await?;
    // One that changed meanwhile is beyond this and left out until its own second is over: what is told is not
    // quite the tag's moment then, but never older than it.
    let headers = [
        (header::CONTENT_TYPE, media_type.to_owned()),
        (header::ETAG, format!("\"{}\"", until.timestamp())),
        (header::CACHE_CONTROL, "no-cache".to_owned()),
    ];
    let pages = Pages::new(state, file, until);
    Ok(unless_current(
        asked,
        (headers, pages.body()).into_response(),
    ))
}

/// `GET /misp/{uuid}.json`
async fn event(
    extract::State(state): extract::State<State>,
    _: Visitor,
    Segments(file): Segments<String>,
    asked: HeaderMap,
) -> Result<Response, Error> {
    const NONE: Error = Error::NotFound("event");
    let uuid: Uuid = file
        .strip_suffix(".json")
        .and_then(|uuid| uuid.parse().ok())
        .ok_or(NONE)?;
    let id = feed::submission_of(uuid);
    loop {
        let submission = state
            .store
            .submission(id)
            .await?
            .filter(is_told)
            .ok_or(NONE)?;
        let until = second_after(submission.updated_at);
        wait_for(&state, until).await?;
        let _permit = turn(&state.export_permits).await?;
        let (submission, iocs) = with_iocs(&state.store, submission, false).await?;
        // Indicators of another reading come with another stamp.
        let now = state.store.submission(id).await?;
        if now.is_none_or(|now| now.updated_at != submission.updated_at) {
            continue;
        }
        let report = Report {
            submission,
            iocs,
            producer: state.producer.clone(),
        };
        let etag = format!("\"{}\"", report.submission.updated_at.timestamp_micros());
        let headers = [
            (header::CONTENT_TYPE, "application/json".to_owned()),
            (header::ETAG, etag),
            (header::CACHE_CONTROL, "no-cache".to_owned()),
        ];
        let answer = (headers, feed::event(&report)).into_response();
        return Ok(unless_current(&asked, answer));
    }
}

/// Whether the feed tells of a submission.
fn is_told(submission: &Submission) -> bool {
    submission.status == Status::Completed && submission.ioc_count > 0
}

/// The first whole second after a moment.
fn second_after(moment: DateTime<Utc>) -> DateTime<Utc> {
    moment.trunc_subsecs(0) + TimeDelta::seconds(1)
}

/// Waits until the clock of the database has reached a moment that is at most a second away.
async fn wait_for(state: &State, moment: DateTime<Utc>) -> Result<(), Error> {
    loop {
        let beyond = state.store.since_moment(moment).await?;
        match (-beyond).to_std() {
            Ok(wait) if wait > Duration::ZERO => tokio::time::sleep(wait).await,
            _ => return Ok(()),
        }
    }
}
