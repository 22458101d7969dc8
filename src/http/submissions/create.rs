//! Handing in a file, a URL or a text. What is new answers 201 with its address; what was handed in
//! before answers 200 with the submission that holds it.

use axum::Json;
use axum::extract::{self, Request};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::auth::{Caller, Writer};
use super::super::body::{self, JSON_BYTES};
use super::super::error::Error;
use super::super::request::asked_in_time;
use super::super::upload;
use super::super::{State, turn};
use crate::format::Format;
use crate::store::{Inserted, NewContent, NewSubmission};
use crate::submission::{SourceType, Status, Submission, web_address};

/// Characters of the title of a pasted text.
const MAX_TITLE_CHARS: usize = 300;
/// Characters of a text's first line that name it, where it has no title.
const NAMING_CHARS: usize = 80;
/// The header by which a client names a request, and the bytes of such a name.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
const MAX_KEY_BYTES: usize = 255;

/// `POST /api/submissions/file`: a multipart form with the field `file`.
pub(in super::super) async fn file(
    extract::State(state): extract::State<State>,
    caller: Writer,
    request: Request,
) -> Result<Response, Error> {
    let idempotency_key = idempotency_key(request.headers())?;
    admit(&state, &caller).await?;
    let _permit = turn(&state.upload_permits).await?;
    let file = upload::read(request, &state).await?;
    let new = NewSubmission {
        source_type: SourceType::FileUpload,
        source_identifier: file.name.clone(),
        original_filename: Some(file.name),
        title: None,
        content: Some(NewContent {
            bytes: file.bytes,
            sha256: file.sha256,
            content_type: Some(file.format.media_type().to_owned()),
        }),
        url_key: None,
        owner: caller.account.id,
        lane: caller.lane(),
        idempotency_key,
    };
    insert(&state, new).await
}

#[derive(Deserialize)]
struct Remote {
    url: String,
}

/// `POST /api/submissions/url`: `{"url": "https://…"}`. Whether the address may be reached is decided
/// where it is fetched; here it must only be one.
pub(in super::super) async fn url(
    extract::State(state): extract::State<State>,
    caller: Writer,
    request: Request,
) -> Result<Response, Error> {
    let idempotency_key = idempotency_key(request.headers())?;
    admit(&state, &caller).await?;
    let remote: Remote = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    let url = web_address(&remote.url).map_err(|why| Error::Invalid(format!("`url` {why}.")))?;
    let new = NewSubmission {
        source_type: SourceType::Url,
        source_identifier: url.clone(),
        original_filename: None,
        title: None,
        content: None,
        url_key: Some(url),
        owner: caller.account.id,
        lane: caller.lane(),
        idempotency_key,
    };
    insert(&state, new).await
}

#[derive(Deserialize)]
struct Pasted {
    text: String,
    title: Option<String>,
}

/// `POST /api/submissions/text`: `{"text": "…", "title": "…"}`.
pub(in super::super) async fn text(
    extract::State(state): extract::State<State>,
    caller: Writer,
    request: Request,
) -> Result<Response, Error> {
    let idempotency_key = idempotency_key(request.headers())?;
    admit(&state, &caller).await?;
    let _permit = turn(&state.upload_permits).await?;
    let cap = state.settings.max_upload_bytes;
    // Escapes make the JSON form of a text longer than the text.
    let pasted: Pasted = body::json(
        request,
        cap.saturating_mul(2),
        state.settings.body_idle_timeout,
    )
    .await?;
    let text = body::pasted_text(pasted.text, cap)?;
    let title = pasted
        .title
        .map(|title| title.trim().to_owned())
        .filter(|title| !title.is_empty());
    if let Some(title) = &title {
        body::require_text("title", title, MAX_TITLE_CHARS)?;
    }
    let new = NewSubmission {
        source_type: SourceType::Text,
        source_identifier: title.clone().unwrap_or_else(|| first_line(&text)),
        original_filename: None,
        title,
        content: Some(NewContent {
            sha256: Sha256::digest(&text).into(),
            bytes: text.into_bytes(),
            content_type: Some(Format::Text.media_type().to_owned()),
        }),
        url_key: None,
        owner: caller.account.id,
        lane: caller.lane(),
        idempotency_key,
    };
    insert(&state, new).await
}

/// Refuses before the body is read: too often, or too many jobs wait.
async fn admit(state: &State, caller: &Caller) -> Result<(), Error> {
    state.rates.submission(caller.account.id)?;
    let queue = asked_in_time(state, state.store.ready()).await?;
    if queue.queue_depth >= state.settings.queue_limit {
        return Err(Error::QueueFull);
    }
    Ok(())
}

/// The client's name for its request, where it has one.
fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Error> {
    let mut given = headers.get_all(IDEMPOTENCY_KEY).iter();
    let Some(key) = given.next() else {
        return Ok(None);
    };
    let fits = |key: &&str| (1..=MAX_KEY_BYTES).contains(&key.len());
    match key.to_str().ok().filter(fits) {
        Some(key) if given.next().is_none() => Ok(Some(key.to_owned())),
        _ => Err(Error::Invalid(
            "`Idempotency-Key` must be one text of 1 to 255 ASCII characters.".to_owned(),
        )),
    }
}

async fn insert(state: &State, new: NewSubmission) -> Result<Response, Error> {
    #[derive(Serialize)]
    struct Created<'a> {
        #[serde(flatten)]
        submission: &'a Submission,
        duplicate: bool,
    }
    let insert = state
        .store
        .insert_submission(new, state.settings.url_fresh_for);
    let (status, submission, duplicate) = match asked_in_time(state, insert).await? {
        Inserted::New(submission) => (StatusCode::CREATED, submission, false),
        Inserted::Duplicate(submission) => (StatusCode::OK, submission, true),
        Inserted::KeyReused => return Err(Error::KeyReused),
    };
    // Handed in again after it was deleted: it does not come back by that.
    if submission.status == Status::Deleted {
        return Err(Error::Gone);
    }
    let location = format!("/api/submissions/{}", submission.id);
    let body = Json(Created {
        submission: &submission,
        duplicate,
    });
    Ok((status, [(header::LOCATION, location)], body).into_response())
}

/// The first line that says something, to name a text without a title.
fn first_line(text: &str) -> String {
    let line = text
        .lines()
        .map(str::trim)
        .find(|line| !line.is_empty())
        .unwrap_or("Pasted text");
    line.chars()
        .filter(|c| !c.is_control())
        .take(NAMING_CHARS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_title_is_named_by_its_first_line() {
        assert_eq!(
            first_line("\n  \n  C2 list\t for May \nmore"),
            "C2 list for May"
        );
        assert_eq!(first_line(&"x".repeat(200)).len(), NAMING_CHARS);
    }
}
