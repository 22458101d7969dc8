//! The lists that values are looked up in: made, uploaded, refreshed, removed by administrators, seen by whoever may read.
//!
//! Nothing is fetched from here: a worker does that, and decides whether an address may be reached. What is uploaded has to
//! be as good as what is fetched.

mod credentials;
mod view;

use axum::Json;
use axum::extract::{self, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::auth::{Administrator, Reader, Signed};
use super::body::{self, JSON_BYTES, MAX_NAME, interval, set};
use super::error::Error;
use super::query::Query;
use super::{Id, State, turn};
use crate::account::Scope;
use crate::id::ListId;
use crate::lists::{Columns, FORMATS, ListFormat, ListKind, accept};
use crate::store::{ListDefinition, Remark, Taken};
use crate::submission::{optional_timestamp, timestamp};
use credentials::{Credentials, homeless, settle};
use view::View;

/// Characters of a slug.
const MAX_SLUG: usize = 100;
const MAX_DESCRIPTION: usize = 4_000;
/// Seconds between two fetches, where nothing else is said.
const INTERVAL: u64 = 24 * 3600;

/// `GET /api/lists`: all of them, by slug.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    caller: Signed,
) -> Result<impl IntoResponse, Error> {
    caller.require(Scope::Read)?;
    let whole = caller.may(Scope::Admin);
    let lists = state.store.lists().await?.into_iter();
    let lists: Vec<_> = lists.map(|stored| View::new(stored, whole)).collect();
    Ok(Json(lists))
}

/// `GET /api/lists/{id}`: with how it fares.
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    caller: Signed,
    Id(id): Id<ListId>,
) -> Result<impl IntoResponse, Error> {
    caller.require(Scope::Read)?;
    let stored = state.store.list(id).await?.ok_or(Error::NotFound("list"))?;
    Ok(Json(View::new(stored, caller.may(Scope::Admin))))
}

/// A field that is misspelt is refused: it may have been what the list means.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    slug: String,
    name: Option<String>,
    description: Option<String>,
    kind: Option<ListKind>,
    format: String,
    #[serde(default)]
    columns: Columns,
    page_url: Option<String>,
    source_url: Option<String>,
    credentials: Option<Credentials>,
    enabled: Option<bool>,
    interval_seconds: Option<u64>,
}

impl Wanted {
    fn check(self) -> Result<ListDefinition, Error> {
        let format: ListFormat = self.format.parse().map_err(|_| {
            let names: Vec<_> = FORMATS.iter().map(|row| row.name).collect();
            Error::Invalid(format!("`format` must be one of {}.", names.join(", ")))
        })?;
        let kind = self.kind.unwrap_or(match format {
            ListFormat::Allowlist => ListKind::Allowlist,
            ListFormat::Warninglist => ListKind::Contextual,
            _ => ListKind::ThreatIntel,
        });
        if self.credentials.is_some() && self.source_url.is_none() {
            return Err(homeless());
        }
        Ok(ListDefinition {
            slug: slug(self.slug)?,
            name: body::said("name", self.name, MAX_NAME)?,
            description: body::said("description", self.description, MAX_DESCRIPTION)?,
            kind,
            format,
            columns: self.columns,
            page_url: address("page_url", self.page_url)?,
            source_url: address("source_url", self.source_url)?,
            credential: self.credentials.map(Credentials::check).transpose()?,
            enabled: self.enabled.unwrap_or(true),
            interval: interval(self.interval_seconds.unwrap_or(INTERVAL))?,
        })
    }
}

fn slug(slug: String) -> Result<String, Error> {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    let sound = slug.len() <= MAX_SLUG
        && slug.starts_with(|first: char| first.is_ascii_alphanumeric())
        && slug.bytes().all(allowed);
    if sound {
        return Ok(slug);
    }
    Err(Error::Invalid(format!(
        "`slug` must be 1 to {MAX_SLUG} letters, digits, dots, hyphens and underscores, a letter or digit first."
    )))
}

fn address(name: &str, text: Option<String>) -> Result<Option<String>, Error> {
    text.map(|text| body::web_address(name, &text)).transpose()
}

/// `POST /api/lists`: one with a `source_url` is fetched at once, one without waits for its upload.
pub(super) async fn create(
    extract::State(state): extract::State<State>,
    _: Administrator,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let wanted: Wanted = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    let definition = wanted.check()?;
    let made = if state.catalogue.known().is_reserved(&definition.slug) {
        None
    } else {
        state.store.create_list(&definition).await?
    };
    let stored = made
        .ok_or_else(|| Error::Invalid(format!("There is a list called {:?}.", definition.slug)))?;
    let location = [(header::LOCATION, format!("/api/lists/{}", stored.id))];
    Ok((
        StatusCode::CREATED,
        location,
        View::for_administrators(stored),
    ))
}

/// What may be changed; what is left out stays, what is null is left to the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    #[serde(default, deserialize_with = "body::given")]
    name: Option<Option<String>>,
    #[serde(default, deserialize_with = "body::given")]
    description: Option<Option<String>>,
    kind: Option<ListKind>,
    #[serde(default, deserialize_with = "body::given")]
    page_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "body::given")]
    source_url: Option<Option<String>>,
    #[serde(default, deserialize_with = "body::given")]
    credentials: Option<Option<Credentials>>,
    enabled: Option<bool>,
    interval_seconds: Option<u64>,
}

