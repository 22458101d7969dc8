//! What watches have seen: each entry becomes a submission once, when it is the turn of its host.
//!
//! Entry and submission are one transaction, fenced by the turn. An entry that another watch handed in, or somebody by hand, is linked to
//! that submission, also where it was deleted.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;
use uuid::Uuid;

use super::super::error::word;
use super::super::submissions::{Marks, NewSubmission, put};
use super::super::{Page, Result, Store};
use super::Turn;
use crate::id::{SubmissionId, UserId, WatchId};
use crate::submission::SourceType;
use crate::watch::EntryState;

/// Days that an entry is remembered after it has gone from its page.
const REMEMBERED: i32 = 400;
/// Days that a host and its robots.txt are remembered after the last request.
const HOST_REMEMBERED: i32 = 30;

/// An entry as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// SHA-256 by which it is known again, in hexadecimal digits.
    pub key: String,
    /// Its address.
    pub url: String,
    /// What it was called when it was seen first.
    pub title: Option<String>,
    /// When it says that it was published.
    pub published_at: Option<DateTime<Utc>>,
    /// When it was seen first.
    pub first_seen_at: DateTime<Utc>,
    /// What became of it.
    pub state: EntryState,
    /// Its submission, which may be deleted.
    pub submission_id: Option<SubmissionId>,
}

/// An entry that is handed in next, with the turn of its host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handing {
    /// Whose.
    pub watch: WatchId,
    /// Its address.
    pub url: String,
    /// The turn that it is handed in under.
    pub turn: Turn,
    key: Vec<u8>,
}

/// What became of a [`Handing`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Handed {
    /// It waits for a worker.
    New(SubmissionId),
    /// It had a submission.
    Known(SubmissionId),
    /// It was no longer ours to hand in: nothing has changed.
    Lost,
}

