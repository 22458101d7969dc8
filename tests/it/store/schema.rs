//! Migrations: by one of many, never backwards, every table and column explained.

use iocsift::store::Error;
use tokio::task::JoinSet;

use super::*;
use crate::support::Database;

#[tokio::test]
async fn of_many_who_migrate_at_once_one_does_and_all_can_go_on() {
    let database = Database::empty().await;
    let mut callers = JoinSet::new();
    for _ in 0..4 {
        let store = database.store.clone();
        callers.spawn(async move { store.migrate().await });
    }
    for result in callers.join_all().await {
        result.unwrap();
    }
    let owner = owner(&database.store).await;
    insert(&database.store, text(owner, "a")).await;
}

#[tokio::test]
async fn an_index_whose_build_was_killed_is_built_anew() {
    let database = Database::new().await;
    for statement in [
        "DELETE FROM _sqlx_migrations WHERE version = 12",
        "UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'iocs_words_trgm'::regclass",
    ] {
        database.execute(statement).await;
    }
    database.store.migrate().await.unwrap();
    let valid = "SELECT count(*) FROM pg_index WHERE indexrelid = 'iocs_words_trgm'::regclass AND indisvalid";
    assert_eq!(database.number(valid).await, 1);
}

#[tokio::test]
async fn a_schema_made_by_a_newer_version_is_refused_in_words() {
    let database = Database::new().await;
    database
        .execute("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', true, '', 0)")
        .await;
    let error = database.store.migrate().await.unwrap_err();
    assert!(
        matches!(&error, Error::Schema(why) if why.contains("9999") && why.contains("newer")),
        "{error}"
    );
}

#[tokio::test]
async fn a_database_that_is_not_migrated_is_not_ready() {
    assert!(Database::empty().await.store.ready().await.is_err());
}

#[tokio::test]
async fn every_table_and_column_is_explained() {
    let database = Database::new().await;
    let unexplained = "SELECT count(*) FROM pg_class c LEFT JOIN pg_attribute a
            ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> '_sqlx_migrations'
            AND (obj_description(c.oid, 'pg_class') IS NULL OR col_description(c.oid, a.attnum) IS NULL)";
    assert_eq!(database.number(unexplained).await, 0);
}

/// Tables that may hold millions of rows.
const LARGE: &[&str] = &["iocs", "sightings", "submissions", "texts", "blobs"];
/// The last migration that was released before there was a large database.
const BEFORE: i64 = 3;

#[test]
fn no_migration_builds_an_index_under_lock_on_a_large_table_or_writes_it_anew() {
    for migration in sqlx::migrate!().iter().filter(|one| one.version > BEFORE) {
        let sql = migration.sql.as_str().to_ascii_lowercase();
        for statement in sql.split(';') {
            let words: Vec<&str> = statement.split_whitespace().collect();
            let text = words.join(" ");
            for table in LARGE {
                let builds = text.contains("create index") || text.contains("create unique index");
                assert!(
                    !(builds
                        && text.contains(&format!(" on {table} "))
                        && !text.contains("concurrently")),
                    "{}: {text}",
                    migration.version
                );
                for change in [
                    "type ",
                    "set data type",
                    "add constraint",
                    "set not null",
                    "stored",
                ] {
                    assert!(
                        !(text.contains(&format!("alter table {table} ")) && text.contains(change)),
                        "{}: {text}",
                        migration.version
                    );
                }
            }
        }
    }
}
