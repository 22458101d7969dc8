//! A page of the feed without a count: submission by submission along their stamps, until it is full. A step looks at as
//! many submissions as show a page or so: none is slow in a large store. Where few are left to be found, they are
//! looked up by themselves: the last of the rare ones stand in the oldest submissions.

use std::collections::HashSet;
use std::time::Instant;

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::super::indicators::mirror::Place;
use super::super::{Error, Result, Store};
use super::{Asked, Spot};

/// Submissions that one step looks at, at most.
const SUBMISSIONS: i64 = 200;
/// Indicators that the submissions of one step show, about: at first, and at most.
const LEAST_SIGHTINGS: i64 = 500;
const MOST_SIGHTINGS: i64 = 20_000;
/// Steps before what is left is looked up: by then what many submissions show was met.
const STEPS: usize = 3;
/// Indicators that are looked up by themselves, at most.
const REST: i64 = 20_000;

/// How far a walk came.
pub(super) struct Walked {
    /// The page.
    pub(super) spots: Vec<Spot>,
    /// Where it stopped for want of time.
    pub(super) cut: Option<Place>,
}

/// The submissions of one step.
struct Step {
    ids: Vec<Uuid>,
    /// The stamp of the last one.
    reached: DateTime<Utc>,
}

impl Store {
    /// The page that `asked` describes; `whole` is how many indicators there are to be met, where that is known. With
    /// `since` a walk that takes too long stops where it is.
    pub(super) async fn walk_feed(
        &self,
        tx: &mut Transaction<'_, Postgres>,
        asked: &Asked<'_>,
        whole: Option<i64>,
    ) -> Result<Walked> {
        let ascending = asked.query.since.is_some();
        let deadline = Instant::now() + self.search_timeout;
        let mut known = HashSet::new();
        let mut spots = Vec::new();
        let (mut low, mut high) = (asked.after().stamp, asked.until());
        let wanted = asked.query.offset.saturating_add(asked.query.limit);
        let mut size = wanted
            .saturating_mul(2)
            .clamp(LEAST_SIGHTINGS, MOST_SIGHTINGS);
        let mut steps = 0;
        // The bound belongs to the first step; the others begin where one has ended.
        while let Some(step) = step(tx, asked, (low, high), steps == 0, size).await? {
            for (stamp, id) in shown(tx, asked, &step).await? {
                if known.insert(id) && known.len() as i64 > asked.query.offset {
                    spots.push((stamp, id));
                }
                if known.len() as i64 == wanted {
                    return Ok(Walked { spots, cut: None });
                }
            }
            if Instant::now() > deadline {
                if !ascending {
                    return Err(Error::Timeout("a walk along the feed".into()));
                }
                let cut = Some(Place::after(step.reached));
                return Ok(Walked { spots, cut });
            }
            if ascending {
                low = step.reached;
            } else {
                high = step.reached;
            }
            steps += 1;
            size = (size * 2).min(MOST_SIGHTINGS);
            let left = whole.map_or(i64::MAX, |whole| whole - known.len() as i64);
            if steps >= STEPS && left <= REST {
                let met = known.len() as i64;
                let skip = usize::try_from(asked.query.offset - met).unwrap_or(0);
                let room = asked.query.limit.unsigned_abs() as usize - spots.len();
                let rest = rest(tx, asked, known.into_iter().collect()).await?;
                spots.extend(rest.into_iter().skip(skip).take(room));
                return Ok(Walked { spots, cut: None });
            }
        }
        Ok(Walked { spots, cut: None })
    }
}

/// A submission in the order of the feed.
struct Stamped {
    id: Uuid,
    stamp: DateTime<Utc>,
}

