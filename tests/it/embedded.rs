//! The private cluster: starts, restarts, survives the death of its owner.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use iocsift::store::embedded::{Embedded, StartError};
use rustix::process::{Pid, Signal, kill_process};
use sqlx::{Connection, PgConnection};

use crate::support::{scratch_dir, spawner};

/// Where [`owner`] finds its directory.
const DIR: &str = "IOCSIFT_TEST_CLUSTER";

/// Not a test: the process that the tests below kill. It starts the cluster, says so, and waits for its end.
#[test]
#[ignore = "run by other tests, in a process of its own"]
fn owner() {
    let dir = std::env::var_os(DIR).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    match runtime.block_on(Embedded::start(
        Path::new(&dir),
        spawner(),
        std::env::var_os("IOCSIFT_POSTGRES_BIN")
            .as_ref()
            .map(Path::new),
    )) {
        Ok(cluster) => {
            println!("\nurl {}", cluster.url());
            println!("ended {}", runtime.block_on(cluster.exited()));
        }
        Err(error) => println!("\nerror {error}"),
    }
}

fn start_owner(dir: &Path, bin: Option<&Path>) -> (Child, String) {
    let mut command = Command::new(std::env::current_exe().unwrap());
    command
        .args(["--ignored", "--exact", "embedded::owner", "--nocapture"])
        .env(DIR, dir);
    if let Some(bin) = bin {
        command.env("IOCSIFT_POSTGRES_BIN", bin);
    }
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.as_mut().unwrap()).lines();
    let line = lines
        .find_map(|line| {
            line.ok()
                .filter(|l| l.starts_with("url ") || l.starts_with("error "))
        })
        .unwrap();
    (child, line)
}

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
    let (mut other, line) = start_owner(dir, None);
    assert!(line.contains("another iocsift already runs"), "{line}");
    other.wait().unwrap();
    execute(first.url(), "SELECT 1").await;
    first.shutdown().await;
}

#[tokio::test]
async fn works_at_once_after_its_owner_was_killed_and_lost_nothing() {
    let temp = scratch_dir();
    let dir = temp.path();
    for round in 0..5 {
        let (mut owner, line) = start_owner(dir, None);
        let url = line
            .strip_prefix("url ")
            .unwrap_or_else(|| panic!("{line}"));
        execute(
            url,
            "CREATE TABLE IF NOT EXISTS kept (n int); INSERT INTO kept VALUES (1)",
        )
        .await;
        owner.kill().unwrap();
        owner.wait().unwrap();
        let next = Embedded::start(dir, spawner(), None).await.unwrap();
        assert_eq!(count(next.url()).await, round + 1);
        next.shutdown().await;
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
    let (mut owner, line) = start_owner(dir, Some(dir));
    for way in [
        "apt-get install postgresql",
        "DATABASE_URL",
        "docker compose up",
    ] {
        assert!(line.contains(way), "{line}");
    }
    let mut rest = String::new();
    owner
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut rest)
        .unwrap();
    owner.wait().unwrap();
}
