//! Nothing lost, nothing doubled: `kill -9` of a worker, of the server, of Postgres, in the middle of a
//! batch. Whatever was acknowledged comes to its end, once. `docs/faults.md` says which test shows what;
//! `IOCSIFT_FAULTS=full` (`make faults`) runs those that take minutes at their full size.

mod crowd;
mod database;
mod killed;
mod network;
mod upgrade;

use std::path::Path;

use rustix::process::{Pid, Signal};

use crate::process::{Server, Worker};
use crate::support::Database;

/// Submissions of one batch.
const BATCH: usize = 24;
/// Indicators of each document, all its own.
const EACH: usize = 40;

/// A document with [`EACH`] domains and addresses of its own, padded so that reading it takes a moment.
fn document(number: usize) -> String {
    let lines = (0..EACH).map(|line| format!("The implant of wave {number} beacons to node-{line}-{number}.badhost{number}x{line}.com daily.\n"));
    let padding =
        "Analysts watched the campaign for several weeks before they wrote this report.\n"
            .repeat(2_000);
    lines.collect::<String>() + &padding
}

/// `full` where everything is asked for, else `quick`.
fn size(full: usize, quick: usize) -> usize {
    match std::env::var("IOCSIFT_FAULTS").as_deref() {
        Ok("full") => full,
        _ => quick,
    }
}

async fn submit_batch(server: &Server) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..BATCH {
        ids.push(server.submit(&document(number)).await);
    }
    ids
}

/// Every submission is completed with exactly its own indicators, and the store holds no other.
async fn all_ended_once(server: &Server, ids: &[String]) {
    for id in ids {
        let submission = server.ended(id).await;
        assert_eq!(submission["status"], "completed", "{submission}");
        assert_eq!(submission["ioc_count"], EACH, "{id}");
        assert_eq!(submission["iocs"].as_array().unwrap().len(), EACH, "{id}");
    }
    let stats = server.get("/api/iocs/stats").await;
    assert_eq!(stats["total_submissions"], ids.len());
    assert_eq!(stats["total_iocs"], ids.len() * EACH);
    let iocs = server.get("/api/iocs/search?limit=100").await;
    for ioc in iocs["iocs"].as_array().unwrap() {
        assert_eq!(ioc["submission_count"], 1, "{ioc}");
    }
}

/// Waits until the batch is under way: some, but not all, of it is done.
async fn under_way(server: &Server, ids: &[String]) {
    server.ended(&ids[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_survives_the_death_of_the_server() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--lease", "3"]);
    let ids = submit_batch(&server).await;
    under_way(&server, &ids).await;
    server.kill();
    let server = Server::start(dir.path(), &["--lease", "3"]);
    all_ended_once(&server, &ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_survives_the_death_of_a_worker() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::new().await;
    let server = Server::start(
        dir.path(),
        &["--workers", "0", "--database-url", &database.url],
    );
    let doomed = Worker::start(&database.url);
    let ids = submit_batch(&server).await;
    under_way(&server, &ids).await;
    doomed.kill();
    let _heir = Worker::start(&database.url);
    all_ended_once(&server, &ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_stood_still_beyond_its_lease_doubles_nothing_and_works_on() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::new().await;
    let server = Server::start(
        dir.path(),
        &["--workers", "0", "--database-url", &database.url],
    );
    let sleeper = Worker::start(&database.url);
    let mut ids = submit_batch(&server).await;
    under_way(&server, &ids).await;
    sleeper.stop();
    let heir = Worker::start(&database.url);
    all_ended_once(&server, &ids).await;
    sleeper.go_on();
    heir.kill();
    ids.push(server.submit(&document(BATCH)).await);
    all_ended_once(&server, &ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_survives_the_death_of_postgres() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--lease", "3"]);
    let ids = submit_batch(&server).await;
    under_way(&server, &ids).await;
    rustix::process::kill_process(postmaster(dir.path()), Signal::KILL).unwrap();
    assert!(
        !server.wait(),
        "a server without its database must not say that all is well"
    );
    let server = Server::start(dir.path(), &["--lease", "3"]);
    all_ended_once(&server, &ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_shutdown_gives_jobs_back_and_ends_well() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--grace", "0"]);
    let ids = submit_batch(&server).await;
    under_way(&server, &ids).await;
    server.terminate();
    assert!(server.wait());
    // With the default lease: were a job not given back, it would be missing for a minute.
    let server = Server::start(dir.path(), &[]);
    all_ended_once(&server, &ids).await;
}

/// The process id in the first line of the cluster's `postmaster.pid`.
fn postmaster(dir: &Path) -> Pid {
    let text = std::fs::read_to_string(dir.join("data/postmaster.pid")).unwrap();
    Pid::from_raw(text.lines().next().unwrap().trim().parse().unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_listens_to_works_and_ends_when_told() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start_unheard(dir.path());
    let id = server.submit("evil[.]example.com is heard of").await;
    assert_eq!(server.ended(&id).await["status"], "completed");
    server.terminate();
    assert!(server.wait());
}
