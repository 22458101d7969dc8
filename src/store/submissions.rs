//! Submissions: handing in, reading back, editing, deleting, and the change feed.
//!
//! Every change goes through the stamp trigger (see the migration), so each transaction here touches one
//! submission, as its last statement.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::error::word;
use super::idempotency::{self, Earlier};
use super::{Error, Page, Result, Store, blobs, sightings, texts};
use crate::id::{SubmissionId, UserId};
use crate::submission::{Category, Failure, Sector, SourceType, Status, Submission, Tlp};

/// A document, URL or text as it is handed in.
#[derive(Debug, Clone)]
pub struct NewSubmission {
    /// How it came in.
    pub source_type: SourceType,
    /// The file name, the URL, or the title of a pasted text.
    pub source_identifier: String,
    /// The name of an uploaded file.
    pub original_filename: Option<String>,
    /// A title given by a person; reading the document does not change it.
    pub title: Option<String>,
    /// The bytes; none for a URL.
    pub content: Option<NewContent>,
    /// The normalised URL, by which duplicates are told; none for bytes.
    pub url_key: Option<String>,
    /// Who hands it in.
    pub owner: UserId,
    /// Whose turns it takes in the queue: what shares a lane is read one after the other, lanes alternate.
    pub lane: Uuid,
    /// The client's name for this request, by which it is known again when it is handed in again.
    pub idempotency_key: Option<String>,
}

/// Bytes to keep.
#[derive(Debug, Clone)]
pub struct NewContent {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub sha256: [u8; 32],
    /// Their media type, if known.
    pub content_type: Option<String>,
}

/// What became of a [`NewSubmission`].
#[derive(Debug, Clone, PartialEq)]
pub enum Inserted {
    /// It was stored and waits for a worker.
    New(Submission),
    /// The same bytes or the same URL were there already.
    Duplicate(Submission),
    /// Another request had this name before: nothing was stored.
    KeyReused,
}

/// The bytes of a submission.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// The bytes, as submitted or fetched.
    pub bytes: Vec<u8>,
    /// The name they came under.
    pub filename: Option<String>,
    /// Their media type, if known.
    pub content_type: Option<String>,
}

/// What a search of submissions asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmissionQuery {
    /// Part of the title, file name or URL, in any case; `%` and `_` mean themselves.
    pub q: Option<String>,
    /// Only these.
    pub status: Option<Status>,
    /// Only these.
    pub source_type: Option<SourceType>,
    /// Most rows.
    pub limit: i64,
    /// Rows to skip.
    pub offset: i64,
}

/// A change by a person: what is `None` stays, `Some(None)` clears.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SubmissionEdit {
    /// The title.
    pub title: Option<Option<String>>,
    /// The summary.
    pub summary: Option<Option<String>>,
    /// All labels.
    pub tags: Option<Vec<String>>,
    /// How far it may be passed on.
    pub tlp: Option<Option<Tlp>>,
    /// Who stands behind the source.
    pub category: Option<Given<Category>>,
    /// All sectors that it is about.
    pub industries: Option<Given<Vec<Sector>>>,
}

/// A value that a person gave, or the one to go back to, which the next reading may change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given<T> {
    /// Said by a person.
    ByHand(T),
    /// Told by the source itself.
    Derived(T),
}

impl<T> Given<T> {
    fn value(&self) -> &T {
        match self {
            Self::ByHand(value) | Self::Derived(value) => value,
        }
    }

    fn is_by_hand(&self) -> bool {
        matches!(self, Self::ByHand(_))
    }
}

/// A row of `submissions` in the types of the driver.
struct Row {
    id: Uuid,
    status: String,
    source_type: String,
    source_identifier: String,
    original_filename: Option<String>,
    title: Option<String>,
    summary: Option<String>,
    language: Option<String>,
    ioc_count: i64,
    content_type: Option<String>,
    size_bytes: Option<i64>,
    sha256: Option<String>,
    tags: Vec<String>,
    tlp: Option<String>,
    category: String,
    industries: Vec<String>,
    error_code: Option<String>,
    error_message: Option<String>,
    warnings: serde_json::Value,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    processed_at: Option<DateTime<Utc>>,
}

