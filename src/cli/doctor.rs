//! `iocsift doctor`: looks at all that an installation stands on, and changes nothing of it. A private Postgres that
//! does not run is started for the look.

use std::fmt;
use std::path::Path;

use anyhow::bail;
use chrono::Utc;
use clap::Args;
use serde::Serialize;

use super::database::{Role, connect};
use crate::config::{Database, Work};
use crate::store::embedded::Embedded;
use crate::store::{Condition, Readiness, Schema};
use crate::worker::sandbox::Sandbox;

/// A difference of clocks that disturbs nobody, in milliseconds.
const CLOCKS_APART: i64 = 2_000;
/// A transaction this old keeps dead rows alive, in seconds.
const OLD_TRANSACTION: f64 = 600.0;
/// A job that has waited this long found no worker, in seconds.
const LONG_WAIT: f64 = 300.0;
/// Free bytes of a disk that are few, and that are too few to go on.
const DISK: (u64, u64) = (2 << 30, 256 << 20);
/// Files that a server with a thousand slow clients opens.
const OPEN_FILES: u64 = 2_048;

/// Looks at all that this installation stands on.
#[derive(Debug, Args)]
pub(super) struct Doctor {
    /// Print one JSON object a line, for machines
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    work: Work,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    /// It works, and somebody should look at it.
    Warning,
    /// It does not work.
    Failed,
}

/// One thing that was looked at.
#[derive(Debug, Serialize)]
struct Check {
    check: &'static str,
    state: State,
    detail: String,
}

impl fmt::Display for Check {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = match self.state {
            State::Ok => "ok",
            State::Warning => "warning",
            State::Failed => "FAILED",
        };
        write!(out, "{state:<8} {:<12} {}", self.check, self.detail)
    }
}

/// `iocsift doctor`: fails where something does not work.
pub(super) async fn doctor(settings: Doctor) -> anyhow::Result<()> {
    let mut checks = database(&settings.database).await;
    checks.extend(disk(&settings.database));
    checks.extend(reading(&settings.work).await);
    checks.push(fetching(&settings.work));
    checks.push(open_files());
    for check in &checks {
        if settings.json {
            println!("{}", serde_json::to_string(check)?);
        } else {
            println!("{check}");
        }
    }
    let failed = checks.iter().filter(|check| check.state == State::Failed);
    match failed.count() {
        0 => Ok(()),
        1 => bail!("one check failed"),
        more => bail!("{more} checks failed"),
    }
}

fn check(check: &'static str, state: State, detail: impl Into<String>) -> Check {
    let detail = detail.into();
    Check {
        check,
        state,
        detail,
    }
}

/// `State::Ok`, or `otherwise` where something is not `well`.
fn unless(well: bool, otherwise: State) -> State {
    if well { State::Ok } else { otherwise }
}

async fn database(settings: &Database) -> Vec<Check> {
    const NAME: &str = "postgres";
    if settings.external().is_none()
        && settings
            .data_dir()
            .is_ok_and(|dir| !Embedded::is_made(&dir))
    {
        // To start it would make it.
        return vec![match Embedded::server(settings.postgres_bin.as_deref()) {
            Ok((major, dir)) => check(
                NAME,
                State::Ok,
                format!(
                    "none yet; the first start makes a private one with PostgreSQL {major} from {}",
                    dir.display()
                ),
            ),
            Err(error) => check(NAME, State::Failed, error.to_string()),
        }];
    }
    let opened = match connect(settings, Role::Guest).await {
        Ok(opened) => opened,
        Err(error) => return vec![check(NAME, State::Failed, format!("{error:#}"))],
    };
    let condition = opened.store.condition().await;
    let queue = opened.store.ready().await;
    opened.close().await;
    match condition {
        Ok(condition) => {
            let migrated = condition.schema != Schema::Absent;
            let mut checks = server(&condition, settings.database_connections);
            checks.extend(migrated.then(|| match queue {
                Ok(queue) => waiting(&queue),
                Err(error) => check("queue", State::Failed, error.to_string()),
            }));
            checks
        }
        Err(error) => vec![check(NAME, State::Failed, error.to_string())],
    }
}

