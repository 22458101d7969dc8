//! Watches: made, changed, deleted, and how each fares. How they are looked at: `polling`; what becomes of what they
//! tell of: `entries`; when a host may be asked: `hosts`.

mod entries;
mod hosts;
mod polling;

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgExecutor};
use uuid::Uuid;

use super::error::word;
use super::submissions::{sectors, words};
use super::{Result, Store};
use crate::id::{UserId, WatchId};
use crate::indicator::Level;
use crate::submission::{Category, Sector, Tlp};
use crate::watch::Form;
pub use entries::{Handed, Handing, StoredEntry};
pub use hosts::Turn;
pub use polling::{Polled, Polling};

/// What somebody says of a watch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchDefinition {
    /// For people; `None`: as the page calls itself.
    pub name: Option<String>,
    /// The page, in its one spelling.
    pub url: String,
    /// How the path of an entry has to begin.
    pub only: Option<String>,
    /// Whether it is looked at, and its entries are handed in.
    pub enabled: bool,
    /// Between two looks that went well.
    pub interval: Duration,
    /// Entries of the first look that are handed in, the newest.
    pub backfill: u32,
    /// That of its submissions; `None`: as their hosts tell.
    pub category: Option<Category>,
    /// How far its reports are trusted, beside others.
    pub confidence: Level,
    /// Those of its submissions; `None`: as they tell.
    pub industries: Option<Vec<Sector>>,
    /// That of its submissions.
    pub tlp: Option<Tlp>,
}

/// A watch as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredWatch {
    /// `watch_…`.
    pub id: WatchId,
    /// Who made it: its submissions are theirs.
    pub owner: UserId,
    /// What somebody says of it.
    pub definition: WatchDefinition,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// How its page tells of reports; `None` before the first good look.
    pub form: Option<Form>,
    /// What its page calls itself.
    pub title: Option<String>,
    /// How it fares.
    pub health: WatchHealth,
}

/// How a watch fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchHealth {
    /// Entries that stood on its page at the last good look.
    pub entries: i64,
    /// What was an entry then, but without an address that can be fetched.
    pub refused: i64,
    /// What became of all that it has seen.
    pub counts: WatchCounts,
    /// When its page was last read, or known to be the same.
    pub last_success_at: Option<DateTime<Utc>>,
    /// When it last had an entry that was new.
    pub last_new_at: Option<DateTime<Utc>>,
    /// When its server was last asked.
    pub checked_at: Option<DateTime<Utc>>,
    /// When it is looked at next, at the earliest.
    pub next_check_at: DateTime<Utc>,
    /// Looks that failed since the last that did not.
    pub failures: i32,
    /// Why the last one failed.
    pub error: Option<String>,
}

/// Entries by what became of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WatchCounts {
    /// Will be handed in.
    pub waiting: i64,
    /// Have a submission.
    pub submitted: i64,
    /// Stood there before the watch did.
    pub skipped: i64,
    /// robots.txt was against it.
    pub disallowed: i64,
}

/// A row of `watches` in the types of the driver.
struct Row {
    id: Uuid,
    owner_id: Uuid,
    name: Option<String>,
    url: String,
    only_below: Option<String>,
    enabled: bool,
    interval_seconds: i32,
    backfill: i32,
    category: Option<String>,
    confidence: String,
    industries: Option<Vec<String>>,
    tlp: Option<String>,
    created_at: DateTime<Utc>,
    form: Option<String>,
    title: Option<String>,
    entries: i64,
    refused: i64,
    waiting: i64,
    submitted: i64,
    skipped: i64,
    disallowed: i64,
    last_success_at: Option<DateTime<Utc>>,
    last_new_at: Option<DateTime<Utc>>,
    checked_at: Option<DateTime<Utc>>,
    next_check_at: DateTime<Utc>,
    failures: i32,
    error: Option<String>,
}

impl Row {
    fn into_watch(self) -> Result<StoredWatch> {
        Ok(StoredWatch {
            id: WatchId(self.id),
            owner: UserId(self.owner_id),
            definition: WatchDefinition {
                name: self.name,
                url: self.url,
                only: self.only_below,
                enabled: self.enabled,
                interval: Duration::from_secs(self.interval_seconds.unsigned_abs().into()),
                backfill: self.backfill.unsigned_abs(),
                category: self.category.as_deref().map(word).transpose()?,
                confidence: word(&self.confidence)?,
                industries: self.industries.as_deref().map(sectors).transpose()?,
                tlp: self.tlp.as_deref().map(word).transpose()?,
            },
            created_at: self.created_at,
            form: self.form.as_deref().map(word).transpose()?,
            title: self.title,
            health: WatchHealth {
                entries: self.entries,
                refused: self.refused,
                counts: WatchCounts {
                    waiting: self.waiting,
                    submitted: self.submitted,
                    skipped: self.skipped,
                    disallowed: self.disallowed,
                },
                last_success_at: self.last_success_at,
                last_new_at: self.last_new_at,
                checked_at: self.checked_at,
                next_check_at: self.next_check_at,
                failures: self.failures,
                error: self.error,
            },
        })
    }
}

fn seconds(interval: Duration) -> i32 {
    i32::try_from(interval.as_secs()).unwrap_or(i32::MAX)
}

fn whole(count: u32) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX)
}