impl Row {
    fn into_submission(self) -> Result<Submission> {
        let error = match (self.error_code, self.error_message) {
            (Some(code), Some(message)) => Some(Failure::new(word(&code)?, message)),
            _ => None,
        };
        Ok(Submission {
            id: SubmissionId(self.id),
            status: word(&self.status)?,
            source_type: word(&self.source_type)?,
            source_identifier: self.source_identifier,
            original_filename: self.original_filename,
            title: self.title,
            summary: self.summary,
            language: self.language,
            ioc_count: self.ioc_count,
            content_type: self.content_type,
            size_bytes: self.size_bytes,
            sha256: self.sha256,
            tags: self.tags,
            tlp: self.tlp.as_deref().map(word).transpose()?,
            category: word(&self.category)?,
            industries: sectors(&self.industries)?,
            error,
            warnings: serde_json::from_value(self.warnings)
                .map_err(|error| Error::Internal(error.into()))?,
            created_at: self.created_at,
            updated_at: self.updated_at,
            processed_at: self.processed_at,
        })
    }
}

/// A query for [`Row`]s: what stands before the columns, what stands behind them, the arguments.
macro_rules! rows {
    ($head:tt, $tail:tt $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            $head
                + r#" id AS "id!", status AS "status!", source_type AS "source_type!",
                      source_identifier AS "source_identifier!", original_filename, title, summary, language,
                      ioc_count AS "ioc_count!", content_type,
                      size_bytes, encode(sha256, 'hex') AS sha256, tags AS "tags!", tlp,
                      category AS "category!", industries AS "industries!", error_code,
                      error_message, warnings AS "warnings!", created_at AS "created_at!", updated_at AS "updated_at!", processed_at "#
                + $tail
            $(, $argument)*
        )
    };
}

/// Sectors as the database keeps them.
pub(super) fn words(sectors: &[Sector]) -> Vec<String> {
    sectors.iter().map(Sector::to_string).collect()
}

/// Sectors as the database names them.
pub(super) fn sectors(names: &[String]) -> Result<Vec<Sector>> {
    names.iter().map(|name| word(name)).collect()
}

fn all(rows: Vec<Row>) -> Result<Vec<Submission>> {
    rows.into_iter().map(Row::into_submission).collect()
}

/// `text` as a pattern of ILIKE that finds it anywhere, with `%`, `_` and `\` taken as they are.
pub(super) fn containing(text: &str) -> String {
    let mut pattern = String::with_capacity(text.len() + 2);
    pattern.push('%');
    for character in text.chars() {
        if matches!(character, '%' | '_' | '\\') {
            pattern.push('\\');
        }
        pattern.push(character);
    }
    pattern.push('%');
    pattern
}

/// What is said of a submission as it comes in; what is not, it tells itself when it is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Marks {
    pub(super) category: Option<String>,
    pub(super) industries: Option<Vec<String>>,
    pub(super) tlp: Option<String>,
    pub(super) confidence: Option<String>,
}

/// Writes a submission and its job. One statement, because from the stamp on every other writer waits for the commit,
/// which has to follow at once.
pub(super) async fn put(
    tx: &mut PgConnection,
    id: Uuid,
    new: &NewSubmission,
    marks: &Marks,
) -> Result<Submission> {
    let content = new.content.as_ref();
    let row = rows!(
        "WITH s AS (
            INSERT INTO submissions (id, source_type, source_identifier, original_filename, title, title_by_hand,
                                     content_type, size_bytes, sha256, url_key, owner_id, category, category_by_hand,
                                     industries, industries_by_hand, tlp, source_confidence)
            VALUES ($1, $2, $3, $4, $5, $5::text IS NOT NULL, $6, $7, $8, $9, $10, coalesce($12, 'community'),
                    $12::text IS NOT NULL, coalesce($13::text[], '{}'), $13::text[] IS NOT NULL, $14, $15) RETURNING *),
         j AS (INSERT INTO jobs (submission_id, lane, turn) SELECT id, $11, next_turn($11) FROM s)
         SELECT",
        "FROM s",
        id,
        new.source_type.as_str(),
        new.source_identifier,
        new.original_filename,
        new.title,
        content.and_then(|content| content.content_type.as_deref()),
        content.map(|content| content.bytes.len() as i64),
        content.map(|content| content.sha256.as_slice()),
        new.url_key,
        new.owner.0,
        new.lane,
        marks.category,
        marks.industries.as_deref() as _,
        marks.tlp,
        marks.confidence
    );
    row.fetch_one(tx).await?.into_submission()
}

