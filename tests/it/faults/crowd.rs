//! More connections than a server may open files.

use std::io::{BufRead, BufReader};
use std::time::{Duration, Instant};

use super::document;
use crate::process::Server;
use crate::support::Database;

/// Files that the server may have open, and connections that want one each.
const FILES: usize = 64;
const CONNECTIONS: usize = 100;
/// The rest of the accept loop after each refusal.
const PAUSE: Duration = Duration::from_millis(200);

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_files_left_rests_between_tries_and_serves_again() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::new().await;
    let flags = ["--database-url", &database.url];
    let began = Instant::now();
    let (server, log) = Server::start_with_files(FILES, dir.path(), &flags);
    let refusals = std::thread::spawn(move || {
        let lines = BufReader::new(log).lines().map_while(Result::ok);
        lines
            .filter(|line| line.contains("cannot accept a connection"))
            .count()
    });
    let crowd: Vec<_> = (0..CONNECTIONS)
        .map(|_| server.silence().unwrap())
        .collect();
    tokio::time::sleep(Duration::from_secs(2)).await;
    drop(crowd);
    let id = server.submit(&document(0)).await;
    assert_eq!(server.ended(&id).await["status"], "completed");
    server.kill();
    let refusals = refusals.join().unwrap();
    let tries = began.elapsed().as_millis() / PAUSE.as_millis();
    assert!((1..=tries as usize + 1).contains(&refusals), "{refusals}");
}
