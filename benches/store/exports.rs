//! The export of everything in each format: indicators a second, beside `COPY … TO STDOUT` of the rows that it reads, and the memory
//! of this process, which is server and client in one.

use std::time::Instant;

use futures_util::TryStreamExt;
use iocsift::export::FORMATS;
use iocsift::store::Store;
use sqlx::postgres::PgPoolCopyExt;
use sqlx::{PgConnection, PgPool};

use super::{Failed, serving};

/// What an export reads of an indicator: itself, its newest sighting, how often and when it was seen.
const COPY: &str = "COPY (
    SELECT i.id, i.kind, i.value, i.created_at, s.*, seen.* FROM iocs i
    CROSS JOIN LATERAL (SELECT * FROM sightings WHERE ioc_id = i.id ORDER BY created_at DESC, submission_id DESC LIMIT 1) s
    CROSS JOIN LATERAL (
        SELECT min(created_at) AS first, max(created_at) AS last, count(*) AS n FROM sightings WHERE ioc_id = i.id) seen
    WHERE is_standard(i.kind) ORDER BY i.kind, i.created_at DESC, i.id DESC) TO STDOUT";

pub(super) async fn measure(store: &Store, url: &str) -> Result<(), Failed> {
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM iocs WHERE is_standard(kind)")
        .fetch_one(&mut <PgConnection as sqlx::Connection>::connect(url).await?)
        .await?;
    println!("\nThe export of {rows} indicators\n");
    println!(
        "| | MB | s | indicators/s | of `COPY` | memory before, most, MiB |\n| --- | ---: | ---: | ---: | ---: | ---: |"
    );
    let pool = PgPool::connect(url).await?;
    let began = Instant::now();
    let mut bytes = 0;
    let mut copied = pool.copy_out_raw(COPY).await?;
    while let Some(chunk) = copied.try_next().await? {
        bytes += chunk.len();
    }
    let least = began.elapsed().as_secs_f64();
    print("`COPY`", bytes, rows, least, least, None);
    let ours = serving::ours(store).await?;
    for format in FORMATS {
        let before = memory("VmRSS:")?;
        // Whatever it was until now, the most is what it is from here on.
        std::fs::write("/proc/self/clear_refs", "5")?;
        let began = Instant::now();
        let path = format!("{ours}/api/iocs/export?format={}", format.name);
        let mut answer = reqwest::get(path).await?.error_for_status()?;
        let mut bytes = 0;
        while let Some(chunk) = answer.chunk().await? {
            bytes += chunk.len();
        }
        let took = began.elapsed().as_secs_f64();
        let held = (before, memory("VmHWM:")?);
        print(format.name, bytes, rows, took, least, Some(held));
    }
    pool.close().await;
    Ok(())
}

fn print(name: &str, bytes: usize, rows: i64, took: f64, least: f64, held: Option<(u64, u64)>) {
    let rate = rows as f64 / took;
    let held = held.map_or(String::new(), |(before, most)| format!("{before}, {most}"));
    println!(
        "| {name} | {} | {took:.1} | {rate:.0} | {:.2} | {held} |",
        bytes / 1_000_000,
        least / took
    );
}

/// A line of what the kernel tells of this process, in MiB.
fn memory(name: &str) -> Result<u64, Failed> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let kib: u64 = line
        .and_then(|line| line.trim().strip_suffix(" kB"))
        .ok_or("no such line")?
        .trim()
        .parse()?;
    Ok(kib / 1024)
}
