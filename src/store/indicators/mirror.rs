//! Indicators and reports in the order in which they became known, for whoever keeps a mirror.
//!
//! The ground is the stamp of the change feed: `submissions.updated_at` rises strictly in commit order, so what
//! one snapshot does not show yet has a stamp beyond all that it shows. An indicator stands where the lowest
//! stamp of those submissions stands that show it unflagged. Stamps only rise, a new sighting brings a new stamp,
//! a removed one makes the lowest no lower: so an indicator only ever moves forward, and a reader that goes on
//! from the place it reached misses none, however many write. One that moved comes again, with the new stamp, unless
//! its new place is one that the reader has passed: then the reader has it as an older report tells it.
//!
//! Never reads a stretch in more than one snapshot: between two, an indicator could move behind the reader.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::super::error::word;
use super::super::{Result, Store};
use super::Row;
use crate::id::{IocId, SubmissionId};
use crate::indicator::{Ioc, Kind};
use crate::submission::{Status, Submission, Tlp};

/// Submissions that a stretch looks at, at most.
const SUBMISSIONS: i64 = 200;
/// Behind every indicator of a submission: where its report stands.
const REPORT: Uuid = Uuid::max();

/// A place in the order: nothing stands on it twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The stamp of a submission.
    pub stamp: DateTime<Utc>,
    /// An indicator of it, or what stands behind them all: the report.
    pub within: Uuid,
}

impl Place {
    /// Behind everything with this stamp.
    #[must_use]
    pub fn after(stamp: DateTime<Utc>) -> Self {
        Self {
            stamp,
            within: REPORT,
        }
    }
}

/// What a reader wants to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// Indicators of these kinds.
    pub kinds: Vec<Kind>,
    /// Reports too.
    pub reports: bool,
    /// Only what has one of these ids: of an indicator or of a submission.
    pub ids: Option<Vec<Uuid>>,
    /// Only what has one of these stamps.
    pub stamps: Option<Vec<DateTime<Utc>>>,
}

/// An indicator where it became known, with what that submission says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debut {
    /// The indicator; its times are those of this sighting, but for `created_at`, when it was first stored.
    pub ioc: Ioc,
    /// The submission.
    pub submission: SubmissionId,
}

/// An indicator that a report shows, by what names it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// Its id.
    pub id: IocId,
    /// What it is.
    pub kind: Kind,
    /// Its value.
    pub value: String,
}

/// What stands on a place.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// An indicator, and how far the report that it is from may be passed on.
    Indicator(Box<Debut>, Option<Tlp>),
    /// A completed submission and the unflagged indicators of standard kinds that it shows.
    Report(Box<Submission>, Vec<Shown>),
}

/// Entries in order.
#[derive(Debug, Clone, PartialEq)]
pub struct Stretch {
    /// Each on its place.
    pub entries: Vec<(Place, Entry)>,
    /// Where the next stretch begins; `None` where nothing is left now.
    pub next: Option<Place>,
}

/// The part of the order that one stretch looks at.
struct Window {
    ids: Vec<Uuid>,
    stamps: Vec<DateTime<Utc>>,
    tlps: Vec<Option<String>>,
    completed: Vec<bool>,
    /// Whether submissions follow.
    more: bool,
}

impl Window {
    fn at(&self, id: Uuid) -> Option<usize> {
        self.ids.iter().position(|known| *known == id)
    }
}

/// What stands on a place, as the snapshot shows it.
enum Found {
    Debut(Box<Row>),
    /// The report of this submission.
    Report(Uuid),
}

impl Found {
    fn report(&self) -> Option<Uuid> {
        match self {
            Self::Report(id) => Some(*id),
            Self::Debut(_) => None,
        }
    }
}

