//! The store beside bare SQL, on a database as large as one likes.
//!
//! `cargo bench --bench store` makes a private Postgres in a temporary folder, fills it with a million indicators and
//! two million sightings, and prints how fast it is written, searched, served and exported, each beside the same work
//! in bare SQL or in a bare handler in the same run. `-- 10000000` takes ten million, `-- 10000000 DIR` keeps the database
//! in `DIR` and finds it there again. `-- SIZE DIR ingest`, `queries` or `serving` is one part alone. Nothing is asserted:
//! figures say something only beside others of the same machine and hour.

mod bare;
mod exports;
mod ingest;
mod queries;
mod seed;
mod serving;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::time::Duration;

use iocsift::store::embedded::Embedded;
use iocsift::store::{PoolSettings, Store};
use sha2::{Digest, Sha256};

/// Indicators where no number is given.
const SIZE: i64 = 1_000_000;

type Failed = Box<dyn Error + Send + Sync>;

/// What the arguments ask for.
struct Asked {
    size: i64,
    dir: Option<PathBuf>,
    part: Option<String>,
}

impl Asked {
    fn new(arguments: impl Iterator<Item = String>) -> Result<Self, Failed> {
        // `cargo bench` adds flags of its own.
        let mut words = arguments.filter(|word| !word.starts_with("--"));
        Ok(Self {
            size: words.next().map_or(Ok(SIZE), |word| word.parse())?,
            dir: words.next().map(PathBuf::from),
            part: words.next(),
        })
    }

    fn wants(&self, part: &str) -> bool {
        self.part.as_deref().is_none_or(|wanted| wanted == part)
    }
}

#[tokio::main]
async fn main() -> Result<(), Failed> {
    // The client is built for TLS, which is not spoken here.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let asked = Asked::new(std::env::args().skip(1))?;
    let temporary = tempfile::tempdir()?;
    let dir = asked.dir.as_deref().unwrap_or(temporary.path());
    let spawner = Path::new(env!("CARGO_BIN_EXE_iocsift"));
    let embedded = Embedded::start(dir, spawner, None).await?;
    let measured = measure(&asked, embedded.url()).await;
    embedded.shutdown().await;
    measured
}

async fn measure(asked: &Asked, url: &str) -> Result<(), Failed> {
    // Filling the database takes longer than a query may.
    let settings = PoolSettings {
        statement_timeout: Duration::from_secs(20),
        ..PoolSettings::default()
    };
    let store = Store::connect(url, &settings).await?;
    store.migrate().await?;
    seed::fill(url, asked.size).await?;
    // As a worker does when it starts.
    store.keep_frequent_counts().await?;
    if asked.wants("queries") {
        queries::measure(&store, url).await?;
    }
    if asked.wants("serving") {
        serving::measure(&store, url).await?;
    }
    if asked.wants("exports") {
        exports::measure(&store, url).await?;
    }
    if asked.wants("ingest") {
        ingest::measure(&store, url).await?;
    }
    store.close().await;
    Ok(())
}

/// The median and the 95th percentile, in milliseconds.
fn percentiles(times: &mut [Duration]) -> (f64, f64) {
    times.sort();
    let at = |percent: usize| {
        times
            .get(times.len() * percent / 100)
            .map_or(0.0, |time| time.as_secs_f64() * 1e3)
    };
    (at(50), at(95))
}

/// The SHA-256 of `text` in hexadecimal.
fn hex(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
