//! A Postgres that restarts, dies and is full, under a server that lives on.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use iocsift::store::embedded::Embedded;
use rustix::process::Signal;
use tokio::task::JoinSet;

use super::document;
use crate::process::Server;
use crate::support::{Database, scratch_dir, spawner};

/// What readers and writers met while the database was away.
#[derive(Debug, Default)]
struct Met {
    answered: usize,
    put_off: usize,
    acknowledged: Vec<String>,
}

/// Reads and uploads until told to stop. Every answer is the right one or 503 with a time to try again.
async fn load(server: Arc<Server>, over: Arc<AtomicBool>, from: usize) -> Met {
    let mut met = Met::default();
    for number in from.. {
        if over.load(Ordering::SeqCst) {
            break;
        }
        match server.look("/api/submissions?limit=5").await {
            (200, _) => met.answered += 1,
            (503, true) => met.put_off += 1,
            other => panic!("a read was answered {other:?}"),
        }
        match server.try_create(&document(number)).await.unwrap() {
            (201 | 200, body) => met
                .acknowledged
                .push(body["id"].as_str().unwrap().to_owned()),
            (503, _) => met.put_off += 1,
            other => panic!("an upload was answered {other:?}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    met
}

/// A server on a Postgres that `fault` takes away and brings back.
async fn through(fault: impl AsyncFnOnce(&Path, Embedded, &Server) -> Embedded) {
    let (data, dir) = (scratch_dir(), tempfile::tempdir().unwrap());
    let embedded = Embedded::start(data.path(), spawner(), None).await.unwrap();
    let flags = [
        "--lease",
        "3",
        "--workers",
        "2",
        "--submissions-per-hour",
        "0",
        "--token-per-minute",
        "0",
    ];
    let server = Arc::new(Server::start(
        dir.path(),
        &[&flags[..], &["--database-url", embedded.url()][..]].concat(),
    ));
    let over = Arc::new(AtomicBool::new(false));
    let mut clients = JoinSet::new();
    for client in 0..3 {
        clients.spawn(load(
            Arc::clone(&server),
            Arc::clone(&over),
            client * 100_000,
        ));
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    let embedded = fault(data.path(), embedded, &server).await;
    // Back to normal: an upload is taken and read.
    while server.look("/readyz").await.0 != 200 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    tokio::time::sleep(Duration::from_millis(500)).await;
    over.store(true, Ordering::SeqCst);
    let (mut answered, mut ids) = (0, Vec::new());
    for met in clients.join_all().await {
        answered += met.answered;
        ids.extend(met.acknowledged);
    }
    assert!(answered > 0 && !ids.is_empty());
    for id in &ids {
        assert_eq!(server.ended(id).await["status"], "completed", "{id}");
    }
    server.terminate();
    drop(server);
    embedded.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restart_of_postgres_puts_requests_off_and_loses_nothing() {
    through(async |dir, embedded, _| {
        embedded.shutdown().await;
        Embedded::start(dir, spawner(), None).await.unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgres_is_dead_the_server_lives_and_says_so() {
    through(async |dir, embedded, server| {
        rustix::process::kill_process(super::postmaster(dir), Signal::QUIT).unwrap();
        embedded.exited().await;
        assert_eq!(server.look("/healthz").await.0, 200);
        assert_eq!(server.look("/readyz").await, (503, true));
        drop(embedded);
        Embedded::start(dir, spawner(), None).await.unwrap()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_disk_is_full_reads_are_answered_and_writes_are_put_off() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::new().await;
    let server = Server::start(dir.path(), &["--database-url", &database.url]);
    let before = server.submit(&document(0)).await;
    server.ended(&before).await;
    database
        .execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END$$;
             CREATE TRIGGER full_disk BEFORE INSERT ON submissions FOR EACH ROW EXECUTE FUNCTION full_disk()",
        )
        .await;
    let (status, body) = server.try_create(&document(1)).await.unwrap();
    assert_eq!((status, body["code"].as_str()), (503, Some("storage_full")));
    assert_eq!(
        server.look(&format!("/api/submissions/{before}")).await.0,
        200
    );
    database
        .execute("DROP TRIGGER full_disk ON submissions")
        .await;
    let after = server.submit(&document(1)).await;
    assert_eq!(server.ended(&after).await["status"], "completed");
}
