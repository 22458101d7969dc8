//! The submission object with its `iocs`, in the shape of `GET /api/submissions/{id}`; without a submission
//! `iocs` alone, each with what search tells of it besides.

use std::borrow::Cow;

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::{Head, Writer, put_json};
use crate::id::SubmissionId;
use crate::indicator::{Ioc, IocView};
use crate::submission::timestamp;

pub(super) fn writer(head: Head) -> Box<dyn Writer> {
    Box::new(Json { head, any: false })
}

struct Json {
    head: Head,
    any: bool,
}

/// An indicator outside a submission.
#[derive(Serialize)]
struct Seen<'a> {
    #[serde(flatten)]
    ioc: IocView<'a>,
    /// Whose words and location these are.
    submission_id: Option<SubmissionId>,
    submission_count: i64,
    #[serde(serialize_with = "timestamp")]
    first_seen_at: DateTime<Utc>,
    #[serde(serialize_with = "timestamp")]
    last_seen_at: DateTime<Utc>,
}

impl Writer for Json {
    fn open(&mut self, out: &mut Vec<u8>) {
        match &self.head.submission {
            Some(submission) => {
                put_json(submission, out);
                // The list goes inside the object that was just closed.
                out.pop();
                out.push(b',');
            }
            None => out.push(b'{'),
        }
        out.extend_from_slice(b"\"iocs\":[");
    }

    fn ioc(&mut self, ioc: &Ioc, seen_in: Option<SubmissionId>, out: &mut Vec<u8>) {
        if std::mem::replace(&mut self.any, true) {
            out.push(b',');
        }
        let mut view = ioc.view();
        let defanged: Cow<'_, str> = view.refanged_value.clone();
        if self.head.defang {
            view.value = &defanged;
        }
        if self.head.submission.is_some() {
            put_json(&view, out);
            return;
        }
        let seen = Seen {
            ioc: view,
            submission_id: seen_in,
            submission_count: ioc.submission_count,
            first_seen_at: ioc.first_seen_at,
            last_seen_at: ioc.last_seen_at,
        };
        put_json(&seen, out);
    }

    fn close(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"]}\n");
    }
}
