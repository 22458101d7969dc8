//! Watches: pages that tell of reports, made, changed and removed by administrators, seen by whoever may read.
//!
//! Nothing is fetched from here: a worker does that, and decides whether an address may be reached.

use axum::Json;
use axum::extract::{self, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::auth::{Administrator, Signed};
use super::body::{self, JSON_BYTES, MAX_NAME, interval, said, set};
use super::error::Error;
use super::query::Query;
use super::submissions::edit::{category, sectors};
use super::view::without_query;
use super::{Id, State};
use crate::account::Scope;
use crate::id::{SubmissionId, UserId, WatchId};
use crate::indicator::Level;
use crate::store::{StoredEntry, StoredWatch, WatchDefinition};
use crate::submission::{Category, Sector, Tlp, host, optional_timestamp, timestamp, web_address};
use crate::watch::{EntryState, Form};

/// Seconds between two looks, where nothing else is said.
const INTERVAL: u64 = 3600;
/// Entries of the first look that are handed in, where nothing else is said, and at most.
const BACKFILL: u32 = 10;
const MOST_BACKFILL: u32 = 1_000;
const MAX_PATH: usize = 500;

#[derive(Serialize)]
struct View {
    id: WatchId,
    name: String,
    /// Without its query for who is no administrator: keys stand there.
    url: String,
    form: Option<Form>,
    only: Option<String>,
    enabled: bool,
    interval_seconds: u64,
    backfill: u32,
    owner_id: UserId,
    category: Option<Category>,
    confidence: Level,
    industries: Option<Vec<Sector>>,
    tlp: Option<Tlp>,
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
    health: Health,
}

#[derive(Serialize)]
struct Health {
    entries: i64,
    refused: i64,
    waiting: i64,
    submitted: i64,
    skipped: i64,
    disallowed: i64,
    #[serde(serialize_with = "optional_timestamp")]
    last_success_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_timestamp")]
    last_new_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_timestamp")]
    checked_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "timestamp")]
    next_check_at: DateTime<Utc>,
    failures: i32,
    error: Option<String>,
}

impl View {
    fn new(stored: StoredWatch, whole: bool) -> Self {
        let (watch, health) = (stored.definition, stored.health);
        let site = || host(&watch.url).unwrap_or_default();
        Self {
            id: stored.id,
            name: watch.name.or(stored.title).unwrap_or_else(site),
            url: without_query(watch.url, whole),
            form: stored.form,
            only: watch.only,
            enabled: watch.enabled,
            interval_seconds: watch.interval.as_secs(),
            backfill: watch.backfill,
            owner_id: stored.owner,
            category: watch.category,
            confidence: watch.confidence,
            industries: watch.industries,
            tlp: watch.tlp,
            created_at: stored.created_at,
            health: Health {
                entries: health.entries,
                refused: health.refused,
                waiting: health.counts.waiting,
                submitted: health.counts.submitted,
                skipped: health.counts.skipped,
                disallowed: health.counts.disallowed,
                last_success_at: health.last_success_at,
                last_new_at: health.last_new_at,
                checked_at: health.checked_at,
                next_check_at: health.next_check_at,
                failures: health.failures,
                error: health.error,
            },
        }
    }

    fn for_administrators(stored: StoredWatch) -> Json<Self> {
        Json(Self::new(stored, true))
    }
}

/// `GET /api/watches`: all of them, the oldest first.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    caller: Signed,
) -> Result<impl IntoResponse, Error> {
    caller.require(Scope::Read)?;
    let whole = caller.may(Scope::Admin);
    let watches = state.store.watches().await?.into_iter();
    let watches: Vec<_> = watches.map(|stored| View::new(stored, whole)).collect();
    Ok(Json(watches))
}

/// `GET /api/watches/{id}`: with how it fares.
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    caller: Signed,
    Id(id): Id<WatchId>,
) -> Result<impl IntoResponse, Error> {
    caller.require(Scope::Read)?;
    let stored = found(state.store.watch(id).await?)?;
    Ok(Json(View::new(stored, caller.may(Scope::Admin))))
}

fn found(stored: Option<StoredWatch>) -> Result<StoredWatch, Error> {
    stored.ok_or(Error::NotFound("watch"))
}

/// A field that is misspelt is refused: it may have been what the watch means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    url: String,
    name: Option<String>,
    only: Option<String>,
    enabled: Option<bool>,
    interval_seconds: Option<u64>,
    backfill: Option<u32>,
    category: Option<String>,
    confidence: Option<Level>,
    industries: Option<Vec<String>>,
    tlp: Option<Tlp>,
}

impl Wanted {
    fn check(self) -> Result<WatchDefinition, Error> {
        let industries = self.industries.as_deref().map(sectors);
        Ok(WatchDefinition {
            name: said("name", self.name, MAX_NAME)?,
            url: address(&self.url)?,
            only: path(self.only)?,
            enabled: self.enabled.unwrap_or(true),
            interval: interval(self.interval_seconds.unwrap_or(INTERVAL))?,
            backfill: backfill(self.backfill.unwrap_or(BACKFILL))?,
            category: self.category.as_deref().map(category).transpose()?,
            confidence: self.confidence.unwrap_or(Level::Medium),
            industries: industries.transpose()?,
            tlp: self.tlp,
        })
    }
}

fn address(url: &str) -> Result<String, Error> {
    web_address(url).map_err(|why| Error::Invalid(format!("`url` {why}.")))
}