impl Store {
    /// The entry that waits longest at a host that may be asked, with the turn of the host, for `lease`.
    ///
    /// # Errors
    /// As every query.
    pub async fn claim_entry(&self, lease: Duration) -> Result<Option<Handing>> {
        let mut tx = self.begin().await?;
        let host = sqlx::query!(
            r#"UPDATE watch_hosts SET turn = nextval('watch_claims'), busy_until = now() + make_interval(secs => $1)
               WHERE host = (
                   SELECT h.host FROM watch_hosts h
                   WHERE watch_host_is_free(h) AND (h.wanted_until IS NULL OR h.wanted_until <= now())
                       AND EXISTS (SELECT FROM watch_entries e JOIN watches w ON w.id = e.watch_id
                                   WHERE e.host = h.host AND e.state = 'waiting' AND w.enabled)
                   ORDER BY h.next_request_at LIMIT 1 FOR UPDATE OF h SKIP LOCKED)
               RETURNING host, turn AS "turn!""#,
            lease.as_secs_f64()
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(host) = host else {
            return Ok(None);
        };
        let entry = sqlx::query!(
            "SELECT e.watch_id, e.key, e.url FROM watch_entries e JOIN watches w ON w.id = e.watch_id
             WHERE e.host = $1 AND e.state = 'waiting' AND w.enabled ORDER BY e.ordinal LIMIT 1",
            host.host
        )
        .fetch_optional(&mut *tx)
        .await?;
        let Some(entry) = entry else {
            return Ok(None);
        };
        tx.commit().await?;
        Ok(Some(Handing {
            watch: WatchId(entry.watch_id),
            url: entry.url,
            key: entry.key,
            turn: Turn {
                host: host.host,
                number: host.turn,
            },
        }))
    }

    /// Makes a submission of the entry, or links it to the one that has its address, and ends the turn with a `pause`.
    ///
    /// # Errors
    /// As every query.
    pub async fn hand_in(&self, handing: &Handing, pause: Duration) -> Result<Handed> {
        let mut tx = self.begin().await?;
        if !holds(&mut tx, &handing.turn).await? {
            return Ok(Handed::Lost);
        }
        // Against those who hand the same address in by hand. Other watches wait for the turn.
        sqlx::query!("SELECT lock_key('url', $1)", handing.url)
            .execute(&mut *tx)
            .await?;
        let Some((new, marks)) = submission(&mut tx, handing).await? else {
            return Ok(Handed::Lost);
        };
        let known = known(&mut tx, handing).await?;
        let id = known.unwrap_or_else(|| SubmissionId::generate().0);
        sqlx::query!(
            "UPDATE watch_entries SET state = 'submitted', submission_id = $3 WHERE watch_id = $1 AND key = $2",
            handing.watch.0,
            handing.key,
            id
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "UPDATE watch_hosts SET busy_until = NULL, pause = $2, submission_id = $3 WHERE host = $1",
            handing.turn.host,
            pause.as_secs_f64(),
            id
        )
        .execute(&mut *tx)
        .await?;
        if known.is_none() {
            put(&mut tx, id, &new, &marks).await?;
        }
        tx.commit().await?;
        Ok(match known {
            None => Handed::New(SubmissionId(id)),
            Some(_) => Handed::Known(SubmissionId(id)),
        })
    }

    /// Remembers that robots.txt is against the entry, and ends the turn. False when the turn was no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn disallow(&self, handing: &Handing) -> Result<bool> {
        let mut tx = self.begin().await?;
        if !holds(&mut tx, &handing.turn).await? {
            return Ok(false);
        }
        sqlx::query!(
            "UPDATE watch_entries SET state = 'disallowed' WHERE watch_id = $1 AND key = $2 AND state = 'waiting'",
            handing.watch.0,
            handing.key
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!(
            "UPDATE watch_hosts SET busy_until = NULL WHERE host = $1",
            handing.turn.host
        )
        .execute(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// What a watch has seen, the newest first.
    ///
    /// # Errors
    /// As every query.
    pub async fn watch_entries(
        &self,
        id: WatchId,
        limit: i64,
        offset: i64,
    ) -> Result<Page<StoredEntry>> {
        let total = sqlx::query_scalar!(
            r#"SELECT count(*) AS "total!" FROM watch_entries WHERE watch_id = $1"#,
            id.0
        )
        .fetch_one(&self.pool)
        .await?;
        let rows = sqlx::query!(
            r#"SELECT encode(key, 'hex') AS "key!", url, title, published_at, first_seen_at, state, submission_id
               FROM watch_entries WHERE watch_id = $1 ORDER BY ordinal DESC LIMIT $2 OFFSET $3"#,
            id.0,
            limit,
            offset
        )
        .fetch_all(&self.pool)
        .await?;
        let rows = rows.into_iter().map(|row| {
            Ok(StoredEntry {
                key: row.key,
                url: row.url,
                title: row.title,
                published_at: row.published_at,
                first_seen_at: row.first_seen_at,
                state: word(&row.state)?,
                submission_id: row.submission_id.map(SubmissionId),
            })
        });
        Ok(Page {
            total,
            rows: rows.collect::<Result<_>>()?,
        })
    }

    /// Forgets entries that have long gone from their pages, and hosts that nobody asks any more.
    ///
    /// # Errors
    /// As every query.
    pub async fn forget_watch_entries(&self) -> Result<()> {
        // Counted to when the page was last read: one that is the same since has lost none.
        sqlx::query!(
            "DELETE FROM watch_entries e USING watches w
             WHERE w.id = e.watch_id AND e.state <> 'waiting' AND e.last_seen_at < w.read_at - make_interval(days => $1)",
            REMEMBERED
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!(
            "DELETE FROM watch_hosts h WHERE next_request_at < now() - make_interval(days => $1)
                AND (busy_until IS NULL OR busy_until < now())
                AND NOT EXISTS (SELECT FROM watch_entries e WHERE e.host = h.host AND e.state = 'waiting')",
            HOST_REMEMBERED
        )
        .execute(&self.pool)
        .await?;
        sqlx::query!(
            "DELETE FROM robots WHERE fetched_at < now() - make_interval(days => $1)",
            HOST_REMEMBERED
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}

/// Whether the turn is still ours, which it is then until the transaction ends.
async fn holds(tx: &mut PgConnection, turn: &Turn) -> Result<bool> {
    let held = sqlx::query!(
        "SELECT host FROM watch_hosts WHERE host = $1 AND turn = $2 AND busy_until IS NOT NULL FOR UPDATE",
        turn.host,
        turn.number
    );
    Ok(held.fetch_optional(tx).await?.is_some())
}

/// The submission that the entry would become; `None` where it no longer waits.
async fn submission(
    tx: &mut PgConnection,
    handing: &Handing,
) -> Result<Option<(NewSubmission, Marks)>> {
    let row = sqlx::query!(
        "SELECT w.owner_id, w.category, w.industries, w.tlp, w.confidence
         FROM watch_entries e JOIN watches w ON w.id = e.watch_id
         WHERE e.watch_id = $1 AND e.key = $2 AND e.state = 'waiting' AND w.enabled FOR UPDATE OF e",
        handing.watch.0,
        handing.key
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| {
        let new = NewSubmission {
            source_type: SourceType::Url,
            source_identifier: handing.url.clone(),
            original_filename: None,
            title: None,
            content: None,
            url_key: Some(handing.url.clone()),
            owner: UserId(row.owner_id),
            lane: handing.watch.0,
            idempotency_key: None,
        };
        let marks = Marks {
            category: row.category,
            industries: row.industries,
            tlp: row.tlp,
            confidence: Some(row.confidence),
        };
        (new, marks)
    }))
}

/// The submission that another watch made of the entry, or somebody by hand. One that failed by hand is none: what stood in
/// the way then may be gone.
async fn known(tx: &mut PgConnection, handing: &Handing) -> Result<Option<Uuid>> {
    let by_watch = sqlx::query_scalar!(
        r#"SELECT submission_id AS "id!" FROM watch_entries WHERE key = $1 AND submission_id IS NOT NULL LIMIT 1"#,
        handing.key
    )
    .fetch_optional(&mut *tx)
    .await?;
    if by_watch.is_some() {
        return Ok(by_watch);
    }
    let by_hand = sqlx::query_scalar!(
        "SELECT id FROM submissions WHERE url_key = $1 AND status <> 'failed' ORDER BY created_at DESC LIMIT 1",
        handing.url
    );
    Ok(by_hand.fetch_optional(tx).await?)
}
