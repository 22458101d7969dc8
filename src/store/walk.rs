//! Every indicator, page by page, for whoever writes them all out.
//!
//! No cursor of the database, no transaction and no connection outlives a page: a reader may take its time
//! between two. A page looks at a fixed number of rows of one index, whatever is asked for, so no page is
//! slow in a large store.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{IocRow, Result, Store};
use crate::indicator::Kind;

/// Indicators that a page looks at, and the most it can hold.
pub const WALK_ROWS: i64 = 1_000;

/// Where a walk through the indicators of a kind stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    kind: Kind,
    since: Option<DateTime<Utc>>,
    /// The last row looked at.
    after: Option<(DateTime<Utc>, Uuid)>,
    is_done: bool,
}

impl Walk {
    /// From the newest indicator of `kind` to the oldest; with `since` only those seen after it.
    #[must_use]
    pub fn new(kind: Kind, since: Option<DateTime<Utc>>) -> Self {
        Self {
            kind,
            since,
            after: None,
            is_done: false,
        }
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_done(&self) -> bool {
        self.is_done
    }
}

impl Store {
    /// The next indicators of a walk, newest first, each with its newest sighting. A page may be empty before
    /// the walk is done.
    ///
    /// While others write: an indicator that is there from the first page to the last comes exactly once, one
    /// that is removed meanwhile at most once. What is first stored after the first page is mostly left out, so
    /// that a walk ends however fast others write. Each page is as of its own moment: the context of a later one
    /// may stem from a document that came after the first.
    ///
    /// # Errors
    /// As every query; the walk then stands where it stood.
    pub async fn walk(&self, walk: &mut Walk) -> Result<Vec<IocRow>> {
        // A bound of every walk, not `$1 IS NULL OR …`: under that a plan made without the values reads all rows before.
        let (before, before_id) = walk
            .after
            .unwrap_or((DateTime::<Utc>::MAX_UTC, Uuid::max()));
        // The newest sighting, not EXISTS: for that the planner may hash all sightings there are, for each page.
        let looked_at = sqlx::query!(
            r#"SELECT id, created_at,
                      ($4::timestamptz IS NULL
                       OR $4 < (SELECT s.created_at FROM sightings s WHERE s.ioc_id = iocs.id
                                ORDER BY s.created_at DESC, s.submission_id DESC LIMIT 1)) AS "wanted"
               FROM iocs
               WHERE kind = $1 AND (created_at, id) < ($2, $3)
               ORDER BY created_at DESC, id DESC LIMIT $5"#,
            walk.kind.name(),
            before,
            before_id,
            walk.since,
            WALK_ROWS
        )
        .fetch_all(&self.pool)
        .await?;
        let wanted: Vec<Uuid> = looked_at
            .iter()
            .filter(|row| row.wanted == Some(true))
            .map(|row| row.id)
            .collect();
        let rows = if wanted.is_empty() {
            Vec::new()
        } else {
            self.ioc_rows(&wanted).await?
        };
        walk.is_done = (looked_at.len() as i64) < WALK_ROWS;
        walk.after = looked_at
            .last()
            .map(|row| (row.created_at, row.id))
            .or(walk.after);
        Ok(rows)
    }

    /// When any submission last changed, and with it what is known of indicators; `None` before the first.
    ///
    /// # Errors
    /// As every query.
    pub async fn changed_at(&self) -> Result<Option<DateTime<Utc>>> {
        Ok(
            sqlx::query_scalar!("SELECT max(updated_at) FROM submissions")
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// How far the clock is beyond `moment`; negative while that is still to come. Whatever is stamped after this
    /// call came back is stamped later than the clock was, and all that was stamped before is visible.
    ///
    /// # Errors
    /// As every query.
    pub async fn since_moment(&self, moment: DateTime<Utc>) -> Result<TimeDelta> {
        let clock = sqlx::query_scalar!(
            r#"SELECT clock_timestamp() AS "clock!" FROM pg_advisory_xact_lock_shared('submissions'::regclass::bigint)"#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(clock - moment)
    }
}
