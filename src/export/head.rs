//! What an export is about: one submission, or everything that the instance knows.

use chrono::{DateTime, Utc};

use super::{Producer, phrase};
use crate::indicator::Ioc;
use crate::submission::{Submission, Tlp};

/// What every format needs besides the indicators.
#[derive(Clone)]
pub(super) struct Head {
    /// `None`: the indicators are those of the instance.
    pub(super) submission: Option<Submission>,
    pub(super) producer: Producer,
    /// Last change of what is written.
    pub(super) changed_at: DateTime<Utc>,
    pub(super) defang: bool,
}

/// When what stands in an export was made and last changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) created: DateTime<Utc>,
    /// Never before `created`.
    pub(super) modified: DateTime<Utc>,
}

impl Head {
    /// Whose ids they are: the same value has one id in each report and one in the instance.
    pub(super) fn scope(&self) -> String {
        match &self.submission {
            Some(submission) => submission.id.to_string(),
            None => self.producer.id.to_string(),
        }
    }

    /// The name on one line.
    pub(super) fn title(&self) -> String {
        match &self.submission {
            Some(submission) => phrase::title(submission),
            None => format!("{} indicators", phrase::one_line(&self.producer.name)),
        }
    }

    /// The moments of the whole.
    pub(super) fn span(&self) -> Span {
        let created = match &self.submission {
            Some(submission) => submission.created_at,
            None => self.producer.created_at,
        };
        Span {
            created,
            modified: self.changed_at.max(created),
        }
    }

    /// The moments of what is said of `ioc`: those of the report, or those of its own sightings.
    pub(super) fn span_of(&self, ioc: &Ioc) -> Span {
        match &self.submission {
            Some(_) => self.span(),
            None => Span {
                created: ioc.created_at,
                modified: ioc.last_seen_at.max(ioc.created_at),
            },
        }
    }

    pub(super) fn tlp(&self) -> Option<Tlp> {
        self.submission
            .as_ref()
            .and_then(|submission| submission.tlp)
    }

    pub(super) fn tags(&self) -> &[String] {
        self.submission
            .as_ref()
            .map_or(&[], |submission| &submission.tags)
    }
}