impl Store {
    /// What stands behind `after`, at most `limit` entries. A stretch may be empty before the end.
    ///
    /// # Errors
    /// As every query.
    pub async fn stretch(&self, after: Place, wanted: &Wanted, limit: i64) -> Result<Stretch> {
        let mut tx = self
            .planned_for_values("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let window = window(&mut tx, after, wanted, limit).await?;
        let mut places: Vec<(Place, Found)> = Vec::new();
        for row in debuts(&mut tx, &window.ids, after, wanted, limit + 1).await? {
            if let Some(at) = window.at(row.submission_id) {
                let place = Place {
                    stamp: window.stamps[at],
                    within: row.id,
                };
                places.push((place, Found::Debut(Box::new(row))));
            }
        }
        if wanted.reports {
            let reports = window.ids.iter().zip(&window.stamps).zip(&window.completed);
            for ((id, stamp), completed) in reports {
                let place = Place::after(*stamp);
                if *completed && place > after && wanted.takes(*id, *stamp) {
                    places.push((place, Found::Report(*id)));
                }
            }
        }
        places.sort_by_key(|(place, _)| *place);
        let cut = places.len() > limit.unsigned_abs() as usize;
        places.truncate(limit.unsigned_abs() as usize);
        let next = match places.last() {
            Some((place, _)) if cut => Some(*place),
            _ if window.more => window.stamps.last().map(|stamp| Place::after(*stamp)),
            _ => None,
        };
        let reported: Vec<Uuid> = places
            .iter()
            .filter_map(|(_, found)| found.report())
            .collect();
        let mut shown = shown(&mut tx, &reported).await?;
        tx.commit().await?;

        let mut entries = Vec::with_capacity(places.len());
        for (place, found) in places {
            match found {
                Found::Report(id) => {
                    // One that changed since has left its place: it stands further on now.
                    let submission = self.submission(SubmissionId(id)).await?;
                    let same = |s: &Submission| {
                        s.updated_at == place.stamp && s.status == Status::Completed
                    };
                    if let Some(submission) = submission.filter(same) {
                        let of_it = shown.remove(&id).unwrap_or_default();
                        entries.push((place, Entry::Report(Box::new(submission), of_it)));
                    }
                }
                Found::Debut(row) => {
                    let tlp = window
                        .at(row.submission_id)
                        .and_then(|at| window.tlps[at].as_deref())
                        .map(word)
                        .transpose()?;
                    let submission = SubmissionId(row.submission_id);
                    let ioc = row.into_ioc_row()?.ioc;
                    let debut = Debut { ioc, submission };
                    entries.push((place, Entry::Indicator(Box::new(debut), tlp)));
                }
            }
        }
        Ok(Stretch { entries, next })
    }
}

impl Wanted {
    fn takes(&self, id: Uuid, stamp: DateTime<Utc>) -> bool {
        self.ids.as_ref().is_none_or(|ids| ids.contains(&id))
            && self
                .stamps
                .as_ref()
                .is_none_or(|stamps| stamps.contains(&stamp))
    }
}

/// The next submissions: as many as hold `limit` indicators, and one more. Where ids or stamps are asked for, those
/// that have them, or show what has them.
async fn window(
    tx: &mut Transaction<'_, Postgres>,
    after: Place,
    wanted: &Wanted,
    limit: i64,
) -> Result<Window> {
    let from = if after.within == REPORT {
        after.stamp + TimeDelta::microseconds(1)
    } else {
        after.stamp
    };
    let rows = sqlx::query!(
        r#"SELECT id, updated_at, tlp, status = 'completed' AS "completed!",
                  updated_at < (SELECT max(updated_at) FROM submissions) AS "more!"
           FROM (SELECT id, updated_at, tlp, status, (sum(ioc_count) OVER in_order)::bigint - ioc_count AS before
                 FROM submissions d
                 WHERE updated_at >= $1
                   AND ($4::timestamptz[] IS NULL OR updated_at = ANY($4))
                   AND ($5::uuid[] IS NULL OR id = ANY($5) OR id IN (
                        SELECT submission_id FROM sightings WHERE ioc_id = ANY($5)))
                 WINDOW in_order AS (ORDER BY updated_at ROWS UNBOUNDED PRECEDING)
                 ORDER BY updated_at LIMIT $2) d
           WHERE before < $3 ORDER BY updated_at"#,
        from,
        SUBMISSIONS,
        // One submission may be used up in part: then it is the window, and the next one begins behind it.
        limit,
        wanted.stamps.as_deref() as _,
        wanted.ids.as_deref() as _,
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(Window {
        more: rows.last().is_some_and(|row| row.more),
        ids: rows.iter().map(|row| row.id).collect(),
        stamps: rows.iter().map(|row| row.updated_at).collect(),
        completed: rows.iter().map(|row| row.completed).collect(),
        tlps: rows.into_iter().map(|row| row.tlp).collect(),
    })
}

/// The indicators that became known with these submissions.
async fn debuts(
    tx: &mut Transaction<'_, Postgres>,
    submissions: &[Uuid],
    after: Place,
    wanted: &Wanted,
    limit: i64,
) -> Result<Vec<Row>> {
    let kinds: Vec<String> = wanted
        .kinds
        .iter()
        .map(|kind| kind.name().to_owned())
        .collect();
    // Not NOT EXISTS: the oldest sighting is looked at first, and mostly is the one that stands before.
    let rows = rows!(
        "i.created_at",
        "submissions d JOIN sightings s ON s.submission_id = d.id JOIN iocs i ON i.id = s.ioc_id
         CROSS JOIN LATERAL (SELECT s.created_at AS first, s.created_at AS last, 1::bigint AS n) seen
         WHERE d.id = ANY($1) AND (d.updated_at, s.ioc_id) > ($2, $3) AND i.kind = ANY($4) AND s.flags = '[]'
           AND ($5::uuid[] IS NULL OR s.ioc_id = ANY($5))
           AND (SELECT true FROM sightings e JOIN submissions f ON f.id = e.submission_id
                WHERE e.ioc_id = s.ioc_id AND e.flags = '[]' AND f.updated_at < d.updated_at
                ORDER BY e.created_at, e.submission_id LIMIT 1) IS NULL
         ORDER BY d.updated_at, s.ioc_id LIMIT $6",
        submissions,
        after.stamp,
        after.within,
        &kinds,
        wanted.ids.as_deref() as _,
        limit
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows)
}

/// What these submissions show, each in order of first appearance.
async fn shown(
    tx: &mut Transaction<'_, Postgres>,
    submissions: &[Uuid],
) -> Result<HashMap<Uuid, Vec<Shown>>> {
    let mut by_submission: HashMap<Uuid, Vec<Shown>> = HashMap::new();
    if submissions.is_empty() {
        return Ok(by_submission);
    }
    let rows = sqlx::query!(
        "SELECT s.submission_id, i.id, i.kind, i.value FROM sightings s JOIN iocs i ON i.id = s.ioc_id
         WHERE s.submission_id = ANY($1) AND s.flags = '[]' AND is_standard(i.kind)
         ORDER BY s.submission_id, s.ordinal",
        submissions
    )
    .fetch_all(&mut **tx)
    .await?;
    for row in rows {
        let shown = Shown {
            id: IocId(row.id),
            kind: word(&row.kind)?,
            value: row.value,
        };
        by_submission
            .entry(row.submission_id)
            .or_default()
            .push(shown);
    }
    Ok(by_submission)
}