/// What is to be said of a database server, of which this process may hold `pool` connections.
fn server(condition: &Condition, pool: u32) -> Vec<Check> {
    let mib = condition.bytes >> 20;
    let mut checks = vec![if condition.replica {
        let detail = "this is a replica, which takes no writes: use the primary";
        check("postgres", State::Failed, detail)
    } else {
        let detail = format!("PostgreSQL {}, {mib} MiB", condition.version);
        check("postgres", State::Ok, detail)
    }];
    let (state, detail) = match condition.schema {
        Schema::Current => (State::Ok, "as this version wants it".to_owned()),
        Schema::Absent => (State::Ok, "none yet; the first start makes it".to_owned()),
        Schema::Behind(steps) => (
            State::Warning,
            format!(
                "{steps} migrations are to come: the next start makes them; take a backup first"
            ),
        ),
        Schema::Newer => (
            State::Failed,
            "a newer version of iocsift made it: start that one".to_owned(),
        ),
    };
    checks.push(check("schema", state, detail));
    checks.push(check(
        "durability",
        unless(condition.durable, State::Warning),
        match condition.durable {
            true => "what is acknowledged survives a power failure",
            false => "fsync, full_page_writes or synchronous_commit is off: a power failure loses what was acknowledged",
        },
    ));
    let apart = (Utc::now() - condition.clock).num_milliseconds().abs();
    checks.push(check(
        "clock",
        unless(apart <= CLOCKS_APART, State::Warning),
        format!("{apart} ms from the database's, by which all is stamped"),
    ));
    let (used, most) = condition.connections;
    checks.push(check(
        "connections",
        unless(used + i64::from(pool) <= most, State::Warning),
        format!("{used} of {most} in use; this process may take {pool}"),
    ));
    let age = condition.oldest_transaction_seconds;
    let tidy = condition.autovacuum && age < OLD_TRANSACTION;
    checks.push(check(
        "vacuum",
        unless(tidy, State::Warning),
        match condition.autovacuum {
            true => format!("on; the oldest open transaction is {age:.0} s old"),
            false => "autovacuum is off: dead rows stay, and queries get slower".to_owned(),
        },
    ));
    if !condition.invalid_indexes.is_empty() {
        let names = condition.invalid_indexes.join(", ");
        let detail = format!("not usable: {names}; REINDEX INDEX CONCURRENTLY makes them anew");
        checks.push(check("indexes", State::Warning, detail));
    }
    checks
}

fn waiting(queue: &Readiness) -> Check {
    let (depth, oldest) = (queue.queue_depth, queue.oldest_ready_seconds);
    check(
        "queue",
        unless(oldest < LONG_WAIT, State::Warning),
        format!(
            "{depth} documents outstanding; the oldest that could be read has waited {oldest:.0} s"
        ),
    )
}

/// The disk of the data directory, or of what it will be made in. That of a Postgres elsewhere is out of sight.
fn disk(settings: &Database) -> Option<Check> {
    if settings.external().is_some() {
        return None;
    }
    let dir = settings.data_dir().ok()?;
    let there = dir.ancestors().find(|dir| dir.exists())?;
    Some(match rustix::fs::statvfs(there) {
        Ok(disk) => room(&dir, disk.f_bavail.saturating_mul(disk.f_frsize)),
        Err(error) => check("disk", State::Failed, format!("{}: {error}", dir.display())),
    })
}

fn room(dir: &Path, free: u64) -> Check {
    let (few, too_few) = DISK;
    let state = match free {
        free if free < too_few => State::Failed,
        free if free < few => State::Warning,
        _ => State::Ok,
    };
    let detail = format!("{} MiB free for {}", free >> 20, dir.display());
    check("disk", state, detail)
}

