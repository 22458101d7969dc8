//! The nouns of submissions: what was handed in, how far it came, why it failed.
//! Pure data: no I/O, no clock. [`Submission`] serialises as the API's submission object.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Deserialize, Serialize, Serializer};

use crate::id::SubmissionId;

/// A text that is none of the words of its list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{value:?} is none of {allowed}")]
pub struct UnknownWord {
    pub(crate) value: String,
    pub(crate) allowed: String,
}

/// An enum whose variants are fixed words, the same in JSON, in SQL and in queries.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident => $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $word)] $variant,)*
        }

        impl $name {
            /// Every variant.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The stable word.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),* }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::submission::UnknownWord;
            fn from_str(word: &str) -> Result<Self, Self::Err> {
                Self::ALL.iter().copied().find(|v| v.as_str() == word).ok_or_else(|| $crate::submission::UnknownWord {
                    value: word.to_owned(),
                    allowed: [$($word),*].join(", "),
                })
            }
        }
    };
}
pub(crate) use words;

// Behind the macro, which they use.
mod address;
mod category;
mod sector;

pub use address::web_address;
pub use category::{Category, NoCategory, host};
pub use sector::Sector;

/// A name as it stands in addresses: lower case, hyphens for blanks and underscores.
fn slug(name: &str) -> String {
    name.trim().to_lowercase().replace([' ', '_'], "-")
}

words! {
    /// How far a submission has come.
    Status {
        /// Waits for a worker.
        Pending => "pending",
        /// A worker has it.
        Processing => "processing",
        /// Read, its indicators are stored.
        Completed => "completed",
        /// Could not be read; the [`Failure`] says why.
        Failed => "failed",
        /// Removed; only `since` listings still show it.
        Deleted => "deleted",
    }
}

words! {
    /// How a submission came in.
    SourceType {
        /// An uploaded file.
        FileUpload => "file_upload",
        /// A URL that the service fetches.
        Url => "url",
        /// A pasted text.
        Text => "text",
    }
}

words! {
    /// Traffic Light Protocol 2.0 label.
    Tlp {
        /// No limit on disclosure.
        Clear => "clear",
        /// Within the community.
        Green => "green",
        /// Within the organisation and its clients.
        Amber => "amber",
        /// Within the organisation.
        AmberStrict => "amber+strict",
        /// For the named recipients alone.
        Red => "red",
    }
}

impl Tlp {
    /// The labels under which something may be passed on to whoever may have what is labelled so: this one and
    /// the more open ones.
    #[must_use]
    pub fn and_more_open(self) -> &'static [Self] {
        &Self::ALL[..=self as usize]
    }
}

words! {
    /// Why a submission failed: a fact about the input, stored and shown, or a fault of ours.
    FailureCode {
        /// The bytes are of no kind that is read.
        UnsupportedType => "unsupported_type",
        /// The bytes claim a kind and break its rules.
        Malformed => "malformed",
        /// A password is needed.
        Encrypted => "encrypted",
        /// Larger than a limit, packed or unpacked.
        TooLarge => "too_large",
        /// No text layer: scanned pages or an empty document.
        NoText => "no_text",
        /// Reading took longer than the time limit.
        ReadTimeout => "read_timeout",
        /// Reading needed more memory than the limit.
        MemoryLimit => "memory_limit",
        /// The reader wrote more than the limit.
        OutputLimit => "output_limit",
        /// The reader died on this document.
        ReaderCrashed => "reader_crashed",
        /// The reader tried what its sandbox forbids.
        SandboxViolation => "sandbox_violation",
        /// The URL points where the service must not go.
        FetchRefused => "fetch_refused",
        /// The server did not answer in time.
        FetchTimeout => "fetch_timeout",
        /// The server could not be reached.
        FetchUnreachable => "fetch_unreachable",
        /// The server answered with an error status.
        FetchStatus => "fetch_status",
        /// A fault of the service that repeated tries did not cure.
        Internal => "internal",
    }
}