fn path(only: Option<String>) -> Result<Option<String>, Error> {
    let only = said("only", only, MAX_PATH)?;
    match only.as_ref().is_none_or(|only| only.starts_with('/')) {
        true => Ok(only),
        false => Err(Error::Invalid(
            "`only` must be the beginning of a path, such as /blog/.".to_owned(),
        )),
    }
}

fn backfill(entries: u32) -> Result<u32, Error> {
    if entries <= MOST_BACKFILL {
        return Ok(entries);
    }
    Err(Error::Invalid(format!(
        "`backfill` must be 0 to {MOST_BACKFILL}."
    )))
}

/// `POST /api/watches`: it is looked at as soon as a worker is free.
pub(super) async fn create(
    extract::State(state): extract::State<State>,
    caller: Signed,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    caller.require(Scope::Admin)?;
    let wanted: Wanted = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    let watch = wanted.check()?;
    let stored = state.store.create_watch(caller.account.id, &watch).await?;
    let stored = found(stored)?;
    let location = [(header::LOCATION, format!("/api/watches/{}", stored.id))];
    Ok((
        StatusCode::CREATED,
        location,
        View::for_administrators(stored),
    ))
}

/// What may be changed; what is left out stays, what is null is left to the page or its reports.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    url: Option<String>,
    #[serde(default, deserialize_with = "body::given")]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "body::given")]
    only: Option<Option<String>>,
    enabled: Option<bool>,
    interval_seconds: Option<u64>,
    backfill: Option<u32>,
    #[serde(default, deserialize_with = "body::given")]
    category: Option<Option<String>>,
    confidence: Option<Level>,
    #[serde(default, deserialize_with = "body::given")]
    industries: Option<Option<Vec<String>>>,
    #[serde(default, deserialize_with = "body::given")]
    tlp: Option<Option<Tlp>>,
}

impl Edit {
    fn check(self) -> Result<impl FnOnce(&mut WatchDefinition) + Send, Error> {
        let url = self.url.as_deref().map(address).transpose()?;
        let name = self.name.map(|name| said("name", name, MAX_NAME));
        let (name, only) = (name.transpose()?, self.only.map(path).transpose()?);
        let interval = self.interval_seconds.map(interval).transpose()?;
        let backfill = self.backfill.map(backfill).transpose()?;
        let category = self
            .category
            .map(|word| word.as_deref().map(category).transpose());
        let industries = self
            .industries
            .map(|names| names.as_deref().map(sectors).transpose());
        let (category, industries) = (category.transpose()?, industries.transpose()?);
        Ok(move |watch: &mut WatchDefinition| {
            set(&mut watch.url, url);
            set(&mut watch.name, name);
            set(&mut watch.only, only);
            set(&mut watch.enabled, self.enabled);
            set(&mut watch.interval, interval);
            set(&mut watch.backfill, backfill);
            set(&mut watch.category, category);
            set(&mut watch.confidence, self.confidence);
            set(&mut watch.industries, industries);
            set(&mut watch.tlp, self.tlp);
        })
    }
}

/// `PATCH /api/watches/{id}`
pub(super) async fn update(
    extract::State(state): extract::State<State>,
    _: Administrator,
    Id(id): Id<WatchId>,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let edit: Edit = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    let stored = state.store.edit_watch(id, edit.check()?).await?;
    Ok(View::for_administrators(found(stored)?))
}

/// `DELETE /api/watches/{id}`: its submissions stay.
pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    _: Administrator,
    Id(id): Id<WatchId>,
) -> Result<impl IntoResponse, Error> {
    if state.store.delete_watch(id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Error::NotFound("watch"))
}

/// `POST /api/watches/{id}/poll`: looked at as soon as a worker is free.
pub(super) async fn poll(
    extract::State(state): extract::State<State>,
    _: Administrator,
    Id(id): Id<WatchId>,
) -> Result<impl IntoResponse, Error> {
    let stored = found(state.store.poll_watch(id).await?)?;
    Ok((StatusCode::ACCEPTED, View::for_administrators(stored)))
}

/// `GET /api/watches/{id}/entries?limit&offset`: what it has seen, the newest first, and what became of each.
pub(super) async fn entries(
    extract::State(state): extract::State<State>,
    caller: Signed,
    Id(id): Id<WatchId>,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Found {
        total: i64,
        limit: i64,
        offset: i64,
        entries: Vec<Seen>,
    }
    caller.require(Scope::Read)?;
    let page = query.page()?;
    found(state.store.watch(id).await?)?;
    let seen = state
        .store
        .watch_entries(id, page.limit, page.offset)
        .await?;
    Ok(Json(Found {
        total: seen.total,
        limit: page.limit,
        offset: page.offset,
        entries: seen.rows.into_iter().map(Seen::from).collect(),
    }))
}

#[derive(Serialize)]
struct Seen {
    key: String,
    url: String,
    title: Option<String>,
    #[serde(serialize_with = "optional_timestamp")]
    published_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "timestamp")]
    first_seen_at: DateTime<Utc>,
    state: EntryState,
    submission_id: Option<SubmissionId>,
}

impl From<StoredEntry> for Seen {
    fn from(entry: StoredEntry) -> Self {
        Self {
            key: entry.key,
            url: entry.url,
            title: entry.title,
            published_at: entry.published_at,
            first_seen_at: entry.first_seen_at,
            state: entry.state,
            submission_id: entry.submission_id,
        }
    }
}