/// Reads a document as a worker would.
async fn reading(work: &Work) -> Vec<Check> {
    match work.reader.sandbox() {
        Ok(sandbox) => vec![locks(&sandbox).await, ocr(&sandbox).await],
        Err(error) => vec![check("sandbox", State::Failed, error.to_string())],
    }
}

async fn locks(sandbox: &Sandbox) -> Check {
    const NAME: &str = "sandbox";
    match sandbox.probe().await {
        Err(error) => check(NAME, State::Failed, error.to_string()),
        Ok(locks) if locks.complete() => check(
            NAME,
            State::Ok,
            "documents are read behind Landlock and seccomp",
        ),
        Ok(locks) => check(
            NAME,
            if sandbox.required {
                State::Failed
            } else {
                State::Warning
            },
            format!(
                "this machine has landlock: {}, seccomp: {}; documents are read behind resource limits and what there is of these",
                locks.landlock, locks.seccomp
            ),
        ),
    }
}

async fn ocr(sandbox: &Sandbox) -> Check {
    const NAME: &str = "ocr";
    let Some(tesseract) = &sandbox.tesseract else {
        return check(NAME, State::Ok, "pages that are pictures are not read");
    };
    let program = tesseract.program.display();
    match sandbox.try_tesseract().await {
        Ok(()) => check(
            NAME,
            State::Ok,
            format!("pages that are pictures are read by {program}"),
        ),
        Err(reason) => check(
            NAME,
            State::Warning,
            format!("pages that are pictures are not read by {program}: {reason}"),
        ),
    }
}

fn fetching(work: &Work) -> Check {
    match work.fetcher().defect() {
        None => check("fetching", State::Ok, "addresses can be fetched"),
        Some(defect) => check("fetching", State::Warning, defect),
    }
}

fn open_files() -> Check {
    // A server raises the limit as far as it may.
    let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum;
    let enough = limit.is_none_or(|limit| limit >= OPEN_FILES);
    check(
        "open files",
        unless(enough, State::Warning),
        match limit {
            Some(limit) => format!("{limit} at once"),
            None => "no limit".to_owned(),
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn well() -> Condition {
        Condition {
            version: "15.18".into(),
            clock: Utc::now(),
            replica: false,
            durable: true,
            autovacuum: true,
            bytes: 7 << 20,
            connections: (3, 100),
            oldest_transaction_seconds: 0.0,
            invalid_indexes: Vec::new(),
            schema: Schema::Current,
        }
    }

    /// The checks that are not as they should be.
    fn amiss(condition: &Condition) -> Vec<(&'static str, State)> {
        let checks = server(condition, 16);
        let amiss = checks.iter().filter(|check| check.state != State::Ok);
        amiss.map(|check| (check.check, check.state)).collect()
    }

    #[test]
    fn each_defect_of_a_server_is_told_by_its_own_check() {
        use State::{Failed, Warning};
        type Defect = (&'static str, State, fn(&mut Condition));
        assert_eq!(amiss(&well()), []);
        let defects: [Defect; 7] = [
            ("postgres", Failed, |server| server.replica = true),
            ("durability", Warning, |server| server.durable = false),
            ("clock", Warning, |server| {
                server.clock -= chrono::TimeDelta::seconds(90);
            }),
            ("connections", Warning, |server| server.connections.0 = 90),
            ("vacuum", Warning, |server| server.autovacuum = false),
            ("vacuum", Warning, |server| {
                server.oldest_transaction_seconds = 3_600.0;
            }),
            ("indexes", Warning, |server| {
                server.invalid_indexes = vec!["iocs_words_trgm".into()];
            }),
        ];
        for (name, state, spoil) in defects {
            let mut server = well();
            spoil(&mut server);
            assert_eq!(amiss(&server), [(name, state)]);
        }
    }

    #[test]
    fn a_disk_is_told_before_it_is_full() {
        let state = |free| room(Path::new("data"), free).state;
        assert_eq!(state(64 << 30), State::Ok);
        assert_eq!(state(1 << 30), State::Warning);
        assert_eq!(state(1 << 20), State::Failed);
    }
}
