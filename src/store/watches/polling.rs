//! Watches on their way to their servers: claimed by a worker, settled.
//!
//! A claim is committed before anything is fetched, and its outcome is fenced by the number of the claim. What a server calls its
//! page is remembered in the transaction that remembers its entries: a page that is the same has nothing that is not known.

use std::time::Duration;

use super::super::{Result, Store, Validators};
use super::{StoredWatch, select_one};
use crate::id::WatchId;
use crate::watch::{Entry, Page, host, key};

/// A watch that a worker has, until its lease ends.
#[derive(Debug, Clone)]
pub struct Polling {
    /// Which.
    pub id: WatchId,
    /// Its page.
    pub url: String,
    /// How the path of an entry has to begin.
    pub only: Option<String>,
    /// What its server called the page that was read last.
    pub validators: Validators,
    /// Between two looks that went well.
    pub interval: Duration,
    /// Looks that failed since then.
    pub failures: u32,
    /// Whether no look at this page went well yet.
    is_first: bool,
    /// Entries that are handed in then.
    backfill: usize,
    /// The fence.
    claim: i64,
}

/// How a look went.
#[derive(Debug, Clone)]
pub enum Polled {
    /// The page is the same.
    Same(Validators),
    /// What stands there now.
    Read(Page, Validators),
    /// Neither is known: why, and when to look again.
    Failed(String, Duration),
}

impl Store {
    /// Has a watch looked at as soon as a worker is free; `None` when there is no such watch.
    ///
    /// # Errors
    /// As every query.
    pub async fn poll_watch(&self, id: WatchId) -> Result<Option<StoredWatch>> {
        sqlx::query!(
            "UPDATE watches SET next_check_at = now(), claim = NULL WHERE id = $1",
            id.0
        )
        .execute(&self.pool)
        .await?;
        select_one(&self.pool, id).await
    }

    /// Takes the watch that is due longest, for `lease`; `None` when none is.
    ///
    /// # Errors
    /// As every query.
    pub async fn claim_watch(&self, lease: Duration) -> Result<Option<Polling>> {
        let row = sqlx::query!(
            r#"UPDATE watches SET claim = nextval('watch_claims'), next_check_at = now() + make_interval(secs => $1)
               WHERE id = (SELECT id FROM watches WHERE enabled AND next_check_at <= now()
                           ORDER BY next_check_at LIMIT 1 FOR UPDATE SKIP LOCKED)
               RETURNING id, url, only_below, etag, last_modified, interval_seconds, failures, is_first, backfill,
                         claim AS "claim!""#,
            lease.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(row.map(|row| Polling {
            id: WatchId(row.id),
            url: row.url,
            only: row.only_below,
            validators: Validators {
                etag: row.etag,
                last_modified: row.last_modified,
            },
            interval: Duration::from_secs(row.interval_seconds.unsigned_abs().into()),
            failures: row.failures.unsigned_abs(),
            is_first: row.is_first,
            backfill: usize::try_from(row.backfill).unwrap_or_default(),
            claim: row.claim,
        }))
    }

    /// Gives a watch back as it was, to be looked at `after` this long. False when it is no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn put_off_watch(&self, polling: &Polling, after: Duration) -> Result<bool> {
        let done = sqlx::query!(
            "UPDATE watches SET claim = NULL, next_check_at = now() + make_interval(secs => $3) WHERE id = $1 AND claim = $2",
            polling.id.0,
            polling.claim,
            after.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Writes how it went. What is new waits from then on, or was there before the watch. False when the watch is no longer
    /// ours: then nothing has changed.
    ///
    /// # Errors
    /// As every query.
    pub async fn settle_watch(&self, polling: &Polling, polled: &Polled) -> Result<bool> {
        let (id, claim) = (polling.id.0, polling.claim);
        let (page, validators) = match polled {
            Polled::Failed(error, again) => {
                let done = sqlx::query!(
                    "UPDATE watches SET claim = NULL, checked_at = now(), failures = failures + 1, error = $3,
                        next_check_at = now() + make_interval(secs => $4 * (1 + random() / 10))
                     WHERE id = $1 AND claim = $2",
                    id,
                    claim,
                    error.replace('\0', "\u{fffd}"),
                    again.as_secs_f64()
                )
                .execute(&self.pool)
                .await?;
                return Ok(done.rows_affected() == 1);
            }
            Polled::Same(validators) => (None, validators),
            Polled::Read(page, validators) => (Some(page), validators),
        };
        let mut tx = self.begin().await?;
        // A little later each time, by chance: many watches do not come due at one moment for ever.
        let done = sqlx::query!(
            "UPDATE watches SET claim = NULL, checked_at = now(), last_success_at = now(), failures = 0, error = NULL,
                etag = $3, last_modified = $4, is_first = is_first AND NOT $5,
                next_check_at = now() + make_interval(secs => interval_seconds * (1 + random() / 10))
             WHERE id = $1 AND claim = $2",
            id,
            claim,
            validators.etag,
            validators.last_modified,
            page.is_some()
        )
        .execute(&mut *tx)
        .await?;
        if done.rows_affected() != 1 {
            return Ok(false);
        }
        if let Some(page) = page {
            let rows = Rows::new(page, polling);
            let count = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
            let new = rows.remember(&mut tx, polling.id).await?;
            sqlx::query!(
                "UPDATE watches SET read_at = now(), form = $2, title = $3, entries = $4, refused = $5,
                    last_new_at = CASE WHEN $6 THEN now() ELSE last_new_at END
                 WHERE id = $1",
                id,
                page.form.as_str(),
                page.title,
                count(page.entries.len()),
                count(page.refused),
                new
            )
            .execute(&mut *tx)
            .await?;
        }
        tx.commit().await?;
        Ok(true)
    }
}

/// Entries as columns.
struct Rows<'a> {
    entries: Vec<&'a Entry>,
    keys: Vec<Vec<u8>>,
    hosts: Vec<String>,
    /// Whether each is to be handed in, where it is new.
    wanted: Vec<bool>,
}

impl<'a> Rows<'a> {
    fn new(page: &'a Page, polling: &Polling) -> Self {
        let before = match polling.is_first {
            true => page.entries.len().saturating_sub(polling.backfill),
            false => 0,
        };
        let (mut entries, mut hosts, mut wanted) = (Vec::new(), Vec::new(), Vec::new());
        for (at, entry) in page.entries.iter().enumerate() {
            let Some(host) = host(&entry.url) else {
                continue;
            };
            entries.push(entry);
            hosts.push(host);
            wanted.push(at >= before);
        }
        Self {
            keys: entries
                .iter()
                .map(|entry| key(&entry.url).to_vec())
                .collect(),
            entries,
            hosts,
            wanted,
        }
    }

