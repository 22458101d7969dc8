//! The private cluster: starts, restarts, survives the death of its owner.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt;
use std::process::Stdio;

use iocsift::store::embedded::{Embedded, StartError};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};

use crate::process::{Server, iocsift};
use crate::support::{scratch_dir, spawner};

async fn execute(url: &str, sql: &'static str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::raw_sql(sql).execute(&mut connection).await.unwrap();
}

async fn count(url: &str) -> i64 {
    let mut connection = PgConnection::connect(url).await.unwrap();
    sqlx::query_scalar("SELECT count(*) FROM kept")
        .fetch_one(&mut connection)
        .await
        .unwrap()
}

#[tokio::test]
async fn starts_where_nothing_is_and_again_with_what_was_written() {
    let temp = scratch_dir();
    let dir = temp.path();
    let first = Embedded::start(&dir.join("a/b"), spawner(), None)
        .await
        .unwrap();
    execute(
        first.url(),
        "CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)",
    )
    .await;
    first.shutdown().await;
    let second = Embedded::start(&dir.join("a/b"), spawner(), None)
        .await
        .unwrap();
    assert_eq!(count(second.url()).await, 1);
    second.shutdown().await;
}

#[tokio::test]
async fn is_durable_and_closed_to_the_network() {
    let dir = scratch_dir();
    let cluster = Embedded::start(dir.path(), spawner(), None).await.unwrap();
    let mut connection = PgConnection::connect(cluster.url()).await.unwrap();
    for (name, value) in [
        ("fsync", "on"),
        ("full_page_writes", "on"),
        ("synchronous_commit", "on"),
        ("listen_addresses", ""),
    ] {
        let is: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!(is, value, "{name}");
    }
    connection.close().await.unwrap();
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_second_instance_is_refused_and_leaves_the_first_alone() {
    let temp = scratch_dir();
    let dir = temp.path();
    let first = Embedded::start(dir, spawner(), None).await.unwrap();
    assert!(matches!(
        Embedded::start(dir, spawner(), None).await,
        Err(StartError::InUse { .. })
    ));
    let other = iocsift()
        .args(["serve", "--listen", "127.0.0.1:0", "--data-dir"])
        .arg(dir)
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    let words = String::from_utf8(other.stderr).unwrap();
    assert!(
        !other.status.success() && words.contains("another iocsift already runs"),
        "{words}"
    );
    execute(first.url(), "SELECT 1").await;
    first.shutdown().await;
}

#[tokio::test]
async fn works_at_once_after_its_owner_was_killed_and_lost_nothing() {
    let temp = scratch_dir();
    let dir = temp.path();
    for round in 0..5 {
        let owner = Server::start(dir, &[]);
        execute(
            &format!("postgres:///iocsift?host={}&user=iocsift", dir.display()),
            "CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)",
        )
        .await;
        owner.kill();
        let next = Embedded::start(dir, spawner(), None).await.unwrap();
        assert_eq!(count(next.url()).await, round + 1);
        next.shutdown().await;
    }
}

#[tokio::test]
async fn works_below_a_directory_that_is_closed_to_everybody_else() {
    let temp = scratch_dir();
    let closed = temp.path().join("closed");
    DirBuilder::new().mode(0o700).create(&closed).unwrap();
    let dir = closed.join("data dir, with \"odd\" signs");
    for _ in 0..2 {
        let cluster = Embedded::start(&dir, spawner(), None).await.unwrap();
        execute(
            cluster.url(),
            "CREATE TABLE IF NOT EXISTS kept (n int); CHECKPOINT",
        )
        .await;
        cluster.shutdown().await;
    }
}

#[tokio::test]
async fn is_not_kept_from_starting_by_the_files_of_a_server_that_is_gone() {
    let temp = scratch_dir();
    let dir = temp.path();
    Embedded::start(dir, spawner(), None)
        .await
        .unwrap()
        .shutdown()
        .await;
    // As after a crash of the machine: our own number, which is taken, stands in both files.
    let stale = format!("{}\n{}\n", std::process::id(), dir.join("data").display());
    std::fs::write(dir.join("data/postmaster.pid"), &stale).unwrap();
    std::fs::write(dir.join(".s.PGSQL.5432.lock"), &stale).unwrap();
    Embedded::start(dir, spawner(), None)
        .await
        .unwrap()
        .shutdown()
        .await;
}

#[tokio::test]
async fn tells_when_the_server_ends_by_itself() {
    let temp = scratch_dir();
    let dir = temp.path();
    let cluster = Embedded::start(dir, spawner(), None).await.unwrap();
    let pid = std::fs::read_to_string(dir.join("data/postmaster.pid")).unwrap();
    let pid = Pid::from_raw(pid.lines().next().unwrap().parse().unwrap()).unwrap();
    kill_process(pid, Signal::QUIT).unwrap();
    let words = cluster.exited().await;
    assert!(
        words.contains("Postgres ended") && words.contains("immediate shutdown"),
        "{words}"
    );
}

#[tokio::test]
async fn a_long_path_gets_its_socket_elsewhere() {
    let temp = scratch_dir();
    let dir = temp.path().join("d".repeat(120));
    let cluster = Embedded::start(&dir, spawner(), None).await.unwrap();
    execute(cluster.url(), "SELECT 1").await;
    cluster.shutdown().await;
}

#[tokio::test]
async fn without_server_binaries_it_names_three_ways_out() {
    let temp = scratch_dir();
    let dir = temp.path();
    let error = Embedded::start(dir, spawner(), Some(dir))
        .await
        .unwrap_err()
        .to_string();
    for way in [
        "apt-get install postgresql",
        "DATABASE_URL",
        "docker compose up",
    ] {
        assert!(error.contains(way), "{error}");
    }
}
