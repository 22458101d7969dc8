//! Signing in on the web page, and out.
//!
//! An unknown name and a wrong password get the same answer after the same work.

use axum::extract::{self, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::IntoResponse;
use axum::{Extension, Json};
use chrono::Utc;
use serde::Deserialize;

use super::super::State;
use super::super::auth::require_same_origin;
use super::super::body::{self, JSON_BYTES};
use super::super::error::Error;
use super::super::rate::Client;
use super::{Me, cookie};
use crate::account;

/// Bytes of a password: more is only work for the hash.
const MAX_PASSWORD_BYTES: usize = 512;
const MAX_NAME_CHARS: usize = 100;

#[derive(Deserialize)]
struct Credentials {
    username: String,
    password: String,
}

/// `POST /api/auth/login`: the account, and a session cookie.
pub(in super::super) async fn login(
    extract::State(state): extract::State<State>,
    Extension(Client(client)): Extension<Client>,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    // Another site must not sign a browser in as somebody else; programs send no origin.
    if request.headers().contains_key(header::ORIGIN) {
        require_same_origin(request.headers(), request.uri())?;
    }
    let sent: Credentials =
        body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    body::require_text("username", &sent.username, MAX_NAME_CHARS)?;
    if sent.password.len() > MAX_PASSWORD_BYTES {
        return Err(Error::Invalid(format!(
            "`password` must have at most {MAX_PASSWORD_BYTES} bytes."
        )));
    }
    state.rates.login(client, &sent.username)?;
    let (account, hash) = state.store.user_by_name(&sent.username).await?.unzip();
    let matches = verify(&state, sent.password, hash).await?;
    let account = account.filter(|_| matches).ok_or(Error::Unauthenticated {
        code: "invalid_credentials",
        detail: "The user name or the password is wrong.",
    })?;
    let value = cookie::generate();
    let expires_at = Utc::now() + state.settings.session_lifetime;
    state
        .store
        .create_session(account.id, cookie::digest(&value), expires_at)
        .await?;
    let set = cookie::set(
        &value,
        state.settings.session_lifetime,
        state.settings.https,
    );
    Ok(([(header::SET_COOKIE, set)], Json(Me::from(&account))).into_response())
}

/// Checks a password away from the async threads, on few cores at once.
async fn verify(state: &State, password: String, hash: Option<String>) -> Result<bool, Error> {
    let _permit = state
        .password_permits
        .acquire()
        .await
        .map_err(|error| Error::Internal(error.to_string()))?;
    tokio::task::spawn_blocking(move || account::verify_password(&password, hash.as_deref()))
        .await
        .map_err(|error| Error::Internal(error.to_string()))
}

/// `POST /api/auth/logout`: the session ends here and in the store; without one nothing happens.
pub(in super::super) async fn logout(
    extract::State(state): extract::State<State>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Error> {
    if let Some(digest) = cookie::session_digest(&headers, state.settings.https) {
        state.store.delete_session(&digest).await?;
    }
    let end = cookie::set("", std::time::Duration::ZERO, state.settings.https);
    Ok((StatusCode::NO_CONTENT, [(header::SET_COOKIE, end)]))
}
