//! Disks that are really full: under tables of Postgres, and under the folder of originals, which is then closed as well.

use std::ffi::CString;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rustix::mount::{MountFlags, UnmountFlags, mount, mount_remount, unmount};
use sqlx::{Connection, PgConnection};

use super::server::{Answer, Server};
use super::{Cluster, Failed, Report};

/// How long a job may take to be read by itself once there is space.
const GOES_ON: Duration = Duration::from_secs(60);
/// How long a job that cannot be stored is watched.
const WATCH: Duration = Duration::from_secs(5);

pub(super) async fn measure(report: &mut Report) -> Result<(), Failed> {
    tables(report).await?;
    originals(report).await
}

/// A disk of its own in memory, until it is dropped.
struct Disk(PathBuf);

impl Disk {
    /// `size` as `mount` takes it. The folder belongs to whom `like` belongs.
    fn mount(at: PathBuf, size: &str, like: &Path) -> Result<Self, Failed> {
        fs::create_dir_all(&at)?;
        let owner = fs::metadata(like)?;
        let options = format!(
            "size={size},mode=0700,uid={},gid={}",
            owner.uid(),
            owner.gid()
        );
        let options = CString::new(options)?;
        mount(
            "tmpfs",
            &at,
            "tmpfs",
            MountFlags::empty(),
            options.as_c_str(),
        )?;
        Ok(Self(at))
    }

    fn remount(&self, flags: MountFlags, options: &str) -> Result<(), Failed> {
        Ok(mount_remount(&self.0, flags, options)?)
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = unmount(&self.0, UnmountFlags::DETACH);
    }
}

fn not_allowed(fault: &str, error: &Failed) {
    println!("| {fault} | **not brought about**: no disk can be mounted here: {error} | | |");
}

fn is_full(answer: &Answer) -> bool {
    answer.is_put_off() && answer.body["code"] == "storage_full"
}

/// A text of so many bytes that no packing makes smaller.
fn noise(seed: u64, bytes: usize) -> String {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let characters = std::iter::repeat_with(|| {
        state ^= state >> 12;
        state ^= state << 25;
        state ^= state >> 27;
        let high = state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 58;
        char::from(
            b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"[high as usize],
        )
    });
    characters.take(bytes).collect()
}

async fn tables(report: &mut Report) -> Result<(), Failed> {
    let fault = "F11 disk of Postgres full";
    let cluster = Cluster::start().await?;
    let (space, like) = (
        cluster.dir.path().join("space"),
        cluster.dir.path().join("data"),
    );
    let _disk = match Disk::mount(space.clone(), "24m", &like) {
        Ok(disk) => disk,
        Err(error) => {
            not_allowed(fault, &error);
            return Ok(());
        }
    };
    let data = tempfile::tempdir()?;
    let server = Server::start(data.path(), cluster.url(), &["--workers", "0"]).await?;
    let lines = (0..500).map(|line| format!("It calls node-{line}.badhost.com.\n"));
    let waiting = server.submit(&lines.collect::<String>()).await.id()?;
    drop(server);
    let mut admin = PgConnection::connect(cluster.url()).await?;
    for sql in [
        format!("CREATE TABLESPACE small LOCATION '{}'", space.display()),
        "ALTER TABLE blobs SET TABLESPACE small".to_owned(),
        "ALTER TABLE sightings SET TABLESPACE small".to_owned(),
        "CREATE TABLE filler (page text) TABLESPACE small".to_owned(),
        "ALTER TABLE filler ALTER page SET STORAGE PLAIN".to_owned(),
    ] {
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
            .execute(&mut admin)
            .await?;
    }
    // One row is one page: the last one takes the last page.
    for rows in [1_000, 100, 10, 1] {
        let fill =
            format!("INSERT INTO filler SELECT repeat('x', 7000) FROM generate_series(1, {rows})");
        let full = loop {
            let filled = sqlx::raw_sql(sqlx::AssertSqlSafe(fill.clone()));
            if let Err(error) = filled.execute(&mut admin).await {
                break error;
            }
        };
        let code = full.as_database_error().and_then(|error| error.code());
        if code.as_deref() != Some("53100") {
            return Err(full.into());
        }
    }

    let server = Server::start(data.path(), cluster.url(), &[]).await?;
    let path = format!("/api/submissions/{waiting}");
    let (began, mut refused, mut done) = (Instant::now(), 0, 0);
    while began.elapsed() < WATCH {
        let answer = server.get(&path).await;
        refused += usize::from(!answer.is_good());
        done += usize::from(matches!(
            answer.body["status"].as_str(),
            Some("completed" | "failed")
        ));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let large = noise(1, 200_000);
    let written = server.submit(&large).await;
    report.never(fault, "reads refused", refused);
    report.never(fault, "jobs done or failed without space", done);
    report.never(
        fault,
        "writes answered otherwise than by 503 `storage_full`",
        usize::from(!is_full(&written)),
    );
    sqlx::raw_sql("DROP TABLE filler")
        .execute(&mut admin)
        .await?;
    let freed = Instant::now();
    let status = server.ended(&waiting).await?;
    report.time(fault, "the job goes on after", freed.elapsed(), GOES_ON);
    report.never(
        fault,
        "jobs that fail after all",
        usize::from(status != "completed"),
    );
    server.submit(&large).await.id()?;
    drop(server);
    admin.close().await?;
    cluster.embedded.shutdown().await;
    Ok(())
}

async fn originals(report: &mut Report) -> Result<(), Failed> {
    let fault = "F12 folder of originals full, closed";
    let cluster = Cluster::start().await?;
    let data = tempfile::tempdir()?;
    let folder = data.path().join("originals");
    let disk = match Disk::mount(folder.clone(), "1m", data.path()) {
        Ok(disk) => disk,
        Err(error) => {
            not_allowed(fault, &error);
            return Ok(());
        }
    };
    let place = folder.display().to_string();
    let flags = ["--originals", &place, "--workers", "0"];
    let server = Server::start(data.path(), cluster.url(), &flags).await?;
    let kept = server.submit(&noise(2, 600_000)).await.id()?;
    let mut wrong = 0;
    let large = noise(3, 900_000);
    wrong += usize::from(!is_full(&server.submit(&large).await));
    let left = files(&folder)?;
    disk.remount(MountFlags::RDONLY, "")?;
    wrong += usize::from(!is_full(&server.submit("a few words").await));
    let read = server
        .get(&format!("/api/submissions/{kept}/content"))
        .await;
    report.never(
        fault,
        "writes answered otherwise than by 503 `storage_full`",
        wrong,
    );
    report.never(fault, "reads refused", usize::from(!read.is_good()));
    report.never(
        fault,
        "files that no row names",
        files(&folder)?.len().max(left.len()).saturating_sub(1),
    );
    let mut admin = PgConnection::connect(cluster.url()).await?;
    let rows: i64 = sqlx::query_scalar("SELECT count(*) FROM submissions")
        .fetch_one(&mut admin)
        .await?;
    report.never(
        fault,
        "rows without their original",
        usize::try_from(rows - 1)?,
    );
    disk.remount(MountFlags::empty(), "size=8m")?;
    server.submit(&large).await.id()?;
    admin.close().await?;
    drop(server);
    cluster.embedded.shutdown().await;
    Ok(())
}

/// Every file below `dir`.
fn files(dir: &Path) -> Result<Vec<PathBuf>, Failed> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}
