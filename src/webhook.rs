//! The nouns of webhooks, and how an event is signed ([Standard Webhooks](https://www.standardwebhooks.com)).
//! Pure: no I/O, no clock.

use std::fmt;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use hmac::{Hmac, KeyInit, Mac};
use serde::Serialize;
use sha2::Sha256;

use crate::id::{DeliveryId, IocId, SubmissionId, UserId, WebhookId};
use crate::indicator::{Finding, Flag, Kind};
use crate::submission::{timestamp, words};

words! {
    /// What a webhook is told of.
    Event {
        /// A submission was read.
        Completed => "submission.completed",
        /// A submission could not be read.
        Failed => "submission.failed",
        /// Indicators that were not known before.
        NewIocs => "iocs.new",
        /// Somebody wanted to see whether it arrives.
        Test => "webhook.test",
    }
}

words! {
    /// How far an event has come on its way to a webhook.
    DeliveryStatus {
        /// To be sent, for the first time or again.
        Pending => "pending",
        /// The receiver took it.
        Delivered => "delivered",
        /// The receiver did not take it, however often it was tried.
        GivenUp => "given_up",
    }
}

impl Event {
    /// Those that one can ask for.
    pub const CHOICE: &'static [Self] = &[Self::Completed, Self::Failed, Self::NewIocs];
}

/// Which events a webhook wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Filter {
    /// These.
    pub events: Vec<Event>,
    /// New indicators of these kinds; empty: every standard one.
    pub kinds: Vec<Kind>,
    /// New indicators with this confidence or a higher one.
    pub confidence: u8,
    /// New indicators that may be benign, too.
    pub flagged: bool,
    /// Of the owner's submissions alone.
    pub own: bool,
}

impl Filter {
    /// Whether a new indicator is wanted.
    #[must_use]
    pub fn takes(&self, finding: &Finding) -> bool {
        let of_kind = if self.kinds.is_empty() {
            !finding.kind.is_extended()
        } else {
            self.kinds.contains(&finding.kind)
        };
        of_kind && finding.confidence >= self.confidence && (self.flagged || !finding.is_flagged())
    }
}

/// An address that is told of what happens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    /// `hook_…`.
    pub id: WebhookId,
    /// Whose it is.
    pub owner: UserId,
    /// Where events are sent.
    pub url: String,
    /// What it wants.
    pub filter: Filter,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// Since when nothing is sent, and why; `None`: active.
    pub paused: Option<(DateTime<Utc>, String)>,
    /// Since when every try failed; `None`: the last one did not.
    pub failing_since: Option<DateTime<Utc>>,
}

/// A new indicator, as a webhook is told of it.
#[derive(Debug, Clone, Serialize)]
pub struct NewIoc<'a> {
    /// `ioc_…`.
    pub id: IocId,
    /// What it is.
    pub r#type: Kind,
    /// The live, normalised value.
    pub value: &'a str,
    /// Where the document says it.
    pub context: &'a str,
    /// What the document calls it.
    pub description: Option<&'a str>,
    /// How sure it is, 0 to 100.
    pub confidence: u8,
    /// Why it may be benign.
    pub flags: &'a [Flag],
}

/// An event for one webhook, and how its way went.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// `evt_…`, the same in every try.
    pub id: DeliveryId,
    /// What happened.
    pub event: Event,
    /// The submission that it happened to; `None` for a test.
    pub submission: Option<SubmissionId>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// When it is tried next; `None` after its end.
    pub next_at: Option<DateTime<Utc>>,
    /// How each try went, in order.
    pub attempts: Vec<Attempt>,
}

/// How one try went.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attempt {
    /// The how-manieth it was, from 1.
    pub attempt: i32,
    /// When it ended.
    #[serde(serialize_with = "timestamp")]
    pub at: DateTime<Utc>,
    /// How long it took.
    pub milliseconds: i32,
    /// HTTP status of the answer; `None` where there was none.
    pub status: Option<i32>,
    /// Why there was no answer.
    pub error: Option<String>,
    /// The first bytes of the answer, as text.
    pub answer: String,
}

/// The key of a webhook's signatures. Its `Debug` form hides it.
#[derive(Clone, PartialEq, Eq)]
pub struct Key([u8; 32]);

impl Key {
    /// A new random key.
    #[must_use]
    pub fn generate() -> Self {
        Self(rand::random())
    }

    /// What its owner is shown, once: `whsec_` and the key in base64.
    #[must_use]
    pub fn reveal(&self) -> String {
        format!("whsec_{}", BASE64_STANDARD.encode(self.0))
    }

    /// As it is kept.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The header `webhook-signature` of an event: HMAC-SHA256 over its id, the moment of sending in Unix seconds, and
    /// its body, joined by dots. The moment is signed too, so that nobody can send an old event again as a new one.
    #[must_use]
    pub fn sign(&self, id: DeliveryId, seconds: i64, body: &[u8]) -> String {
        // A key of any length is one for HMAC.
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&self.0) else {
            return String::new();
        };
        mac.update(format!("{id}.{seconds}.").as_bytes());
        mac.update(body);
        format!("v1,{}", BASE64_STANDARD.encode(mac.finalize().into_bytes()))
    }
}

impl From<[u8; 32]> for Key {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Key(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_the_one_that_other_implementations_make() {
        let id: DeliveryId = "evt_01h455vb4pex5vsknk084sn02q".parse().unwrap();
        let key = Key::from([7; 32]);
        assert_eq!(
            key.reveal(),
            "whsec_BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc="
        );
        // python3 -c 'import hmac,base64; print(base64.b64encode(hmac.digest(bytes([7]*32),
        //   b"evt_01h455vb4pex5vsknk084sn02q.1700000000.{}", "sha256")))'
        assert_eq!(
            key.sign(id, 1_700_000_000, b"{}"),
            "v1,SCtfQBMVwETHcVYMnj3nUc7N8gsavftpjTXsu3sQvNc="
        );
        assert_eq!(format!("{key:?}"), "Key(…)");
    }
}
