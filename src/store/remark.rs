//! Marks of lists, made anew in what is stored. Enter at [`Store::want_remark`]; a worker does it, some submissions at a
//! time, each in a transaction of its own that gives it a new stamp, so that mirrors hear of it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::types::Json;
use uuid::Uuid;

use super::error::word;
use super::{Result, Store};
use crate::id::{IocId, SubmissionId};
use crate::indicator::{Evidence, Flag, Kind};

/// Before it begins: every process has built its matcher of the lists by then.
const NOTICE: Duration = Duration::from_secs(10);

/// How a run over all submissions fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Remark {
    /// When it was asked for.
    pub wanted_at: DateTime<Utc>,
    /// When it had seen all; `None` while it is on its way.
    pub ended_at: Option<DateTime<Utc>>,
    /// Submissions that it has seen.
    pub seen: i64,
    /// Those of them that it changed.
    pub changed: i64,
}

/// A run that a worker has, until its lease ends.
#[derive(Debug, Clone)]
pub struct Remarking {
    /// The lists by which marks are made are at least of this version.
    pub lists_version: i64,
    past: Option<Uuid>,
    /// The fence.
    claim: i64,
}

/// What a submission says of an indicator, as far as marks are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Marked {
    /// The indicator.
    pub ioc: IocId,
    /// What it is.
    pub kind: Kind,
    /// Its value.
    pub value: String,
    /// Whether the document wrote it defanged.
    pub defanged: bool,
    /// Why it may be benign.
    pub flags: Vec<Flag>,
    /// What speaks for and against it.
    pub evidence: Vec<Evidence>,
    /// What that adds up to.
    pub confidence: u8,
}

impl Store {
    /// Has the marks of all submissions made anew by the lists as they are now, from the first one on.
    ///
    /// # Errors
    /// As every query.
    pub async fn want_remark(&self) -> Result<Remark> {
        Ok(sqlx::query_as!(
            Remark,
            "INSERT INTO remark AS r (lists_version, ready_at)
             SELECT version, now() + make_interval(secs => $1) FROM list_changes
             ON CONFLICT (sole) DO UPDATE SET lists_version = excluded.lists_version, wanted_at = now(), ended_at = NULL,
                past = NULL, seen = 0, changed = 0, ready_at = excluded.ready_at, claim = r.claim + 1
             RETURNING wanted_at, ended_at, seen, changed",
            NOTICE.as_secs_f64()
        )
        .fetch_one(&self.pool)
        .await?)
    }

    /// The run that was last asked for.
    ///
    /// # Errors
    /// As every query.
    pub async fn remark(&self) -> Result<Option<Remark>> {
        Ok(sqlx::query_as!(
            Remark,
            "SELECT wanted_at, ended_at, seen, changed FROM remark"
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// Takes the run for `lease`, if there is one to go on with by lists of `lists_version`.
    ///
    /// # Errors
    /// As every query.
    pub async fn claim_remark(
        &self,
        lists_version: i64,
        lease: Duration,
    ) -> Result<Option<Remarking>> {
        Ok(sqlx::query_as!(
            Remarking,
            "UPDATE remark SET claim = claim + 1, ready_at = now() + make_interval(secs => $2)
             WHERE ended_at IS NULL AND ready_at <= now() AND lists_version <= $1 RETURNING lists_version, past, claim",
            lists_version,
            lease.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?)
    }

    /// The next submissions of a run that may show something, in its order.
    ///
    /// # Errors
    /// As every query.
    pub async fn to_remark(&self, run: &Remarking, most: i64) -> Result<Vec<SubmissionId>> {
        let ids = sqlx::query_scalar!(
            "SELECT id FROM submissions WHERE id > $1 ORDER BY id LIMIT $2",
            run.past.unwrap_or_default(),
            most
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(ids.into_iter().map(SubmissionId).collect())
    }

    /// What one submission says.
    ///
    /// # Errors
    /// As every query.
    pub async fn marks(&self, submission: SubmissionId) -> Result<Vec<Marked>> {
        let rows = sqlx::query!(
            r#"SELECT i.id, i.kind, i.value, s.defanged, s.flags AS "flags: Json<Vec<Flag>>",
                      s.evidence AS "evidence: Json<Vec<Evidence>>", s.confidence
               FROM sightings s JOIN iocs i ON i.id = s.ioc_id WHERE s.submission_id = $1"#,
            submission.0
        )
        .fetch_all(&self.pool)
        .await?;
        let rows = rows.into_iter().map(|row| {
            Ok(Marked {
                ioc: IocId(row.id),
                kind: word(&row.kind)?,
                value: row.value,
                defanged: row.defanged,
                flags: row.flags.0,
                evidence: row.evidence.0,
                confidence: u8::try_from(row.confidence).unwrap_or_default(),
            })
        });
        rows.collect()
    }

    /// Writes other marks, where the flags that stand are still those beside them; whether any changed.
    ///
    /// # Errors
    /// As every query.
    pub async fn change_marks(
        &self,
        submission: SubmissionId,
        changes: &[(Vec<Flag>, Marked)],
    ) -> Result<bool> {
        let (mut iocs, mut before, mut flags) = (Vec::new(), Vec::new(), Vec::new());
        let (mut evidence, mut confidence) = (Vec::new(), Vec::new());
        for (stood, marked) in changes {
            iocs.push(marked.ioc.0);
            before.push(serde_json::json!(stood));
            flags.push(serde_json::json!(marked.flags));
            evidence.push(serde_json::json!(marked.evidence));
            confidence.push(i16::from(marked.confidence));
        }
        let mut tx = self.writing().await?;
        let changed = sqlx::query!(
            "UPDATE sightings s SET flags = c.flags, evidence = c.evidence, confidence = c.confidence
             FROM unnest($2::uuid[], $3::jsonb[], $4::jsonb[], $5::jsonb[], $6::smallint[])
                AS c(ioc_id, stood, flags, evidence, confidence)
             WHERE s.submission_id = $1 AND s.ioc_id = c.ioc_id AND s.flags = c.stood",
            submission.0,
            &iocs,
            &before as _,
            &flags as _,
            &evidence as _,
            &confidence
        )
        .execute(&mut *tx)
        .await?;
        if changed.rows_affected() == 0 {
            return Ok(false);
        }
        // Last, and COMMIT at once: the stamp of the submission holds up every other writer.
        sqlx::query!(
            "UPDATE submissions SET updated_at = updated_at WHERE id = $1",
            submission.0
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Notes how far the run has come, and hands it back: `past` is the last of `seen` submissions, `None` where there was
    /// none left, which ends it. False where it is no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn advance_remark(
        &self,
        run: &Remarking,
        past: Option<SubmissionId>,
        seen: i64,
        changed: i64,
    ) -> Result<bool> {
        let done = sqlx::query!(
            "UPDATE remark SET past = coalesce($2, past), seen = seen + $3, changed = changed + $4, ready_at = now(),
                    ended_at = CASE WHEN $2::uuid IS NULL THEN now() END
             WHERE claim = $1",
            run.claim,
            past.map(|id| id.0),
            seen,
            changed
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }
}
