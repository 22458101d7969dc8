//! Who one is, one's tokens, signing in and out.

pub(super) mod cookie;
pub(super) mod session;
pub(super) mod tokens;

use axum::Json;
use axum::response::IntoResponse;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::auth::Signed;
use crate::account::{Account, Role, Scope};
use crate::id::UserId;
use crate::submission::{optional_timestamp, timestamp};

/// The account, as its owner sees it.
#[derive(Serialize)]
struct Me<'a> {
    id: UserId,
    username: &'a str,
    role: Role,
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
    /// Null for a session of the web page.
    token: Option<Used<'a>>,
}

/// The token that asked.
#[derive(Serialize)]
struct Used<'a> {
    name: &'a str,
    scopes: &'a [Scope],
    #[serde(serialize_with = "optional_timestamp")]
    expires_at: Option<DateTime<Utc>>,
}

impl<'a> From<&'a Account> for Me<'a> {
    fn from(account: &'a Account) -> Self {
        Self {
            id: account.id,
            username: &account.username,
            role: account.role,
            created_at: account.created_at,
            token: None,
        }
    }
}

/// `GET /api/auth/me`.
pub(super) async fn me(caller: Signed) -> impl IntoResponse {
    let token = caller.token.as_ref().map(|token| Used {
        name: &token.name,
        scopes: &token.scopes,
        expires_at: token.expires_at,
    });
    Json(Me {
        token,
        ..Me::from(&caller.account)
    })
    .into_response()
}
