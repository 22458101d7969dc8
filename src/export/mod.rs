//! Findings → bytes. Enter at [`render`], or at [`Stream`] where the indicators do not fit in memory.
//!
//! Pure: what is written depends on the [`Report`] alone, so a re-export gives the same bytes. No I/O,
//! no clock, no HTTP. [`FORMATS`] is the one table of what can be written.

mod address;
mod attack;
mod csv;
mod ecs;
pub mod feed;
mod head;
mod json;
mod misp;
mod path;
mod phrase;
mod registry;
mod report;
mod seen;
mod stable;
mod stix;
mod text;
mod uri;

use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::Serialize;
use uuid::Uuid;

use crate::id::SubmissionId;
use crate::indicator::Ioc;
use crate::submission::Submission;
pub use attack::name as technique_name;
pub use csv::put_row as put_csv_row;
use head::Head;
pub use stix::{Feed, FeedObject, FeedType};

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

/// How a report is written. A row of [`FORMATS`].
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

/// One row of [`FORMATS`].
#[derive(Debug)]
pub struct FormatRow {
    /// What it is.
    pub format: ExportFormat,
    /// The word of `?format=`.
    pub name: &'static str,
    /// The media type, with its charset where one applies.
    pub media_type: &'static str,
    /// File name extension, without the leading dot.
    pub extension: &'static str,
    writer: fn(Head) -> Box<dyn Writer>,
}

/// Everything that can be written, in the order of [`ExportFormat`].
pub const FORMATS: &[FormatRow] = &[
    FormatRow {
        format: ExportFormat::Json,
        name: "json",
        media_type: "application/json",
        extension: "json",
        writer: json::writer,
    },
    FormatRow {
        format: ExportFormat::Csv,
        name: "csv",
        // Without the charset, clients decode text/* as Latin-1.
        media_type: "text/csv; charset=utf-8",
        extension: "csv",
        writer: csv::writer,
    },
    FormatRow {
        format: ExportFormat::Stix,
        name: "stix",
        media_type: "application/stix+json;version=2.1",
        extension: "stix.json",
        writer: stix::writer,
    },
    FormatRow {
        format: ExportFormat::Ecs,
        name: "ecs",
        media_type: "application/x-ndjson",
        extension: "ecs.ndjson",
        writer: ecs::writer,
    },
    FormatRow {
        format: ExportFormat::Misp,
        name: "misp",
        media_type: "application/json",
        extension: "misp.json",
        writer: misp::writer,
    },
    FormatRow {
        format: ExportFormat::Text,
        name: "txt",
        media_type: "text/plain; charset=utf-8",
        extension: "txt",
        writer: text::writer,
    },
];

impl ExportFormat {
    /// Its row of [`FORMATS`].
    #[must_use]
    pub const fn row(self) -> &'static FormatRow {
        &FORMATS[self as usize]
    }

    /// The word of `?format=`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The media type, with its charset where one applies.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        self.row().media_type
    }
}

/// A text that names no [`ExportFormat`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{given:?} is none of {}", names())]
pub struct UnknownFormat {
    given: String,
}

fn names() -> String {
    FORMATS
        .iter()
        .map(|row| row.name)
        .collect::<Vec<_>>()
        .join(", ")
}

impl FromStr for ExportFormat {
    type Err = UnknownFormat;
    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let row = FORMATS.iter().find(|row| row.name == name);
        row.map(|row| row.format).ok_or_else(|| UnknownFormat {
            given: name.to_owned(),
        })
    }
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
    let mut out = Vec::new();
    let mut stream = Stream::open(
        &report.submission,
        &report.producer,
        format,
        options,
        &mut out,
    );
    for ioc in &report.iocs {
        stream.push(ioc, &mut out);
    }
    stream.close(&mut out);
    out
}

/// An export written piece by piece. Bytes are appended to the caller's buffer, which may be emptied
/// between calls.
pub struct Stream {
    writer: Box<dyn Writer>,
    options: Options,
    submission_id: Option<SubmissionId>,
}

impl Stream {
    /// Starts an export and writes what stands before the first indicator.
    #[must_use]
    pub fn open(
        submission: &Submission,
        producer: &Producer,
        format: ExportFormat,
        options: Options,
        out: &mut Vec<u8>,
    ) -> Self {
        let head = Head {
            submission: Some(submission.clone()),
            producer: producer.clone(),
            changed_at: submission.updated_at,
            defang: options.defang,
        };
        Self::start(head, format, options, out)
    }

    /// Starts an export of what `producer` knows from all submissions; `changed_at` is the last change of
    /// any. Takes constant memory, however many indicators follow: what a STIX bundle or a MISP event
    /// shares between two of them (the directory of two files) is written once more where they stand far
    /// apart, as the same object under the same id.
    #[must_use]
    pub fn open_instance(
        producer: &Producer,
        changed_at: DateTime<Utc>,
        format: ExportFormat,
        options: Options,
        out: &mut Vec<u8>,
    ) -> Self {
        let head = Head {
            submission: None,
            producer: producer.clone(),
            changed_at,
            defang: options.defang,
        };
        Self::start(head, format, options, out)
    }

    fn start(head: Head, format: ExportFormat, options: Options, out: &mut Vec<u8>) -> Self {
        let submission_id = head.submission.as_ref().map(|submission| submission.id);
        let mut writer = (format.row().writer)(head);
        writer.open(out);
        Self {
            writer,
            options,
            submission_id,
        }
    }

    /// Writes one indicator.
    pub fn push(&mut self, ioc: &Ioc, out: &mut Vec<u8>) {
        self.push_seen(ioc, self.submission_id, out);
    }

    /// Writes one indicator with what submission `seen_in` says of it.
    pub fn push_seen(&mut self, ioc: &Ioc, seen_in: Option<SubmissionId>, out: &mut Vec<u8>) {
        if !(self.options.exclude_flagged && ioc.finding.is_flagged()) {
            self.writer.ioc(ioc, seen_in, out);
        }
    }

    /// Writes what stands after the last indicator.
    pub fn close(mut self, out: &mut Vec<u8>) {
        self.writer.close(out);
    }
}

/// One format's way of writing: `open`, any number of `ioc`, `close`.
trait Writer: Send {
    fn open(&mut self, _out: &mut Vec<u8>) {}
    fn ioc(&mut self, ioc: &Ioc, seen_in: Option<SubmissionId>, out: &mut Vec<u8>);
    fn close(&mut self, _out: &mut Vec<u8>) {}
}

/// Appends `value` as JSON.
fn put_json(value: &impl Serialize, out: &mut Vec<u8>) {
    // Strings, numbers and maps with string keys, written to memory: neither side can fail.
    let written = serde_json::to_writer(out, value);
    debug_assert!(written.is_ok(), "{written:?}");
}

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;
