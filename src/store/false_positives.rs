//! What people marked as false positives. Enter at [`Store::mark_false_positive`].
//!
//! A mark holds for every later reading, as it is read where sightings are added ([`flag`]). Those that are there are
//! brought in line one submission at a time, each with a new stamp, so that mirrors hear of it: an indicator may stand in a
//! hundred thousand, and nobody else is to wait for that.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use sqlx::PgConnection;
use sqlx::types::Json;
use uuid::Uuid;

use super::error::word;
use super::{Page, Result, Store, sightings};
use crate::id::{FalsePositiveId, IocId, UserId};
use crate::indicator::{Evidence, FALSE_POSITIVES, Finding, Flag, Kind, weigh_flags};

/// Sightings that are looked for at once.
const BATCH: i64 = 500;

/// A mark of an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FalsePositive {
    /// `fp_…`.
    pub id: FalsePositiveId,
    /// What the indicator is.
    pub kind: Kind,
    /// Its value.
    pub value: String,
    /// The indicator, where a document shows it at present.
    pub ioc: Option<IocId>,
    /// Why.
    pub reason: Option<String>,
    /// Who marked it.
    pub marked_by: Option<UserId>,
    /// Their name.
    pub marked_by_name: Option<String>,
    /// When.
    pub marked_at: DateTime<Utc>,
}

/// A row of `false_positives` in the types of the driver.
struct Row {
    id: Uuid,
    kind: String,
    value: String,
    ioc: Option<Uuid>,
    reason: Option<String>,
    marked_by: Option<Uuid>,
    marked_by_name: Option<String>,
    marked_at: DateTime<Utc>,
}

impl Row {
    fn into_mark(self) -> Result<FalsePositive> {
        Ok(FalsePositive {
            id: FalsePositiveId(self.id),
            kind: word(&self.kind)?,
            value: self.value,
            ioc: self.ioc.map(IocId),
            reason: self.reason,
            marked_by: self.marked_by.map(UserId),
            marked_by_name: self.marked_by_name,
            marked_at: self.marked_at,
        })
    }
}

/// A query for [`Row`]s that stand: what stands behind the columns, the arguments.
macro_rules! rows {
    ($tail:tt $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            r#"SELECT f.id AS "id!", f.kind AS "kind!", f.value AS "value!",
                      (SELECT i.id FROM iocs i WHERE i.kind = f.kind AND ioc_key(i.value) = ioc_key(f.value)) AS ioc,
                      f.reason, f.marked_by, u.username AS "marked_by_name?", f.marked_at AS "marked_at!"
               FROM false_positives f LEFT JOIN users u ON u.id = f.marked_by
               WHERE NOT f.withdrawn "# + $tail
            $(, $argument)*
        )
    };
}