impl Store {
    /// Stores bytes, submission and job in one transaction and wakes the workers. The same bytes under the
    /// same source type, or the same URL in flight or completed within `url_fresh_for`, are a duplicate,
    /// also when both come at once. A request that comes again under its name within a day stores nothing, and
    /// ends as it did at first.
    ///
    /// # Errors
    /// As every query.
    pub async fn insert_submission(
        &self,
        new: NewSubmission,
        url_fresh_for: Duration,
    ) -> Result<Inserted> {
        let mut tx = self.begin().await?;
        match idempotency::recall(&mut tx, &new).await? {
            Some(Earlier::Same(id, is_new)) => {
                let row = rows!("SELECT", "FROM submissions WHERE id = $1", id)
                    .fetch_one(&mut *tx)
                    .await?;
                let submission = row.into_submission()?;
                return Ok(if is_new {
                    Inserted::New(submission)
                } else {
                    Inserted::Duplicate(submission)
                });
            }
            Some(Earlier::Other) => return Ok(Inserted::KeyReused),
            None => {}
        }
        let source_type = new.source_type.as_str();
        let sha256 = new
            .content
            .as_ref()
            .map(|content| content.sha256.as_slice());
        let known = if let Some(sha256) = sha256 {
            blobs::lock(&mut tx, sha256).await?;
            rows!(
                "SELECT",
                "FROM submissions WHERE sha256 = $1 AND source_type = $2 AND status <> 'deleted'",
                sha256,
                source_type
            )
            .fetch_optional(&mut *tx)
            .await?
        } else {
            sqlx::query!("SELECT lock_key('url', $1)", new.url_key)
                .execute(&mut *tx)
                .await?;
            rows!(
                "SELECT",
                "FROM submissions WHERE url_key = $1
                    AND (status IN ('pending', 'processing')
                         OR (status = 'completed' AND processed_at > now() - make_interval(secs => $2)))
                 ORDER BY created_at DESC LIMIT 1",
                new.url_key,
                url_fresh_for.as_secs_f64()
            )
            .fetch_optional(&mut *tx)
            .await?
        };
        if let Some(content) = &new.content {
            // Also of what is known: its bytes may have gone after their time.
            blobs::put(&mut tx, &self.blobs, &content.sha256, &content.bytes).await?;
        }
        if let Some(row) = known {
            idempotency::remember(&mut tx, &new, row.id, false).await?;
            tx.commit().await?;
            return Ok(Inserted::Duplicate(row.into_submission()?));
        }
        let id = SubmissionId::generate().0;
        idempotency::remember(&mut tx, &new, id, true).await?;
        let submission = put(&mut tx, id, &new, &Marks::default()).await?;
        tx.commit().await?;
        Ok(Inserted::New(submission))
    }

    /// The submission with this id; a deleted one comes back with [`Status::Deleted`].
    ///
    /// # Errors
    /// As every query.
    pub async fn submission(&self, id: SubmissionId) -> Result<Option<Submission>> {
        let row = rows!("SELECT", "FROM submissions WHERE id = $1", id.0)
            .fetch_optional(&self.pool)
            .await?;
        row.map(Row::into_submission).transpose()
    }

