//! The JSON shape of a list, with how it fares.

use axum::Json;
use chrono::{DateTime, Utc};
use serde::Serialize;

use super::super::view::without_query;
use crate::id::ListId;
use crate::lists::{Columns, Kinds, ListKind};
use crate::store::StoredList;
use crate::submission::{optional_timestamp, timestamp};

#[derive(Serialize)]
pub(super) struct View {
    id: ListId,
    slug: String,
    name: String,
    description: String,
    kind: ListKind,
    format: &'static str,
    columns: Columns,
    page_url: Option<String>,
    /// Without its query for who is no administrator: keys stand there.
    source_url: Option<String>,
    /// Whether its server is shown any; what they are is shown to nobody.
    has_credentials: bool,
    enabled: bool,
    interval_seconds: u64,
    #[serde(serialize_with = "timestamp")]
    created_at: DateTime<Utc>,
    version: Option<String>,
    /// The types that it speaks of; null: of all.
    types: Kinds,
    health: Health,
}

#[derive(Serialize)]
struct Health {
    entries: i64,
    refused: i64,
    left_out: i64,
    #[serde(serialize_with = "optional_timestamp")]
    changed_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_timestamp")]
    last_success_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_timestamp")]
    checked_at: Option<DateTime<Utc>>,
    #[serde(serialize_with = "optional_timestamp")]
    next_check_at: Option<DateTime<Utc>>,
    failures: i32,
    error: Option<String>,
}

impl View {
    pub(super) fn new(stored: StoredList, whole: bool) -> Self {
        let list = stored.list();
        let (said, health) = (stored.definition, stored.health);
        Self {
            id: stored.id,
            slug: list.slug,
            name: list.name,
            description: list.description,
            kind: list.kind,
            format: said.format.row().name,
            columns: said.columns,
            page_url: list.url,
            source_url: said.source_url.map(|url| without_query(url, whole)),
            has_credentials: said.credential.is_some(),
            enabled: said.enabled,
            interval_seconds: said.interval.as_secs(),
            created_at: stored.created_at,
            version: list.version,
            types: list.kinds,
            health: Health {
                entries: health.entries,
                refused: health.refused,
                left_out: health.left_out,
                changed_at: health.changed_at,
                last_success_at: health.last_success_at,
                checked_at: health.checked_at,
                next_check_at: health.next_check_at,
                failures: health.failures,
                error: health.error,
            },
        }
    }

    pub(super) fn for_administrators(stored: StoredList) -> Json<Self> {
        Json(Self::new(stored, true))
    }
}
