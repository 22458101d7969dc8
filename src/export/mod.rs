//! Findings → bytes. Enter at [`render`].
//!
//! Pure: what is written depends on the [`Report`] alone, so a re-export gives the same bytes.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::indicator::Ioc;
use crate::submission::Submission;

/// What an export is made of: one submission and its indicators.
#[derive(Debug, Clone)]
pub struct Report {
    /// The submission.
    pub submission: Submission,
    /// Its indicators, in order of first appearance.
    pub iocs: Vec<Ioc>,
    /// The instance that speaks: stable over its whole life.
    pub producer: Producer,
}

/// The instance that made a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Producer {
    /// Stable id of the instance (a UUIDv4).
    pub id: Uuid,
    /// Its name for people: "iocsift".
    pub name: String,
    /// When the instance first started.
    pub created_at: DateTime<Utc>,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExportFormat {
    /// One JSON object: the submission and its indicators.
    Json,
    /// RFC 4180 with a header.
    Csv,
    /// A STIX 2.1 bundle.
    Stix,
    /// Elastic Common Schema, one document a line.
    Ecs,
    /// A MISP event.
    Misp,
    /// One value a line.
    Text,
}

/// What the reader of an export asked for beyond its format.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Write the defanged form in place of the live value (JSON, CSV and text).
    pub defang: bool,
    /// Leave flagged values out.
    pub exclude_flagged: bool,
}

/// Writes `report` as `format`.
#[must_use]
pub fn render(report: &Report, format: ExportFormat, options: Options) -> Vec<u8> {
    let _ = (report, format, options);
    unimplemented!()
}
