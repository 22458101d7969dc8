//! The files of a MISP feed, as the generator of PyMISP writes them: one event for each submission, a manifest of
//! them, and the hashes of their values.

use uuid::Uuid;

use super::misp::{Event, Form};
use super::{Head, Producer, Report, Writer, put_json, stable};
use crate::id::SubmissionId;
use crate::submission::Submission;

/// What the manifest says of a submission's event: `"uuid":{…}`.
#[must_use]
pub fn manifest_entry(submission: &Submission, producer: &Producer) -> Vec<u8> {
    let event = Event::new(head(submission, producer), Form::Feed);
    let mut entry = Vec::new();
    put_json(&event.uuid(), &mut entry);
    entry.push(b':');
    put_json(&event.summary(), &mut entry);
    entry
}

/// The file of a report's event.
#[must_use]
pub fn event(report: &Report) -> Vec<u8> {
    write(report, Form::Feed)
}

/// The lines of a report in the list of hashes, by which a server finds what it need not fetch.
#[must_use]
pub fn hashes(report: &Report) -> Vec<u8> {
    write(report, Form::Hashes)
}

/// The submission that an event is of.
#[must_use]
pub fn submission_of(event: Uuid) -> SubmissionId {
    SubmissionId(stable::row_form(event))
}

fn write(report: &Report, form: Form) -> Vec<u8> {
    let mut out = Vec::new();
    let mut event = Event::new(head(&report.submission, &report.producer), form);
    event.open(&mut out);
    for ioc in &report.iocs {
        event.ioc(ioc, None, &mut out);
    }
    event.close(&mut out);
    out
}

fn head(submission: &Submission, producer: &Producer) -> Head {
    Head {
        submission: Some(submission.clone()),
        producer: producer.clone(),
        changed_at: submission.updated_at,
        defang: false,
    }
}