impl Store {
    /// Marks an indicator from now on, in place of an earlier mark of it; `None` when there is no such indicator. What is
    /// stored tells of it after [`settle_false_positives`](Self::settle_false_positives).
    ///
    /// # Errors
    /// As every query.
    pub async fn mark_false_positive(
        &self,
        ioc: IocId,
        reason: Option<&str>,
        by: UserId,
    ) -> Result<Option<FalsePositive>> {
        let mut tx = self.writing().await?;
        // Whoever adds sightings now has done so before, or sees the mark.
        sightings::lock_to_remove(&mut tx).await?;
        let id = sqlx::query_scalar!(
            "INSERT INTO false_positives (id, kind, value, reason, marked_by)
             SELECT $2, kind, value, $3, $4 FROM iocs WHERE id = $1
             ON CONFLICT (kind, ioc_key(value)) DO UPDATE SET
                reason = excluded.reason, marked_by = excluded.marked_by, marked_at = now(), withdrawn = false, settled = false
             RETURNING id",
            ioc.0,
            FalsePositiveId::generate().0,
            reason,
            by.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        match id {
            Some(id) => self.false_positive(FalsePositiveId(id)).await,
            None => Ok(None),
        }
    }

    /// Takes a mark back; false when there is none. What is stored tells of it no longer after
    /// [`settle_false_positives`](Self::settle_false_positives).
    ///
    /// # Errors
    /// As every query.
    pub async fn withdraw_false_positive(&self, id: FalsePositiveId) -> Result<bool> {
        let mut tx = self.writing().await?;
        sightings::lock_to_remove(&mut tx).await?;
        let done = sqlx::query!(
            "UPDATE false_positives SET withdrawn = true, settled = false WHERE id = $1 AND NOT withdrawn",
            id.0
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(done.rows_affected() == 1)
    }

    /// The mark with this id.
    ///
    /// # Errors
    /// As every query.
    pub async fn false_positive(&self, id: FalsePositiveId) -> Result<Option<FalsePositive>> {
        let row = rows!("AND f.id = $1", id.0);
        let row = row.fetch_optional(&self.pool).await?;
        row.map(Row::into_mark).transpose()
    }

    /// The mark of this indicator.
    ///
    /// # Errors
    /// As every query.
    pub async fn false_positive_of(&self, ioc: IocId) -> Result<Option<FalsePositive>> {
        let row = rows!(
            "AND (f.kind, ioc_key(f.value)) = (SELECT kind, ioc_key(value) FROM iocs WHERE id = $1)",
            ioc.0
        );
        let row = row.fetch_optional(&self.pool).await?;
        row.map(Row::into_mark).transpose()
    }

    /// All marks, latest first.
    ///
    /// # Errors
    /// As every query.
    pub async fn false_positives(&self, limit: i64, offset: i64) -> Result<Page<FalsePositive>> {
        let rows = rows!(
            "ORDER BY f.marked_at DESC, f.id DESC LIMIT $1 OFFSET $2",
            limit,
            offset
        );
        let rows = rows.fetch_all(&self.pool).await?;
        let total = sqlx::query_scalar!(
            r#"SELECT count(*) AS "n!" FROM false_positives WHERE NOT withdrawn"#
        );
        Ok(Page {
            total: total.fetch_one(&self.pool).await?,
            rows: rows
                .into_iter()
                .map(Row::into_mark)
                .collect::<Result<_>>()?,
        })
    }

    /// Flags those of `findings` that are marked. They are not about to be stored: those get their flags there.
    ///
    /// # Errors
    /// As every query.
    pub async fn flag_false_positives(&self, findings: &mut [Finding]) -> Result<()> {
        flag(&mut *self.pool.acquire().await?, findings).await
    }

    /// Brings up to `most` stored sightings in line with one mark that was made or taken back, or with all; how many it were.
    /// Any number of processes may do so at once.
    ///
    /// # Errors
    /// As every query.
    pub async fn settle_false_positives(
        &self,
        only: Option<FalsePositiveId>,
        most: i64,
    ) -> Result<i64> {
        let mut settled = 0;
        while settled < most
            && let Some(unsettled) = self.unsettled(only).await?
        {
            let most = BATCH.min(most - settled);
            let waiting = unsettled.waiting(&self.pool, most).await?;
            if waiting.is_empty() {
                unsettled.close(&self.pool).await?;
            }
            for submission in waiting {
                self.bring_in_line(&unsettled, submission).await?;
                settled += 1;
            }
        }
        Ok(settled)
    }

    async fn unsettled(&self, only: Option<FalsePositiveId>) -> Result<Option<Unsettled>> {
        let row = sqlx::query!(
            r#"SELECT f.id, f.reason, f.withdrawn, f.marked_at, i.id AS "ioc?" FROM false_positives f
               LEFT JOIN LATERAL (SELECT id FROM iocs WHERE kind = f.kind AND ioc_key(value) = ioc_key(f.value) LIMIT 1) i ON true
               WHERE NOT f.settled AND ($1::uuid IS NULL OR f.id = $1) ORDER BY f.marked_at LIMIT 1"#,
            only.map(|only| only.0)
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| Unsettled {
            id: row.id,
            ioc: row.ioc,
            flag: (!row.withdrawn).then(|| Flag::false_positive(row.reason.as_deref())),
            marked_at: row.marked_at,
        }))
    }

    /// Has what one submission says of the indicator tell of the mark, unless it does so already or the mark has changed.
    async fn bring_in_line(&self, unsettled: &Unsettled, submission: Uuid) -> Result<()> {
        let mut tx = self.begin().await?;
        let stands = sqlx::query_scalar!(
            "SELECT id FROM false_positives WHERE id = $1 AND withdrawn = $2 AND marked_at = $3 FOR SHARE",
            unsettled.id,
            unsettled.flag.is_none(),
            unsettled.marked_at
        );
        if stands.fetch_optional(&mut *tx).await?.is_none() {
            return Ok(());
        }
        let sighting = sqlx::query!(
            r#"SELECT flags AS "flags: Json<Vec<Flag>>", evidence AS "evidence: Json<Vec<Evidence>>", confidence
               FROM sightings WHERE submission_id = $1 AND ioc_id = $2 FOR UPDATE"#,
            submission,
            unsettled.ioc
        );
        let Some(sighting) = sighting.fetch_optional(&mut *tx).await? else {
            return Ok(());
        };
        let (before, mut evidence) = (sighting.flags.0, sighting.evidence.0);
        let others = before.iter().filter(|flag| flag.list != FALSE_POSITIVES);
        let flags: Vec<Flag> = others.chain(&unsettled.flag).cloned().collect();
        if flags == before {
            return Ok(());
        }
        let mut confidence = u8::try_from(sighting.confidence).unwrap_or_default();
        weigh_flags(&flags, &mut evidence, &mut confidence);
        sqlx::query!(
            "UPDATE sightings SET flags = $3, evidence = $4, confidence = $5 WHERE submission_id = $1 AND ioc_id = $2",
            submission,
            unsettled.ioc,
            Json(flags) as _,
            Json(evidence) as _,
            i16::from(confidence)
        )
        .execute(&mut *tx)
        .await?;
        // Last, and COMMIT at once: the stamp of the submission holds up every other writer.
        sqlx::query!(
            "UPDATE submissions SET updated_at = updated_at WHERE id = $1",
            submission
        )
        .execute(&mut *tx)
        .await?;
        Ok(tx.commit().await?)
    }
}

/// A mark of which not every sighting may tell yet.
struct Unsettled {
    id: Uuid,
    ioc: Option<Uuid>,
    /// What sightings have to say; none where it was taken back.
    flag: Option<Flag>,
    marked_at: DateTime<Utc>,
}

impl Unsettled {
    /// Submissions that say something else.
    async fn waiting(&self, pool: &sqlx::PgPool, most: i64) -> Result<Vec<Uuid>> {
        Ok(sqlx::query_scalar!(
            "SELECT submission_id FROM sightings WHERE ioc_id = $1
                AND CASE WHEN $2::jsonb IS NULL THEN flags @> $3 ELSE NOT flags @> $2 END LIMIT $4",
            self.ioc,
            self.flag.as_ref().map(|flag| Json([flag])) as _,
            serde_json::json!([{"list": FALSE_POSITIVES}]),
            most
        )
        .fetch_all(pool)
        .await?)
    }

