//! Who asks, and what they may do. Enter at [`identify`] (once for each request) and at the extractors
//! [`Visitor`], [`Reader`], [`Writer`], [`Administrator`] and [`Signed`], which say in a handler's signature what it needs.
//!
//! A credential that is sent and is not valid is refused even where none is needed: the sender believes
//! to be somebody. A cookie that has ended is not: browsers send it without being asked.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Deref;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Uri, header};
use chrono::Utc;
use uuid::Uuid;

use super::State;
use super::accounts::cookie;
use super::basic;
use super::error::Error;
use crate::account::{self, Account, Role, Scope, Token};
use crate::id::UserId;
use crate::store::Version;

/// Somebody with a valid credential.
#[derive(Debug)]
pub(super) struct Caller {
    /// Who it is.
    pub(super) account: Account,
    /// The token it was, or none for a session of the web page.
    pub(super) token: Option<Token>,
    /// What the database showed when a token was found to be valid.
    as_of: Option<Version>,
}

/// What [`identify`] found, kept on the request for the extractors.
#[derive(Debug, Clone)]
pub(super) struct Identity(pub(super) Option<Arc<Caller>>);

impl Identity {
    /// What the database shows, where that was looked at for this request already.
    pub(super) fn as_of(&self) -> Option<Version> {
        self.0.as_ref().and_then(|caller| caller.as_of)
    }
}

/// Tokens that are kept in memory.
const TOKENS: usize = 10_000;
/// For how long, though nothing changes: their use is noted to the minute.
const NOTED: Duration = Duration::from_secs(30);

/// Tokens that were found to be valid since the last change, by their digests.
#[derive(Debug, Default)]
pub(super) struct Tokens(HashMap<[u8; 32], (Instant, Arc<Caller>)>);

impl Tokens {
    fn get(&self, digest: &[u8; 32]) -> Option<Arc<Caller>> {
        let (found, caller) = self.0.get(digest)?;
        (found.elapsed() < NOTED).then(|| Arc::clone(caller))
    }

    fn keep(&mut self, digest: [u8; 32], caller: &Arc<Caller>) {
        if self.0.len() < TOKENS {
            self.0.insert(digest, (Instant::now(), Arc::clone(caller)));
        }
    }
}

impl Caller {
    /// What it hands in is read one after the other: a person at the page does not wait behind the import
    /// of a token of theirs.
    pub(super) fn lane(&self) -> Uuid {
        self.token
            .as_ref()
            .map_or(self.account.id.0, |token| token.id.0)
    }

    /// Whether the credential reaches `scope`: each scope holds the ones before it, and none goes
    /// beyond the role.
    pub(super) fn may(&self, scope: Scope) -> bool {
        let rank = |scope: Scope| match scope {
            Scope::Read => 0,
            Scope::Write => 1,
            Scope::Admin => 2,
        };
        let by_role = scope != Scope::Admin || self.account.role == Role::Admin;
        let by_token = |token: &Token| token.scopes.iter().any(|held| rank(*held) >= rank(scope));
        by_role && self.token.as_ref().is_none_or(by_token)
    }

    /// Refuses with the missing scope by name.
    pub(super) fn require(&self, scope: Scope) -> Result<(), Error> {
        if self.may(scope) {
            return Ok(());
        }
        Err(Error::Forbidden {
            code: "insufficient_scope",
            detail: format!("This needs the scope {scope}, which the credential does not have."),
        })
    }

    /// Refuses to change what is not the caller's own; administrators change everything.
    pub(super) fn require_edit(&self, owner: Option<UserId>) -> Result<(), Error> {
        if owner == Some(self.account.id) || self.may(Scope::Admin) {
            return Ok(());
        }
        Err(Error::Forbidden {
            code: "not_yours",
            detail: "Only its owner or an administrator may change this.".to_owned(),
        })
    }
}

