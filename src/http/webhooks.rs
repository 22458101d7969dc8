//! Webhooks: one's own, and everybody's for administrators. The key is shown once, when one is made.
//!
//! Nothing is sent from here: a test is an event like any other, and whoever sends decides whether an address may be
//! reached.

use axum::Json;
use axum::extract::{self, Request};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use super::auth::{Caller, Signed, Writer};
use super::body::{self, JSON_BYTES};
use super::error::Error;
use super::query::Query;
use super::{Id, State};
use crate::account::Scope;
use crate::id::{DeliveryId, SubmissionId, UserId, WebhookId};
use crate::indicator::Kind;
use crate::submission::{optional_timestamp, timestamp};
use crate::webhook::{Attempt, Delivery, DeliveryStatus, Event, Filter, Key, Webhook};

/// Webhooks of one account.
const MAX_WEBHOOKS: i64 = 20;
/// Kinds that one can be asked for.
const MAX_KINDS: usize = 100;
const PAUSED_BY_HAND: &str = "paused by hand";

#[derive(Serialize)]
struct View<'a> {
    id: WebhookId,
    owner_id: UserId,
    url: &'a str,
    events: &'a [Event],
    types: &'a [Kind],
    confidence: u8,
    flagged: bool,
    own: bool,
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_timestamp")]
    paused_at: Option<DateTime<Utc>>,
    paused_because: Option<&'a str>,
    #[serde(serialize_with = "optional_timestamp")]
    failing_since: Option<DateTime<Utc>>,
}

impl<'a> From<&'a Webhook> for View<'a> {
    fn from(webhook: &'a Webhook) -> Self {
        let paused = webhook.paused.as_ref();
        Self {
            id: webhook.id,
            owner_id: webhook.owner,
            url: &webhook.url,
            events: &webhook.filter.events,
            types: &webhook.filter.kinds,
            confidence: webhook.filter.confidence,
            flagged: webhook.filter.flagged,
            own: webhook.filter.own,
            created_at: webhook.created_at,
            paused_at: paused.map(|(at, _)| *at),
            paused_because: paused.map(|(_, because)| because.as_str()),
            failing_since: webhook.failing_since,
        }
    }
}

/// `GET /api/webhooks`: one's own; for administrators everybody's.
pub(super) async fn list(
    extract::State(state): extract::State<State>,
    caller: Signed,
) -> Result<impl IntoResponse, Error> {
    caller.require(Scope::Read)?;
    let owner = (!caller.may(Scope::Admin)).then_some(caller.account.id);
    let webhooks = state.store.webhooks(owner).await?;
    Ok(Json(webhooks.iter().map(View::from).collect::<Vec<_>>()).into_response())
}

/// A field that is misspelt is refused: it may have been a filter.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    url: String,
    #[serde(default)]
    events: Vec<Event>,
    #[serde(default)]
    types: Vec<Kind>,
    #[serde(default)]
    confidence: u8,
    #[serde(default)]
    flagged: bool,
    #[serde(default)]
    own: bool,
}

impl Wanted {
    fn check(self) -> Result<(String, Filter), Error> {
        let url = body::web_address("url", &self.url)?;
        if self.confidence > 100 {
            return Err(Error::Invalid("`confidence` is 0 to 100.".to_owned()));
        }
        if self.types.len() > MAX_KINDS {
            return Err(Error::Invalid(format!(
                "`types` names at most {MAX_KINDS}."
            )));
        }
        let mut events = Vec::new();
        for event in self.events {
            if !Event::CHOICE.contains(&event) {
                return Err(Error::Invalid(format!("`events` cannot hold {event}.")));
            }
            if !events.contains(&event) {
                events.push(event);
            }
        }
        if events.is_empty() {
            events.extend(Event::CHOICE);
        }
        let filter = Filter {
            events,
            kinds: self.types,
            confidence: self.confidence,
            flagged: self.flagged,
            own: self.own,
        };
        Ok((url, filter))
    }
}

