//! Postgres, and the originals and texts beside it; nothing else knows SQL. Enter at [`Store`]; each file adds the functions of its noun.
//!
//! One function per query, checked at compile time against the committed `.sqlx` data
//! (`scripts/prepare-sqlx.sh` renews it). Rows become nouns here: no type of the driver leaves this room.
//! Postgres `now()` is the one clock. The lock order of every transaction stands at the head of
//! `migrations/0014_texts_outside.sql`.

pub mod accounts;
mod blobs;
mod condition;
mod copy;
pub mod embedded;
mod error;
mod false_positives;
pub mod feed;
mod frequent;
mod idempotency;
pub mod indicators;
pub mod jobs;
pub mod lists;
mod lookups;
mod rates;
mod remark;
mod replica;
mod sightings;
pub mod submissions;
mod texts;
mod version;
mod walk;
pub mod watches;
pub mod webhooks;

use std::str::FromStr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::{AssertSqlSafe, Connection, PgConnection, Postgres, SqlSafeStr, Transaction};
use uuid::Uuid;

pub use blobs::Blobs;
pub use condition::{Condition, Schema};
pub use error::{Error, Result};
pub use false_positives::FalsePositive;
pub use feed::{FeedPage, FeedQuery, FeedRow, Source};
pub use indicators::mirror::{Debut, Entry, Place, Shown, Stretch, Wanted};
pub use indicators::{IocQuery, IocRow, Sighting, Stats};
pub use jobs::{Finished, Job, MAX_ATTEMPTS, MAX_CRASHES, WakeUps};
pub use lists::{Checked, Checking, ListDefinition, ListHealth, StoredList, Taken, Validators};
pub use lookups::{LookedUp, Report};
pub use remark::{Marked, Remark, Remarking};
pub use submissions::{
    Content, Given, Inserted, NewContent, NewSubmission, SubmissionEdit, SubmissionQuery,
};
pub use version::{Known, Version};
pub use walk::{Choice, WALK_ROWS, Walk};
pub use watches::{
    Handed, Handing, Polled, Polling, StoredEntry, StoredWatch, Turn, WatchCounts, WatchDefinition,
    WatchHealth,
};
pub use webhooks::{Outcome, Sending};

/// Every migration, in order. Who runs them has the lock.
static MIGRATOR: LazyLock<Migrator> = LazyLock::new(|| {
    let mut migrator = sqlx::migrate!();
    migrator.set_locking(false);
    migrator
});
/// Pause before a process asks again whether another one is done with the migrations.
const MIGRATION_POLL: Duration = Duration::from_millis(100);

/// A connection that nobody used for so long is tested before it is used.
const IDLE: Duration = Duration::from_secs(1);

/// The store: a pool of connections to one migrated database. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: PgPool,
    blobs: Blobs,
    replica: replica::Replica,
    looks: Arc<version::Looks>,
    search_timeout: Duration,
}

/// How the store holds its connections.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PoolSettings {
    /// Most connections at once.
    pub max_connections: u32,
    /// How long a caller waits for a connection before it gets [`Error::Unavailable`].
    pub acquire_timeout: Duration,
    /// How long one statement may run before it ends in [`Error::Timeout`].
    pub statement_timeout: Duration,
    /// The same for a search of indicators by part of their value.
    pub search_timeout: Duration,
}

impl Default for PoolSettings {
    fn default() -> Self {
        Self {
            max_connections: 16,
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(10),
            search_timeout: Duration::from_secs(2),
        }
    }
}

/// What the queue looks like from outside.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Readiness {
    /// Submissions not yet completed or failed.
    pub queue_depth: i64,
    /// How long the oldest job that could run has been waiting; 0 when none waits.
    pub oldest_ready_seconds: f64,
}

/// This installation, as exports name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Instance {
    /// UUIDv4, made with the database.
    pub id: Uuid,
    /// Its name for people.
    pub name: String,
    /// When the database was made.
    pub created_at: DateTime<Utc>,
}

/// One page of a listing and the size of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    /// Rows that match, over all pages; exact.
    pub total: i64,
    /// The rows of this page.
    pub rows: Vec<T>,
}

