//! One job from its claim to its end: bytes, analysis, result. Enter at [`Pipeline::process`].
//!
//! Facts about the input end the submission as failed and are shown. Faults of ours are logged and
//! tried again; after [`MAX_ATTEMPTS`], or [`MAX_CRASHES`] of the reader, the submission fails with what is known.

use std::borrow::Cow;
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::mark::marked;
use super::sandbox::{ReadError, Sandbox};
use crate::analyze::{Analysis, Origin};
use crate::catalogue::Catalogue;
use crate::fetch::Fetcher;
use crate::indicator::{Evidence, Finding, Level, Reason, weigh_flags};
use crate::store::{self, Finished, Job, MAX_ATTEMPTS, MAX_CRASHES, NewContent, Store};
use crate::submission::{Failure, FailureCode, SourceType};

/// Pause of a job whose result the store could not take.
const OUTAGE_PAUSE: Duration = Duration::from_secs(15);

/// Fetches, reads, and writes results.
#[derive(Debug)]
pub struct Pipeline {
    /// Where URLs come from.
    pub fetcher: Fetcher,
    /// Where documents are read.
    pub sandbox: Sandbox,
    /// What is known of values.
    pub catalogue: Catalogue,
}

/// How a job ended.
pub(super) enum End {
    Finished(Box<Finished>),
    Failed(Failure),
    /// What may not happen again: the message for the log, after how many tries it is given up, and how it is
    /// shown then.
    Fault(String, i32, Failure),
}

impl Pipeline {
    /// Does the job and writes how it ended.
    pub async fn process(&self, store: &Store, job: &Job) {
        let end = self.read(job).await;
        self.write(store, job, end).await;
    }

    /// Writes how a job ended. A result that cannot be written is logged: the job's lease runs out, and
    /// another worker takes it over.
    pub(super) async fn write(&self, store: &Store, job: &Job, end: End) {
        let written = match end {
            End::Finished(result) => store.finish(job, *result).await,
            End::Failed(failure) => store.fail(job, &failure).await,
            End::Fault(message, tries, last) => {
                tracing::warn!(submission = %job.submission_id, attempt = job.attempt, message, "attempt failed");
                if job.attempt < tries {
                    store.retry(job, backoff(job.attempt)).await
                } else {
                    store.fail(job, &last).await
                }
            }
        };
        match written {
            Ok(true) => {
                tracing::info!(submission = %job.submission_id, attempt = job.attempt, "processed")
            }
            Ok(false) => {
                tracing::warn!(submission = %job.submission_id, attempt = job.attempt, "result dropped: the job is no longer ours")
            }
            Err(error) => self.not_written(store, job, &error).await,
        }
    }

    /// Gets the bytes and has them read.
    pub(super) async fn read(&self, job: &Job) -> End {
        let (bytes, name) = match job.source_type {
            SourceType::Url => match self.fetcher.get(&job.source_identifier).await {
                Ok(fetched) => (Cow::Owned(fetched.bytes), fetched.name),
                Err(failure) => return End::Failed(failure),
            },
            SourceType::FileUpload | SourceType::Text => match &job.content {
                Some(bytes) => (
                    Cow::Borrowed(bytes.as_slice()),
                    job.original_filename.clone(),
                ),
                None => {
                    return End::Failed(Failure::new(
                        FailureCode::Internal,
                        "the submitted bytes are gone",
                    ));
                }
            },
        };
        let origin = Origin {
            name: name.as_deref(),
            url: (job.source_type == SourceType::Url).then_some(job.source_identifier.as_str()),
        };
        match self.sandbox.analyze(&bytes, origin).await {
            Ok(analysis) => {
                // What was not in the store before is what was fetched.
                let fetched = match bytes {
                    Cow::Owned(bytes) => Some(bytes),
                    Cow::Borrowed(_) => None,
                };
                match marked(self.catalogue.known(), analysis).await {
                    Ok(mut analysis) => {
                        weigh(&mut analysis.findings, job.source_confidence);
                        End::Finished(Box::new(finished(analysis, name, fetched)))
                    }
                    Err(message) => {
                        let shown = "what was found could not be looked up in the lists";
                        End::Fault(
                            message,
                            MAX_ATTEMPTS,
                            Failure::new(FailureCode::Internal, shown),
                        )
                    }
                }
            }
            Err(ReadError::Input(failure)) => End::Failed(failure),
            Err(error @ ReadError::Crashed(_)) => {
                let message = "the document killed its reader";
                End::Fault(
                    error.to_string(),
                    MAX_CRASHES,
                    Failure::new(FailureCode::ReaderCrashed, message),
                )
            }
            Err(error @ ReadError::Fault(_)) => {
                let message = "the service could not start a reader; its log says why";
                End::Fault(
                    error.to_string(),
                    MAX_ATTEMPTS,
                    Failure::new(FailureCode::Internal, message),
                )
            }
        }
    }

    /// The store refused a result. Where it is away or full, no document is to blame, and none loses a try
    /// by it. Else the next try comes with a pause; where even that cannot be written, with the end of the
    /// lease.
    async fn not_written(&self, store: &Store, job: &Job, error: &store::Error) {
        tracing::error!(submission = %job.submission_id, attempt = job.attempt, %error, "cannot write the result");
        let again = match error {
            store::Error::Unavailable(_) | store::Error::Full(_) => {
                store.put_off(job, OUTAGE_PAUSE).await
            }
            _ if job.attempt < MAX_ATTEMPTS => store.retry(job, backoff(job.attempt)).await,
            _ => {
                let message = "the result could not be stored";
                let failure = Failure::new(FailureCode::Internal, message);
                store.fail(job, &failure).await
            }
        };
        if let Err(error) = again {
            tracing::error!(submission = %job.submission_id, %error, "cannot write the retry either; the lease will run out");
        }
    }
}

/// Counts how far the source is trusted.
fn weigh(findings: &mut [Finding], source: Option<Level>) {
    let Some(reason) = source.and_then(Reason::of_source) else {
        return;
    };
    for finding in findings {
        finding.evidence.push(Evidence::from(reason));
        // Which stand last.
        weigh_flags(
            &finding.flags,
            &mut finding.evidence,
            &mut finding.confidence,
        );
    }
}

/// A document without a title of its own goes by its file name.
fn finished(analysis: Analysis, name: Option<String>, fetched: Option<Vec<u8>>) -> Finished {
    let content_type = analysis.format.media_type();
    Finished {
        content_type: content_type.to_owned(),
        title: analysis.title.or(name),
        summary: analysis.summary,
        language: analysis.language,
        text: analysis.text,
        findings: analysis.findings,
        warnings: analysis.warnings,
        content: fetched.map(|bytes| NewContent {
            sha256: Sha256::digest(&bytes).into(),
            bytes,
            content_type: Some(content_type.to_owned()),
        }),
    }
}

/// Pause before the next try: 2 seconds, and four times as long after each.
fn backoff(attempt: i32) -> Duration {
    Duration::from_secs(2 * 4u64.pow(attempt.saturating_sub(1).clamp(0, 5).unsigned_abs()))
}
