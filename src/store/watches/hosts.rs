//! Hosts that watches ask: each by one request at a time, over all workers.
//!
//! A turn is a row's lease, fenced by its number. While the entry that was handed in last waits or is fetched, there is none:
//! whoever reads submissions asks the host then.

use std::time::Duration;

use super::super::{Result, Store};

/// A host that a worker may ask, until its lease ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Which.
    pub host: String,
    /// The fence.
    pub(super) number: i64,
}

impl Store {
    /// Takes the host, for `lease`; `None` while somebody asks it, or has asked it just now: then no entry of it is handed in
    /// for the time of `wanted`, so that a backlog does not keep its page from being read.
    ///
    /// # Errors
    /// As every query.
    pub async fn take_turn(
        &self,
        host: &str,
        lease: Duration,
        wanted: Duration,
    ) -> Result<Option<Turn>> {
        sqlx::query!(
            "INSERT INTO watch_hosts (host) VALUES ($1) ON CONFLICT DO NOTHING",
            host
        )
        .execute(&self.pool)
        .await?;
        let number = sqlx::query_scalar!(
            r#"UPDATE watch_hosts h SET turn = nextval('watch_claims'), busy_until = now() + make_interval(secs => $2),
                   wanted_until = NULL
               WHERE host = $1 AND watch_host_is_free(h) RETURNING turn AS "turn!""#,
            host,
            lease.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?;
        if number.is_none() {
            sqlx::query!(
                "UPDATE watch_hosts SET wanted_until = now() + make_interval(secs => $2) WHERE host = $1",
                host,
                wanted.as_secs_f64()
            )
            .execute(&self.pool)
            .await?;
        }
        Ok(number.map(|number| Turn {
            host: host.to_owned(),
            number,
        }))
    }

    /// Ends a turn; the host is not asked again before `pause` is over. False when it was no longer ours.
    ///
    /// # Errors
    /// As every query.
    pub async fn end_turn(&self, turn: &Turn, pause: Duration) -> Result<bool> {
        let done = sqlx::query!(
            "UPDATE watch_hosts SET busy_until = NULL, next_request_at = now() + make_interval(secs => $3), pause = $3
             WHERE host = $1 AND turn = $2",
            turn.host,
            turn.number,
            pause.as_secs_f64()
        )
        .execute(&self.pool)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// The robots.txt of an origin, where it was fetched within `fresh_for`.
    ///
    /// # Errors
    /// As every query.
    pub async fn robots(&self, origin: &str, fresh_for: Duration) -> Result<Option<Vec<u8>>> {
        let content = sqlx::query_scalar!(
            "SELECT content FROM robots WHERE origin = $1 AND fetched_at > now() - make_interval(secs => $2)",
            origin,
            fresh_for.as_secs_f64()
        )
        .fetch_optional(&self.pool)
        .await?;
        Ok(content)
    }

    /// Remembers a robots.txt; nothing for an origin that has none.
    ///
    /// # Errors
    /// As every query.
    pub async fn keep_robots(&self, origin: &str, content: &[u8]) -> Result<()> {
        sqlx::query!(
            "INSERT INTO robots (origin, content) VALUES ($1, $2)
             ON CONFLICT (origin) DO UPDATE SET content = EXCLUDED.content, fetched_at = now()",
            origin,
            content
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