impl Store {
    /// Connects to the database that `url` names (`postgres://…`; `?host=/dir` for a Unix socket).
    ///
    /// # Errors
    /// [`Error::Unavailable`] when it does not answer, [`Error::Internal`] when the URL is none.
    pub async fn connect(url: &str, settings: &PoolSettings) -> Result<Self> {
        let options = PgConnectOptions::from_str(url)?
            .application_name("iocsift")
            .options([
                // Compiling a plan takes longer than any of ours runs.
                ("jit", "off".to_owned()),
                // Nor do processes beside pay for any, and the cores have others to serve.
                ("max_parallel_workers_per_gather", "0".to_owned()),
                (
                    "statement_timeout",
                    settings.statement_timeout.as_millis().to_string(),
                ),
                ("idle_in_transaction_session_timeout", "60s".to_owned()),
                // See `planned_for_values`.
                ("plan_cache_mode", "force_generic_plan".to_owned()),
            ]);
        // The pool would try until its time is up and then tell only that; this tells why.
        PgConnection::connect_with(&options).await?.close().await?;
        // Longer than whoever gave up could have waited for an answer.
        let patience = settings.statement_timeout + IDLE;
        let looks = Arc::<version::Looks>::default();
        let silence = Arc::clone(&looks);
        let pool = PgPoolOptions::new()
            .max_connections(settings.max_connections)
            .acquire_timeout(settings.acquire_timeout)
            // It was tested as it came back. The pool would test it once more before each statement.
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(
                    async move { Ok(about.idle_for < IDLE || connection.ping().await.is_ok()) },
                )
            })
            // As it comes back the pool waits for what a request that was given up had asked, for as long as that takes.
            // Where nothing answers any more each such request would cost a connection for ever.
            .after_release(move |connection, _| {
                let is_silent = silence.is_silent();
                Box::pin(async move {
                    if !is_silent {
                        return Ok(true);
                    }
                    let answer = tokio::time::timeout(patience, connection.ping()).await;
                    Ok(matches!(answer, Ok(Ok(()))))
                })
            })
            .connect_with(options)
            .await?;
        Ok(Self {
            pool,
            blobs: Blobs::in_postgres(),
            replica: replica::Replica::default(),
            looks,
            search_timeout: settings.search_timeout.min(settings.statement_timeout),
        })
    }

    /// A transaction.
    async fn begin(&self) -> Result<Transaction<'static, Postgres>> {
        self.begin_with("BEGIN").await
    }

    /// A transaction that this statement begins. Whoever asked may go away at any time, as does who waits for a request that
    /// its client gives up: the driver forgets a transaction whose beginning nobody waits for, and the next one to use the
    /// connection would find himself in it, with all that he writes. So somebody always waits.
    async fn begin_with(
        &self,
        begin: impl SqlSafeStr + Send + 'static,
    ) -> Result<Transaction<'static, Postgres>> {
        let pool = self.pool.clone();
        let beginning = tokio::spawn(async move { pool.begin_with(begin).await });
        let began = beginning.await;
        Ok(began.map_err(|error| Error::Internal(error.into()))??)
    }

    /// A transaction whose statements are planned anew, each time for its values.
    ///
    /// All others are planned once for each connection, without the values: for a page of a list the planning takes
    /// ten times as long as finding its rows, and left to itself Postgres does it each time, since it takes a page of
    /// unknown size for a tenth of the table. Where the best plan depends on the values such a plan is a trap: for a
    /// search it was 200 times slower (21 s in place of 0.1 s).
    async fn planned_for_values(&self, begin: &str) -> Result<Transaction<'static, Postgres>> {
        let begin = format!("{begin}; SET LOCAL plan_cache_mode = force_custom_plan");
        self.begin_with(AssertSqlSafe(begin)).await
    }

    /// A transaction that adds or removes sightings. Storing 50,000 of them may take longer than a query may, and so does
    /// waiting for another one that stands still: Postgres ends that after a minute.
    async fn writing(&self) -> Result<Transaction<'static, Postgres>> {
        let begin = "BEGIN; SET LOCAL statement_timeout = '120s'";
        self.begin_with(begin).await
    }

    /// What begins a transaction that reads no longer than a search may.
    fn in_search_time(&self) -> String {
        let limit = self.search_timeout.as_millis();
        format!("BEGIN READ ONLY; SET LOCAL statement_timeout = {limit}")
    }

    /// Keeps originals and texts elsewhere than in Postgres from now on.
    #[must_use]
    pub fn with_blobs(self, blobs: Blobs) -> Self {
        Self { blobs, ..self }
    }

    /// Brings the schema up to date. Several processes may call it at once: one migrates, the others wait.
    ///
    /// # Errors
    /// [`Error::Schema`] when the database was migrated by a newer iocsift, or a migration failed.
    pub async fn migrate(&self) -> Result<()> {
        // Its own connection: a migration of a large table takes as long as it takes, and one that fails takes
        // its lock along when it goes.
        let options = self
            .pool
            .connect_options()
            .as_ref()
            .clone()
            .options([("statement_timeout", "0")]);
        let mut own = PgConnection::connect_with(&options).await?;
        // Not one statement that waits: its snapshot would hold up an index that is built beside it, for ever.
        while !sqlx::query_scalar!(
            r#"SELECT pg_try_advisory_lock(hashtextextended('migrations', 0)) AS "ours!""#
        )
        .fetch_one(&mut own)
        .await?
        {
            tokio::time::sleep(MIGRATION_POLL).await;
        }
        // Left by a build that was killed: it is made anew. Others' schemas are theirs.
        let unfinished = sqlx::query_scalar!(
            r#"SELECT format('DROP INDEX %s', indexrelid::regclass) AS "drop!"
               FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
               WHERE NOT i.indisvalid AND c.relnamespace = current_schema()::regnamespace"#
        )
        .fetch_all(&mut own)
        .await?;
        for drop in unfinished {
            sqlx::raw_sql(AssertSqlSafe(drop)).execute(&mut own).await?;
        }
        let done = MIGRATOR.run_direct(None, &mut own, false).await;
        own.close().await?;
        done?;
        Ok(())
    }

    /// How the queue stands; fails when the database does not answer or is not migrated.
    ///
    /// # Errors
    /// As every query.
    pub async fn ready(&self) -> Result<Readiness> {
        let row = sqlx::query!(
            r#"SELECT count(*) AS "depth!",
                      coalesce(extract(epoch FROM now() - min(ready_at) FILTER (WHERE ready_at <= now())), 0)::float8 AS "oldest!"
               FROM jobs"#
        )
        .fetch_one(&self.pool)
        .await?;
        Ok(Readiness {
            queue_depth: row.depth,
            oldest_ready_seconds: row.oldest,
        })
    }

    /// This installation.
    ///
    /// # Errors
    /// As every query.
    pub async fn producer(&self) -> Result<Instance> {
        Ok(
            sqlx::query_as!(Instance, "SELECT id, name, created_at FROM instance")
                .fetch_one(&self.pool)
                .await?,
        )
    }

    /// Does what writers leave for later, so that none waits for another: moves new indicators from the
    /// waiting lists of the search indexes into these (without it whichever transaction overflows the list
    /// does so, a second long), and adds up the counts. Called once a second it costs next to nothing.
    ///
    /// # Errors
    /// As every query.
    pub async fn tidy(&self) -> Result<()> {
        sqlx::query!(
            "SELECT gin_clean_pending_list(name::regclass) FROM unnest(ARRAY[
                'iocs_words_trgm', 'iocs_hash_trgm', 'iocs_hash_blocks', 'iocs_dotted_keys']) AS name"
        )
        .fetch_all(&self.pool)
        .await?;
        sqlx::query!("SELECT add_up_ioc_totals(), add_up_frequent_iocs()")
            .fetch_one(&self.pool)
            .await?;
        Ok(())
    }

    /// Ends every connection once it is idle.
    pub async fn close(&self) {
        self.looks.close().await;
        self.pool.close().await;
    }
}
