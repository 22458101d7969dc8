//! Removing and moving blobs: when their last submission goes, after their time, and what crashes leave.

use std::time::Duration;

use chrono::Utc;
use futures_util::{StreamExt, TryStreamExt};
use sha2::{Digest, Sha256};

use super::place::Objects;
use super::{aside, get, hex, lock, packed, put};
use crate::store::{Result, Store};

/// Rows that one round of housekeeping looks at.
const ROUND: i64 = 200;
/// Digests that one question of a sweep is about.
const SWEPT_AT_ONCE: usize = 1000;

/// A query of originals that came in longer than `$1` seconds ago, that are no texts, and that nobody is about to read:
/// what stands before, what stands behind, the arguments.
macro_rules! of_old {
    ($query:ident, $head:tt, $tail:tt, $($argument:expr),*) => {
        sqlx::$query!(
            $head
                + " FROM blobs b WHERE created_at < now() - make_interval(secs => $1)
                        AND NOT EXISTS (SELECT FROM text_blobs t WHERE t.sha256 = b.sha256)
                        AND NOT EXISTS (SELECT FROM submissions s LEFT JOIN jobs j ON j.submission_id = s.id WHERE s.sha256 = b.sha256
                                        AND (j.submission_id IS NOT NULL OR s.created_at >= now() - make_interval(secs => $1))) "
                + $tail,
            $($argument),*
        )
    };
}

impl Store {
    /// Removes a blob that no submission names any more. Call it once the transaction is committed in which one
    /// stopped naming it. What fails here is swept up later.
    pub(in crate::store) async fn collect(&self, sha256: &[u8]) {
        if let Err(error) = self.try_collect(sha256).await {
            tracing::warn!(%error, key = hex(sha256), "a blob that nobody names was not removed; the next sweep tries again");
        }
    }