/// Finds out who sends the request.
pub(super) async fn identify(
    state: &State,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Option<Arc<Caller>>, Error> {
    if let Some(text) = credential(headers, is_feed(uri))? {
        return token_caller(state, &text).await.map(Some);
    }
    let Some(digest) = cookie::session_digest(headers, state.settings.https) else {
        return Ok(None);
    };
    let Some(account) = state.store.session(&digest).await? else {
        return Ok(None);
    };
    if !method.is_safe() {
        require_same_origin(headers, uri)?;
    }
    Ok(Some(Arc::new(Caller {
        account,
        token: None,
        as_of: None,
    })))
}

async fn token_caller(state: &State, text: &str) -> Result<Arc<Caller>, Error> {
    const INVALID: Error = Error::Unauthenticated {
        code: "invalid_token",
        detail: "The token is not valid: unknown, revoked or mistyped.",
    };
    let digest = account::digest(text).ok_or(INVALID)?;
    let version = state.store.version().await;
    let kept = version.and_then(|at| state.tokens.at(at, |tokens| tokens.get(&digest)));
    let caller = match kept.flatten() {
        Some(caller) => caller,
        None => {
            let (account, token) = state.store.authenticate(&digest).await?.ok_or(INVALID)?;
            let caller = Arc::new(Caller {
                account,
                token: Some(token),
                as_of: version,
            });
            version.map(|at| state.tokens.at(at, |tokens| tokens.keep(digest, &caller)));
            caller
        }
    };
    let expires_at = caller.token.as_ref().and_then(|token| token.expires_at);
    if expires_at.is_some_and(|at| at <= Utc::now()) {
        return Err(Error::Unauthenticated {
            code: "expired_token",
            detail: "The token has expired.",
        });
    }
    Ok(caller)
}

/// Whether a feed is asked for: its readers send tokens in ways of their own.
fn is_feed(uri: &Uri) -> bool {
    let path = uri.path();
    path.starts_with("/taxii2") || path.starts_with("/misp")
}

/// The token that was sent, whatever it is worth; by readers of a feed also as `Token`, or as the password of Basic with
/// whatever user name.
fn credential(headers: &HeaderMap, feed: bool) -> Result<Option<Cow<'_, str>>, Error> {
    const ODD: Error = Error::Unauthenticated {
        code: "invalid_token",
        detail: "Send the token as `Authorization: Bearer ioc_…` or as `X-API-Key: ioc_…`.",
    };
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let text = value.to_str().map_err(|_| ODD)?;
        let (scheme, sent) = text.split_once(' ').ok_or(ODD)?;
        return match scheme.to_ascii_lowercase().as_str() {
            "bearer" => Ok(Some(sent.trim().into())),
            "token" if feed => Ok(Some(sent.trim().into())),
            "basic" if feed => basic::password(sent)
                .map(|token| Some(token.into()))
                .ok_or(ODD),
            _ => Err(ODD),
        };
    }
    match headers.get("x-api-key") {
        Some(value) => value
            .to_str()
            .map(|key| Some(key.trim().into()))
            .map_err(|_| ODD),
        None => Ok(None),
    }
}

/// Refuses a write that another site's page made the browser send with the cookie. Browsers name the
/// origin on every such write; one that does not is no browser that should hold a session.
pub(super) fn require_same_origin(headers: &HeaderMap, uri: &Uri) -> Result<(), Error> {
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let own_host =
        text(header::HOST).or_else(|| uri.authority().map(|authority| authority.as_str()));
    let same = match (
        text(header::ORIGIN),
        text(header::HeaderName::from_static("sec-fetch-site")),
    ) {
        (Some(origin), _) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some_and(|host| own_host.is_some_and(|own| own.eq_ignore_ascii_case(host)))
        }
        (None, Some(site)) => site == "same-origin",
        (None, None) => false,
    };
    if same {
        return Ok(());
    }
    Err(Error::Forbidden {
        code: "cross_site",
        detail: "A session changes things from its own site only; programs use a token.".to_owned(),
    })
}

/// Anybody, where reads are public; else somebody who may read.
pub(super) struct Visitor;

/// Somebody who may read.
pub(super) struct Reader;

/// Somebody who may submit and change.
pub(super) struct Writer(Arc<Caller>);

/// Somebody who may change what all share.
pub(super) struct Administrator;

/// Somebody, whatever the credential reaches.
pub(super) struct Signed(Arc<Caller>);

