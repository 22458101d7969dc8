//! The bodies of requests, read by chunks under a cap and a clock.

use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, header};
use futures_util::{Stream, StreamExt};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use url::Url;

use super::error::Error;

/// Characters of an address.
const MAX_URL_CHARS: usize = 2048;
/// Characters of a name.
pub(super) const MAX_NAME: usize = 300;
/// Seconds between two visits to a server, at least and at most: none is asked all the time.
const LEAST_INTERVAL: u64 = 300;
const MOST_INTERVAL: u64 = 30 * 24 * 3600;
/// Bytes of an ordinary JSON body.
pub(super) const JSON_BYTES: usize = 64 << 10;

/// Reads a JSON object of at most `cap` bytes.
pub(super) async fn json<T: DeserializeOwned>(
    request: Request,
    cap: usize,
    idle: Duration,
) -> Result<T, Error> {
    require_json(request.headers())?;
    let bytes = collect(request, cap, idle).await?;
    // The decoder would take an array as the values of the object in their order.
    if bytes
        .trim_ascii_start()
        .first()
        .is_some_and(|first| *first != b'{')
    {
        return Err(Error::Invalid("The body must be a JSON object.".to_owned()));
    }
    serde_json::from_slice(&bytes).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => {
            Error::Invalid(format!("The JSON body is not acceptable: {error}."))
        }
        _ => Error::Malformed(format!("The body is not valid JSON: {error}.")),
    })
}

/// Tells a field that is `null` from one that is left out.
pub(super) fn given<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Option<T>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Reads a body of whatever type, of at most `cap` bytes.
pub(super) async fn raw(request: Request, cap: usize, idle: Duration) -> Result<Vec<u8>, Error> {
    require_plain(request.headers())?;
    collect(request, cap, idle).await
}

/// Refuses what does not say that it is JSON in UTF-8: a form of another site can send text/plain.
fn require_json(headers: &HeaderMap) -> Result<(), Error> {
    require_plain(headers)?;
    let media = headers
        .get(header::CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let mut parts = media
        .split(';')
        .map(|part| part.trim().to_ascii_lowercase());
    let is_json = parts
        .next()
        .is_some_and(|kind| kind == "application/json" || kind.ends_with("+json"));
    let other_charset = parts.any(|part| {
        part.strip_prefix("charset=")
            .is_some_and(|set| set.trim_matches('"') != "utf-8")
    });
    if is_json && !other_charset {
        return Ok(());
    }
    Err(Error::UnsupportedType(
        "Send the body as `Content-Type: application/json` in UTF-8.".into(),
    ))
}

/// Refuses a compressed body: its size would not be the size that is limited.
pub(super) fn require_plain(headers: &HeaderMap) -> Result<(), Error> {
    match headers.get(header::CONTENT_ENCODING) {
        Some(encoding) if encoding != "identity" => Err(Error::UnsupportedType(
            "Send the body without Content-Encoding.".into(),
        )),
        _ => Ok(()),
    }
}

/// Refuses at once what announces more than its cap.
pub(super) fn require_length(headers: &HeaderMap, cap: usize) -> Result<(), Error> {
    let announced = headers.get(header::CONTENT_LENGTH);
    let announced = announced.and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    match announced {
        Some(length) if length > cap as u64 => Err(Error::TooLarge { limit: cap }),
        _ => Ok(()),
    }
}

async fn collect(request: Request, cap: usize, idle: Duration) -> Result<Vec<u8>, Error> {
    require_length(request.headers(), cap)?;
    let mut chunks = Paced::new(request.into_body(), idle);
    let mut bytes = Vec::new();
    while let Some(chunk) = chunks.next().await? {
        if bytes.len() + chunk.len() > cap {
            return Err(Error::TooLarge { limit: cap });
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes)
}

/// The chunks of a body; a pause longer than `idle` ends it.
struct Paced<S> {
    chunks: S,
    idle: Duration,
}

impl Paced<axum::body::BodyDataStream> {
    fn new(body: Body, idle: Duration) -> Self {
        Self {
            chunks: body.into_data_stream(),
            idle,
        }
    }
}

impl<S: Stream<Item = Result<Bytes, axum::Error>> + Unpin> Paced<S> {
    async fn next(&mut self) -> Result<Option<Bytes>, Error> {
        match tokio::time::timeout(self.idle, self.chunks.next()).await {
            Ok(Some(Ok(chunk))) => Ok(Some(chunk)),
            Ok(Some(Err(_))) => Err(Error::Malformed("The body broke off.".to_owned())),
            Ok(None) => Ok(None),
            Err(_) => Err(Error::BodyTimeout),
        }
    }
}

/// What somebody said, if it is more than blanks.
pub(super) fn said(name: &str, text: Option<String>, most: usize) -> Result<Option<String>, Error> {
    let text = text.filter(|text| !text.trim().is_empty());
    if let Some(text) = &text {
        require_text(name, text, most)?;
    }
    Ok(text)
}

/// Refuses U+0000, which no text of the database can hold, and texts longer than `most` characters.
pub(super) fn require_text(name: &str, text: &str, most: usize) -> Result<(), Error> {
    if text.contains('\0') {
        return Err(Error::Invalid(format!("`{name}` must be free of U+0000.")));
    }
    if text.chars().count() > most {
        return Err(Error::Invalid(format!(
            "`{name}` must have at most {most} characters."
        )));
    }
    Ok(())
}

/// Seconds between two visits to a server.
pub(super) fn interval(seconds: u64) -> Result<Duration, Error> {
    if (LEAST_INTERVAL..=MOST_INTERVAL).contains(&seconds) {
        return Ok(Duration::from_secs(seconds));
    }
    Err(Error::Invalid(format!(
        "`interval_seconds` must be {LEAST_INTERVAL} to {MOST_INTERVAL}."
    )))
}

/// Takes what was given in place of what was there.
pub(super) fn set<T>(field: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *field = given;
    }
}

/// An address that may be asked or told, in its one form. Whether it may be reached decides who asks or tells.
pub(super) fn web_address(name: &str, text: &str) -> Result<String, Error> {
    require_text(name, text, MAX_URL_CHARS)?;
    let url = Url::parse(text.trim()).ok().filter(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.username().is_empty()
            && url.password().is_none()
    });
    url.map(String::from).ok_or_else(|| {
        Error::Invalid(format!(
            "`{name}` must be an http:// or https:// URL without a password."
        ))
    })
}

/// A pasted text: something in it, no U+0000, at most `cap` bytes.
pub(super) fn pasted_text(text: String, cap: usize) -> Result<String, Error> {
    if text.len() > cap {
        return Err(Error::TooLarge { limit: cap });
    }
    if text.trim().is_empty() {
        return Err(Error::Invalid("`text` is empty.".to_owned()));
    }
    require_text("text", &text, cap)?;
    Ok(text)
}