    async fn try_collect(&self, sha256: &[u8]) -> Result<()> {
        let mut tx = self.begin().await?;
        lock(&mut tx, sha256).await?;
        let row = sqlx::query!(
            "DELETE FROM blobs WHERE sha256 = $1
                AND NOT EXISTS (SELECT FROM submissions WHERE sha256 = $1)
                AND NOT EXISTS (SELECT FROM text_blobs WHERE sha256 = $1)",
            sha256
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        if row.rows_affected() > 0 {
            self.remove_object(sha256).await?;
        }
        Ok(())
    }

    /// Removes the object of a blob that has no row, if it has none. False where it has.
    async fn remove_object(&self, sha256: &[u8]) -> Result<bool> {
        let Some(objects) = self.blobs.outside() else {
            return Ok(false);
        };
        let mut tx = self.begin().await?;
        // To the end: else it could be put there anew before it is removed.
        lock(&mut tx, sha256).await?;
        let is_named = sqlx::query_scalar!(
            r#"SELECT EXISTS (SELECT FROM blobs WHERE sha256 = $1) AS "yes!""#,
            sha256
        )
        .fetch_one(&mut *tx)
        .await?;
        if !is_named {
            objects.delete(sha256).await?;
        }
        Ok(!is_named)
    }

    /// Removes what crashes left: rows that no submission names, and objects without a row that are older than
    /// `grace`, as younger ones may be on their way; how many.
    ///
    /// # Errors
    /// As every query, and where the objects cannot be listed.
    pub async fn sweep_blobs(&self, grace: Duration) -> Result<usize> {
        let mut removed = self.sweep_rows().await?;
        if let Some(objects) = self.blobs.outside() {
            removed += self.sweep_objects(objects, grace).await?;
            removed += objects.remove_unfinished(grace).await?;
        }
        Ok(removed)
    }

    async fn sweep_rows(&self) -> Result<usize> {
        let (mut removed, mut after) = (0, Vec::new());
        loop {
            // By the key: each question costs the same, however many rows there are.
            let rows = sqlx::query!(
                r#"SELECT sha256, EXISTS (SELECT FROM submissions s WHERE s.sha256 = b.sha256)
                       OR EXISTS (SELECT FROM text_blobs t WHERE t.sha256 = b.sha256) AS "named!"
                   FROM (SELECT sha256 FROM blobs WHERE sha256 > $1 ORDER BY sha256 LIMIT $2) b ORDER BY sha256"#,
                after,
                SWEPT_AT_ONCE as i64
            )
            .fetch_all(&self.pool)
            .await?;
            let Some(last) = rows.last() else {
                return Ok(removed);
            };
            after.clone_from(&last.sha256);
            for row in rows.iter().filter(|row| !row.named) {
                self.try_collect(&row.sha256).await?;
                removed += 1;
            }
        }
    }

    async fn sweep_objects(&self, objects: &Objects, grace: Duration) -> Result<usize> {
        let old = |written| {
            let age = Utc::now().signed_duration_since(written).to_std();
            age.is_ok_and(|age| age >= grace)
        };
        let (mut removed, mut listed) = (0, std::pin::pin!(objects.list().fuse()));
        loop {
            let mut some: Vec<Vec<u8>> = Vec::new();
            while some.len() < SWEPT_AT_ONCE
                && let Some((sha256, written)) = listed.try_next().await?
            {
                if old(written) {
                    some.push(sha256);
                }
            }
            if some.is_empty() {
                return Ok(removed);
            }
            let without_row = sqlx::query_scalar!(
                r#"SELECT sha256 AS "sha256!" FROM unnest($1::bytea[]) o (sha256)
                   WHERE NOT EXISTS (SELECT FROM blobs b WHERE b.sha256 = o.sha256)"#,
                &some
            )
            .fetch_all(&self.pool)
            .await?;
            for sha256 in without_row {
                removed += usize::from(self.remove_object(&sha256).await?);
            }
        }
    }

    /// Moves originals and texts that lie in Postgres to where new ones are kept; how many. A limited number at a
    /// time: call it until it is none.
    ///
    /// # Errors
    /// As every query, and where an object cannot be written.
    pub async fn move_blobs_out(&self) -> Result<usize> {
        let Some(objects) = self.blobs.outside() else {
            return Ok(0);
        };
        let inside = sqlx::query_scalar!(
            "SELECT sha256 FROM blobs WHERE bytes IS NOT NULL OR packed IS NOT NULL LIMIT $1",
            ROUND
        )
        .fetch_all(&self.pool)
        .await?;
        for sha256 in &inside {
            let mut tx = self.begin().await?;
            lock(&mut tx, sha256).await?;
            if let Some(bytes) = get(&mut *tx, &self.blobs, sha256).await? {
                let packed = aside(move || packed::pack(&bytes)).await?;
                objects.put(sha256, packed).await?;
            }
            sqlx::query!(
                "UPDATE blobs SET bytes = NULL, packed = NULL WHERE sha256 = $1",
                sha256
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
        }
        Ok(inside.len() + self.move_texts_out().await?)
    }

    /// Makes blobs of texts of before they were that.
    async fn move_texts_out(&self) -> Result<usize> {
        let inside = sqlx::query!("SELECT submission_id, body FROM texts LIMIT $1", ROUND)
            .fetch_all(&self.pool)
            .await?;
        for text in &inside {
            let sha256 = Sha256::digest(&text.body).to_vec();
            let mut tx = self.begin().await?;
            lock(&mut tx, &sha256).await?;
            put(&mut tx, &self.blobs, &sha256, text.body.as_bytes()).await?;
            // Only this very text: the submission may have been read again, or deleted.
            let moved = sqlx::query!(
                "WITH gone AS (
                    DELETE FROM texts WHERE submission_id = $1 AND sha256(convert_to(body, 'UTF8')) = $2 RETURNING submission_id)
                 INSERT INTO text_blobs SELECT submission_id, $2 FROM gone
                    ON CONFLICT (submission_id) DO UPDATE SET sha256 = excluded.sha256",
                text.submission_id,
                sha256
            )
            .execute(&mut *tx)
            .await?;
            if moved.rows_affected() > 0 {
                tx.commit().await?;
            }
        }
        Ok(inside.len())
    }

    /// Removes originals that came in longer than `kept` ago and that nobody is about to read; how many. Their
    /// submissions, texts and indicators stay, and so does an original that is a text. A limited number at a time:
    /// call it until it is none.
    ///
    /// # Errors
    /// As every query.
    pub async fn drop_old_blobs(&self, kept: Duration) -> Result<usize> {
        let old = of_old!(
            query_scalar,
            "SELECT sha256",
            "LIMIT $2",
            kept.as_secs_f64(),
            ROUND
        )
        .fetch_all(&self.pool)
        .await?;
        for sha256 in &old {
            let mut tx = self.begin().await?;
            lock(&mut tx, sha256).await?;
            // Once more, under the lock: it may have come in again.
            let row = of_old!(
                query,
                "DELETE",
                "AND sha256 = $2",
                kept.as_secs_f64(),
                sha256
            )
            .execute(&mut *tx)
            .await?;
            tx.commit().await?;
            if row.rows_affected() > 0 {
                self.remove_object(sha256).await?;
            }
        }
        Ok(old.len())
    }
}
