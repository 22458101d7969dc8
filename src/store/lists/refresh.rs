//! Lists on their way from their servers: claimed by a worker, settled.
//!
//! A claim is committed before anything is fetched, and its outcome is fenced by the number of the claim. The version
//! that stands is replaced by a good one alone.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::super::error::word;
use super::super::{Result, Store};
use super::{Columns, Row, StoredList, Taken, changed, credential, keep, rows};
use crate::credential::Credential;
use crate::id::ListId;
use crate::lists::{About, ListFormat};

/// What a server calls a version, so that it can say that it is still the same.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// Its `ETag`.
    pub etag: Option<String>,
    /// Its `Last-Modified`.
    pub last_modified: Option<String>,
}

/// A list that a worker has, until its lease ends.
#[derive(Debug, Clone)]
pub struct Checking {
    /// Which.
    pub id: ListId,
    /// Its stable name, for the log.
    pub slug: String,
    /// Where it is fetched from.
    pub source_url: String,
    /// What its server wants to see.
    pub credential: Option<Credential>,
    /// How it is written.
    pub format: ListFormat,
    /// Where a table has its values.
    pub columns: Columns,
    /// What its server called the version that stands.
    pub validators: Validators,
    /// Digest of that version; none where it is not of this server.
    pub sha256: Option<Vec<u8>>,
    /// Its entries.
    pub entries: usize,
    /// Whether the next one may be less than half of it.
    pub may_shrink: bool,
    /// Between two fetches that went well.
    pub interval: Duration,
    /// Fetches that failed since then.
    pub failures: u32,
    /// Since when the worker has it.
    pub claimed_at: DateTime<Utc>,
    /// The fence.
    claim: i64,
}

/// How a look at a list's server went.
#[derive(Debug, Clone)]
pub enum Checked {
    /// The version that stands is current.
    Same(Validators),
    /// There is a new one.
    New(Box<Taken>, Validators),
    /// Neither is known: why, and when to look again.
    Failed(String, Duration),
}

impl Store {
    /// Has a list fetched as soon as a worker is free, even if it has shrunk by more than half where `may_shrink`.
    /// `None` when there is no such list, or it has no server.
    ///
    /// # Errors
    /// As every query.
    pub async fn refresh_list(&self, id: ListId, may_shrink: bool) -> Result<Option<StoredList>> {
        // Who fetches it just now does so by what was said before.
        let row = rows!(
            "UPDATE lists SET next_check_at = now(), may_shrink = $2, claim = NULL
             WHERE id = $1 AND source_url IS NOT NULL RETURNING",
            "",
            id.0,
            may_shrink
        );
        let row = row.fetch_optional(&self.pool).await?;
        row.map(Row::into_list).transpose()
    }

    /// Takes the list that is due longest, for `lease`; `None` when none is.
    ///
    /// # Errors
    /// As every query.
    pub async fn claim_list(&self, lease: Duration) -> Result<Option<Checking>> {
        let row = sqlx::query!(
            r#"UPDATE lists SET claim = nextval('list_claims'), next_check_at = now() + make_interval(secs => $1)
               WHERE id = (SELECT id FROM lists WHERE enabled AND source_url IS NOT NULL AND next_check_at <= now()
                           ORDER BY next_check_at LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING id, slug, source_url AS "source_url!", credential_header,
                         credential_value, format, columns AS "columns: Json<Columns>", etag,
                         last_modified, sha256, entries, may_shrink, interval_seconds, failures, now() AS "claimed_at!",
                         claim AS "claim!""#,
            lease.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?;
        let Some(row) = row else {
            return Ok(None);
        };
        Ok(Some(Checking {
            id: ListId(row.id),
            slug: row.slug,
            source_url: row.source_url,
            credential: credential(row.credential_header, row.credential_value)?,
            format: word(&row.format)?,
            columns: row.columns.0,
            validators: Validators {
                etag: row.etag,
                last_modified: row.last_modified,
            },
            sha256: row.sha256,
            entries: usize::try_from(row.entries).unwrap_or_default(),
            may_shrink: row.may_shrink,
            interval: Duration::from_secs(row.interval_seconds.unsigned_abs().into()),
            failures: row.failures.unsigned_abs(),
            claimed_at: row.claimed_at,
            claim: row.claim,
        }))
    }

    /// Writes how it went. False when the list is no longer ours: then nothing has changed.
    ///
    /// # Errors
    /// As every query.
    pub async fn settle_list(&self, checking: &Checking, checked: &Checked) -> Result<bool> {
        let (id, claim) = (checking.id.0, checking.claim);
        let (taken, validators) = match checked {
            Checked::Failed(error, again) => {
                let done = sqlx::query!(
                    "UPDATE lists SET claim = NULL, checked_at = now(), failures = failures + 1, error = $3,
                        next_check_at = now() + make_interval(secs => $4)
                     WHERE id = $1 AND claim = $2",
                    id,
                    claim,
                    error.replace('\0', "\u{fffd}"),
                    again.as_secs_f64()
                )
                .execute(&self.pool)
                .await?;
                return Ok(done.rows_affected() == 1);
            }
            Checked::Same(validators) => (None, validators),
            Checked::New(taken, validators) => (Some(taken), validators),
        };
        let mut tx = self.begin().await?;
        let done = sqlx::query!(
            "UPDATE lists SET claim = NULL, checked_at = now(), last_success_at = now(), failures = 0, error = NULL,
                may_shrink = false, etag = $3, last_modified = $4,
                next_check_at = now() + make_interval(secs => interval_seconds)
             WHERE id = $1 AND claim = $2",
            id,
            claim,
            validators.etag,
            validators.last_modified
        )
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        if let Some(taken) = taken {
            sqlx::query!(
                "UPDATE lists SET about = $2, entries = $3, refused = $4, sha256 = $5, left_out = $6,
                    changed_at = now() WHERE id = $1",
                id,
                Json(&taken.about) as _,
                taken.entries,
                taken.refused,
                taken.sha256.as_slice(),
                taken.left_out
            )
            .execute(&mut *tx)
            .await?;
            keep(&mut tx, checking.id, &taken.packed).await?;
            changed(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}
