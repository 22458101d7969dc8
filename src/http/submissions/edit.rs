//! Changing what was handed in: its labels, its fate, another try. Owners and administrators only.

use axum::Json;
use axum::extract::{self, Request};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;

use super::super::auth::Writer;
use super::super::body::{self, JSON_BYTES};
use super::super::error::Error;
use super::super::{Id, State};
use super::find;
use crate::id::SubmissionId;
use crate::store::{Given, SubmissionEdit};
use crate::submission::{Category, Sector, Submission, Tlp};

const MAX_TITLE_CHARS: usize = 300;
const MAX_SUMMARY_CHARS: usize = 4000;
const MAX_TAGS: usize = 32;
const MAX_TAG_CHARS: usize = 64;

/// What may be changed; what is left out stays, what is null is cleared.
#[derive(Deserialize)]
struct Edit {
    #[serde(default, deserialize_with = "body::given")]
    title: Option<Option<String>>,
    #[serde(default, deserialize_with = "body::given")]
    summary: Option<Option<String>>,
    tags: Option<Vec<String>>,
    #[serde(default, deserialize_with = "body::given")]
    tlp: Option<Option<Tlp>>,
    /// Null: what the source tells.
    #[serde(default, deserialize_with = "body::given")]
    category: Option<Option<String>>,
    /// Null: what title and summary tell.
    #[serde(default, deserialize_with = "body::given")]
    industries: Option<Option<Vec<String>>>,
}

impl Edit {
    /// The change to `submission` that this asks for.
    fn check(self, submission: &Submission) -> Result<SubmissionEdit, Error> {
        let texts = [
            ("title", &self.title, MAX_TITLE_CHARS),
            ("summary", &self.summary, MAX_SUMMARY_CHARS),
        ];
        for (name, text, most) in texts {
            if let Some(Some(text)) = text {
                body::require_text(name, text, most)?;
            }
        }
        let tags = self.tags.map(tidy).transpose()?;
        let category = match self.category {
            Some(Some(text)) => Some(Given::ByHand(category(&text)?)),
            Some(None) => Some(Given::Derived(Category::of(
                submission.source_type,
                &submission.source_identifier,
            ))),
            None => None,
        };
        let industries = match self.industries {
            Some(Some(names)) => Some(Given::ByHand(sectors(&names)?)),
            Some(None) => {
                let title = self.title.as_ref().unwrap_or(&submission.title);
                let summary = self.summary.as_ref().unwrap_or(&submission.summary);
                let told = Sector::told_by(title.as_deref(), summary.as_deref());
                Some(Given::Derived(told))
            }
            None => None,
        };
        let edit = SubmissionEdit {
            title: self.title,
            summary: self.summary,
            tags,
            tlp: self.tlp,
            category,
            industries,
        };
        if edit == SubmissionEdit::default() {
            return Err(Error::Invalid(
                "There is nothing to change: send title, summary, tags, tlp, category or industries."
                    .to_owned(),
            ));
        }
        Ok(edit)
    }
}

/// Trimmed tags in the order given, each once.
fn tidy(tags: Vec<String>) -> Result<Vec<String>, Error> {
    let mut tidied: Vec<String> = Vec::new();
    for tag in tags {
        let tag = tag.trim();
        body::require_text("tags", tag, MAX_TAG_CHARS)?;
        if !tag.is_empty() && !tidied.iter().any(|kept| kept == tag) {
            tidied.push(tag.to_owned());
        }
    }
    if tidied.len() > MAX_TAGS {
        return Err(Error::Invalid(format!(
            "`tags` must be at most {MAX_TAGS}."
        )));
    }
    Ok(tidied)
}

pub(in super::super) fn category(text: &str) -> Result<Category, Error> {
    text.parse().map_err(|_| {
        Error::Invalid(
            "`category` must be letters, digits and hyphens, at most 64 characters.".to_owned(),
        )
    })
}

/// The sectors of these names in their order, each once.
pub(in super::super) fn sectors(names: &[String]) -> Result<Vec<Sector>, Error> {
    let mut sectors: Vec<Sector> = Vec::new();
    for name in names {
        let sector = Sector::named(name).ok_or_else(|| {
            let known: Vec<&str> = Sector::ALL.iter().map(|sector| sector.as_str()).collect();
            Error::Invalid(format!("`industries` must be of {}.", known.join(", ")))
        })?;
        if !sectors.contains(&sector) {
            sectors.push(sector);
        }
    }
    Ok(sectors)
}

/// `PATCH /api/submissions/{id}`: title, summary, tags, tlp, category, industries.
pub(in super::super) async fn update(
    extract::State(state): extract::State<State>,
    caller: Writer,
    Id(id): Id<SubmissionId>,
    request: Request,
) -> Result<impl IntoResponse, Error> {
    let submission = require_own(&state, &caller, id).await?;
    let edit: Edit = body::json(request, JSON_BYTES, state.settings.body_idle_timeout).await?;
    let edit = edit.check(&submission)?;
    let edited = state.store.edit_submission(id, &edit).await?;
    edited.map(Json).ok_or(Error::Gone)
}

/// `DELETE /api/submissions/{id}`: content and links go; `since` listings show that it went.
pub(in super::super) async fn delete(
    extract::State(state): extract::State<State>,
    caller: Writer,
    Id(id): Id<SubmissionId>,
) -> Result<impl IntoResponse, Error> {
    require_own(&state, &caller, id).await?;
    if state.store.delete_submission(id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Error::Gone)
    }
}

/// `POST /api/submissions/{id}/reprocess`: reads it again with the rules of today.
pub(in super::super) async fn reprocess(
    extract::State(state): extract::State<State>,
    caller: Writer,
    Id(id): Id<SubmissionId>,
) -> Result<impl IntoResponse, Error> {
    require_own(&state, &caller, id).await?;
    state.rates.submission(caller.account.id)?;
    let submission = state
        .store
        .reprocess_submission(id)
        .await?
        .ok_or(Error::Gone)?;
    Ok((StatusCode::ACCEPTED, Json(submission)))
}

async fn require_own(
    state: &State,
    caller: &Writer,
    id: SubmissionId,
) -> Result<Submission, Error> {
    let submission = find(state, id).await?;
    caller.require_edit(state.store.submission_owner(id).await?)?;
    Ok(submission)
}
