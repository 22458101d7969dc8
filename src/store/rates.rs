//! Counts of requests that several servers keep together.

use std::collections::HashMap;
use std::time::Duration;

use super::{Result, Store};

impl Store {
    /// Adds what each key took, as time until its limit is whole again; by what all servers took, each is whole after the
    /// time that comes back, in the same order. Keys are distinct.
    ///
    /// # Errors
    /// As every query.
    pub async fn add_rates(&self, took: &[([u8; 32], Duration)]) -> Result<Vec<Duration>> {
        let keys: Vec<&[u8]> = took.iter().map(|(key, _)| key.as_slice()).collect();
        let seconds: Vec<f64> = took.iter().map(|(_, took)| took.as_secs_f64()).collect();
        // In one order, so that two servers do not wait for each other in a circle.
        let rows = sqlx::query!(
            r#"INSERT INTO rates AS r (key, whole_at)
               SELECT key, now() + make_interval(secs => seconds) FROM unnest($1::bytea[], $2::float8[]) AS t(key, seconds) ORDER BY key
               ON CONFLICT (key) DO UPDATE SET whole_at = greatest(r.whole_at, now()) + (excluded.whole_at - now())
               RETURNING key, extract(epoch FROM whole_at - now())::float8 AS "whole_in!""#,
            &keys as _,
            &seconds
        )
        .fetch_all(&self.pool)
        .await?;
        let whole_in: HashMap<&[u8], f64> = rows
            .iter()
            .map(|row| (row.key.as_slice(), row.whole_in))
            .collect();
        let of = |key: &&[u8]| whole_in.get(key).copied().unwrap_or_default();
        let times = keys.iter().map(of).map(Duration::try_from_secs_f64);
        Ok(times.map(std::result::Result::unwrap_or_default).collect())
    }

    /// Removes what says nothing any more.
    ///
    /// # Errors
    /// As every query.
    pub async fn forget_rates(&self) -> Result<()> {
        // Not in the way of who adds to one just now.
        sqlx::query!(
            "DELETE FROM rates WHERE key IN (SELECT key FROM rates WHERE whole_at < now() FOR UPDATE SKIP LOCKED)"
        )
        .execute(&self.pool)
        .await?;
        Ok(())
    }
}
