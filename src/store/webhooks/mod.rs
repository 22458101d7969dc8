//! Webhooks: made, listed, paused, deleted, and the log of what they were told. How they are told: `outbox`.

mod outbox;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use super::error::word;
use super::{Error, Page, Result, Store};
use crate::id::{DeliveryId, SubmissionId, UserId, WebhookId};
use crate::indicator::Kind;
use crate::webhook::{Attempt, Delivery, DeliveryStatus, Event, Filter, Key, Webhook};
pub use outbox::{Outcome, Sending};
pub(super) use outbox::{note_completed, note_failed};

/// A row of `webhooks` in the types of the driver.
struct Row {
    id: Uuid,
    owner_id: Uuid,
    url: String,
    events: Vec<String>,
    kinds: Vec<String>,
    confidence: i16,
    flagged: bool,
    own: bool,
    created_at: DateTime<Utc>,
    paused_at: Option<DateTime<Utc>>,
    paused_because: Option<String>,
    failing_since: Option<DateTime<Utc>>,
}

impl Row {
    fn into_webhook(self) -> Result<Webhook> {
        let events = self.events.iter().map(|event| word(event));
        let kinds = self.kinds.iter().map(|kind| word(kind));
        Ok(Webhook {
            id: WebhookId(self.id),
            owner: UserId(self.owner_id),
            url: self.url,
            filter: Filter {
                events: events.collect::<Result<_>>()?,
                kinds: kinds.collect::<Result<_>>()?,
                confidence: u8::try_from(self.confidence).unwrap_or(u8::MAX),
                flagged: self.flagged,
                own: self.own,
            },
            created_at: self.created_at,
            paused: self.paused_at.zip(self.paused_because),
            failing_since: self.failing_since,
        })
    }
}

fn names(kinds: &[Kind]) -> Vec<&str> {
    kinds.iter().map(Kind::name).collect()
}

/// A query for [`Row`]s: what stands before the columns, what stands behind them, the arguments.
macro_rules! rows {
    ($head:tt, $tail:tt $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!(
            Row,
            $head
                + " id, owner_id, url, events, kinds, confidence, flagged, own, created_at, paused_at, paused_because,
                    failing_since "
                + $tail
            $(, $argument)*
        )
    };
}
use rows;

