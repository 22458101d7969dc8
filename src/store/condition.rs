//! What Postgres says of itself to those who look after it. Enter at [`Store::condition`]; nothing is changed.

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrate;

use super::{MIGRATOR, Result, Store};

/// Where the migrations are noted that were made.
const MIGRATIONS: &str = "_sqlx_migrations";

/// The state of the database server and of the schema in it.
#[derive(Debug, Clone, PartialEq)]
pub struct Condition {
    /// Its version, as it tells it: `15.18 (Debian 15.18-0+deb12u1)`.
    pub version: String,
    /// Its clock, the one by which all is stamped.
    pub clock: DateTime<Utc>,
    /// Whether it is a replica, which takes no writes.
    pub replica: bool,
    /// Whether what it acknowledges survives a power failure: `fsync`, `full_page_writes`, `synchronous_commit`.
    pub durable: bool,
    /// Whether it clears away dead rows by itself.
    pub autovacuum: bool,
    /// Size of the database, in bytes.
    pub bytes: i64,
    /// Connections of all programs now, and the most that it takes.
    pub connections: (i64, i64),
    /// Age of the oldest transaction that is open, in seconds. An old one keeps dead rows alive.
    pub oldest_transaction_seconds: f64,
    /// Indexes that were never finished, and that no query uses.
    pub invalid_indexes: Vec<String>,
    /// How the schema stands to this version of iocsift.
    pub schema: Schema,
}

/// How a schema stands to this version of iocsift.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Schema {
    /// Nothing was migrated yet.
    Absent,
    /// So many migrations are to come.
    Behind(usize),
    /// As this version wants it.
    Current,
    /// A newer version migrated it.
    Newer,
}

impl Store {
    /// How the database is. Works on one that was not migrated.
    ///
    /// # Errors
    /// As every query.
    pub async fn condition(&self) -> Result<Condition> {
        let row = sqlx::query!(
            r#"SELECT current_setting('server_version') AS "version!", clock_timestamp() AS "clock!",
                      pg_is_in_recovery() AS "replica!",
                      (current_setting('fsync') = 'on' AND current_setting('full_page_writes') = 'on'
                          AND current_setting('synchronous_commit') <> 'off') AS "durable!",
                      current_setting('autovacuum') = 'on' AS "autovacuum!",
                      pg_database_size(current_database()) AS "bytes!",
                      current_setting('max_connections')::bigint AS "most!",
                      (SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend') AS "connections!",
                      (SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float8
                       FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()) AS "oldest!",
                      (SELECT coalesce(array_agg(indexrelid::regclass::text ORDER BY 1), '{}')
                       FROM pg_index WHERE NOT indisvalid) AS "invalid!: Vec<String>""#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Condition {
            version: row.version,
            clock: row.clock,
            replica: row.replica,
            durable: row.durable,
            autovacuum: row.autovacuum,
            bytes: row.bytes,
            connections: (row.connections, row.most),
            oldest_transaction_seconds: row.oldest,
            invalid_indexes: row.invalid,
            schema: self.schema().await?,
        })
    }

    async fn schema(&self) -> Result<Schema> {
        let made =
            sqlx::query_scalar!(r#"SELECT to_regclass('_sqlx_migrations') IS NOT NULL AS "made!""#)
                .fetch_one(&self.pool)
                .await?;
        if !made {
            return Ok(Schema::Absent);
        }
        let mut connection = self.pool.acquire().await?;
        let applied = connection.list_applied_migrations(MIGRATIONS).await?;
        let known = |version| MIGRATOR.iter().any(|known| known.version == version);
        if !applied.iter().all(|applied| known(applied.version)) {
            return Ok(Schema::Newer);
        }
        Ok(match MIGRATOR.iter().count() - applied.len() {
            0 => Schema::Current,
            missing => Schema::Behind(missing),
        })
    }
}
