//! Events on their way: noted in the transaction that brings them about, claimed by a sender, settled.
//!
//! What is claimed is the webhook, not the event: one event of it is on its way at a time, in order, so that a receiver
//! that is slow or away takes one sender of all. A claim is committed before anything is sent, with the try counted, and
//! its outcome is fenced by the number of the claim. An event is sent again where nobody knows whether it arrived.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::error::word;
use super::super::{Error, Result, Store};
use super::{Row, key, rows};
use crate::id::{DeliveryId, IocId, SubmissionId, WebhookId};
use crate::indicator::Finding;
use crate::webhook::{Event, Key, NewIoc, Webhook};

/// New indicators in one event; more are told in several.
const IOCS: usize = 500;

/// An event that a sender has, until its lease ends.
#[derive(Debug, Clone)]
pub struct Sending {
    /// Who is told.
    pub webhook: WebhookId,
    /// Where it is sent.
    pub url: String,
    /// What it is signed with.
    pub key: Key,
    /// The event, the same in every try.
    pub delivery: DeliveryId,
    /// What happened.
    pub event: Event,
    /// The submission that it happened to; `None` for a test.
    pub submission: Option<SubmissionId>,
    /// The new indicators, as they are told.
    pub iocs: Option<serde_json::Value>,
    /// When it happened.
    pub created_at: DateTime<Utc>,
    /// The how-manieth try this is, from 1.
    pub attempt: i32,
    /// The fence.
    claim: i64,
}

/// How a try to send ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// How long it took.
    pub took: Duration,
    /// HTTP status of the answer, or why there was none.
    pub answer: std::result::Result<u16, String>,
    /// The first bytes of the answer.
    pub start: String,
    /// The receiver took it.
    pub taken: bool,
    /// Where it did not: when to try again; `None`: never.
    pub again: Option<Duration>,
    /// The webhook is paused once so many tries failed one after the other and the first of them so long ago, and why.
    pub patience: (i32, Duration, &'static str),
}

/// Notes that a submission was read, and which indicators nobody knew before.
pub(in super::super) async fn note_completed(
    tx: &mut PgConnection,
    id: SubmissionId,
    new: &[(Uuid, &Finding)],
) -> Result<()> {
    for webhook in wanting(tx, id, &[Event::Completed, Event::NewIocs]).await? {
        if webhook.filter.events.contains(&Event::Completed) {
            note(tx, &webhook, Event::Completed, id, None).await?;
        }
        if !webhook.filter.events.contains(&Event::NewIocs) {
            continue;
        }
        let wanted = new
            .iter()
            .filter(|(_, finding)| webhook.filter.takes(finding));
        let wanted: Vec<NewIoc<'_>> = wanted
            .map(|(id, finding)| NewIoc {
                id: IocId(*id),
                r#type: finding.kind,
                value: &finding.value,
                context: &finding.context,
                description: finding.description.as_deref(),
                confidence: finding.confidence,
                flags: &finding.flags,
            })
            .collect();
        for some in wanted.chunks(IOCS) {
            let iocs = serde_json::to_value(some).map_err(|error| Error::Internal(error.into()))?;
            note(tx, &webhook, Event::NewIocs, id, Some(iocs)).await?;
        }
    }
    Ok(())
}

/// Notes that a submission could not be read.
pub(in super::super) async fn note_failed(tx: &mut PgConnection, id: SubmissionId) -> Result<()> {
    for webhook in wanting(tx, id, &[Event::Failed]).await? {
        note(tx, &webhook, Event::Failed, id, None).await?;
    }
    Ok(())
}

/// The webhooks that want one of these events of a submission. None of them is deleted before the end of the transaction.
async fn wanting(
    tx: &mut PgConnection,
    id: SubmissionId,
    events: &[Event],
) -> Result<Vec<Webhook>> {
    let events: Vec<&str> = events.iter().map(|event| event.as_str()).collect();
    let rows = rows!(
        "SELECT",
        "FROM webhooks
         WHERE paused_at IS NULL AND events && $2
           AND (NOT own OR owner_id = (SELECT s.owner_id FROM submissions s WHERE s.id = $1))
         ORDER BY id FOR KEY SHARE",
        id.0,
        &events as _
    );
    let rows = rows.fetch_all(tx).await?;
    rows.into_iter().map(Row::into_webhook).collect()
}

async fn note(
    tx: &mut PgConnection,
    webhook: &Webhook,
    event: Event,
    submission: SubmissionId,
    iocs: Option<serde_json::Value>,
) -> Result<()> {
    sqlx::query!(
        "INSERT INTO webhook_deliveries (id, webhook_id, event, submission_id, iocs) VALUES ($1, $2, $3, $4, $5)",
        DeliveryId::generate().0,
        webhook.id.0,
        event.as_str(),
        submission.0,
        iocs
    )
    .execute(tx)
    .await?;
    Ok(())
}

