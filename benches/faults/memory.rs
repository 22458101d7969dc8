//! Whether the memory of the server grows with the documents that it has read.

use std::time::Duration;

use super::server::Server;
use super::{Cluster, Failed, Report};

/// Documents before anything counts, and those that count.
const WARM_UP: usize = 1_000;
const COUNTED: usize = 4_000;
/// Documents between two looks.
const BATCH: usize = 100;
/// KiB for each thousand documents.
const LIMIT: f64 = 1024.0;

pub(super) async fn measure(report: &mut Report) -> Result<(), Failed> {
    let cluster = Cluster::start().await?;
    let data = tempfile::tempdir()?;
    let server = Server::start(data.path(), cluster.url(), &[]).await?;
    let mut looks = Vec::new();
    for batch in 0..(WARM_UP + COUNTED) / BATCH {
        for number in batch * BATCH..(batch + 1) * BATCH {
            let line = format!("The implant of wave {number} calls node-{number}.badhost.com.\n");
            server.submit(&line.repeat(60)).await.id()?;
        }
        while server.get("/readyz").await.body["queue_depth"] != 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        if batch >= WARM_UP / BATCH {
            looks.push((batch as f64 * BATCH as f64 / 1e3, server.memory()? as f64));
        }
    }
    let slope = slope(&looks);
    let held = looks.last().map_or(0.0, |(_, held)| *held) / 1024.0;
    report.row(
        "soak",
        &format!("growth of memory over {COUNTED} documents, at {held:.0} MiB"),
        format!("{slope:.0} KiB per 1,000"),
        format!("{LIMIT} KiB"),
        slope < LIMIT,
    );
    drop(server);
    cluster.embedded.shutdown().await;
    Ok(())
}

/// Of the straight line that is nearest to all points.
fn slope(points: &[(f64, f64)]) -> f64 {
    let count = points.len() as f64;
    let (x, y) = points
        .iter()
        .fold((0.0, 0.0), |(x, y), point| (x + point.0, y + point.1));
    let (x, y) = (x / count, y / count);
    let (over, under) = points.iter().fold((0.0, 0.0), |(over, under), point| {
        (
            over + (point.0 - x) * (point.1 - y),
            under + (point.0 - x).powi(2),
        )
    });
    over / under
}
