//! The indicators of the feed: by type, by what their sources are, by when they changed. Enter at [`Store::feed`].
//!
//! An indicator changes when a submission that shows it does, and so it stands at a stamp of the change feed
//! ([`mirror`](super::indicators::mirror)): without `since` at the latest, with it at the first one after. New
//! sightings come with stamps beyond all others, so they never move what stands behind `since`: whoever goes on from
//! the place reached misses nothing, however many write. What a submission shows stands in the order of ids.
//!
//! What is said of an indicator is what its best source says: `feed_confidence()` of the schema, where an index gives
//! the best at once. Nothing is counted per indicator when a document is stored: a count that no total of kinds
//! gives is made here, and ends in [`Error::Timeout`](super::Error::Timeout) where that takes too long.

mod find;
mod row;
mod walk;

use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Postgres, Transaction};
use uuid::Uuid;

use super::indicators::mirror::Place;
use super::{Result, Store};
use crate::indicator::{Kind, Level};
use crate::submission::{Category, Sector};

pub use row::{FeedRow, Source};

/// What a feed is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FeedQuery {
    /// Indicators of these kinds.
    pub kinds: Vec<Kind>,
    /// Only with a confidence of this level, at the best of the sources below.
    pub level: Option<Level>,
    /// Only what sources of this category show.
    pub category: Option<Category>,
    /// Only what sources about this sector show.
    pub sector: Option<Sector>,
    /// Only what changed behind this place, oldest change first; without it the latest change is first.
    pub since: Option<Place>,
    /// Only what changed up to this moment.
    pub until: Option<DateTime<Utc>>,
    /// Most rows.
    pub limit: i64,
    /// Rows to skip.
    pub offset: i64,
    /// Whether the total is wanted.
    pub counted: bool,
}

/// A page of a feed.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedPage {
    /// Rows that match over all pages, exact; `None` where it was not wanted.
    pub total: Option<i64>,
    /// In order of their change.
    pub rows: Vec<FeedRow>,
    /// The latest stamp that this page knew of: what changes later is behind it. `None` before the first submission.
    pub as_of: Option<DateTime<Utc>>,
    /// With `since`: from where to go on now. `None` where nothing is left.
    pub next: Option<Place>,
}

/// Where an indicator stands.
type Spot = (DateTime<Utc>, Uuid);

/// The query in the types of the driver.
struct Asked<'a> {
    query: &'a FeedQuery,
    kinds: Vec<String>,
    category: Option<&'a str>,
    sector: Option<&'a str>,
    least: i16,
    most: i16,
}

impl<'a> Asked<'a> {
    fn new(query: &'a FeedQuery) -> Self {
        let range = query.level.map_or(0..=100, Level::range);
        Self {
            query,
            kinds: query.kinds.iter().map(Kind::to_string).collect(),
            category: query.category.as_ref().map(Category::as_str),
            sector: query.sector.map(Sector::as_str),
            least: i16::from(*range.start()),
            most: i16::from(*range.end()),
        }
    }

    /// Behind which place, for whoever asks for none before all.
    fn after(&self) -> Place {
        self.query.since.unwrap_or(Place {
            stamp: DateTime::<Utc>::UNIX_EPOCH,
            within: Uuid::nil(),
        })
    }

    fn until(&self) -> DateTime<Utc> {
        self.query.until.unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// Whether sources and levels do not matter.
    fn is_by_kind_alone(&self) -> bool {
        let query = self.query;
        query.level.is_none() && query.category.is_none() && query.sector.is_none()
    }
}

impl Store {
    /// A page of the feed.
    ///
    /// # Errors
    /// As every query; [`Error::Timeout`](super::Error::Timeout) where the total or the offset takes more than a search may.
    pub async fn feed(&self, query: &FeedQuery) -> Result<FeedPage> {
        let asked = Asked::new(query);
        if query.since.is_some() {
            self.wait_for_stamps().await?;
        }
        let mut tx = self.feed_transaction().await?;
        let bounds = sqlx::query!(
            "SELECT min(updated_at) AS first, max(updated_at) AS last FROM submissions"
        )
        .fetch_one(&mut *tx)
        .await?;
        let from_the_start = bounds.first.is_none_or(|first| asked.after().stamp < first);
        let everything = asked.is_by_kind_alone() && query.until.is_none() && from_the_start;
        let whole = if everything {
            Some(total_of(&mut tx, &asked).await?)
        } else {
            None
        };
        let (total, spots, cut) = if everything || !query.counted {
            let walked = self.walk_feed(&mut tx, &asked, whole).await?;
            (whole.filter(|_| query.counted), walked.spots, walked.cut)
        } else {
            let (total, spots) = self.counted(&mut tx, &asked).await?;
            (Some(total), spots, None)
        };
        let full = spots.len() as i64 == query.limit;
        let last = spots.last().filter(|_| full);
        let last = last.map(|(stamp, id)| Place {
            stamp: *stamp,
            within: *id,
        });
        let (stamps, ids): (Vec<_>, Vec<Uuid>) = spots
            .into_iter()
            .map(|(stamp, id)| (Some(stamp), id))
            .unzip();
        let rows = row::rows(&mut tx, (asked.category, asked.sector), &ids, &stamps).await?;
        tx.commit().await?;
        Ok(FeedPage {
            total,
            rows,
            as_of: bounds.last,
            next: last.or(cut).filter(|_| query.since.is_some()),
        })
    }

