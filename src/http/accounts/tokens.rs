//! API tokens: listed without themselves, shown once when made, revoked at once.
//!
//! A token makes no tokens, unless it is an administrator's: a leaked short-lived one must not live on.

use axum::Json;
use axum::extract::{self, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use chrono::{DateTime, Days, Utc};
use serde::{Deserialize, Serialize};

use super::super::auth::{Caller, Signed};
use super::super::body::{self, JSON_BYTES};
use super::super::error::Error;
use super::super::{Id, State};
use crate::account::{Scope, Secret, Token};
use crate::id::TokenId;
use crate::submission::{optional_timestamp, timestamp};

const MAX_NAME_CHARS: usize = 100;
/// Tokens of one account that are not revoked.
const MAX_TOKENS: usize = 100;
/// Longest life of a token that has an end.
const MAX_DAYS: u64 = 3650;

#[derive(Serialize)]
struct View<'a> {
    id: TokenId,
    name: &'a str,
    hint: &'a str,
    scopes: &'a [Scope],
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
    #[serde(serialize_with = "optional_timestamp")]
    expires_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_timestamp")]
    last_used_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_timestamp")]
    revoked_at: Option<DateTime<Utc>>,
}

impl<'a> From<&'a Token> for View<'a> {
    fn from(token: &'a Token) -> Self {
        Self {
            id: token.id,
            name: &token.name,
            hint: &token.hint,
            scopes: &token.scopes,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
            revoked_at: token.revoked_at,
        }
    }
}

/// `GET /api/auth/tokens`: one's own.
pub(in super::super) async fn list(
    extract::State(state): extract::State<State>,
    caller: Signed,
) -> Result<impl IntoResponse, Error> {
    let tokens = state.store.tokens(caller.account.id).await?;
    Ok(Json(tokens.iter().map(View::from).collect::<Vec<_>>()).into_response())
}

/// A field that is misspelt is refused: it may have been the token's end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    name: String,
    #[serde(default)]
    scopes: Vec<Scope>,
    /// This or `expires_at`; with neither the token never expires.
    expires_in_days: Option<u64>,
    expires_at: Option<DateTime<Utc>>,
}

/// `POST /api/auth/tokens`, `{"name": …, "scopes": ["read", "write"], "expires_in_days": 90}`, or
/// `expires_at` as a moment: the answer holds the token, this once. Without scopes it may read.
pub(in super::super) async fn create(
    extract::State(state): extract::State<State>,
    caller: Signed,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    #[derive(Serialize)]
    struct Made<'a> {
        #[serde(flatten)]
        view: View<'a>,
        token: &'a str,
    }
    require_manager(&caller)?;
    let wanted: Wanted = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    let name = wanted.name.trim();
    body::require_text("name", name, MAX_NAME_CHARS)?;
    if name.is_empty() {
        return Err(Error::Invalid("`name` is empty.".to_owned()));
    }
    let scopes = if wanted.scopes.is_empty() {
        vec![Scope::Read]
    } else {
        wanted.scopes
    };
    for scope in &scopes {
        caller.require(*scope)?;
    }
    let live = state
        .store
        .tokens(caller.account.id)
        .await?
        .iter()
        .filter(|token| token.revoked_at.is_none())
        .count();
    if live >= MAX_TOKENS {
        return Err(Error::Invalid(format!(
            "An account has at most {MAX_TOKENS} tokens; revoke one first."
        )));
    }
    let secret = Secret::generate();
    let new = secret.to_store(
        name,
        scopes,
        expiry(wanted.expires_in_days, wanted.expires_at)?,
    );
    let token = state.store.create_token(caller.account.id, &new).await?;
    let made = Made {
        view: View::from(&token),
        token: secret.reveal(),
    };
    Ok((StatusCode::CREATED, Json(made)).into_response())
}

/// `DELETE /api/auth/tokens/{id}`: refused from the next request on.
pub(in super::super) async fn revoke(
    extract::State(state): extract::State<State>,
    caller: Signed,
    Id(id): Id<TokenId>,
) -> Result<impl IntoResponse, Error> {
    let itself = caller.token.as_ref().is_some_and(|token| token.id == id);
    if !itself {
        require_manager(&caller)?;
    }
    match state.store.revoke_token(caller.account.id, id).await? {
        true => Ok(StatusCode::NO_CONTENT),
        false => Err(Error::NotFound("token")),
    }
}

fn require_manager(caller: &Caller) -> Result<(), Error> {
    if caller.token.is_none() {
        Ok(())
    } else {
        caller.require(Scope::Admin)
    }
}

fn expiry(days: Option<u64>, at: Option<DateTime<Utc>>) -> Result<Option<DateTime<Utc>>, Error> {
    let now = Utc::now();
    let last = now.checked_add_days(Days::new(MAX_DAYS));
    let expires_at = match (days, at) {
        (None, None) => return Ok(None),
        (Some(_), Some(_)) => {
            let both = "`expires_in_days` and `expires_at` say the same: send one of them.";
            return Err(Error::Invalid(both.to_owned()));
        }
        (Some(days), None) => now.checked_add_days(Days::new(days)),
        (None, at) => at,
    };
    match expires_at {
        Some(at) if at > now && Some(at) <= last => Ok(Some(at)),
        _ => Err(Error::Invalid(format!(
            "A token expires in 1 to {MAX_DAYS} days, or never."
        ))),
    }
}