impl Edit {
    fn check(self) -> Result<impl FnOnce(&mut ListDefinition) + Send, Error> {
        let name = self.name.map(|name| body::said("name", name, MAX_NAME));
        let description = self
            .description
            .map(|text| body::said("description", text, MAX_DESCRIPTION));
        let (name, description) = (name.transpose()?, description.transpose()?);
        let page_url = self.page_url.map(|url| address("page_url", url));
        let source_url = self.source_url.map(|url| address("source_url", url));
        let (page_url, source_url) = (page_url.transpose()?, source_url.transpose()?);
        let credentials = self
            .credentials
            .map(|given| given.map(Credentials::check).transpose());
        let credentials = credentials.transpose()?;
        let interval = self.interval_seconds.map(interval).transpose()?;
        Ok(move |list: &mut ListDefinition| {
            set(&mut list.name, name);
            set(&mut list.description, description);
            set(&mut list.kind, self.kind);
            set(&mut list.page_url, page_url);
            let before = list.source_url.clone();
            set(&mut list.source_url, source_url);
            settle(list, before.as_deref(), credentials);
            set(&mut list.enabled, self.enabled);
            set(&mut list.interval, interval);
        })
    }
}

/// `PATCH /api/lists/{id}`
pub(super) async fn update(
    extract::State(state): extract::State<State>,
    _: Administrator,
    Id(id): Id<ListId>,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let edit: Edit = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    if let Some(Some(_)) = edit.credentials {
        let stored = state.store.list(id).await?.ok_or(Error::NotFound("list"))?;
        let source = edit.source_url.as_ref();
        if source.unwrap_or(&stored.definition.source_url).is_none() {
            return Err(homeless());
        }
    }
    let stored = state.store.edit_list(id, edit.check()?).await?;
    let stored = stored.ok_or(Error::NotFound("list"))?;
    Ok(View::for_administrators(stored))
}

/// `PUT /api/lists/{id}/content`: the list as it is. `force=true` takes one that has lost more than half of its entries.
pub(super) async fn content(
    extract::State(state): extract::State<State>,
    _: Administrator,
    Id(id): Id<ListId>,
    query: Query,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let may_shrink = query.flag("force")?;
    let stored = state.store.list(id).await?.ok_or(Error::NotFound("list"))?;
    let _permit = turn(&state.upload_permits).await?;
    let settings = &state.settings;
    let bytes = body::raw(request, settings.max_list_bytes, settings.body_idle_timeout).await?;
    let reading = tokio::task::spawn_blocking(move || {
        let (said, before) = (&stored.definition, stored.health.entries);
        let before = usize::try_from(before).unwrap_or_default();
        let contents = accept(said.format, &said.columns, &bytes, before, may_shrink)?;
        Ok(Taken::new(&contents, &bytes))
    });
    let taken = reading
        .await
        .map_err(|error| Error::Internal(error.to_string()))?
        .map_err(|why: crate::lists::Unacceptable| {
            Error::Invalid(format!("The list was not taken: {why}."))
        })?;
    let stored = state.store.replace_list(id, &taken).await?;
    let stored = stored.ok_or(Error::NotFound("list"))?;
    Ok(View::for_administrators(stored))
}

/// `POST /api/lists/{id}/refresh`: fetched as soon as a worker is free. `force` as in an upload.
pub(super) async fn refresh(
    extract::State(state): extract::State<State>,
    _: Administrator,
    Id(id): Id<ListId>,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    let may_shrink = query.flag("force")?;
    state.store.list(id).await?.ok_or(Error::NotFound("list"))?;
    let stored = state.store.refresh_list(id, may_shrink).await?;
    let stored = stored.ok_or_else(|| {
        Error::Invalid("The list has no `source_url`; upload it in place of that.".to_owned())
    })?;
    Ok((StatusCode::ACCEPTED, View::for_administrators(stored)))
}

#[derive(Serialize)]
struct RemarkView {
    #[serde(serialize_with = "timestamp")]
    wanted_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_timestamp")]
    ended_at: Option<DateTime<Utc>>,
    submissions: i64,
    changed: i64,
}

impl From<Remark> for RemarkView {
    fn from(run: Remark) -> Self {
        Self {
            wanted_at: run.wanted_at,
            ended_at: run.ended_at,
            submissions: run.seen,
            changed: run.changed,
        }
    }
}

/// `POST /api/lists/remark`: the marks of lists are made anew in all stored reports, from the first one on.
pub(super) async fn remark(
    extract::State(state): extract::State<State>,
    _: Administrator,
) -> Result<impl IntoResponse, Error> {
    let run = state.store.want_remark().await?;
    Ok((StatusCode::ACCEPTED, Json(RemarkView::from(run))))
}

/// `GET /api/lists/remark`: how far the last one has come.
pub(super) async fn remarked(
    extract::State(state): extract::State<State>,
    _: Reader,
) -> Result<impl IntoResponse, Error> {
    let run = state.store.remark().await?;
    let run = run.ok_or(Error::NotFound("run"))?;
    Ok(Json(RemarkView::from(run)))
}

/// `DELETE /api/lists/{id}`
pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    _: Administrator,
    Id(id): Id<ListId>,
) -> Result<impl IntoResponse, Error> {
    if state.store.delete_list(id).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    Err(Error::NotFound("list"))
}
