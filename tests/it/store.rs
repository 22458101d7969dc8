//! The store against a real Postgres: nothing lost, nothing doubled.

mod accounts;
mod blobs;
mod blobs_killed;
mod bucket;
mod cancelled;
mod clock;
mod false_positives;
mod feed;
mod frequent;
mod idempotency;
mod indicators;
mod jobs;
pub(crate) mod lists;
mod replica;
mod schema;
mod submissions;

use std::time::Duration;

use iocsift::account::Role;
use iocsift::id::UserId;
use iocsift::indicator::{Evidence, Finding, Kind, Location, Reason};
use iocsift::store::{Finished, Inserted, Job, NewContent, NewSubmission, Store};
use iocsift::submission::{SourceType, Submission};
use sha2::{Digest, Sha256};

/// A lease that no test outlives.
const LEASE: Duration = Duration::from_secs(600);
/// A lease that has ended when it is given.
const NO_LEASE: Duration = Duration::ZERO;
const FRESH: Duration = Duration::from_secs(3600);

pub(crate) async fn owner(store: &Store) -> UserId {
    let name = format!("user-{}", UserId::generate());
    store
        .create_user(&name, "hash", Role::Member)
        .await
        .unwrap()
        .unwrap()
        .id
}

fn content(bytes: &[u8]) -> NewContent {
    NewContent {
        bytes: bytes.to_vec(),
        sha256: Sha256::digest(bytes).into(),
        content_type: Some("text/plain".to_owned()),
    }
}

pub(crate) fn text(owner: UserId, body: &str) -> NewSubmission {
    NewSubmission {
        source_type: SourceType::Text,
        source_identifier: "a text".to_owned(),
        original_filename: None,
        title: None,
        content: Some(content(body.as_bytes())),
        url_key: None,
        owner,
        lane: owner.0,
        idempotency_key: None,
    }
}

pub(crate) fn file(owner: UserId, name: &str, bytes: &[u8]) -> NewSubmission {
    NewSubmission {
        source_type: SourceType::FileUpload,
        source_identifier: name.to_owned(),
        original_filename: Some(name.to_owned()),
        title: None,
        content: Some(content(bytes)),
        url_key: None,
        owner,
        lane: owner.0,
        idempotency_key: None,
    }
}

pub(crate) fn url(owner: UserId, url: &str) -> NewSubmission {
    NewSubmission {
        source_type: SourceType::Url,
        source_identifier: url.to_owned(),
        original_filename: None,
        title: None,
        content: None,
        url_key: Some(url.to_owned()),
        owner,
        lane: owner.0,
        idempotency_key: None,
    }
}

pub(crate) async fn insert(store: &Store, new: NewSubmission) -> Submission {
    match store.insert_submission(new, FRESH).await.unwrap() {
        Inserted::New(submission) => submission,
        other => panic!("not new: {other:?}"),
    }
}

fn finding(kind: Kind, value: impl Into<String>) -> Finding {
    let value = value.into();
    Finding {
        kind,
        raw: value.replace('.', "[.]"),
        context: format!("it spoke to {value}"),
        value,
        defanged: true,
        location: Location {
            page: Some(2),
            sheet: None,
            slide: None,
            line: 7,
            offset: 41,
            length: 9,
        },
        occurrences: 3,
        description: Some("C2 server".to_owned()),
        flags: Vec::new(),
        confidence: 90,
        evidence: vec![Evidence::of_form(kind), Reason::Defanged.into()],
    }
}

fn finished(findings: Vec<Finding>) -> Finished {
    Finished {
        content_type: "text/plain".to_owned(),
        title: Some("a report".to_owned()),
        summary: Some("It says something.".to_owned()),
        language: Some("de-AT".to_owned()),
        text: "it spoke to somebody".to_owned(),
        findings,
        warnings: Vec::new(),
        content: None,
    }
}

async fn claim(store: &Store) -> Job {
    store.claim(LEASE).await.unwrap().expect("a job is ready")
}

/// A completed submission with these findings.
async fn completed(store: &Store, owner: UserId, body: &str, findings: Vec<Finding>) -> Submission {
    let submission = insert(store, text(owner, body)).await;
    let job = claim(store).await;
    assert_eq!(job.submission_id, submission.id);
    assert!(store.finish(&job, finished(findings)).await.unwrap());
    store.submission(submission.id).await.unwrap().unwrap()
}