impl Store {
    /// A new webhook; `None` where the owner has `most` of them already.
    ///
    /// # Errors
    /// As every query.
    pub async fn create_webhook(
        &self,
        owner: UserId,
        url: &str,
        filter: &Filter,
        key: &Key,
        most: i64,
    ) -> Result<Option<Webhook>> {
        let events: Vec<&str> = filter.events.iter().map(|event| event.as_str()).collect();
        let mut tx = self.begin().await?;
        // Else two at once could both find room for one.
        sqlx::query!(
            "SELECT id FROM users WHERE id = $1 FOR NO KEY UPDATE",
            owner.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        let made = rows!(
            "INSERT INTO webhooks (id, owner_id, url, key, events, kinds, confidence, flagged, own)
             SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9
             WHERE (SELECT count(*) FROM webhooks WHERE owner_id = $2) < $10 RETURNING",
            "",
            WebhookId::generate().0,
            owner.0,
            url,
            key.bytes().as_slice(),
            &events as _,
            &names(&filter.kinds) as _,
            i16::from(filter.confidence),
            filter.flagged,
            filter.own,
            most
        )
        .fetch_optional(&mut *tx)
        .await?;
        tx.commit().await?;
        made.map(Row::into_webhook).transpose()
    }

    /// The webhooks of an account, or of all; oldest first.
    ///
    /// # Errors
    /// As every query.
    pub async fn webhooks(&self, owner: Option<UserId>) -> Result<Vec<Webhook>> {
        let rows = rows!(
            "SELECT",
            "FROM webhooks WHERE $1::uuid IS NULL OR owner_id = $1 ORDER BY created_at, id",
            owner.map(|owner| owner.0)
        );
        let rows = rows.fetch_all(&self.pool).await?;
        rows.into_iter().map(Row::into_webhook).collect()
    }

    /// The webhook with this id.
    ///
    /// # Errors
    /// As every query.
    pub async fn webhook(&self, id: WebhookId) -> Result<Option<Webhook>> {
        let row = rows!("SELECT", "FROM webhooks WHERE id = $1", id.0);
        let row = row.fetch_optional(&self.pool).await?;
        row.map(Row::into_webhook).transpose()
    }

    /// Sends nothing more, and keeps nothing new for it; what waits goes on waiting. `None` when there is none.
    ///
    /// # Errors
    /// As every query.
    pub async fn pause_webhook(&self, id: WebhookId, because: &str) -> Result<Option<Webhook>> {
        let row = rows!(
            "UPDATE webhooks SET paused_at = coalesce(paused_at, now()), paused_because = coalesce(paused_because, $2)
             WHERE id = $1 RETURNING",
            "",
            id.0,
            because
        );
        let row = row.fetch_optional(&self.pool).await?;
        row.map(Row::into_webhook).transpose()
    }

    /// Sends again, what waits first. `None` when there is none.
    ///
    /// # Errors
    /// As every query.
    pub async fn resume_webhook(&self, id: WebhookId) -> Result<Option<Webhook>> {
        let mut tx = self.begin().await?;
        let row = rows!(
            "UPDATE webhooks SET paused_at = NULL, paused_because = NULL, failures = 0, failing_since = NULL, ready_at = now(),
                                 claim = NULL
             WHERE id = $1 AND paused_at IS NOT NULL RETURNING",
            "",
            id.0
        )
        .fetch_optional(&mut *tx)
        .await?;
        if row.is_some() {
            sqlx::query!(
                "UPDATE webhook_deliveries SET ready_at = now() WHERE webhook_id = $1 AND status = 'pending'",
                id.0
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        match row {
            Some(row) => row.into_webhook().map(Some),
            None => self.webhook(id).await,
        }
    }

    /// Removes a webhook with all that waits for it; false when there is none.
    ///
    /// # Errors
    /// As every query.
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<bool> {
        let done = sqlx::query!("DELETE FROM webhooks WHERE id = $1", id.0)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Has a test event sent; `None` when there is no such webhook, or it is paused.
    ///
    /// # Errors
    /// As every query.
    pub async fn test_webhook(&self, id: WebhookId) -> Result<Option<DeliveryId>> {
        let made = sqlx::query_scalar!(
            "INSERT INTO webhook_deliveries (id, webhook_id, event)
             SELECT $1, id, $3 FROM webhooks WHERE id = $2 AND paused_at IS NULL FOR KEY SHARE RETURNING id",
            DeliveryId::generate().0,
            id.0,
            Event::Test.as_str()
        );
        let made = made.fetch_optional(&self.pool).await?;
        Ok(made.map(DeliveryId))
    }

    /// What a webhook was told or is to be told, newest first, with how each try went.
    ///
    /// # Errors
    /// As every query.
    pub async fn deliveries(
        &self,
        id: WebhookId,
        limit: i64,
        offset: i64,
    ) -> Result<Page<Delivery>> {
        let total = sqlx::query_scalar!(
            r#"SELECT count(*) AS "n!" FROM webhook_deliveries WHERE webhook_id = $1"#,
            id.0
        )
        .fetch_one(&self.pool)
        .await?;
        let rows = sqlx::query!(
            "SELECT id, event, submission_id, created_at, ready_at, status FROM webhook_deliveries
             WHERE webhook_id = $1 ORDER BY id DESC LIMIT $2 OFFSET $3",
            id.0,
            limit,
            offset
        )
        .fetch_all(&self.pool)
        .await?;
        let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
        let mut tries = self.attempts(&ids).await?;
        let rows = rows.into_iter().map(|row| {
            let status = word(&row.status)?;
            Ok(Delivery {
                id: DeliveryId(row.id),
                event: word(&row.event)?,
                submission: row.submission_id.map(SubmissionId),
                created_at: row.created_at,
                status,
                next_at: (status == DeliveryStatus::Pending).then_some(row.ready_at),
                attempts: tries.remove(&row.id).unwrap_or_default(),
            })
        });
        Ok(Page {
            total,
            rows: rows.collect::<Result<_>>()?,
        })
    }

    async fn attempts(&self, deliveries: &[Uuid]) -> Result<HashMap<Uuid, Vec<Attempt>>> {
        let rows = sqlx::query!(
            "SELECT delivery_id, attempt, at, milliseconds, status, error, answer FROM webhook_attempts
             WHERE delivery_id = ANY($1) ORDER BY delivery_id, attempt",
            deliveries
        )
        .fetch_all(&self.pool)
        .await?;
        let mut found: HashMap<Uuid, Vec<Attempt>> = HashMap::new();
        for row in rows {
            found.entry(row.delivery_id).or_default().push(Attempt {
                attempt: row.attempt,
                at: row.at,
                milliseconds: row.milliseconds,
                status: row.status,
                error: row.error,
                answer: row.answer,
            });
        }
        Ok(found)
    }
}

fn key(bytes: Vec<u8>) -> Result<Key> {
    let bytes: [u8; 32] = bytes
        .try_into()
        .map_err(|_| Error::Internal("a key of another length".into()))?;
    Ok(Key::from(bytes))
}
