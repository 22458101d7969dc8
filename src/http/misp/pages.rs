//! The lists of the feed, written while they are read: a page of submissions at a time.

use std::io;

use axum::body::{Body, Bytes};
use chrono::{DateTime, Utc};
use futures_util::stream;
use tokio::time::Instant;

use super::super::error::Error;
use super::super::submissions::with_iocs;
use super::super::{State, turn};
use super::is_told;
use crate::export::{Report, feed};
use crate::submission::Submission;

/// Submissions that are looked at at once.
const PAGE: i64 = 100;

/// Which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum File {
    /// `{uuid: {…}}`
    Manifest,
    /// `md5,uuid` lines.
    Hashes,
}

/// What is still to be written.
pub(super) struct Pages {
    state: State,
    file: File,
    since: DateTime<Utc>,
    /// What changed from here on is left out.
    until: DateTime<Utc>,
    deadline: Instant,
    /// Bytes that stand before the next entry.
    separator: &'static [u8],
    is_done: bool,
}

impl Pages {
    pub(super) fn new(state: &State, file: File, until: DateTime<Utc>) -> Self {
        Self {
            state: state.clone(),
            file,
            since: DateTime::UNIX_EPOCH,
            until,
            deadline: Instant::now() + state.settings.export_timeout,
            separator: if file == File::Manifest { b"{" } else { b"" },
            is_done: false,
        }
    }

    pub(super) fn body(self) -> Body {
        Body::from_stream(stream::try_unfold(self, async |mut pages| {
            if pages.is_done {
                return Ok(None);
            }
            let page = tokio::time::timeout_at(pages.deadline, pages.next());
            match page.await {
                Ok(Ok(bytes)) => Ok(Some((bytes, pages))),
                // The connection is cut: a list that ends early must not look whole.
                Ok(Err(error)) => {
                    tracing::error!(%error, "a feed was cut off");
                    Err(io::Error::other(error.to_string()))
                }
                Err(_) => Err(io::ErrorKind::TimedOut.into()),
            }
        }))
    }

    async fn next(&mut self) -> Result<Bytes, Error> {
        let page = self
            .state
            .store
            .submissions_since(self.since, PAGE, 0)
            .await?;
        let is_last = (page.len() as i64) < PAGE;
        let mut out = Vec::new();
        for submission in page {
            if submission.updated_at >= self.until {
                self.is_done = true;
                break;
            }
            self.since = submission.updated_at;
            if is_told(&submission) {
                self.write(submission, &mut out).await?;
            }
        }
        self.is_done |= is_last;
        if self.is_done && self.file == File::Manifest {
            if self.separator == b"{" {
                out.push(b'{');
            }
            out.extend_from_slice(b"}\n");
        }
        Ok(out.into())
    }

    async fn write(&mut self, submission: Submission, out: &mut Vec<u8>) -> Result<(), Error> {
        match self.file {
            File::Manifest => {
                out.extend_from_slice(self.separator);
                self.separator = b",";
                out.extend(feed::manifest_entry(&submission, &self.state.producer));
            }
            File::Hashes => {
                let _permit = turn(&self.state.export_permits).await?;
                let (submission, iocs) = with_iocs(&self.state.store, submission, false).await?;
                let report = Report {
                    submission,
                    iocs,
                    producer: self.state.producer.clone(),
                };
                out.extend(feed::hashes(&report));
            }
        }
        Ok(())
    }
}
