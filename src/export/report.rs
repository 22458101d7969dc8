//! A report of findings that are in no store.

use chrono::{DateTime, Utc};
use sha2::{Digest, Sha256};
use uuid::{Builder, Uuid};

use super::{Producer, Report};
use crate::id::{IocId, SubmissionId};
use crate::indicator::{Finding, Ioc};
use crate::submission::{Category, SourceType, Status, Submission};

impl Report {
    /// A report of the `findings` of one document: `bytes` are its content, `name` is what to call it.
    ///
    /// Its ids come from the content, so that the same document gives the same export again; only the
    /// moment `at` is that of the call. Title, summary and what else is known may be set afterwards.
    #[must_use]
    pub fn of(name: &str, bytes: &[u8], findings: Vec<Finding>, at: DateTime<Utc>) -> Self {
        let sha256 = Sha256::digest(bytes);
        let submission = Submission {
            id: SubmissionId(uuid_of(&[&sha256])),
            status: Status::Completed,
            source_type: SourceType::FileUpload,
            source_identifier: name.to_owned(),
            original_filename: Some(name.to_owned()),
            title: None,
            summary: None,
            ioc_count: findings.len() as i64,
            content_type: None,
            language: None,
            size_bytes: Some(bytes.len() as i64),
            sha256: Some(sha256.iter().map(|byte| format!("{byte:02x}")).collect()),
            tags: Vec::new(),
            tlp: None,
            category: Category::of(SourceType::FileUpload, name),
            industries: Vec::new(),
            error: None,
            warnings: Vec::new(),
            created_at: at,
            updated_at: at,
            processed_at: Some(at),
        };
        let producer = Producer {
            id: uuid_of(&[b"iocsift"]),
            name: "iocsift".to_owned(),
            created_at: at,
        };
        Self {
            submission,
            iocs: findings
                .into_iter()
                .map(|finding| ioc(finding, at))
                .collect(),
            producer,
        }
    }
}

fn ioc(finding: Finding, at: DateTime<Utc>) -> Ioc {
    Ioc {
        id: IocId(uuid_of(&[
            finding.kind.name().as_bytes(),
            finding.value.as_bytes(),
        ])),
        finding,
        created_at: at,
        first_seen_at: at,
        last_seen_at: at,
        submission_count: 1,
    }
}

/// A UUID of the SHA-256 of some parts, in the form of a random one: STIX takes no other for a producer.
fn uuid_of(parts: &[&[u8]]) -> Uuid {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update((part.len() as u64).to_be_bytes());
        hash.update(part);
    }
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash.finalize()[..16]);
    Builder::from_random_bytes(bytes).into_uuid()
}