impl Deref for Writer {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.0
    }
}

impl Deref for Signed {
    type Target = Caller;
    fn deref(&self) -> &Caller {
        &self.0
    }
}

fn signed(parts: &Parts) -> Result<Arc<Caller>, Error> {
    let identity = parts
        .extensions
        .get::<Identity>()
        .and_then(|identity| identity.0.clone());
    identity.ok_or(Error::Unauthenticated {
        code: "authentication_required",
        detail: "This needs a token: `Authorization: Bearer ioc_…`.",
    })
}

impl FromRequestParts<State> for Visitor {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, Error> {
        if state.settings.private_reads {
            signed(parts)?.require(Scope::Read)?;
        }
        Ok(Self)
    }
}

impl FromRequestParts<State> for Reader {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        signed(parts)?.require(Scope::Read)?;
        Ok(Self)
    }
}

impl FromRequestParts<State> for Writer {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        let caller = signed(parts)?;
        caller.require(Scope::Write)?;
        Ok(Self(caller))
    }
}

impl FromRequestParts<State> for Administrator {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        signed(parts)?.require(Scope::Admin)?;
        Ok(Self)
    }
}

impl FromRequestParts<State> for Signed {
    type Rejection = Error;
    async fn from_request_parts(parts: &mut Parts, _: &State) -> Result<Self, Error> {
        signed(parts).map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn caller(role: Role, scopes: Option<&[Scope]>) -> Caller {
        let at = chrono::DateTime::UNIX_EPOCH;
        Caller {
            account: Account {
                id: UserId::generate(),
                username: "analyst".to_owned(),
                role,
                created_at: at,
            },
            token: scopes.map(|scopes| Token {
                id: crate::id::TokenId::generate(),
                name: "test".to_owned(),
                hint: "ioc_1234".to_owned(),
                scopes: scopes.to_vec(),
                created_at: at,
                expires_at: None,
                last_used_at: None,
                revoked_at: None,
            }),
            as_of: None,
        }
    }

    #[test]
    fn a_scope_holds_the_lesser_ones_and_never_exceeds_the_role() {
        let write = caller(Role::Member, Some(&[Scope::Write]));
        assert!(write.may(Scope::Read) && write.may(Scope::Write) && !write.may(Scope::Admin));
        assert!(!caller(Role::Admin, Some(&[Scope::Read])).may(Scope::Write));
        assert!(!caller(Role::Member, Some(&[Scope::Admin])).may(Scope::Admin));
        assert!(caller(Role::Admin, None).may(Scope::Admin));
        assert!(!caller(Role::Admin, Some(&[])).may(Scope::Read));
    }

    #[test]
    fn members_change_only_what_is_their_own() {
        let member = caller(Role::Member, None);
        assert!(member.require_edit(Some(member.account.id)).is_ok());
        assert!(member.require_edit(Some(UserId::generate())).is_err());
        assert!(member.require_edit(None).is_err());
        assert!(
            caller(Role::Admin, None)
                .require_edit(Some(UserId::generate()))
                .is_ok()
        );
        assert!(
            caller(Role::Admin, Some(&[Scope::Write]))
                .require_edit(Some(UserId::generate()))
                .is_err()
        );
    }

    #[test]
    fn only_its_own_site_writes_with_a_session() {
        let check = |pairs: &[(&'static str, &str)]| {
            let mut headers = HeaderMap::new();
            for (name, value) in pairs {
                headers.insert(*name, value.parse().unwrap());
            }
            require_same_origin(&headers, &Uri::from_static("/api/submissions/text")).is_ok()
        };
        assert!(check(&[
            ("host", "ioc.example"),
            ("origin", "https://ioc.example")
        ]));
        assert!(check(&[
            ("host", "ioc.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(!check(&[
            ("host", "ioc.example"),
            ("origin", "https://evil.example"),
            ("sec-fetch-site", "same-origin")
        ]));
        assert!(!check(&[("host", "ioc.example"), ("origin", "null")]));
        assert!(!check(&[
            ("host", "ioc.example"),
            ("sec-fetch-site", "cross-site")
        ]));
        assert!(!check(&[("host", "ioc.example")]));
    }
}