impl FailureCode {
    /// Whether handing in the same thing again may help.
    #[must_use]
    pub const fn retryable(self) -> bool {
        matches!(
            self,
            Self::ReadTimeout
                | Self::FetchTimeout
                | Self::FetchUnreachable
                | Self::FetchStatus
                | Self::Internal
        )
    }
}

/// Why a submission failed, in a word for programs and a sentence for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
#[serde(deny_unknown_fields)]
pub struct Failure {
    /// The stable word.
    pub code: FailureCode,
    /// A sentence a person can act on; never the text of a driver or a library.
    pub message: String,
}

impl Failure {
    /// A failure with its sentence.
    pub fn new(code: FailureCode, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

/// Something a reader of the result should know: a page that failed, a text that was cut.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Warning {
    /// A stable word: `truncated`, `page_failed`, …
    pub code: String,
    /// A sentence for people.
    pub message: String,
}

/// A document, URL or text that was handed in.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Submission {
    /// Its id, `sub_…`.
    pub id: SubmissionId,
    /// How far it has come.
    pub status: Status,
    /// How it came in.
    pub source_type: SourceType,
    /// The file name, the URL, or the title of a pasted text.
    pub source_identifier: String,
    /// The name of an uploaded file.
    pub original_filename: Option<String>,
    /// The document's title.
    pub title: Option<String>,
    /// A few sentences of the document that say what it is about.
    pub summary: Option<String>,
    /// The language that the document says it is written in, a BCP 47 tag; null where it does not say.
    pub language: Option<String>,
    /// Distinct indicators stored of it; 0 until it was read.
    pub ioc_count: i64,
    /// Media type by content; null until known.
    pub content_type: Option<String>,
    /// Size of the submitted or fetched bytes.
    pub size_bytes: Option<i64>,
    /// SHA-256 of the submitted or fetched bytes, lower-case hex.
    pub sha256: Option<String>,
    /// Labels set by people.
    pub tags: Vec<String>,
    /// How far it may be passed on.
    pub tlp: Option<Tlp>,
    /// Who stands behind the source.
    pub category: Category,
    /// The sectors that it is about.
    pub industries: Vec<Sector>,
    /// Why it failed.
    #[serde(serialize_with = "failure")]
    pub error: Option<Failure>,
    /// What the reader could not do.
    pub warnings: Vec<Warning>,
    /// When it was handed in.
    #[serde(serialize_with = "timestamp")]
    pub created_at: DateTime<Utc>,
    /// When it last changed: unique, and rising in commit order over all submissions.
    #[serde(serialize_with = "timestamp")]
    pub updated_at: DateTime<Utc>,
    /// When it was completed or failed.
    #[serde(serialize_with = "optional_timestamp")]
    pub processed_at: Option<DateTime<Utc>>,
}

/// The one printed form of a moment: RFC 3339 UTC, microseconds, `Z`.
#[must_use]
pub fn rfc3339(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// Serialises a moment as [`rfc3339`].
///
/// # Errors
/// Only what the serializer itself reports.
pub fn timestamp<S: Serializer>(at: &DateTime<Utc>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&rfc3339(*at))
}

/// Serialises a moment that may be missing as [`rfc3339`] or null.
///
/// # Errors
/// Only what the serializer itself reports.
pub fn optional_timestamp<S: Serializer>(
    at: &Option<DateTime<Utc>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    match at {
        Some(at) => timestamp(at, serializer),
        None => serializer.serialize_none(),
    }
}

fn failure<S: Serializer>(failure: &Option<Failure>, serializer: S) -> Result<S::Ok, S::Error> {
    #[derive(Serialize)]
    struct View<'a> {
        code: FailureCode,
        message: &'a str,
        retryable: bool,
    }
    failure
        .as_ref()
        .map(|f| View {
            code: f.code,
            message: &f.message,
            retryable: f.code.retryable(),
        })
        .serialize(serializer)
}
