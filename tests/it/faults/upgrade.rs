//! Schemas on their way from one version to the next, and databases that come back from a backup.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use sqlx::{Connection, PgConnection};

use crate::process::iocsift;
use crate::support::Database;

/// The last migration of the first release.
const FIRST_RELEASE: i64 = 3;

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_is_killed_is_finished_by_another() {
    let database = Database::empty().await;
    let all = sqlx::migrate!();
    let mut connection = PgConnection::connect(&database.url).await.unwrap();
    all.run_to(FIRST_RELEASE, &mut connection).await.unwrap();
    // Who upgrades meets this lock in the middle of it.
    let mut holder = PgConnection::connect(&database.url).await.unwrap();
    sqlx::raw_sql("BEGIN; LOCK TABLE ioc_totals")
        .execute(&mut holder)
        .await
        .unwrap();
    let migrate = || {
        iocsift()
            .args(["migrate", "--database-url", &database.url])
            .stdout(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut first = migrate();
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while database.number(waits).await < 1 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    let mut second = migrate();
    // It does not wait for the lock, it asks for it again and again.
    let asks = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND query LIKE '%pg_try_advisory_lock%' AND pid <> pg_backend_pid()";
    while database.number(asks).await < 1 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    first.kill().unwrap();
    first.wait().unwrap();
    sqlx::raw_sql("COMMIT").execute(&mut holder).await.unwrap();
    let ended = tokio::task::spawn_blocking(move || second.wait()).await;
    assert!(ended.unwrap().unwrap().success());
    let applied = database
        .number("SELECT count(*) FROM _sqlx_migrations WHERE success")
        .await;
    assert_eq!(applied, i64::try_from(all.iter().count()).unwrap());
    database.store.migrate().await.unwrap();
}

/// The program of this name that belongs to the newest Postgres of this machine.
fn program(name: &str) -> PathBuf {
    let mut homes: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| {
            entries
                .map_while(Result::ok)
                .map(|entry| entry.path().join("bin"))
                .collect()
        })
        .unwrap_or_default();
    homes.sort();
    match homes.pop().map(|home| home.join(name)) {
        Some(path) if path.exists() => path,
        // Then it is on the path, or the test says that it is not.
        _ => PathBuf::from(name),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_is_restored_holds_the_same_rows() {
    let (source, target) = (Database::new().await, Database::empty().await);
    source
        .execute(
            "INSERT INTO users (id, username, password_hash, role) VALUES (gen_random_uuid(), 'a', '-', 'member');
             INSERT INTO submissions (id, source_type, source_identifier, owner_id)
                 SELECT gen_random_uuid(), 'text', 'report ' || n, users.id FROM users, generate_series(1, 20) n;
             INSERT INTO jobs (submission_id) SELECT id FROM submissions;
             INSERT INTO texts SELECT id, 'é \\ text' FROM submissions;
             INSERT INTO blobs (sha256, bytes) SELECT sha256(n::text::bytea), decode('00ff5c', 'hex') FROM generate_series(1, 20) n;
             INSERT INTO text_blobs (submission_id, sha256) SELECT id, sha256('1') FROM submissions;
             INSERT INTO iocs (id, kind, value) SELECT gen_random_uuid(), 'url', 'https://a.example/\\é/' || n FROM generate_series(1, 500) n;
             INSERT INTO sightings (submission_id, ioc_id, ordinal, raw, defanged, line, char_offset, char_length, occurrences, context, flags, confidence)
                 SELECT s.id, i.id, 0, i.value, false, 1, 0, 1, 1, 'c', '[]', 50 FROM submissions s, iocs i",
        )
        .await;
    let dir = tempfile::tempdir().unwrap();
    let dump = dir.path().join("iocsift.dump");
    // As the documents say.
    let saved = Command::new(program("pg_dump"))
        .args(["--format=custom", "--file"])
        .arg(&dump)
        .arg(&source.url)
        .status();
    assert!(saved.unwrap().success());
    let restored = Command::new(program("pg_restore"))
        .args(["--clean", "--if-exists", "--dbname", &target.url])
        .arg(&dump)
        .status();
    assert!(restored.unwrap().success());
    for table in [
        "submissions",
        "jobs",
        "texts",
        "blobs",
        "text_blobs",
        "iocs",
        "sightings",
        "users",
        "ioc_totals",
        "instance",
    ] {
        let all = format!(
            "SELECT count(*)::bigint # hashtextextended(string_agg(t::text, E'\\n' ORDER BY t::text), 0) FROM {table} t"
        );
        let rows = source
            .number(&format!("SELECT count(*) FROM {table}"))
            .await;
        assert!(rows > 0, "{table}");
        assert_eq!(
            source.number(&all).await,
            target.number(&all).await,
            "{table}"
        );
    }
    target.store.migrate().await.unwrap();
    assert_eq!(
        target.store.stats(false).await.unwrap(),
        source.store.stats(false).await.unwrap()
    );
    // What the triggers and indexes promise holds on: a stamp above all others, a value once.
    target
        .execute(
            "UPDATE submissions SET tags = '{x}' WHERE id = (SELECT id FROM submissions LIMIT 1)",
        )
        .await;
    assert_eq!(target.number("SELECT count(*) FROM submissions WHERE tags = '{x}' AND updated_at = (SELECT max(updated_at) FROM submissions)").await, 1);
    target.execute("INSERT INTO iocs (id, kind, value) SELECT gen_random_uuid(), kind, value FROM iocs ON CONFLICT DO NOTHING").await;
    assert_eq!(target.number("SELECT count(*) FROM iocs").await, 500);
}
