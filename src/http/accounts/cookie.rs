//! The session cookie of the web page: 256 random bits, of which the store knows the digest.

use std::time::Duration;

use axum::http::{HeaderMap, header};
use sha2::{Digest, Sha256};

/// Bound to this host and to HTTPS by its prefix.
const SECURE_NAME: &str = "__Host-iocsift";
/// On plain HTTP, where browsers refuse the prefix.
const PLAIN_NAME: &str = "iocsift";
/// Hex digits of the cookie's value.
const VALUE_CHARS: usize = 64;

fn name(https: bool) -> &'static str {
    if https { SECURE_NAME } else { PLAIN_NAME }
}

/// A new value for the cookie.
pub(super) fn generate() -> String {
    let bits: [u8; VALUE_CHARS / 2] = rand::random();
    bits.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What the store knows of a value.
pub(super) fn digest(value: &str) -> [u8; 32] {
    Sha256::digest(value).into()
}

/// The digest of the session that the request carries, if it may be one.
pub(in super::super) fn session_digest(headers: &HeaderMap, https: bool) -> Option<[u8; 32]> {
    let cookies = headers
        .get_all(header::COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = cookies
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let (_, value) = pairs.find(|(key, _)| *key == name(https))?;
    let shaped = value.len() == VALUE_CHARS && value.bytes().all(|byte| byte.is_ascii_hexdigit());
    shaped.then(|| digest(value))
}

/// `Set-Cookie` that begins a session, or with an empty value ends it.
pub(super) fn set(value: &str, lasts: Duration, https: bool) -> String {
    let secure = if https { "; Secure" } else { "" };
    format!(
        "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        name(https),
        lasts.as_secs()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_found_among_other_cookies_and_only_by_its_own_name() {
        let value = generate();
        let with = |cookie: String| {
            let mut headers = HeaderMap::new();
            headers.insert(header::COOKIE, cookie.parse().unwrap());
            headers
        };
        let headers = with(format!("a=b; __Host-iocsift={value}; c=d"));
        assert_eq!(session_digest(&headers, true), Some(digest(&value)));
        assert_eq!(session_digest(&headers, false), None);
        assert_eq!(
            session_digest(&with("__Host-iocsift=x".to_owned()), true),
            None
        );
    }

    #[test]
    fn the_cookie_is_out_of_reach_of_scripts_and_other_sites() {
        let cookie = set("v", Duration::from_secs(60), true);
        assert_eq!(
            cookie,
            "__Host-iocsift=v; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure"
        );
        assert!(!set("v", Duration::from_secs(60), false).contains("Secure"));
    }
}
