//! A server that is killed between an object and its row, either way: each test holds it there by a lock, then kills it.

use std::fs::File;
use std::path::Path;
use std::time::{Duration, SystemTime};

use sqlx::{Connection, PgConnection};

use super::blobs::files;
use crate::process::Server;
use crate::support::{scratch_dir, until};

/// The private Postgres of the server in `dir`.
async fn database(dir: &Path) -> PgConnection {
    let url = format!("postgres:///iocsift?host={}&user=iocsift", dir.display());
    PgConnection::connect(&url).await.unwrap()
}

/// The rows of `blobs`, and the objects.
async fn rows_and_objects(dir: &Path) -> (i64, usize) {
    let rows = sqlx::query_scalar("SELECT count(*) FROM blobs");
    let rows = rows.fetch_one(&mut database(dir).await).await.unwrap();
    let mut objects = files(&dir.join("originals"));
    // What is being written has a name of its own.
    objects.retain(|file| !file.to_string_lossy().contains('#'));
    (rows, objects.len())
}

/// Waits until there are as many of both.
async fn come_to(dir: &Path, wanted: (i64, usize)) {
    until(async || rows_and_objects(dir).await == wanted).await;
}

/// Makes every object older than those that may be on their way.
fn age(dir: &Path) {
    let then = SystemTime::now() - Duration::from_secs(2 * 60 * 60);
    for file in files(&dir.join("originals")) {
        File::open(file).unwrap().set_modified(then).unwrap();
    }
}

const SHORT_LEASE: &[&str] = &["--lease", "3"];

#[tokio::test]
async fn killed_before_the_row_of_an_upload_is_there_it_leaves_an_object_that_the_next_start_removes()
 {
    let dir = scratch_dir();
    let dir = dir.path();
    let server = Server::start(dir, &[]);
    let mut lock = database(dir).await;
    sqlx::raw_sql("BEGIN; LOCK TABLE blobs IN SHARE MODE")
        .execute(&mut lock)
        .await
        .unwrap();
    let killed = async {
        come_to(dir, (0, 1)).await;
        server.kill_now();
    };
    let (acknowledged, ()) = tokio::join!(server.try_submit("198.51.100.7 beacons"), killed);
    assert_eq!(acknowledged, None);
    drop(server);
    age(dir);

    let server = Server::start(dir, &[]);
    come_to(dir, (0, 0)).await;
    let id = server.submit("198.51.100.7 beacons").await;
    assert_eq!(server.ended(&id).await["status"], "completed");
}

#[tokio::test]
async fn killed_before_the_row_of_a_text_is_there_it_reads_the_document_again() {
    let dir = scratch_dir();
    let dir = dir.path();
    let server = Server::start(dir, &[]);
    let mut lock = database(dir).await;
    sqlx::raw_sql("BEGIN; LOCK TABLE text_blobs IN SHARE MODE")
        .execute(&mut lock)
        .await
        .unwrap();
    let page = b"<!doctype html><title>A page</title><p>It beacons to 198.51.100.7 daily.</p>";
    let (status, created) = server.upload("page.html", page).await;
    assert_eq!(status, 201);
    // The text is written, and none of its rows is committed.
    come_to(dir, (1, 2)).await;
    server.kill();

    let server = Server::start(dir, SHORT_LEASE);
    sqlx::raw_sql("UPDATE jobs SET ready_at = now()")
        .execute(&mut database(dir).await)
        .await
        .unwrap();
    let id = created["id"].as_str().unwrap();
    let read = server.ended(id).await;
    assert_eq!(
        (&read["status"], &read["ioc_count"]),
        (&"completed".into(), &1.into())
    );
    assert_eq!(rows_and_objects(dir).await, (2, 2));
}

#[tokio::test]
async fn killed_before_the_objects_of_a_deleted_submission_are_gone_the_next_start_removes_them() {
    let dir = scratch_dir();
    let dir = dir.path();
    let server = Server::start(dir, &[]);
    let id = server.submit("<p>198.51.100.7 beacons").await;
    server.ended(&id).await;
    let mut lock = database(dir).await;
    sqlx::raw_sql("BEGIN; SELECT lock_key('blob', encode(sha256, 'hex')) FROM blobs")
        .execute(&mut lock)
        .await
        .unwrap();
    let killed = async {
        let deleted = "SELECT count(*) FROM submissions WHERE status = 'deleted'";
        let mut look = database(dir).await;
        until(async || {
            let deleted = sqlx::query_scalar::<_, i64>(deleted);
            deleted.fetch_one(&mut look).await.unwrap() == 1
        })
        .await;
        server.kill_now();
    };
    let path = format!("/api/submissions/{id}");
    tokio::join!(server.try_delete(&path), killed);
    drop(server);

    let server = Server::start(dir, &[]);
    come_to(dir, (0, 0)).await;
    let tombstone = server
        .get("/api/submissions?since=1970-01-01T00:00:00Z")
        .await;
    assert_eq!(tombstone[0]["id"], id, "{tombstone}");
}
