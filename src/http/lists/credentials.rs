//! What an administrator says that the server of a list wants to see. It comes in and never goes out.

use serde::Deserialize;
use url::Url;

use super::super::error::Error;
use crate::credential::Credential;
use crate::store::ListDefinition;

/// `{"header", "value"}`, the header `Authorization` where none is named; or `{"user", "password"}`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Credentials {
    header: Option<String>,
    value: Option<String>,
    user: Option<String>,
    password: Option<String>,
}

impl Credentials {
    pub(super) fn check(self) -> Result<Credential, Error> {
        let credential = match (self.header, self.value, self.user, self.password) {
            (header, Some(value), None, None) => {
                Credential::new(header.as_deref().unwrap_or("Authorization"), &value)
            }
            (None, None, Some(user), Some(password)) => Credential::basic(&user, &password),
            _ => {
                let forms =
                    "`credentials` must hold `value` and maybe `header`, or `user` and `password`.";
                return Err(Error::Invalid(forms.to_owned()));
            }
        };
        credential.map_err(|why| Error::Invalid(format!("`credentials`: {why}.")))
    }
}

/// Credentials without a server that they are for.
pub(super) fn homeless() -> Error {
    Error::Invalid("`credentials` are for a list with a `source_url`.".to_owned())
}

/// Sets what was given. A list that is fetched from another server than `before` has none unless new ones were given:
/// who may say where a list comes from must not learn with what it was fetched.
pub(super) fn settle(
    list: &mut ListDefinition,
    before: Option<&str>,
    given: Option<Option<Credential>>,
) {
    let now = list.source_url.as_deref();
    let moved = origin(before) != origin(now);
    match given {
        _ if now.is_none() => list.credential = None,
        Some(given) => list.credential = given,
        None if moved => list.credential = None,
        None => {}
    }
}

fn origin(url: Option<&str>) -> Option<url::Origin> {
    Some(Url::parse(url?).ok()?.origin())
}
