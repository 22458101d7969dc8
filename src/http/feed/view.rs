//! The JSON shapes of the feed. A null is sent as `null`; a moment always has microseconds.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::types;
use crate::id::{IocId, SubmissionId};
use crate::indicator::{EvidenceView, Flag, Level};
use crate::store::{FeedRow, Source};
use crate::submission::{Category, Sector, SourceType, host, optional_timestamp, timestamp};

/// An indicator as the feed tells of it.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    pub(super) id: IocId,
    pub(super) r#type: &'static str,
    pub(super) value: &'a str,
    pub(super) confidence: Level,
    confidence_score: u8,
    confidence_reasons: Vec<Reason>,
    #[serde(serialize_with = "timestamp")]
    pub(super) first_seen: DateTime<Utc>,
    #[serde(serialize_with = "timestamp")]
    pub(super) last_seen: DateTime<Utc>,
    #[serde(serialize_with = "optional_timestamp")]
    updated_at: Option<DateTime<Utc>>,
    pub(super) source: Feed<'a>,
    pub(super) context: &'a str,
    description: Option<&'a str>,
    pub(super) tags: &'a [String],
    flags: &'a [Flag],
}

/// Who says so.
#[derive(Serialize)]
pub(super) struct Feed<'a> {
    pub(super) feed_name: Cow<'a, str>,
    pub(super) category: &'a Category,
    industries: &'a [Sector],
    article_id: SubmissionId,
    article_title: Option<&'a str>,
    reference_url: Option<&'a str>,
}

/// What speaks for and against an indicator; the points add up to the confidence.
#[derive(Serialize)]
pub(super) struct Reason {
    reason: &'static str,
    points: i16,
    phrase: &'static str,
}

impl<'a> Row<'a> {
    pub(super) fn new(row: &'a FeedRow) -> Self {
        let source = &row.source;
        Self {
            id: row.id,
            r#type: types::name(row.kind),
            value: &row.value,
            confidence: Level::of(source.confidence),
            confidence_score: source.confidence,
            confidence_reasons: reasons(source),
            first_seen: row.first_seen_at,
            last_seen: row.last_seen_at,
            updated_at: row.updated_at,
            source: Feed::new(source),
            context: &source.context,
            description: source.description.as_deref(),
            tags: &source.tags,
            flags: &source.flags,
        }
    }
}

impl<'a> Feed<'a> {
    pub(super) fn new(source: &'a Source) -> Self {
        let url = Some(source.source_identifier.as_str());
        Self {
            feed_name: feed_name(source.source_type, &source.source_identifier),
            category: &source.category,
            industries: &source.industries,
            article_id: source.submission_id,
            article_title: source.title.as_deref(),
            reference_url: url.filter(|_| source.source_type == SourceType::Url),
        }
    }
}

/// What a source is called: the site of a URL; what was handed in goes by how it came.
pub(in super::super) fn feed_name(source_type: SourceType, identifier: &str) -> Cow<'_, str> {
    match source_type {
        SourceType::Url => match host(identifier) {
            Some(host) => host.into(),
            None => identifier.into(),
        },
        SourceType::FileUpload => "Uploads".into(),
        SourceType::Text => "Texts".into(),
    }
}

/// The engine's reasons, and what was taken off where the indicator may be benign.
pub(super) fn reasons(source: &Source) -> Vec<Reason> {
    let mut reasons: Vec<Reason> = source
        .evidence
        .iter()
        .map(EvidenceView::from)
        .map(|view| Reason {
            reason: view.reason.name(),
            points: i16::from(view.points),
            phrase: view.phrase,
        })
        .collect();
    let taken = i16::from(source.confidence) - i16::from(source.engine_confidence);
    if taken != 0 {
        reasons.push(Reason {
            reason: "held_low",
            points: taken,
            phrase: "a feed trusts nothing that is flagged as probably benign",
        });
    }
    reasons
}