    /// One snapshot.
    async fn feed_transaction(&self) -> Result<Transaction<'static, Postgres>> {
        self.planned_for_values("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await
    }

    /// Comes back when whatever was stamped before the call is visible: whoever takes the time of the call as the next
    /// `since` misses nothing either. Not in the snapshot itself, which would be from before the wait.
    async fn wait_for_stamps(&self) -> Result<()> {
        sqlx::query!("SELECT pg_advisory_xact_lock_shared('submissions'::regclass::bigint)")
            .fetch_one(&self.pool)
            .await?;
        Ok(())
    }

    /// Total and page in one pass over what the submissions in range show, within the time of a search.
    async fn counted(
        &self,
        tx: &mut Transaction<'_, Postgres>,
        asked: &Asked<'_>,
    ) -> Result<(i64, Vec<Spot>)> {
        set_limit(tx, &self.search_timeout.as_millis().to_string()).await?;
        let (after, ascending) = (asked.after(), asked.query.since.is_some());
        let hits = sqlx::query!(
        r#"WITH changed AS MATERIALIZED (
               SELECT s.ioc_id AS id, CASE WHEN $1 THEN min(d.updated_at) ELSE max(d.updated_at) END AS stamp
               FROM submissions d JOIN sightings s ON s.submission_id = d.id JOIN iocs i ON i.id = s.ioc_id
               WHERE d.updated_at >= $2 AND (d.updated_at, s.ioc_id) > ($2, $3) AND d.updated_at <= $4
                 AND ($5::text IS NULL OR d.category = $5) AND ($6::text IS NULL OR $6 = ANY(d.industries))
                 AND i.kind = ANY($7)
               GROUP BY s.ioc_id),
           hits AS MATERIALIZED (
               SELECT id, stamp FROM changed WHERE ($8::smallint = 0 AND $9::smallint = 100) OR (
                   SELECT feed_confidence(b.confidence, b.flags) FROM sightings b
                   WHERE b.ioc_id = changed.id AND (($5::text IS NULL AND $6::text IS NULL) OR EXISTS (
                         SELECT FROM submissions f WHERE f.id = b.submission_id
                         AND ($5::text IS NULL OR f.category = $5) AND ($6::text IS NULL OR $6 = ANY(f.industries))))
                   ORDER BY feed_confidence(b.confidence, b.flags) DESC, b.submission_id DESC LIMIT 1) BETWEEN $8 AND $9),
           page AS (
               SELECT id, stamp FROM hits
               ORDER BY CASE WHEN $1 THEN stamp END, CASE WHEN $1 THEN id END, stamp DESC, id DESC LIMIT $10 OFFSET $11)
           SELECT (SELECT count(*) FROM hits) AS "total!", ARRAY(SELECT id FROM page) AS "ids!",
                  ARRAY(SELECT stamp FROM page) AS "stamps!: Vec<DateTime<Utc>>""#,
        ascending,
        after.stamp,
        after.within,
        asked.until(),
        asked.category,
        asked.sector,
        &asked.kinds,
        asked.least,
        asked.most,
        asked.query.limit,
        asked.query.offset,
    )
    .fetch_one(&mut **tx)
    .await?;
        set_limit(tx, "DEFAULT").await?;
        Ok((hits.total, hits.stamps.into_iter().zip(hits.ids).collect()))
    }
}

/// How many indicators of the kinds there are.
async fn total_of(tx: &mut Transaction<'_, Postgres>, asked: &Asked<'_>) -> Result<i64> {
    Ok(sqlx::query_scalar!(
        r#"SELECT coalesce(sum(n), 0)::bigint AS "total!" FROM ioc_totals WHERE kind = ANY($1)"#,
        &asked.kinds
    )
    .fetch_one(&mut **tx)
    .await?)
}

/// How long each of the next statements may run, in milliseconds.
async fn set_limit(tx: &mut Transaction<'_, Postgres>, limit: &str) -> Result<()> {
    let set = format!("SET LOCAL statement_timeout = {limit}");
    sqlx::raw_sql(AssertSqlSafe(set)).execute(&mut **tx).await?;
    Ok(())
}