    /// Who handed it in.
    ///
    /// # Errors
    /// As every query.
    pub async fn submission_owner(&self, id: SubmissionId) -> Result<Option<UserId>> {
        let owner = sqlx::query_scalar!("SELECT owner_id FROM submissions WHERE id = $1", id.0)
            .fetch_optional(&self.pool)
            .await?;
        Ok(owner.map(UserId))
    }

    /// Newest first, without the deleted.
    ///
    /// # Errors
    /// As every query.
    pub async fn submissions(&self, limit: i64, offset: i64) -> Result<Vec<Submission>> {
        let rows = rows!(
            "SELECT",
            "FROM submissions WHERE status <> 'deleted' ORDER BY submissions.created_at DESC, submissions.id DESC LIMIT $1 OFFSET $2",
            limit,
            offset
        );
        all(rows.fetch_all(&self.pool).await?)
    }

    /// The change feed: what changed after `since`, oldest change first, with the deleted. A client that
    /// hands back the last `updated_at` it got misses nothing, however many writers run.
    ///
    /// # Errors
    /// As every query.
    pub async fn submissions_since(
        &self,
        since: DateTime<Utc>,
        limit: i64,
        offset: i64,
    ) -> Result<Vec<Submission>> {
        let rows = rows!(
            "SELECT",
            "FROM submissions WHERE updated_at > $1 ORDER BY submissions.updated_at LIMIT $2 OFFSET $3",
            since,
            limit,
            offset
        );
        all(rows.fetch_all(&self.pool).await?)
    }

    /// Submissions by words of their title, file name or URL, newest first, without the deleted.
    ///
    /// # Errors
    /// As every query.
    pub async fn search_submissions(&self, query: &SubmissionQuery) -> Result<Page<Submission>> {
        let mut tx = self.planned_for_values(&self.in_search_time()).await?;
        // One materialised pass gives page and exact total, and leaves the planner no LIMIT to be clever about.
        let hits = sqlx::query!(
            r#"WITH hits AS MATERIALIZED (
                   SELECT id, created_at FROM submissions
                   WHERE status <> 'deleted' AND ($1::text IS NULL OR words ILIKE $1)
                     AND ($2::text IS NULL OR status = $2) AND ($3::text IS NULL OR source_type = $3))
               SELECT (SELECT count(*) FROM hits) AS "total!",
                      ARRAY(SELECT id FROM hits ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5) AS "ids!""#,
            query.q.as_deref().map(containing),
            query.status.map(Status::as_str),
            query.source_type.map(SourceType::as_str),
            query.limit,
            query.offset
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        let rows = rows!(
            "SELECT",
            "FROM submissions WHERE id = ANY($1) ORDER BY submissions.created_at DESC, submissions.id DESC",
            &hits.ids
        );
        Ok(Page {
            total: hits.total,
            rows: all(rows.fetch_all(&self.pool).await?)?,
        })
    }

    /// Applies a person's change; `None` when there is no such submission or it is deleted.
    ///
    /// # Errors
    /// As every query.
    pub async fn edit_submission(
        &self,
        id: SubmissionId,
        edit: &SubmissionEdit,
    ) -> Result<Option<Submission>> {
        let industries = edit.industries.as_ref().map(|given| words(given.value()));
        let row = rows!(
            "UPDATE submissions SET
                title = CASE WHEN $2 THEN $3 ELSE title END,
                title_by_hand = CASE WHEN $2 THEN $3::text IS NOT NULL ELSE title_by_hand END,
                summary = CASE WHEN $4 THEN $5 ELSE summary END,
                summary_by_hand = CASE WHEN $4 THEN $5::text IS NOT NULL ELSE summary_by_hand END,
                tags = coalesce($6, tags),
                tlp = CASE WHEN $7 THEN $8 ELSE tlp END,
                category = coalesce($9, category), category_by_hand = coalesce($10, category_by_hand),
                industries = coalesce($11, industries), industries_by_hand = coalesce($12, industries_by_hand)
             WHERE id = $1 AND status <> 'deleted' RETURNING",
            "",
            id.0,
            edit.title.is_some(),
            edit.title.clone().flatten(),
            edit.summary.is_some(),
            edit.summary.clone().flatten(),
            edit.tags.as_deref() as _,
            edit.tlp.is_some(),
            edit.tlp.flatten().map(Tlp::as_str),
            edit.category.as_ref().map(|given| given.value().as_str()),
            edit.category.as_ref().map(Given::is_by_hand),
            industries.as_deref() as _,
            edit.industries.as_ref().map(Given::is_by_hand)
        )
        .fetch_optional(&self.pool)
        .await?;
        row.map(Row::into_submission).transpose()
    }

