//! The queue: a row of `jobs` is outstanding work. Claim, renew, then exactly one of finish, fail, retry,
//! put off or give back.
//!
//! A claim is committed before any work, with its attempt counted, because a document that kills its worker
//! cannot report that. Every later step is fenced by the number of the claim: a worker that lost its lease
//! and wakes up late changes nothing.

use std::time::Duration;

use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use sqlx::postgres::{PgListener, PgPoolOptions};

use super::error::word;
use super::{
    NewContent, Result, Store, blobs, false_positives, sightings, submissions, texts, webhooks,
};
use crate::id::SubmissionId;
use crate::indicator::{Finding, Level};
use crate::submission::{Category, Failure, FailureCode, Sector, SourceType, Warning};

/// Claims of one job before it is given up.
pub const MAX_ATTEMPTS: i32 = 3;
/// Claims of a job whose document kills its reader: the first time it may have been chance.
pub const MAX_CRASHES: i32 = 2;
/// The channel that `jobs_notify()` speaks on.
const CHANNEL: &str = "jobs";

/// A submission that a worker has, until its lease ends.
#[derive(Debug, Clone)]
pub struct Job {
    /// What to read.
    pub submission_id: SubmissionId,
    /// The how-manieth try this is, from 1.
    pub attempt: i32,
    /// How it came in.
    pub source_type: SourceType,
    /// The file name, the URL, or the title of a pasted text.
    pub source_identifier: String,
    /// The name of an uploaded file.
    pub original_filename: Option<String>,
    /// The title a person gave.
    pub title: Option<String>,
    /// The bytes; none for a URL, which is fetched anew.
    pub content: Option<Vec<u8>>,
    /// How far its source is trusted.
    pub source_confidence: Option<Level>,
    /// The fence.
    claim: i64,
}

/// What reading a document gave.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Media type by content.
    pub content_type: String,
    /// The document's title; one given by a person stands above it.
    pub title: Option<String>,
    /// A few of its sentences; a summary given by a person stands above them.
    pub summary: Option<String>,
    /// The language that the document says it is written in, a BCP 47 tag.
    pub language: Option<String>,
    /// The text that was scanned, free of U+0000.
    pub text: String,
    /// Distinct by (kind, value), in order of first appearance.
    pub findings: Vec<Finding>,
    /// What the reader could not do.
    pub warnings: Vec<Warning>,
    /// The bytes that were fetched, for a URL.
    pub content: Option<NewContent>,
}

impl Store {
    /// Takes the job whose turn it is, for `lease`; `None` when none is ready. Jobs whose attempts
    /// are used up are failed on the way.
    ///
    /// # Errors
    /// As every query.
    pub async fn claim(&self, lease: Duration) -> Result<Option<Job>> {
        loop {
            let Some((job, handed_back)) = self.claim_next(lease).await? else {
                return Ok(None);
            };
            if job.attempt <= MAX_ATTEMPTS {
                return Ok(Some(job));
            }
            let failure = if handed_back {
                Failure::new(
                    FailureCode::Internal,
                    "the service could not process this in three tries; its log says why",
                )
            } else {
                Failure::new(
                    FailureCode::ReaderCrashed,
                    "three workers in a row died or fell silent over the document",
                )
            };
            self.fail(&job, &failure).await?;
        }
    }

