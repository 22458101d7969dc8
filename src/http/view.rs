//! The JSON shapes of indicators outside a submission; within one it is
//! [`IocView`](crate::indicator::IocView). A null is sent as `null`; a moment always has microseconds.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::id::{FalsePositiveId, IocId, SubmissionId};
use crate::indicator::{EvidenceView, Finding, Flag, Kind, KindView, Location};
use crate::store::{FalsePositive, IocRow, Sighting};
use crate::submission::timestamp;

/// An address without its query, where keys stand, unless the `whole` of it may be seen.
pub(super) fn without_query(url: String, whole: bool) -> String {
    match url.split_once('?') {
        Some((address, _)) if !whole => format!("{address}?…"),
        _ => url,
    }
}

/// What one document says of one indicator.
#[derive(Serialize)]
pub(super) struct Found<'a> {
    value: &'a str,
    /// The defanged form; the contract's name says otherwise, its examples do not.
    refanged_value: Cow<'a, str>,
    r#type: Kind,
    ioc_type: KindView,
    context: &'a str,
    description: Option<&'a str>,
    flags: &'a [Flag],
    location: &'a Location,
    occurrences: u32,
    confidence: u8,
    confidence_reasons: Vec<EvidenceView>,
}

impl<'a> From<&'a Finding> for Found<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            value: &finding.value,
            refanged_value: finding.kind.defang(&finding.value),
            r#type: finding.kind,
            ioc_type: KindView { name: finding.kind },
            context: &finding.context,
            description: finding.description.as_deref(),
            flags: &finding.flags,
            location: &finding.location,
            occurrences: finding.occurrences,
            confidence: finding.confidence,
            confidence_reasons: finding.evidence.iter().map(EvidenceView::from).collect(),
        }
    }
}

/// One indicator over all submissions.
#[derive(Serialize)]
pub(super) struct Row<'a> {
    id: IocId,
    value: &'a str,
    refanged_value: Cow<'a, str>,
    r#type: Kind,
    context: &'a str,
    description: Option<&'a str>,
    submission_id: Option<SubmissionId>,
    submission_count: i64,
    #[serde(serialize_with = "timestamp")]
    first_seen_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp")]
    last_seen_at: DateTime<Utc>,
    flags: &'a [Flag],
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
}

impl<'a> From<&'a IocRow> for Row<'a> {
    fn from(row: &'a IocRow) -> Self {
        let finding = &row.ioc.finding;
        Self {
            id: row.ioc.id,
            value: &finding.value,
            refanged_value: finding.kind.defang(&finding.value),
            r#type: finding.kind,
            context: &finding.context,
            description: finding.description.as_deref(),
            submission_id: row.submission_id,
            submission_count: row.ioc.submission_count,
            first_seen_at: row.ioc.first_seen_at,
            last_seen_at: row.ioc.last_seen_at,
            flags: &finding.flags,
            created_at: row.ioc.created_at,
        }
    }
}

/// One indicator with a page of the submissions that hold it.
#[derive(Serialize)]
pub(super) struct Detail<'a> {
    #[serde(flatten)]
    row: Row<'a>,
    ioc_type: KindView,
    false_positive: Option<Marked<'a>>,
    limit: i64,
    offset: i64,
    submissions: Vec<Sighted<'a>>,
}

/// The mark of a person, without who it was: whoever may read sees it.
#[derive(Serialize)]
struct Marked<'a> {
    id: FalsePositiveId,
    reason: Option<&'a str>,
    #[serde(serialize_with = "timestamp")]
    marked_at: DateTime<Utc>,
}

#[derive(Serialize)]
struct Sighted<'a> {
    id: SubmissionId,
    title: Option<&'a str>,
    source_identifier: &'a str,
    context: &'a str,
    description: Option<&'a str>,
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
}

impl<'a> Detail<'a> {
    pub(super) fn new(
        row: &'a IocRow,
        sightings: &'a [Sighting],
        mark: Option<&'a FalsePositive>,
        page: super::query::Page,
    ) -> Self {
        let sighted = |sighting: &'a Sighting| Sighted {
            id: sighting.submission_id,
            title: sighting.title.as_deref(),
            source_identifier: &sighting.source_identifier,
            context: &sighting.context,
            description: sighting.description.as_deref(),
            created_at: sighting.created_at,
        };
        Self {
            row: Row::from(row),
            ioc_type: KindView {
                name: row.ioc.finding.kind,
            },
            false_positive: mark.map(|mark| Marked {
                id: mark.id,
                reason: mark.reason.as_deref(),
                marked_at: mark.marked_at,
            }),
            limit: page.limit,
            offset: page.offset,
            submissions: sightings.iter().map(sighted).collect(),
        }
    }
}
