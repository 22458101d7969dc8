//! What faults cost: how long answers take while Postgres is away, how much a poisoned document or a crowd of slow
//! clients slows down the others, what a disk that is really full does, whether memory grows.
//!
//! `cargo bench --bench faults` prints each figure beside its limit and fails where one is broken; `-- outage disk` brings
//! about these faults alone. It mounts small disks to fill them: where that is not allowed it says so. Limits are
//! of a machine that does nothing else meanwhile.

mod crowd;
mod disk;
mod memory;
mod outage;
mod poison;
mod server;

use std::error::Error;
use std::fmt::Display;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::time::Duration;

use iocsift::store::embedded::Embedded;
use tempfile::TempDir;

type Failed = Box<dyn Error + Send + Sync>;

/// The program, which also becomes Postgres and the readers.
const PROGRAM: &str = env!("CARGO_BIN_EXE_iocsift");

#[tokio::main]
async fn main() -> Result<(), Failed> {
    // The client is built for TLS, which is not spoken here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    // `cargo bench` adds flags of its own.
    let asked: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with("--"))
        .collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|word| word == part);
    let mut report = Report { broken: 0 };
    println!("| fault | figure | measured | limit |\n| --- | --- | ---: | ---: |");
    if wanted("poison") {
        poison::measure(&mut report).await?;
    }
    if wanted("outage") {
        outage::measure(&mut report).await?;
    }
    if wanted("disk") {
        disk::measure(&mut report).await?;
    }
    if wanted("crowd") {
        crowd::measure(&mut report).await?;
    }
    if wanted("memory") {
        memory::measure(&mut report).await?;
    }
    match report.broken {
        0 => Ok(()),
        broken => Err(format!("{broken} limits are broken").into()),
    }
}

/// Prints figures, and counts those beyond their limits.
struct Report {
    broken: usize,
}

impl Report {
    fn row(
        &mut self,
        fault: &str,
        figure: &str,
        measured: impl Display,
        limit: impl Display,
        is_kept: bool,
    ) {
        let mark = if is_kept { "" } else { " **broken**" };
        self.broken += usize::from(!is_kept);
        println!("| {fault} | {figure} | {measured}{mark} | {limit} |");
    }

    /// Something that must not happen: how often it did.
    fn never(&mut self, fault: &str, figure: &str, count: usize) {
        self.row(fault, figure, count, 0, count == 0);
    }

    /// A time, and the longest that it may be.
    fn time(&mut self, fault: &str, figure: &str, took: Duration, limit: Duration) {
        let seconds = |time: Duration| format!("{:.2} s", time.as_secs_f64());
        self.row(fault, figure, seconds(took), seconds(limit), took <= limit);
    }
}

/// A Postgres of its own in a folder that goes with it.
struct Cluster {
    dir: TempDir,
    embedded: Embedded,
}

impl Cluster {
    async fn start() -> Result<Self, Failed> {
        // Open to Postgres' user, also where this runs as root.
        let open = std::fs::Permissions::from_mode(0o755);
        let dir = tempfile::Builder::new().permissions(open).tempdir()?;
        let embedded = postgres(dir.path()).await?;
        Ok(Self { dir, embedded })
    }

    fn url(&self) -> &str {
        self.embedded.url()
    }
}

/// The Postgres in `dir`.
async fn postgres(dir: &Path) -> Result<Embedded, Failed> {
    Ok(Embedded::start(dir, Path::new(PROGRAM), None).await?)
}

/// The time below which `percent` of all are.
fn percentile(times: &mut [Duration], percent: usize) -> Duration {
    times.sort();
    let at = times.len() * percent / 100;
    times.get(at).copied().unwrap_or_default()
}