/// All of them, or the one with this id.
async fn select(from: impl PgExecutor<'_>, id: Option<WatchId>) -> Result<Vec<StoredWatch>> {
    let rows = sqlx::query_as!(
        Row,
        r#"SELECT w.id, owner_id, name, url, only_below, enabled, interval_seconds, backfill, category, confidence, industries, tlp,
                  created_at, form, title, entries, refused, c.waiting AS "waiting!", c.submitted AS "submitted!",
                  c.skipped AS "skipped!", c.disallowed AS "disallowed!", last_success_at, last_new_at, checked_at,
                  next_check_at, failures, error
           FROM watches w CROSS JOIN LATERAL (
               SELECT count(*) FILTER (WHERE state = 'waiting') AS waiting, count(*) FILTER (WHERE state = 'submitted') AS submitted,
                      count(*) FILTER (WHERE state = 'skipped') AS skipped, count(*) FILTER (WHERE state = 'disallowed') AS disallowed
               FROM watch_entries e WHERE e.watch_id = w.id) c
           WHERE $1::uuid IS NULL OR w.id = $1 ORDER BY w.created_at, w.id"#,
        id.map(|id| id.0)
    );
    let rows = rows.fetch_all(from).await?;
    rows.into_iter().map(Row::into_watch).collect()
}

async fn select_one(from: impl PgExecutor<'_>, id: WatchId) -> Result<Option<StoredWatch>> {
    Ok(select(from, Some(id)).await?.pop())
}

async fn insert(
    to: &mut PgConnection,
    id: WatchId,
    owner: UserId,
    watch: &WatchDefinition,
) -> Result<()> {
    let industries = watch.industries.as_deref().map(words);
    sqlx::query!(
        "INSERT INTO watches (id, owner_id, name, url, only_below, enabled, interval_seconds, backfill, category, confidence,
                              industries, tlp)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        id.0,
        owner.0,
        watch.name,
        watch.url,
        watch.only,
        watch.enabled,
        seconds(watch.interval),
        whole(watch.backfill),
        watch.category.as_ref().map(Category::as_str),
        watch.confidence.as_str(),
        industries.as_deref() as _,
        watch.tlp.map(Tlp::as_str)
    )
    .execute(to)
    .await?;
    Ok(())
}

impl Store {
    /// A new watch, which is due at once. Its submissions will be those of `owner`.
    ///
    /// # Errors
    /// As every query.
    pub async fn create_watch(
        &self,
        owner: UserId,
        watch: &WatchDefinition,
    ) -> Result<Option<StoredWatch>> {
        let mut tx = self.begin().await?;
        let id = WatchId::generate();
        insert(&mut tx, id, owner, watch).await?;
        let made = select_one(&mut *tx, id).await?;
        tx.commit().await?;
        Ok(made)
    }

    /// Every watch, the oldest first.
    ///
    /// # Errors
    /// As every query.
    pub async fn watches(&self) -> Result<Vec<StoredWatch>> {
        select(&self.pool, None).await
    }

    /// The watch with this id.
    ///
    /// # Errors
    /// As every query.
    pub async fn watch(&self, id: WatchId) -> Result<Option<StoredWatch>> {
        select_one(&self.pool, id).await
    }

    /// Changes what is said of a watch; `None` when there is none. Another page, or another part of it, is looked at as if it
    /// were the first time.
    ///
    /// # Errors
    /// As every query.
    pub async fn edit_watch(
        &self,
        id: WatchId,
        edit: impl FnOnce(&mut WatchDefinition) + Send,
    ) -> Result<Option<StoredWatch>> {
        let mut tx = self.begin().await?;
        sqlx::query!("SELECT id FROM watches WHERE id = $1 FOR UPDATE", id.0)
            .fetch_optional(&mut *tx)
            .await?;
        let Some(before) = select_one(&mut *tx, id).await? else {
            return Ok(None);
        };
        let mut watch = before.definition.clone();
        edit(&mut watch);
        let industries = watch.industries.as_deref().map(words);
        sqlx::query!(
            "UPDATE watches SET name = $2, enabled = $3, interval_seconds = $4, backfill = $5, category = $6, confidence = $7,
                industries = $8, tlp = $9, next_check_at = least(next_check_at, now() + $4::integer * interval '1 second')
             WHERE id = $1",
            id.0,
            watch.name,
            watch.enabled,
            seconds(watch.interval),
            whole(watch.backfill),
            watch.category.as_ref().map(Category::as_str),
            watch.confidence.as_str(),
            industries.as_deref() as _,
            watch.tlp.map(Tlp::as_str)
        )
        .execute(&mut *tx)
        .await?;
        if (&watch.url, &watch.only) != (&before.definition.url, &before.definition.only) {
            // Who reads the page of before has nothing to say any more.
            sqlx::query!(
                "UPDATE watches SET url = $2, only_below = $3, etag = NULL, last_modified = NULL, claim = NULL, is_first = true,
                    next_check_at = now()
                 WHERE id = $1",
                id.0,
                watch.url,
                watch.only
            )
            .execute(&mut *tx)
            .await?;
        }
        let after = select_one(&mut *tx, id).await?;
        tx.commit().await?;
        Ok(after)
    }

    /// Removes a watch and what it has seen; its submissions stay. False when there is none.
    ///
    /// # Errors
    /// As every query.
    pub async fn delete_watch(&self, id: WatchId) -> Result<bool> {
        let done = sqlx::query!("DELETE FROM watches WHERE id = $1", id.0)
            .execute(&self.pool)
            .await?;
        Ok(done.rows_affected() == 1)
    }
}