    /// The next job, whatever its attempts, and whether its last worker handed it back. One transaction: a
    /// database that fails in the middle has counted nothing against the document.
    async fn claim_next(&self, lease: Duration) -> Result<Option<(Job, bool)>> {
        let mut tx = self.begin().await?;
        // One that nobody has had yet is ready, whatever the clock says: it may have been set back.
        let next = sqlx::query!(
            "SELECT s.id, j.handed_back, s.source_type, s.source_identifier, s.original_filename, s.sha256, s.source_confidence,
                    CASE WHEN s.title_by_hand THEN s.title END AS title
             FROM jobs j JOIN submissions s ON s.id = j.submission_id
             WHERE (j.ready_at <= now() OR (j.claim IS NULL AND NOT j.handed_back)) ORDER BY j.turn, j.ready_at, j.submission_id LIMIT 1 FOR UPDATE OF j SKIP LOCKED"
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(next) = next else {
            return Ok(None);
        };
        let source_type = word(&next.source_type)?;
        let content = match (source_type, next.sha256) {
            (SourceType::Url, _) | (_, None) => None,
            (_, Some(sha256)) => blobs::get(&mut *tx, &self.blobs, &sha256).await?,
        };
        // Last, and COMMIT at once: the stamp of the submission holds up every other writer.
        let claimed = sqlx::query!(
            r#"WITH claimed AS (
                   UPDATE jobs SET attempts = attempts + 1, claim = nextval('job_claims'), handed_back = false,
                                   ready_at = now() + make_interval(secs => $2)
                   WHERE submission_id = $1 RETURNING submission_id, attempts, claim)
               UPDATE submissions s SET status = 'processing' FROM claimed c WHERE s.id = c.submission_id
               RETURNING c.attempts, c.claim AS "claim!""#,
            next.id,
            lease.as_secs_f64()
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        let job = Job {
            submission_id: SubmissionId(next.id),
            attempt: claimed.attempts,
            source_type,
            source_identifier: next.source_identifier,
            original_filename: next.original_filename,
            title: next.title,
            content,
            source_confidence: next.source_confidence.as_deref().map(word).transpose()?,
            claim: claimed.claim,
        };
        Ok(Some((job, next.handed_back)))
    }

    /// Holds the job for another `lease` from now; false when it is no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn renew(&self, job: &Job, lease: Duration) -> Result<bool> {
        let done = sqlx::query!(
            "UPDATE jobs SET ready_at = now() + make_interval(secs => $3) WHERE submission_id = $1 AND claim = $2",
            job.submission_id.0,
            job.claim,
            lease.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Stores what the document says, in one transaction, in place of what an earlier reading found. False
    /// when the job is no longer ours: then nothing has changed.
    ///
    /// # Errors
    /// As every query.
    pub async fn finish(&self, job: &Job, mut result: Finished) -> Result<bool> {
        let id = job.submission_id;
        let again = self.read_before(id).await?;
        let text = Sha256::digest(&result.text);
        let category = Category::of(job.source_type, &job.source_identifier);
        let title = job.title.as_deref().or(result.title.as_deref());
        let industries = Sector::told_by(title, result.summary.as_deref());
        let mut tx = self.writing().await?;
        // Before the lock that everybody shares: a bucket may take its time.
        let mut contents = vec![(text.as_slice(), result.text.as_bytes())];
        contents.extend(
            result
                .content
                .iter()
                .map(|content| (content.sha256.as_slice(), content.bytes.as_slice())),
        );
        contents.sort_unstable_by_key(|(sha256, _)| *sha256);
        for (sha256, bytes) in contents {
            blobs::hold(&mut tx, sha256).await?;
            blobs::put(&mut tx, &self.blobs, sha256, bytes).await?;
        }
        if again {
            sightings::lock_to_remove(&mut tx).await?;
        } else {
            sightings::lock_to_add(&mut tx).await?;
        }
        let removed = if again {
            sightings::remove_sightings(&mut tx, id).await?
        } else {
            Vec::new()
        };
        false_positives::flag(&mut tx, &mut result.findings).await?;
        let new = sightings::add_sightings(&mut tx, id, &result.findings).await?;
        sightings::remove_unseen(&mut tx, &removed).await?;
        let old_text = texts::name(&mut tx, id, &text).await?;
        let old_content = match &result.content {
            Some(content) => earlier_content(&mut tx, id, content).await?,
            None => None,
        };
        webhooks::note_completed(&mut tx, id, &new).await?;
        let findings = result.findings.iter();
        let counted = findings
            .filter(|finding| !finding.kind.is_extended())
            .count();
        // Last, and COMMIT at once: the stamp of the submission holds up every other writer.
        let closed = sqlx::query!(
            "WITH closed AS (DELETE FROM jobs WHERE submission_id = $1 AND claim = $9 RETURNING submission_id)
             UPDATE submissions s SET status = 'completed', processed_at = now(), error_code = NULL, error_message = NULL,
                    title = CASE WHEN title_by_hand THEN title ELSE $2 END,
                    summary = CASE WHEN summary_by_hand THEN summary ELSE $3 END,
                    content_type = $4, ioc_count = $5, warnings = $6,
                    sha256 = coalesce($7, sha256), size_bytes = coalesce($8, size_bytes), language = $10,
                    category = CASE WHEN category_by_hand THEN category ELSE $11 END,
                    industries = CASE WHEN industries_by_hand THEN industries ELSE $12 END
             FROM closed WHERE s.id = closed.submission_id",
            id.0,
            result.title,
            result.summary,
            result.content_type,
            counted as i64,
            serde_json::json!(result.warnings),
            result.content.as_ref().map(|content| content.sha256.as_slice()),
            result.content.as_ref().map(|content| content.bytes.len() as i64),
            job.claim,
            result.language,
            category.as_str(),
            &submissions::words(&industries)
        )
        .execute(&mut *tx)
        .await?;
        if closed.rows_affected() != 1 {
            return Ok(false);
        }
        tx.commit().await?;
        for old in [old_text, old_content].iter().flatten() {
            self.collect(old).await;
        }
        Ok(true)
    }

    /// Ends the job with a fact about the input. What an earlier reading found goes: it is no longer true of
    /// this submission. False when the job is no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn fail(&self, job: &Job, failure: &Failure) -> Result<bool> {
        let id = job.submission_id;
        let again = self.read_before(id).await?;
        let mut tx = self.writing().await?;
        if again {
            sightings::lock_to_remove(&mut tx).await?;
            let removed = sightings::remove_sightings(&mut tx, id).await?;
            sightings::remove_unseen(&mut tx, &removed).await?;
        }
        let old_text = texts::forget(&mut tx, id).await?;
        webhooks::note_failed(&mut tx, id).await?;
        if !close(&mut tx, job).await? {
            return Ok(false);
        }
        sqlx::query!(
            "UPDATE submissions SET status = 'failed', processed_at = now(), ioc_count = 0, warnings = '[]',
                    error_code = $2, error_message = $3
             WHERE id = $1",
            id.0,
            failure.code.as_str(),
            failure.message
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        if let Some(old) = &old_text {
            self.collect(old).await;
        }
        Ok(true)
    }

    /// Back to the queue after a fault of the service, ready again `after` this long; the attempt stays
    /// counted. False when the job is no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn retry(&self, job: &Job, after: Duration) -> Result<bool> {
        self.hand_back(job, after, 0).await
    }

    /// Back to the queue because this store is away or full, ready again `after` this long: the attempt is
    /// not counted. False when the job is no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn put_off(&self, job: &Job, after: Duration) -> Result<bool> {
        self.hand_back(job, after, 1).await
    }

