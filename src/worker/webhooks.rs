//! Tells webhooks what happened: claims an event, signs it, sends it, writes how that went. Enter at `Senders::run`.
//!
//! An event is sent at least once. Senders on any number of machines share the table; each claim is committed before
//! anything is sent, so that in the ordinary case an event is sent once.

use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use serde::Serialize;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::fetch::Poster;
use crate::store::{self, Outcome, Sending, Store};
use crate::submission::{Submission, timestamp};
use crate::webhook::Event;

/// Events on their way at once.
const AT_ONCE: usize = 4;
/// How long a server has to answer.
pub const TIME: Duration = Duration::from_secs(10);
/// How long a claim holds: longer than anything that is done under it.
const LEASE: Duration = Duration::from_secs(60);
/// Pauses between the tries of an event; behind the last one it is given up.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(5),
    Duration::from_secs(60),
    Duration::from_secs(5 * 60),
    Duration::from_secs(30 * 60),
    Duration::from_secs(2 * 3600),
    Duration::from_secs(6 * 3600),
    Duration::from_secs(12 * 3600),
    Duration::from_secs(24 * 3600),
];
/// A webhook is paused after so many failures, one after the other, over so long a time.
const PATIENCE: (i32, Duration, &str) = (
    12,
    Duration::from_secs(3 * 24 * 3600),
    "every try failed for three days",
);
/// What a receiver says that wants nothing more, ever.
const GONE: u16 = 410;
const GONE_AT_ONCE: (i32, Duration, &str) = (0, Duration::ZERO, "the receiver answered 410 Gone");

/// What sends.
#[derive(Debug, Clone)]
pub(super) struct Senders {
    pub(super) store: Store,
    pub(super) poster: Arc<Poster>,
    pub(super) woken: watch::Receiver<()>,
    /// How often the table is looked at without a notification.
    pub(super) poll: Duration,
    /// How long what is on its way may take after a shutdown began.
    pub(super) grace: Duration,
}

impl Senders {
    /// Sends until `shutdown`; what is on its way then may still arrive.
    pub(super) async fn run(self, shutdown: CancellationToken) {
        let mut senders = JoinSet::new();
        let sender = || self.clone().send_on(shutdown.clone());
        for _ in 0..AT_ONCE {
            senders.spawn(sender());
        }
        let ended = async {
            while let Some(ended) = senders.join_next().await {
                if let Err(error) = ended
                    && !shutdown.is_cancelled()
                {
                    tracing::error!(%error, "a sender panicked; another takes its place");
                    senders.spawn(sender());
                }
            }
        };
        let out_of_time = async {
            shutdown.cancelled().await;
            tokio::time::sleep(self.grace).await;
        };
        tokio::select! {
            () = ended => {}
            () = out_of_time => {}
        }
    }

    async fn send_on(mut self, shutdown: CancellationToken) {
        while !shutdown.is_cancelled() {
            self.woken.mark_unchanged();
            match step(&self.store, &self.poster).await {
                Ok(true) => continue,
                Ok(false) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot send to webhooks; the next round tries again")
                }
            }
            tokio::select! {
                () = shutdown.cancelled() => {}
                () = tokio::time::sleep(self.poll) => {}
                woken = self.woken.changed() => {
                    // The listener has ended with the pool: polling is what is left.
                    if woken.is_err() {
                        tokio::time::sleep(self.poll).await;
                    }
                }
            }
        }
    }
}

/// Sends one event, if one is ready. Tests drive it step by step.
///
/// # Errors
/// What the store reports.
pub async fn step(store: &Store, poster: &Poster) -> store::Result<bool> {
    let Some(sending) = store.claim_delivery(LEASE).await? else {
        return Ok(false);
    };
    let submission = match sending.submission {
        Some(id) => store.submission(id).await?,
        None => None,
    };
    let outcome = send(poster, &sending, submission.as_ref()).await;
    let (webhook, delivery) = (sending.webhook, sending.delivery);
    if !store.settle(&sending, &outcome).await? {
        tracing::warn!(%webhook, %delivery, "outcome dropped: another sender has the webhook");
    } else if !outcome.taken {
        tracing::info!(%webhook, %delivery, attempt = sending.attempt, "a webhook did not take an event");
    }
    Ok(true)
}

/// What is sent.
#[derive(Serialize)]
struct Body<'a> {
    r#type: Event,
    #[serde(serialize_with = "timestamp")]
    timestamp: DateTime<Utc>,
    data: Data<'a>,
}

/// What happened, as far as the event has it.
#[derive(Serialize)]
struct Data<'a> {
    submission: Option<&'a Submission>,
    #[serde(skip_serializing_if = "Option::is_none")]
    iocs: Option<&'a serde_json::Value>,
}

async fn send(poster: &Poster, sending: &Sending, submission: Option<&Submission>) -> Outcome {
    let body = Body {
        r#type: sending.event,
        timestamp: sending.created_at,
        data: Data {
            submission,
            iocs: sending.iocs.as_ref(),
        },
    };
    // Strings, numbers and maps with string keys always serialise.
    let body = serde_json::to_vec(&body).unwrap_or_default();
    let seconds = Utc::now().timestamp();
    let headers = [
        ("content-type", "application/json".to_owned()),
        ("webhook-id", sending.delivery.to_string()),
        ("webhook-timestamp", seconds.to_string()),
        (
            "webhook-signature",
            sending.key.sign(sending.delivery, seconds, &body),
        ),
    ];
    let started = Instant::now();
    let answer = poster.post(&sending.url, &headers, body).await;
    let status = answer.as_ref().ok().map(|answer| answer.status);
    let taken = status.is_some_and(|status| (200..300).contains(&status));
    let pause = usize::try_from(sending.attempt - 1)
        .ok()
        .and_then(|done| PAUSES.get(done));
    Outcome {
        took: started.elapsed(),
        start: answer
            .as_ref()
            // Postgres holds no U+0000.
            .map(|answer| String::from_utf8_lossy(&answer.start).replace('\0', "\u{fffd}"))
            .unwrap_or_default(),
        answer: answer
            .map(|answer| answer.status)
            .map_err(|failure| failure.message),
        taken,
        again: pause.copied().filter(|_| !taken),
        patience: if status == Some(GONE) {
            GONE_AT_ONCE
        } else {
            PATIENCE
        },
    }
}