impl Store {
    /// Takes the webhook that has waited longest, for `lease`, with its next event; `None` when none is ready.
    ///
    /// # Errors
    /// As every query.
    pub async fn claim_delivery(&self, lease: Duration) -> Result<Option<Sending>> {
        let mut tx = self.begin().await?;
        // Two statements: what the first one sees of events may be settled by the time it has the webhook. NO KEY:
        // results that are being written hold the key of every webhook, and there are always some.
        let webhook = sqlx::query_scalar!(
            "SELECT w.id FROM webhooks w
             CROSS JOIN LATERAL (SELECT ready_at FROM webhook_deliveries
                WHERE webhook_id = w.id AND status = 'pending' AND ready_at <= now() ORDER BY ready_at, id LIMIT 1) d
             WHERE w.paused_at IS NULL AND w.ready_at <= now()
             ORDER BY d.ready_at LIMIT 1 FOR NO KEY UPDATE OF w SKIP LOCKED"
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(webhook) = webhook else {
            return Ok(None);
        };
        let next = sqlx::query!(
            "UPDATE webhook_deliveries SET attempts = attempts + 1
             WHERE id = (SELECT id FROM webhook_deliveries
                WHERE webhook_id = $1 AND status = 'pending' AND ready_at <= now() ORDER BY ready_at, id LIMIT 1)
             RETURNING id, event, submission_id, iocs, created_at, attempts",
            webhook
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(next) = next else {
            return Ok(None);
        };
        let claimed = sqlx::query!(
            r#"UPDATE webhooks SET claim = nextval('webhook_claims'), ready_at = now() + make_interval(secs => $2)
               WHERE id = $1 RETURNING url, key, claim AS "claim!""#,
            webhook,
            lease.as_secs_f64()
        )
        .fetch_one(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(Some(Sending {
            webhook: WebhookId(webhook),
            url: claimed.url,
            key: key(claimed.key)?,
            delivery: DeliveryId(next.id),
            event: word(&next.event)?,
            submission: next.submission_id.map(SubmissionId),
            iocs: next.iocs,
            created_at: next.created_at,
            attempt: next.attempts,
            claim: claimed.claim,
        }))
    }

    /// Writes how a try went. False when the webhook is no longer ours: then nothing has changed.
    ///
    /// # Errors
    /// As every query.
    pub async fn settle(&self, sending: &Sending, outcome: &Outcome) -> Result<bool> {
        let (failures, patience, because) = outcome.patience;
        let mut tx = self.begin().await?;
        // After a failure the webhook rests, from a second to a minute: whoever is away is not asked for each of a
        // thousand events at once.
        let settled = sqlx::query!(
            "UPDATE webhooks SET claim = NULL,
                ready_at = CASE WHEN $3 THEN now()
                                ELSE now() + interval '1 second' * least(60, power(2, least(failures, 6))) END,
                failures = CASE WHEN $3 THEN 0 ELSE failures + 1 END,
                failing_since = CASE WHEN NOT $3 THEN coalesce(failing_since, now()) END,
                paused_at = CASE WHEN done.pause THEN now() ELSE paused_at END,
                paused_because = CASE WHEN done.pause THEN $6 ELSE paused_because END
             FROM (SELECT id, NOT $3 AND paused_at IS NULL AND failures + 1 >= $4
                       AND coalesce(failing_since, now()) <= now() - make_interval(secs => $5) AS pause
                   FROM webhooks WHERE id = $1) done
             WHERE webhooks.id = done.id AND webhooks.claim = $2",
            sending.webhook.0,
            sending.claim,
            outcome.taken,
            failures,
            patience.as_secs_f64(),
            because
        )
        .execute(&mut *tx)
        .await?;
        if settled.rows_affected() != 1 {
            return Ok(false);
        }
        sqlx::query!(
            "UPDATE webhook_deliveries SET ready_at = now() + make_interval(secs => $3),
                status = CASE WHEN $2 THEN 'delivered' WHEN $4 THEN 'given_up' ELSE 'pending' END,
                ended_at = CASE WHEN $2 OR $4 THEN now() END
             WHERE id = $1",
            sending.delivery.0,
            outcome.taken,
            outcome.again.unwrap_or_default().as_secs_f64(),
            outcome.again.is_none()
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "INSERT INTO webhook_attempts (delivery_id, attempt, milliseconds, status, error, answer)
             VALUES ($1, $2, $3, $4, $5, $6)",
            sending.delivery.0,
            sending.attempt,
            i32::try_from(outcome.took.as_millis()).unwrap_or(i32::MAX),
            outcome.answer.as_ref().ok().copied().map(i32::from),
            outcome.answer.as_ref().err(),
            outcome.start
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Forgets what ended longer ago than this; how many there were.
    ///
    /// # Errors
    /// As every query.
    pub async fn forget_deliveries(&self, kept: Duration) -> Result<u64> {
        let done = sqlx::query!(
            "DELETE FROM webhook_deliveries WHERE ended_at < now() - make_interval(secs => $1)",
            kept.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected())
    }
}