    /// Back to the queue untouched: ready now, the attempt not counted. False when the job is no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn give_back(&self, job: &Job) -> Result<bool> {
        self.put_off(job, Duration::ZERO).await
    }

    async fn hand_back(&self, job: &Job, after: Duration, uncounted: i32) -> Result<bool> {
        let done = sqlx::query!(
            "WITH j AS (
                UPDATE jobs SET ready_at = now() + make_interval(secs => $3), attempts = attempts - $4, claim = NULL,
                                handed_back = true
                WHERE submission_id = $1 AND claim = $2 RETURNING submission_id)
             UPDATE submissions s SET status = 'pending' FROM j WHERE s.id = j.submission_id",
            job.submission_id.0,
            job.claim,
            after.as_secs_f64(),
            uncounted
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Whether an earlier reading left sightings. Only the holder of the job adds some, so the answer holds
    /// as long as the job is ours.
    async fn read_before(&self, id: SubmissionId) -> Result<bool> {
        Ok(sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM sightings WHERE submission_id = $1) AS "yes!""#,
            id.0
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// Listens for new jobs.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn wake_ups(&self) -> Result<WakeUps> {
        // A connection of its own: one of the pool's would be missing there, and would hold up its closing.
        let options = self.pool.connect_options().as_ref().clone();
        let own = PgPoolOptions::new()
            .max_connections(1)
            .connect_with(options)
            .await?;
        let mut listener = PgListener::connect_with(&own).await?;
        // A connection made anew behind our back would hide that nobody listened in between.
        listener.eager_reconnect(false);
        listener.listen(CHANNEL).await?;
        Ok(WakeUps { listener })
    }
}

/// The digest of an earlier fetch, where that gave other bytes.
async fn earlier_content(
    tx: &mut PgConnection,
    id: SubmissionId,
    content: &NewContent,
) -> Result<Option<Vec<u8>>> {
    let earlier = sqlx::query_scalar!("SELECT sha256 FROM submissions WHERE id = $1", id.0)
        .fetch_optional(tx)
        .await?;
    Ok(earlier.flatten().filter(|sha256| *sha256 != content.sha256))
}

/// Removes the job if it is still ours. When it is not, the transaction must be dropped.
async fn close(tx: &mut PgConnection, job: &Job) -> Result<bool> {
    let done = sqlx::query!(
        "DELETE FROM jobs WHERE submission_id = $1 AND claim = $2",
        job.submission_id.0,
        job.claim
    )
    .execute(tx)
    .await?;
    Ok(done.rows_affected() == 1)
}

/// Tells of new jobs. A hint: notifications are lost while the connection is, so poll as well.
#[derive(Debug)]
pub struct WakeUps {
    listener: PgListener,
}

impl WakeUps {
    /// Resolves when a job came in: true. False once the connection is lost: whoever listens anew has to look
    /// for what came in meanwhile.
    pub async fn next(&mut self) -> bool {
        match self.listener.try_recv().await {
            Ok(Some(_)) => true,
            Ok(None) => false,
            Err(error) => {
                tracing::debug!(%error, "not hearing of new jobs");
                false
            }
        }
    }
}
