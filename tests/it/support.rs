//! A Postgres of our own for the tests of this process, and a fresh database for each test.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use iocsift::store::embedded::Embedded;
use iocsift::store::{PoolSettings, Store};
use sqlx::{Connection, PgConnection};
use tempfile::TempDir;
use tokio::sync::OnceCell;

/// The built program: test executables have no hidden subcommand that becomes Postgres.
pub(crate) fn spawner() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_iocsift"))
}

/// Names a server to test the store on in place of our own, as a role that may make databases:
/// `postgres://user@host:port/iocsift?sslmode=disable`, where the database `iocsift` is there and empty.
const OTHER: &str = "IOCSIFT_TEST_DATABASE_URL";
const PREFIX: &str = "iocsift-it-";

/// How long anything may take on a busy machine before a test gives up.
const PATIENCE: Duration = Duration::from_secs(120);

/// Waits until it is so.
pub(crate) async fn until(mut is_so: impl AsyncFnMut() -> bool) {
    let waits = async {
        while !is_so().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let in_time = tokio::time::timeout(PATIENCE, waits).await;
    assert!(in_time.is_ok(), "it has not come to that");
}

/// An empty directory that goes with its handle, open to Postgres' user also when the tests run as root.
pub(crate) fn scratch_dir() -> TempDir {
    let open = Permissions::from_mode(0o755);
    tempfile::Builder::new()
        .prefix(PREFIX)
        .permissions(open)
        .tempdir()
        .unwrap()
}

/// The directory of the shared cluster, named after this process. A test process has no last moment in which
/// to clean up: the next one removes what is left of those that are gone.
fn shared_dir() -> PathBuf {
    let temp = std::env::temp_dir();
    for entry in std::fs::read_dir(&temp).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name
            .to_str()
            .and_then(|name| name.strip_prefix(PREFIX)?.parse::<u32>().ok());
        if owner.is_some_and(|pid| !Path::new("/proc").join(pid.to_string()).exists()) {
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
    temp.join(format!("{PREFIX}{}", std::process::id()))
}

/// A migrated database that nobody else uses.
pub(crate) struct Database {
    pub(crate) store: Store,
    pub(crate) url: String,
}

impl Database {
    pub(crate) async fn new() -> Self {
        Self::like("iocsift").await
    }

    /// A database without a schema.
    pub(crate) async fn empty() -> Self {
        Self::like("template0").await
    }

    async fn like(template: &str) -> Self {
        /// Its URL, and the server itself where it is ours.
        static CLUSTER: OnceCell<(String, Option<Embedded>)> = OnceCell::const_new();
        static NUMBER: AtomicU32 = AtomicU32::new(0);

        let (url, _) = CLUSTER
            .get_or_init(async || {
                let (url, ours) = match std::env::var(OTHER) {
                    Ok(url) => (url, None),
                    Err(_) => {
                        let cluster = Embedded::start(&shared_dir(), spawner(), None)
                            .await
                            .unwrap();
                        (cluster.url().to_owned(), Some(cluster))
                    }
                };
                let template = Store::connect(&url, &PoolSettings::default())
                    .await
                    .unwrap();
                template.migrate().await.unwrap();
                template.close().await;
                if ours.is_some() {
                    // Nothing here outlives the tests, and waiting for the disk is most of their time.
                    let mut admin = PgConnection::connect(&sibling(&url, "postgres"))
                        .await
                        .unwrap();
                    for sql in ["ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()"] {
                        sqlx::raw_sql(sql).execute(&mut admin).await.unwrap();
                    }
                }
                (url, ours)
            })
            .await;
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let name = format!("test_{}_{number}", std::process::id());
        let mut admin = PgConnection::connect(&sibling(url, "postgres"))
            .await
            .unwrap();
        let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"));
        sqlx::query(create).execute(&mut admin).await.unwrap();
        let url = sibling(url, &name);
        let store = Store::connect(&url, &PoolSettings::default())
            .await
            .unwrap();
        Self { store, url }
    }

    /// The one number that `sql` asks for, behind the store's back.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut connection)
            .await
            .unwrap()
    }

    /// The one text that `sql` asks for, in the same way.
    pub(crate) async fn text(&self, sql: &str) -> String {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        sqlx::query_scalar(sqlx::AssertSqlSafe(sql))
            .fetch_one(&mut connection)
            .await
            .unwrap()
    }

    /// Runs `sql` behind the store's back.
    pub(crate) async fn execute(&self, sql: &str) {
        let mut connection = PgConnection::connect(&self.url).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut connection)
            .await
            .unwrap();
    }

    /// Its name within the cluster.
    pub(crate) fn name(&self) -> String {
        let url = url::Url::parse(&self.url).unwrap();
        url.path().trim_start_matches('/').to_owned()
    }
}

/// The URL of another database of the same cluster.
fn sibling(url: &str, name: &str) -> String {
    url.replacen("/iocsift?", &format!("/{name}?"), 1)
}
