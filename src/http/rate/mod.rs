//! How often somebody may ask. Every request of the API passes [`admit`]: it learns who asks, counts
//! the request, and writes the count on the answer.
//!
//! A credential that is refused is counted against its address, so that guessing is as slow as asking.

mod bucket;
mod shared;

use std::net::IpAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::extract::{self, Request};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::State;
use super::auth::{self, Caller, Identity};
use super::error::Error;
use super::peer::{self, Peer};
use super::request::asked_in_time;
use super::settings::Settings;
use crate::id::UserId;
use bucket::{Bucket, Key, Standing};
pub use shared::{exchange, keep};

const LIMIT: HeaderName = HeaderName::from_static("x-ratelimit-limit");
const REMAINING: HeaderName = HeaderName::from_static("x-ratelimit-remaining");
const RESET: HeaderName = HeaderName::from_static("x-ratelimit-reset");

impl Standing {
    fn check(&self) -> Result<(), Error> {
        match self.wait {
            // Rounded up: a caller that waits as told must not be early.
            Some(wait) => Err(Error::RateLimited {
                retry_after: wait.as_secs() + 1,
            }),
            None => Ok(()),
        }
    }

    fn write(&self, headers: &mut HeaderMap) {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        headers.insert(LIMIT, HeaderValue::from(self.limit));
        headers.insert(REMAINING, HeaderValue::from(self.remaining));
        headers.insert(
            RESET,
            HeaderValue::from((now + self.whole_in).as_secs() + 1),
        );
    }
}

/// All limits of one server, in memory; [`keep`] has all servers keep them together.
pub(super) struct Rates {
    anonymous: Option<Bucket>,
    signed: Option<Bucket>,
    submissions: Option<Bucket>,
    logins: Option<Bucket>,
    login_names: Option<Bucket>,
    /// Of look-ups: in a minute, in a day.
    lookups: [Option<Bucket>; 2],
}

impl Rates {
    pub(super) fn new(settings: &Settings) -> Self {
        let minute = Duration::from_secs(60);
        Self {
            anonymous: Bucket::new("anonymous", settings.anonymous_per_minute, minute),
            signed: Bucket::new("signed", settings.signed_per_minute, minute),
            submissions: Bucket::new("submissions", settings.submissions_per_hour, minute * 60),
            logins: Bucket::new("logins", settings.logins_per_minute, minute),
            login_names: Bucket::new(
                "login_names",
                settings.logins_per_minute.div_ceil(4),
                minute * 5,
            ),
            lookups: [
                Bucket::new("lookups a minute", settings.lookups_per_minute, minute),
                Bucket::new("lookups a day", settings.lookups_per_day, minute * 60 * 24),
            ],
        }
    }

    fn request(&self, caller: Option<&Caller>, subscriber: IpAddr) -> Option<Standing> {
        let (bucket, key) = match caller {
            Some(Caller {
                token: Some(token), ..
            }) => (&self.signed, Key::Token(token.id)),
            Some(Caller { account, .. }) => (&self.signed, Key::User(account.id)),
            None => (&self.anonymous, Key::Subscriber(subscriber)),
        };
        bucket.as_ref().map(|bucket| bucket.take(&key))
    }

    /// Counts one look-up; how the limit stands that is nearest. What the first limit refuses the other does not count.
    fn lookup(&self, subscriber: IpAddr) -> Option<Standing> {
        let key = Key::Subscriber(subscriber);
        let mut nearest: Option<Standing> = None;
        for bucket in self.lookups.iter().flatten() {
            let standing = bucket.take(&key);
            if standing.wait.is_some() {
                return Some(standing);
            }
            if nearest.is_none_or(|nearest| standing.remaining < nearest.remaining) {
                nearest = Some(standing);
            }
        }
        nearest
    }

    /// Counts one submission of `user`.
    pub(super) fn submission(&self, user: UserId) -> Result<(), Error> {
        self.submissions
            .as_ref()
            .map_or(Ok(()), |bucket| bucket.take(&Key::User(user)).check())
    }

