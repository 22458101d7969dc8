//! A thousand clients that send a request a byte at a time: what they cost the others.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::server::Server;
use super::{Cluster, Failed, Report, percentile};

const SLOW: usize = 1_000;
/// Between two bytes.
const BYTE: Duration = Duration::from_secs(1);
/// The others, and how often each asks.
const OTHERS: usize = 10;
const PACE: Duration = Duration::from_millis(50);
/// Of each of the two, and how often they take turns; the median counts.
const SPELL: Duration = Duration::from_secs(5);
const ROUNDS: usize = 3;
/// What the others may wait, as a multiple of what they wait alone.
const LIMIT: f64 = 2.0;

pub(super) async fn measure(report: &mut Report) -> Result<(), Failed> {
    let fault = "1,000 slow clients";
    let cluster = Cluster::start().await?;
    let data = tempfile::tempdir()?;
    let server = Arc::new(Server::start(data.path(), cluster.url(), &[]).await?);
    others(&server).await;
    let (mut alone, mut crowded, mut refused) = (Vec::new(), Vec::new(), 0);
    for _ in 0..ROUNDS {
        let (time, _) = others(&server).await;
        alone.push(time);
        let mut crowd = JoinSet::new();
        for _ in 0..SLOW {
            crowd.spawn(dawdle(server.address().to_owned()));
        }
        // Until all of them are in.
        tokio::time::sleep(2 * BYTE).await;
        let (time, failed) = others(&server).await;
        crowded.push(time);
        refused += failed;
        crowd.shutdown().await;
    }
    let (alone, crowded) = (percentile(&mut alone, 50), percentile(&mut crowded, 50));
    let ratio = crowded.as_secs_f64() / alone.as_secs_f64();
    let milliseconds = |time: Duration| time.as_secs_f64() * 1e3;
    report.row(
        fault,
        &format!("p99 of others, beside {:.1} ms alone", milliseconds(alone)),
        format!("{:.1} ms = {ratio:.2} ×", milliseconds(crowded)),
        format!("{LIMIT} ×"),
        ratio < LIMIT,
    );
    report.never(fault, "others refused", refused);
    drop(server);
    cluster.embedded.shutdown().await;
    Ok(())
}

/// Connects, sends a head that never ends, and comes back when it is thrown out.
async fn dawdle(address: String) {
    loop {
        let Ok(mut stream) = TcpStream::connect(&address).await else {
            tokio::time::sleep(BYTE).await;
            continue;
        };
        let head = b"GET /api/submissions HTTP/1.1\r\nHost: slow.example\r\nX-Slow: ";
        let mut sent = stream.write_all(head).await;
        while sent.is_ok() {
            tokio::time::sleep(BYTE).await;
            sent = stream.write_all(b"x").await;
        }
    }
}

/// The 99th percentile of the others' waits, and how many were refused.
async fn others(server: &Arc<Server>) -> (Duration, usize) {
    let mut clients = JoinSet::new();
    let began = Instant::now();
    for _ in 0..OTHERS {
        let server = Arc::clone(server);
        clients.spawn(async move {
            let mut answers = Vec::new();
            while began.elapsed() < SPELL {
                answers.push(server.get("/api/submissions?limit=5").await);
                tokio::time::sleep(PACE).await;
            }
            answers
        });
    }
    let answers: Vec<_> = clients.join_all().await.into_iter().flatten().collect();
    let refused = answers.iter().filter(|answer| !answer.is_good()).count();
    let mut times: Vec<Duration> = answers.iter().map(|answer| answer.took()).collect();
    (percentile(&mut times, 99), refused)
}