    /// Nothing is left to do, unless the mark has changed.
    async fn close(&self, pool: &sqlx::PgPool) -> Result<()> {
        sqlx::query!(
            "WITH gone AS (DELETE FROM false_positives WHERE id = $1 AND withdrawn AND $2 AND marked_at = $3)
             UPDATE false_positives SET settled = true WHERE id = $1 AND NOT withdrawn AND NOT $2 AND marked_at = $3",
            self.id,
            self.flag.is_none(),
            self.marked_at
        )
        .execute(pool)
        .await?;
        Ok(())
    }
}

/// Flags those of `findings` that are marked. Under the lock to add or to remove sightings no mark comes or goes meanwhile.
pub(super) async fn flag(connection: &mut PgConnection, findings: &mut [Finding]) -> Result<()> {
    let kinds: Vec<&str> = findings.iter().map(|finding| finding.kind.name()).collect();
    let keys: Vec<Vec<u8>> = findings
        .iter()
        .map(|finding| Sha256::digest(&finding.value).to_vec())
        .collect();
    let marked = sqlx::query!(
        r#"SELECT v.n AS "n!", f.reason FROM false_positives f
           JOIN unnest($1::text[], $2::bytea[]) WITH ORDINALITY AS v(kind, key, n) ON v.kind = f.kind AND v.key = ioc_key(f.value)
           WHERE NOT f.withdrawn"#,
        &kinds as _,
        &keys as _
    )
    .fetch_all(connection)
    .await?;
    for mark in marked {
        let place = usize::try_from(mark.n - 1).unwrap_or(usize::MAX);
        if let Some(finding) = findings.get_mut(place) {
            finding.flag(Flag::false_positive(mark.reason.as_deref()));
        }
    }
    Ok(())
}