    /// Writes down what is new; whether anything is.
    async fn remember(&self, tx: &mut sqlx::PgConnection, watch: WatchId) -> Result<bool> {
        let urls: Vec<_> = self.entries.iter().map(|entry| entry.url.clone()).collect();
        let titles: Vec<_> = self
            .entries
            .iter()
            .map(|entry| entry.title.clone())
            .collect();
        let moments: Vec<_> = self
            .entries
            .iter()
            .map(|entry| entry.published_at)
            .collect();
        let new = sqlx::query!(
            "INSERT INTO watch_entries (watch_id, key, url, host, title, published_at, state)
             SELECT $1, e.key, e.url, e.host, e.title, e.published_at, CASE WHEN e.wanted THEN 'waiting' ELSE 'skipped' END
             FROM unnest($2::bytea[], $3::text[], $4::text[], $5::text[], $6::timestamptz[], $7::boolean[])
                  WITH ORDINALITY AS e (key, url, host, title, published_at, wanted, n)
             WHERE NOT EXISTS (SELECT FROM watch_entries k WHERE k.watch_id = $1 AND k.key = e.key)
             ORDER BY e.n",
            watch.0,
            &self.keys,
            &urls,
            &self.hosts,
            &titles as _,
            &moments as _,
            &self.wanted
        )
        .execute(&mut *tx)
        .await?
        .rows_affected();
        sqlx::query!(
            "UPDATE watch_entries SET last_seen_at = now()
             WHERE watch_id = $1 AND key = ANY($2) AND last_seen_at < now() - interval '7 days'",
            watch.0,
            &self.keys
        )
        .execute(&mut *tx)
        .await?;
        let mut hosts = self.hosts.clone();
        hosts.sort_unstable();
        hosts.dedup();
        sqlx::query!(
            "INSERT INTO watch_hosts (host) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING",
            &hosts
        )
        .execute(&mut *tx)
        .await?;
        Ok(new > 0)
    }
}
