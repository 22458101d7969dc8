//! `iocsift doctor`: what it says of installations that are well and of others, and that it changes none.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::path::Path;

use serde_json::Value;

use crate::process::{Server, iocsift};
use crate::support::{Database, scratch_dir};

/// The state and the words of each check, by its name; and whether it ended well.
fn doctor(arguments: &[&OsStr]) -> (BTreeMap<String, (String, String)>, bool) {
    let output = iocsift()
        .args(["doctor", "--json"])
        .args(arguments)
        .output()
        .unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let checks = String::from_utf8(output.stdout).unwrap();
    let checks = checks
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let checks = checks
        .map(|check| {
            let said = (text(&check["state"]), text(&check["detail"]));
            (text(&check["check"]), said)
        })
        .collect();
    (checks, output.status.success())
}

fn in_dir(dir: &Path) -> [&OsStr; 2] {
    ["--data-dir".as_ref(), dir.as_os_str()]
}

fn at(database: &Database) -> [&OsStr; 2] {
    ["--database-url".as_ref(), database.url.as_ref()]
}

#[test]
fn a_new_machine_is_well_and_nothing_is_made_on_it() {
    let dir = scratch_dir();
    let data = dir.path().join("data-of-it");
    let (checks, well) = doctor(&in_dir(&data));
    assert!(well, "{checks:?}");
    assert!(checks["postgres"].1.contains("first start"), "{checks:?}");
    assert_eq!(checks["sandbox"].0, "ok", "{checks:?}");
    assert_eq!(checks["ocr"].0, "ok", "{checks:?}");
    assert!(!data.exists());
}

#[test]
fn beside_a_running_server_it_sees_the_database_of_that() {
    let dir = scratch_dir();
    let server = Server::start(dir.path(), &[]);
    let (checks, well) = doctor(&in_dir(dir.path()));
    assert!(well, "{checks:?}");
    for name in ["postgres", "schema", "durability", "clock", "queue"] {
        assert_eq!(checks[name].0, "ok", "{name}: {checks:?}");
    }
    server.kill();
}

#[tokio::test]
async fn a_schema_that_is_absent_older_or_newer_is_told_and_left_as_it_is() {
    let database = Database::empty().await;
    let (checks, well) = doctor(&at(&database));
    assert!(
        well && checks["schema"].1.contains("none yet"),
        "{checks:?}"
    );
    assert!(database.store.ready().await.is_err(), "it was migrated");

    let database = Database::new().await;
    database
        .execute("DELETE FROM _sqlx_migrations WHERE version = (SELECT max(version) FROM _sqlx_migrations)")
        .await;
    let (checks, well) = doctor(&at(&database));
    assert!(well && checks["schema"].0 == "warning", "{checks:?}");
    database
        .execute("INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) VALUES (9999, 'later', true, '', 0)")
        .await;
    let (checks, well) = doctor(&at(&database));
    assert!(!well && checks["schema"].0 == "failed", "{checks:?}");
}

#[tokio::test]
async fn a_document_that_waits_long_is_a_warning() {
    let database = Database::new().await;
    let owner = crate::store::owner(&database.store).await;
    crate::store::insert(&database.store, crate::store::text(owner, "a")).await;
    let (checks, _) = doctor(&at(&database));
    assert_eq!(checks["queue"].0, "ok", "{checks:?}");
    database
        .execute("UPDATE jobs SET ready_at = now() - interval '1 hour'")
        .await;
    let (checks, well) = doctor(&at(&database));
    assert!(well && checks["queue"].0 == "warning", "{checks:?}");
}

#[test]
fn a_database_that_does_not_answer_fails() {
    let (checks, well) = doctor(&[
        "--database-url".as_ref(),
        "postgres://nobody@127.0.0.1:1/none".as_ref(),
    ]);
    assert!(!well && checks["postgres"].0 == "failed", "{checks:?}");
}