    /// Counts one attempt to sign in as `username`: guessing one password from many names and many
    /// passwords for one name are both slow. No account is ever locked: that would be a weapon.
    pub(super) fn login(&self, client: IpAddr, username: &str) -> Result<(), Error> {
        let subscriber = peer::subscriber(client);
        let by_address = (&self.logins, Key::Subscriber(subscriber));
        let by_name = (
            &self.login_names,
            Key::Login(subscriber, username.to_lowercase()),
        );
        for (bucket, key) in [by_address, by_name] {
            if let Some(bucket) = bucket {
                bucket.take(&key).check()?;
            }
        }
        Ok(())
    }
}

/// The address that asked, for handlers that count by it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Client(pub(super) IpAddr);

/// The layer of the API: who asks, and may they ask again already?
pub(super) async fn admit(
    extract::State(state): extract::State<State>,
    mut request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let client = peer::client(peer, request.headers(), &state.settings.trusted_proxies);
    let asked = auth::identify(&state, request.method(), request.uri(), request.headers());
    let identity = asked_in_time(&state, asked).await;
    let caller = identity.as_ref().ok().and_then(Option::as_deref);
    let standing = state.rates.request(caller, peer::subscriber(client));
    let allowed = standing.map_or(Ok(()), |standing| standing.check());
    let mut response = match allowed.and(identity) {
        Ok(caller) => {
            request.extensions_mut().insert(Identity(caller));
            request.extensions_mut().insert(Client(client));
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    told(standing, &mut response);
    response
}

/// The layer of look-ups: everybody may ask, whatever is sent along, so often from one address.
pub(super) async fn admit_lookup(
    extract::State(state): extract::State<State>,
    request: Request,
    next: Next,
) -> Response {
    let peer = request.extensions().get::<Peer>().copied();
    let client = peer::client(peer, request.headers(), &state.settings.trusted_proxies);
    let standing = state.rates.lookup(peer::subscriber(client));
    let mut response = match standing.map_or(Ok(()), |standing| standing.check()) {
        Ok(()) => next.run(request).await,
        Err(error) => error.into_response(),
    };
    told(standing, &mut response);
    response
}

/// Writes how the limit stands; and what a caller may see is not for caches on the way, unless a handler says otherwise.
fn told(standing: Option<Standing>, response: &mut Response) {
    let headers = response.headers_mut();
    if let Some(standing) = standing {
        standing.write(headers);
    }
    let cache = headers.entry(header::CACHE_CONTROL);
    cache.or_insert(HeaderValue::from_static("no-store"));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_ups_are_counted_by_the_minute_and_by_the_day() {
        let rates = Rates::new(&Settings {
            lookups_per_minute: 3,
            lookups_per_day: 4,
            ..Settings::default()
        });
        let ask = |client: &str| rates.lookup(client.parse().unwrap()).unwrap();
        let left: Vec<_> = (0..3).map(|_| ask("192.0.2.1").remaining).collect();
        assert_eq!(left, [2, 1, 0]);
        let refused = ask("192.0.2.1");
        assert!(refused.limit == 3 && refused.check().is_err());
        assert!(ask("192.0.2.2").check().is_ok());

        let rates = Rates::new(&Settings {
            lookups_per_minute: 0,
            lookups_per_day: 1,
            ..Settings::default()
        });
        let client = "192.0.2.1".parse().unwrap();
        assert!(rates.lookup(client).unwrap().check().is_ok());
        assert!(matches!(
            rates.lookup(client).unwrap().check(),
            Err(Error::RateLimited {
                retry_after: 80_000..=86_400
            })
        ));
    }

    #[test]
    fn guessing_many_passwords_for_one_name_is_slower_than_signing_in_as_many() {
        let rates = Rates::new(&Settings::default());
        let client = "192.0.2.1".parse().unwrap();
        let taken = (0..40)
            .filter(|_| rates.login(client, "Admin").is_ok())
            .count();
        assert_eq!(taken, 5);
        assert!(rates.login("192.0.2.9".parse().unwrap(), "admin").is_ok());
    }
}