/// The next submissions between two stamps, from the lower one on with `since`, else from the higher one back.
async fn step(
    tx: &mut Transaction<'_, Postgres>,
    asked: &Asked<'_>,
    (low, high): (DateTime<Utc>, DateTime<Utc>),
    first: bool,
    size: i64,
) -> Result<Option<Step>> {
    let rows = if asked.query.since.is_some() {
        sqlx::query_as!(
            Stamped,
            r#"SELECT id, updated_at AS stamp FROM (
                   SELECT id, updated_at, (sum(ioc_count) OVER (ORDER BY updated_at ROWS UNBOUNDED PRECEDING))::bigint - ioc_count AS before
                   FROM (SELECT id, updated_at, ioc_count FROM submissions
                         WHERE updated_at >= $1 AND ($3 OR updated_at > $1) AND updated_at <= $2 AND ioc_count > 0
                           AND ($4::text IS NULL OR category = $4) AND ($5::text IS NULL OR $5 = ANY(industries))
                         ORDER BY updated_at LIMIT $6) d) d
               WHERE before < $7 ORDER BY updated_at"#,
            low,
            high,
            first,
            asked.category,
            asked.sector,
            SUBMISSIONS,
            size
        )
        .fetch_all(&mut **tx)
        .await?
    } else {
        sqlx::query_as!(
            Stamped,
            r#"SELECT id, updated_at AS stamp FROM (
                   SELECT id, updated_at, (sum(ioc_count) OVER (ORDER BY updated_at DESC ROWS UNBOUNDED PRECEDING))::bigint - ioc_count AS before
                   FROM (SELECT id, updated_at, ioc_count FROM submissions
                         WHERE updated_at <= $1 AND ($2 OR updated_at < $1) AND ioc_count > 0
                           AND ($3::text IS NULL OR category = $3) AND ($4::text IS NULL OR $4 = ANY(industries))
                         ORDER BY updated_at DESC LIMIT $5) d) d
               WHERE before < $6 ORDER BY updated_at DESC"#,
            high,
            first,
            asked.category,
            asked.sector,
            SUBMISSIONS,
            size
        )
        .fetch_all(&mut **tx)
        .await?
    };
    Ok(rows.last().map(|last| Step {
        ids: rows.iter().map(|row| row.id).collect(),
        reached: last.stamp,
    }))
}

/// What the submissions of a step show of what is asked for, in order; more than once where several do.
async fn shown(
    tx: &mut Transaction<'_, Postgres>,
    asked: &Asked<'_>,
    step: &Step,
) -> Result<Vec<Spot>> {
    let after = asked.after();
    let rows = sqlx::query!(
        r#"SELECT s.ioc_id AS id, d.updated_at AS stamp
           FROM submissions d JOIN sightings s ON s.submission_id = d.id JOIN iocs i ON i.id = s.ioc_id
           WHERE d.id = ANY($1) AND (d.updated_at, s.ioc_id) > ($2, $3) AND i.kind = ANY($4)
             AND (($5::smallint = 0 AND $6::smallint = 100) OR (
                   SELECT feed_confidence(b.confidence, b.flags) FROM sightings b
                   WHERE b.ioc_id = s.ioc_id AND (($7::text IS NULL AND $8::text IS NULL) OR EXISTS (
                         SELECT FROM submissions f WHERE f.id = b.submission_id
                         AND ($7::text IS NULL OR f.category = $7) AND ($8::text IS NULL OR $8 = ANY(f.industries))))
                   ORDER BY feed_confidence(b.confidence, b.flags) DESC, b.submission_id DESC LIMIT 1) BETWEEN $5 AND $6)"#,
        &step.ids,
        after.stamp,
        after.within,
        &asked.kinds,
        asked.least,
        asked.most,
        asked.category,
        asked.sector,
    )
    .fetch_all(&mut **tx)
    .await?;
    let spots = rows.into_iter().map(|row| (row.stamp, row.id));
    Ok(in_order(spots.collect(), asked))
}

/// All that a walk over everything has not met yet, in order.
async fn rest(
    tx: &mut Transaction<'_, Postgres>,
    asked: &Asked<'_>,
    known: Vec<Uuid>,
) -> Result<Vec<Spot>> {
    let rows = sqlx::query!(
        r#"SELECT i.id, CASE WHEN $3 THEN at.first ELSE at.last END AS "stamp!"
           FROM iocs i CROSS JOIN LATERAL (
               SELECT min(d.updated_at) AS first, max(d.updated_at) AS last
               FROM sightings s JOIN submissions d ON d.id = s.submission_id WHERE s.ioc_id = i.id) at
           WHERE i.kind = ANY($1) AND NOT EXISTS (SELECT FROM unnest($2::uuid[]) AS k(id) WHERE k.id = i.id)"#,
        &asked.kinds,
        &known,
        asked.query.since.is_some()
    )
    .fetch_all(&mut **tx)
    .await?;
    let spots = rows.into_iter().map(|row| (row.stamp, row.id));
    Ok(in_order(spots.collect(), asked))
}

/// The earliest first with `since`, else the latest.
fn in_order(mut spots: Vec<Spot>, asked: &Asked<'_>) -> Vec<Spot> {
    spots.sort_unstable();
    if asked.query.since.is_none() {
        spots.reverse();
    }
    spots
}