/// `POST /api/webhooks`, `{"url", "events"?, "types"?, "confidence"?, "flagged"?, "own"?}`: the answer holds the key in
/// `secret`, this once.
pub(super) async fn create(
    extract::State(state): extract::State<State>,
    caller: Writer,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Made<'a> {
        #[serde(flatten)]
        view: View<'a>,
        secret: String,
    }
    let wanted: Wanted = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    let (url, filter) = wanted.check()?;
    let key = Key::generate();
    let owner = caller.account.id;
    let made = state
        .store
        .create_webhook(owner, &url, &filter, &key, MAX_WEBHOOKS)
        .await?;
    let webhook = made.ok_or_else(|| {
        Error::Invalid(format!(
            "An account has at most {MAX_WEBHOOKS} webhooks; delete one first."
        ))
    })?;
    let location = [(header::LOCATION, format!("/api/webhooks/{}", webhook.id))];
    let made = Made {
        view: View::from(&webhook),
        secret: key.reveal(),
    };
    Ok((StatusCode::CREATED, location, Json(made)).into_response())
}

/// `GET /api/webhooks/{id}`.
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    caller: Signed,
    Id(id): Id<WebhookId>,
) -> Result<impl IntoResponse, Error> {
    caller.require(Scope::Read)?;
    let webhook = find(&state, &caller, id).await?;
    Ok(Json(View::from(&webhook)).into_response())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Edit {
    paused: bool,
}

/// `PATCH /api/webhooks/{id}`, `{"paused": true}`: nothing is sent; `false`: on it goes, with what waited.
pub(super) async fn update(
    extract::State(state): extract::State<State>,
    caller: Writer,
    Id(id): Id<WebhookId>,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let edit: Edit = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    find(&state, &caller, id).await?;
    let webhook = if edit.paused {
        state.store.pause_webhook(id, PAUSED_BY_HAND).await?
    } else {
        state.store.resume_webhook(id).await?
    };
    let webhook = webhook.ok_or(Error::NotFound("webhook"))?;
    Ok(Json(View::from(&webhook)).into_response())
}

/// `DELETE /api/webhooks/{id}`: with all that waits for it.
pub(super) async fn delete(
    extract::State(state): extract::State<State>,
    caller: Writer,
    Id(id): Id<WebhookId>,
) -> Result<impl IntoResponse, Error> {
    find(&state, &caller, id).await?;
    match state.store.delete_webhook(id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Error::NotFound("webhook")),
    }
}

/// `POST /api/webhooks/{id}/test`: sends an event that says nothing; the log of deliveries tells how that went.
pub(super) async fn test(
    extract::State(state): extract::State<State>,
    caller: Writer,
    Id(id): Id<WebhookId>,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Sent {
        id: DeliveryId,
        event: Event,
    }
    find(&state, &caller, id).await?;
    let sent = state.store.test_webhook(id).await?.map(|id| Sent {
        id,
        event: Event::Test,
    });
    let sent = sent.ok_or_else(|| {
        Error::Invalid("The webhook is paused; resume it before a test.".to_owned())
    })?;
    Ok((StatusCode::ACCEPTED, Json(sent)).into_response())
}

/// `GET /api/webhooks/{id}/deliveries`: newest first, with how each try went.
pub(super) async fn deliveries(
    extract::State(state): extract::State<State>,
    caller: Signed,
    Id(id): Id<WebhookId>,
    query: Query,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Found<'a> {
        total: i64,
        limit: i64,
        offset: i64,
        deliveries: Vec<Told<'a>>,
    }
    caller.require(Scope::Read)?;
    let page = query.page()?;
    find(&state, &caller, id).await?;
    let found = state.store.deliveries(id, page.limit, page.offset).await?;
    let found = Found {
        total: found.total,
        limit: page.limit,
        offset: page.offset,
        deliveries: found.rows.iter().map(Told::from).collect(),
    };
    Ok(Json(&found).into_response())
}

#[derive(Serialize)]
struct Told<'a> {
    id: DeliveryId,
    event: Event,
    submission_id: Option<SubmissionId>,
    status: DeliveryStatus,
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_timestamp")]
    next_attempt_at: Option<DateTime<Utc>>,
    attempts: &'a [Attempt],
}

impl<'a> From<&'a Delivery> for Told<'a> {
    fn from(delivery: &'a Delivery) -> Self {
        Self {
            id: delivery.id,
            event: delivery.event,
            submission_id: delivery.submission,
            status: delivery.status,
            created_at: delivery.created_at,
            next_attempt_at: delivery.next_at,
            attempts: &delivery.attempts,
        }
    }
}

/// The webhook, where it is the caller's or the caller an administrator; to others it is not there.
async fn find(state: &State, caller: &Caller, id: WebhookId) -> Result<Webhook, Error> {
    let webhook = state.store.webhook(id).await?;
    webhook
        .filter(|webhook| webhook.owner == caller.account.id || caller.may(Scope::Admin))
        .ok_or(Error::NotFound("webhook"))
}
