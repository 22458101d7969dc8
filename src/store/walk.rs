//! Every indicator, page by page, for whoever writes them all out.
//!
//! No cursor of the database, no transaction and no connection outlives a page: a reader may take its time
//! between two. A page looks at a fixed number of rows of one index, whatever is asked for, so no page is
//! slow in a large store.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::{IocRow, Result, Store};
use crate::indicator::Kind;
use crate::submission::Tlp;

/// Indicators that a page looks at, and the most it can hold.
pub const WALK_ROWS: i64 = 1_000;

/// Which documents are asked, and which of the indicators that they tell of are wanted. The default: all.
///
/// An indicator comes as if no other documents were there: with what the newest of those that are asked says of it,
/// and counted in those alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Ask documents whose last change is not after this moment.
    pub until: Option<DateTime<Utc>>,
    /// Ask documents with this label or a more open one; those without a label say nothing of whom they are for.
    pub tlp: Option<Tlp>,
    /// Want what one of them tells that changed after this moment.
    pub since: Option<DateTime<Utc>>,
    /// Want what the newest of them tells with this confidence or a higher one.
    pub confidence: u8,
}

impl Choice {
    fn labels(&self) -> Option<Vec<&'static str>> {
        let labels = self.tlp?.and_more_open().iter();
        Some(labels.map(|tlp| tlp.as_str()).collect())
    }
}

/// Where a walk through the indicators of a kind stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Walk {
    kind: Kind,
    choice: Choice,
    /// The last row looked at.
    after: Option<(DateTime<Utc>, Uuid)>,
    is_done: bool,
}

impl Walk {
    /// From the newest indicator of `kind` to the oldest.
    #[must_use]
    pub fn new(kind: Kind, choice: Choice) -> Self {
        Self {
            kind,
            choice,
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

/// An indicator that a page looks at.
struct Look {
    id: Uuid,
    created_at: DateTime<Utc>,
    wanted: bool,
}

impl Walk {
    /// A bound of every page, not `$1 IS NULL OR …`: under that a plan made without the values reads all rows before.
    fn before(&self) -> (DateTime<Utc>, Uuid) {
        self.after
            .unwrap_or((DateTime::<Utc>::MAX_UTC, Uuid::max()))
    }
}

impl Store {
    /// The next indicators of a walk, newest first, each with its newest sighting in the documents that are asked. A
    /// page may be empty before the walk is done.
    ///
    /// While others write: an indicator that is there from the first page to the last comes exactly once, one
    /// that is removed meanwhile at most once. What is first stored after the first page is mostly left out, so
    /// that a walk ends however fast others write. Each page is as of its own moment: the context of a later one
    /// may stem from a document that came after the first.
    ///
    /// # Errors
    /// As every query; the walk then stands where it stood.
    pub async fn walk(&self, walk: &mut Walk) -> Result<Vec<IocRow>> {
        let looked_at = if walk.choice == Choice::default() {
            self.look(walk).await?
        } else {
            self.look_and_choose(walk).await?
        };
        let wanted: Vec<Uuid> = looked_at
            .iter()
            .filter(|row| row.wanted)
            .map(|row| row.id)
            .collect();
        let rows = if wanted.is_empty() {
            Vec::new()
        } else if walk.choice.until.is_none() && walk.choice.tlp.is_none() {
            self.ioc_rows(&wanted).await?
        } else {
            let labels = walk.choice.labels();
            self.ioc_rows_told(&wanted, walk.choice.until, labels.as_deref())
                .await?
        };
        walk.is_done = (looked_at.len() as i64) < WALK_ROWS;
        walk.after = looked_at
            .last()
            .map(|row| (row.created_at, row.id))
            .or(walk.after);
        Ok(rows)
    }

    async fn look(&self, walk: &Walk) -> Result<Vec<Look>> {
        let (before, before_id) = walk.before();
        let rows = sqlx::query_as!(
            Look,
            r#"SELECT id, created_at, true AS "wanted!" FROM iocs
               WHERE kind = $1 AND (created_at, id) < ($2, $3)
               ORDER BY created_at DESC, id DESC LIMIT $4"#,
            walk.kind.name(),
            before,
            before_id,
            WALK_ROWS
        );
        Ok(rows.fetch_all(&self.pool).await?)
    }

    async fn look_and_choose(&self, walk: &Walk) -> Result<Vec<Look>> {
        let (before, before_id) = walk.before();
        let labels = walk.choice.labels();
        let rows = sqlx::query_as!(
            Look,
            r#"SELECT i.id AS "id!", i.created_at AS "created_at!",
                      coalesce(told.changed > $7 AND told.confidence >= $8, false) AS "wanted!"
               FROM (SELECT id, created_at FROM iocs
                     WHERE kind = $1 AND (created_at, id) < ($2, $3)
                     ORDER BY created_at DESC, id DESC LIMIT $4) i
               CROSS JOIN LATERAL (
                   SELECT max(d.updated_at) AS changed,
                          (array_agg(s.confidence ORDER BY s.created_at DESC, s.submission_id DESC))[1] AS confidence
                   FROM sightings s JOIN submissions d ON d.id = s.submission_id
                   WHERE s.ioc_id = i.id AND d.updated_at <= $5 AND ($6::text[] IS NULL OR d.tlp = ANY($6))) told
               ORDER BY i.created_at DESC, i.id DESC"#,
            walk.kind.name(),
            before,
            before_id,
            WALK_ROWS,
            walk.choice.until.unwrap_or(DateTime::<Utc>::MAX_UTC),
            labels.as_deref() as _,
            walk.choice.since.unwrap_or(DateTime::UNIX_EPOCH),
            i16::from(walk.choice.confidence)
        );
        Ok(rows.fetch_all(&self.pool).await?)
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
