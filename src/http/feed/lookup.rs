//! `GET /api/v1/lookup`: all that is known of one value, and how to look for it in one's own logs.

use std::borrow::Cow;

use axum::Json;
use axum::extract;
use axum::response::{IntoResponse, Response};
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::State;
use super::super::auth::Reader;
use super::super::error::Error;
use super::super::query::Query;
use super::hunt::{self, Queries};
use super::search::{beside, kinds_beside};
use super::view::{Feed, Reason, Row, feed_name, reasons};
use super::{spelling, types};
use crate::export::technique_name;
use crate::id::{IocId, SubmissionId};
use crate::indicator::Level;
use crate::store::Source;
use crate::submission::{optional_timestamp, timestamp};

/// Characters of a value.
const MAX_CHARS: usize = 2048;
/// Sightings that are looked at, the best ones.
const SIGHTINGS: i64 = 1_000;
/// Reports whose techniques are named, the best ones.
const REPORTS: usize = 10;

#[derive(Serialize)]
struct Known<'a> {
    found: bool,
    id: Option<IocId>,
    value: &'a str,
    r#type: Option<&'static str>,
    /// The word of the confidence: no other risk is assessed here.
    risk_score: Option<Level>,
    confidence: Option<Level>,
    confidence_score: Option<u8>,
    confidence_reasons: Vec<Reason>,
    #[serde(serialize_with = "optional_timestamp")]
    first_seen: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_timestamp")]
    last_seen: Option<DateTime<Utc>>,
    submission_count: i64,
    mitre_techniques: Vec<Technique<'a>>,
    hunting_queries: Option<Queries>,
    sources: Vec<Said<'a>>,
    related: Vec<Row<'a>>,
}

#[derive(Serialize)]
struct Technique<'a> {
    id: &'a str,
    name: Option<&'static str>,
}

/// A feed, by the best of what its reports say.
#[derive(Serialize)]
struct Said<'a> {
    #[serde(flatten)]
    feed: Feed<'a>,
    confidence: Level,
    context: &'a str,
    reports: usize,
    #[serde(serialize_with = "timestamp")]
    first_seen: DateTime<Utc>,
    #[serde(serialize_with = "timestamp")]
    last_seen: DateTime<Utc>,
}

/// Parameters: `value` (or `ioc`), `type`.
pub(super) async fn get(
    extract::State(state): extract::State<State>,
    _: Reader,
    query: Query,
) -> Result<Response, Error> {
    let typed = match query.one("value")? {
        Some(value) => value,
        None => query.one("ioc")?.unwrap_or_default(),
    };
    if typed.is_empty() || typed.contains('\0') || typed.chars().count() > MAX_CHARS {
        let allowed = format!("the value to look up, of at most {MAX_CHARS} characters");
        return Err(Error::parameter("value", typed, allowed));
    }
    let asked = types::asked(&query)?;
    let kinds = if asked.is_empty() {
        types::all()
    } else {
        asked
    };
    let store = &state.store;
    let ids = store.exactly(&kinds, &spelling::spellings(typed)).await?;
    // One that went meanwhile is not known.
    let rows = store.feed_rows(ids.get(..1).unwrap_or_default()).await?;
    let Some(row) = rows.first() else {
        return Ok(Json(unknown(typed)).into_response());
    };
    let (submission_count, sources) = store.sources(row.id, SIGHTINGS).await?;
    let reports: Vec<SubmissionId> = sources
        .iter()
        .take(REPORTS)
        .map(|source| source.submission_id)
        .collect();
    let techniques = store.techniques(&reports).await?;
    let related = beside(store, row, &kinds_beside(), &[row.id]).await?;
    let level = Level::of(row.source.confidence);
    let known = Known {
        found: true,
        id: Some(row.id),
        value: &row.value,
        r#type: Some(types::name(row.kind)),
        risk_score: Some(level),
        confidence: Some(level),
        confidence_score: Some(row.source.confidence),
        confidence_reasons: reasons(&row.source),
        first_seen: Some(row.first_seen_at),
        last_seen: Some(row.last_seen_at),
        submission_count,
        mitre_techniques: techniques
            .iter()
            .map(|id| Technique {
                id,
                name: technique_name(id),
            })
            .collect(),
        hunting_queries: hunt::queries(row.kind, &row.value),
        sources: said(&sources),
        related: related.iter().map(Row::new).collect(),
    };
    Ok(Json(known).into_response())
}

/// The answer for a value that no report shows: that says nothing against it, and nothing for it.
fn unknown(typed: &str) -> Known<'_> {
    Known {
        found: false,
        id: None,
        value: typed,
        r#type: None,
        risk_score: None,
        confidence: None,
        confidence_score: None,
        confidence_reasons: Vec::new(),
        first_seen: None,
        last_seen: None,
        submission_count: 0,
        mitre_techniques: Vec::new(),
        hunting_queries: None,
        sources: Vec::new(),
        related: Vec::new(),
    }
}

/// The feeds among `sources`, which come best first.
fn said(sources: &[Source]) -> Vec<Said<'_>> {
    let mut said: Vec<(Cow<'_, str>, Said<'_>)> = Vec::new();
    for source in sources {
        let name = feed_name(source.source_type, &source.source_identifier);
        match said.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => {
                known.reports += 1;
                known.first_seen = known.first_seen.min(source.seen_at);
                known.last_seen = known.last_seen.max(source.seen_at);
            }
            None => {
                let first = Said {
                    feed: Feed::new(source),
                    confidence: Level::of(source.confidence),
                    context: &source.context,
                    reports: 1,
                    first_seen: source.seen_at,
                    last_seen: source.seen_at,
                };
                said.push((name, first));
            }
        }
    }
    said.into_iter().map(|(_, said)| said).collect()
}