    /// Leaves a tombstone: content, text, sightings, job and names go, and so do indicators that stood
    /// nowhere else. False when there is no such submission or it is deleted already.
    ///
    /// # Errors
    /// As every query.
    pub async fn delete_submission(&self, id: SubmissionId) -> Result<bool> {
        let mut tx = self.writing().await?;
        sightings::lock_to_remove(&mut tx).await?;
        let Some(sha256) = sqlx::query_scalar!(
            "SELECT sha256 FROM submissions WHERE id = $1 AND status <> 'deleted'",
            id.0
        )
        .fetch_optional(&mut *tx)
        .await?
        else {
            return Ok(false);
        };
        let removed = sightings::remove_sightings(&mut tx, id).await?;
        sightings::remove_unseen(&mut tx, &removed).await?;
        let text = texts::forget(&mut tx, id).await?;
        sqlx::query!("DELETE FROM jobs WHERE submission_id = $1", id.0)
            .execute(&mut *tx)
            .await?;
        sqlx::query!(
            "UPDATE submissions SET status = 'deleted', source_identifier = '', original_filename = NULL, title = NULL,
                    summary = NULL, language = NULL, industries = '{}', ioc_count = 0, content_type = NULL, size_bytes = NULL, sha256 = NULL, url_key = NULL,
                    tags = '{}', error_code = NULL, error_message = NULL, warnings = '[]'
             WHERE id = $1",
            id.0
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        for old in [sha256, text].iter().flatten() {
            self.collect(old).await;
        }
        Ok(true)
    }

    /// Hands a completed or failed submission to the workers once more; one that is on its way stays as it
    /// is. What the last reading found stays until the next one ends. `None` when there is none or it is
    /// deleted.
    ///
    /// # Errors
    /// As every query.
    pub async fn reprocess_submission(&self, id: SubmissionId) -> Result<Option<Submission>> {
        sqlx::query!(
            "WITH s AS (
                UPDATE submissions SET status = 'pending', error_code = NULL, error_message = NULL, processed_at = NULL
                WHERE id = $1 AND status IN ('completed', 'failed') RETURNING id, owner_id)
             INSERT INTO jobs (submission_id, lane, turn) SELECT id, owner_id, next_turn(owner_id) FROM s",
            id.0
        )
        .execute(&self.pool)
        .await?;
        Ok(self
            .submission(id)
            .await?
            .filter(|submission| submission.status != Status::Deleted))
    }

    /// The bytes as submitted or fetched; `None` when there are none (yet, or any more).
    ///
    /// # Errors
    /// As every query.
    pub async fn content(&self, id: SubmissionId) -> Result<Option<Content>> {
        let row = sqlx::query!(
            "SELECT sha256, original_filename, content_type FROM submissions WHERE id = $1",
            id.0
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some((row, sha256)) =
            row.and_then(|mut row| row.sha256.take().map(|sha256| (row, sha256)))
        else {
            return Ok(None);
        };
        let bytes = blobs::get(&self.pool, &self.blobs, &sha256).await?;
        Ok(bytes.map(|bytes| Content {
            bytes,
            filename: row.original_filename,
            content_type: row.content_type,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_takes_every_character_as_itself() {
        assert_eq!(containing(r"50%_a\b"), r"%50\%\_a\\b%");
    }
}
