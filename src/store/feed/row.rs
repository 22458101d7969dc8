//! What the feed says of an indicator: its best source, and what that says.

use chrono::{DateTime, Utc};
use sqlx::{Postgres, Transaction};
use uuid::Uuid;

use super::super::error::word;
use super::super::submissions::sectors;
use super::super::{Error, Result};
use crate::id::{IocId, SubmissionId};
use crate::indicator::{Evidence, Flag, Kind};
use crate::submission::{Category, Sector, SourceType};

/// An indicator as the feed tells of it.
#[derive(Debug, Clone, PartialEq)]
pub struct FeedRow {
    /// Its id.
    pub id: IocId,
    /// What it is.
    pub kind: Kind,
    /// The live, normalised value.
    pub value: String,
    /// When it changed: the stamp at which it stands. `None` outside the feed's order.
    pub updated_at: Option<DateTime<Utc>>,
    /// First sighting over all submissions.
    pub first_seen_at: DateTime<Utc>,
    /// Latest sighting over all submissions.
    pub last_seen_at: DateTime<Utc>,
    /// The best of the sources that were asked for.
    pub source: Source,
}

/// What one submission says of an indicator, as a source of the feed.
#[derive(Debug, Clone, PartialEq)]
pub struct Source {
    /// The submission.
    pub submission_id: SubmissionId,
    /// How it came in.
    pub source_type: SourceType,
    /// The file name, the URL, or the title of a pasted text.
    pub source_identifier: String,
    /// Its title.
    pub title: Option<String>,
    /// Its labels.
    pub tags: Vec<String>,
    /// Who stands behind it.
    pub category: Category,
    /// The sectors that it is about.
    pub industries: Vec<Sector>,
    /// How sure it makes, 0 to 100: no more than low where something says that the indicator may be benign.
    pub confidence: u8,
    /// How sure the engine is, 0 to 100: the total of `evidence`.
    pub engine_confidence: u8,
    /// What speaks for and against it.
    pub evidence: Vec<Evidence>,
    /// Why it may be benign.
    pub flags: Vec<Flag>,
    /// Where the indicator stands in it.
    pub context: String,
    /// What it calls the indicator.
    pub description: Option<String>,
    /// When the sighting was stored.
    pub seen_at: DateTime<Utc>,
}

/// A source in the types of the driver.
pub(super) struct SourceRow {
    pub(super) submission_id: Uuid,
    pub(super) source_type: String,
    pub(super) source_identifier: String,
    pub(super) title: Option<String>,
    pub(super) tags: Vec<String>,
    pub(super) category: String,
    pub(super) industries: Vec<String>,
    pub(super) feed_confidence: i16,
    pub(super) confidence: i16,
    pub(super) evidence: serde_json::Value,
    pub(super) flags: serde_json::Value,
    pub(super) context: String,
    pub(super) description: Option<String>,
    pub(super) seen_at: DateTime<Utc>,
}

impl SourceRow {
    pub(super) fn into_source(self) -> Result<Source> {
        let broken = |error: serde_json::Error| Error::Internal(error.into());
        Ok(Source {
            submission_id: SubmissionId(self.submission_id),
            source_type: word(&self.source_type)?,
            source_identifier: self.source_identifier,
            title: self.title,
            tags: self.tags,
            category: word(&self.category)?,
            industries: sectors(&self.industries)?,
            confidence: u8::try_from(self.feed_confidence).unwrap_or(0),
            engine_confidence: u8::try_from(self.confidence).unwrap_or(0),
            evidence: serde_json::from_value(self.evidence).map_err(broken)?,
            flags: serde_json::from_value(self.flags).map_err(broken)?,
            context: self.context,
            description: self.description,
            seen_at: self.seen_at,
        })
    }
}

/// What the feed says of these indicators, in their order; the best of the sources of this category and sector speaks.
pub(super) async fn rows(
    tx: &mut Transaction<'_, Postgres>,
    (category, sector): (Option<&str>, Option<&str>),
    ids: &[Uuid],
    stamps: &[Option<DateTime<Utc>>],
) -> Result<Vec<FeedRow>> {
    let rows = sqlx::query!(
        r#"SELECT i.id, i.kind, i.value, v.stamp AS "stamp?", seen.first AS "first!", seen.last AS "last!",
                  s.submission_id, d.source_type, d.source_identifier, d.title, d.tags, d.category, d.industries,
                  feed_confidence(s.confidence, s.flags) AS "feed_confidence!", s.confidence, s.evidence, s.flags, s.context,
                  s.description, s.created_at AS seen_at
           FROM unnest($1::uuid[], $2::timestamptz[]) WITH ORDINALITY AS v(id, stamp, n)
           JOIN iocs i ON i.id = v.id
           CROSS JOIN LATERAL (
               SELECT b.* FROM sightings b
               WHERE b.ioc_id = i.id AND (($3::text IS NULL AND $4::text IS NULL) OR EXISTS (
                     SELECT FROM submissions f WHERE f.id = b.submission_id
                     AND ($3::text IS NULL OR f.category = $3) AND ($4::text IS NULL OR $4 = ANY(f.industries))))
               ORDER BY feed_confidence(b.confidence, b.flags) DESC, b.submission_id DESC LIMIT 1) s
           JOIN submissions d ON d.id = s.submission_id
           CROSS JOIN LATERAL (SELECT min(created_at) AS first, max(created_at) AS last FROM sightings WHERE ioc_id = i.id) seen
           ORDER BY v.n"#,
        ids,
        stamps as _,
        category,
        sector
    )
    .fetch_all(&mut **tx)
    .await?;
    rows.into_iter()
        .map(|row| {
            let source = SourceRow {
                submission_id: row.submission_id,
                source_type: row.source_type,
                source_identifier: row.source_identifier,
                title: row.title,
                tags: row.tags,
                category: row.category,
                industries: row.industries,
                feed_confidence: row.feed_confidence,
                confidence: row.confidence,
                evidence: row.evidence,
                flags: row.flags,
                context: row.context,
                description: row.description,
                seen_at: row.seen_at,
            };
            Ok(FeedRow {
                id: IocId(row.id),
                kind: word(&row.kind)?,
                value: row.value,
                updated_at: row.stamp,
                first_seen_at: row.first,
                last_seen_at: row.last,
                source: source.into_source()?,
            })
        })
        .collect()
}
