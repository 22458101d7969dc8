//! A private Postgres cluster from the server binaries of this machine. Enter at [`Embedded::start`].
//!
//! It listens on a Unix socket in a closed directory alone, keeps fsync on, and lives exactly as long as this
//! process: stopped by [`Embedded::shutdown`], and stopped just as cleanly by the kernel when this process
//! is killed. That is why a thread of its own is its parent: the kernel's signal follows the thread that
//! forked, and threads of a pool come and go.

mod binaries;
mod child;
mod cluster;
mod memory;
mod orphans;

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use sqlx::{Connection, PgConnection};
use tokio::sync::{oneshot, watch};

pub use child::{SUBCOMMAND, exec_child};
use cluster::Cluster;

/// Role and database of the cluster.
const NAME: &str = "iocsift";
/// How long a fast shutdown may take before an immediate one follows.
const SHUTDOWN_LIMIT: Duration = Duration::from_secs(30);
/// Between two looks whether the server accepts connections.
const READY_POLL: Duration = Duration::from_millis(5);
/// Last lines of the server's log that are told when it ends.
const LOG_LINES: usize = 12;

/// Why the private cluster does not run. Each is a sentence that its reader can act on.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// No server binaries, or none that fit.
    #[error(
        "{0}. Three ways out: install PostgreSQL (`apt-get install postgresql`, `dnf install postgresql-server postgresql-contrib`, `brew install postgresql`), set DATABASE_URL to a server that runs already, or use `docker compose up`"
    )]
    NoBinaries(String),
    /// Another process has this cluster.
    #[error("another iocsift already runs on {}", .dir.display())]
    InUse {
        /// The data directory.
        dir: PathBuf,
        /// Where its server listens, for those who may share it.
        url: String,
    },
    /// The server or one of its tools ended badly; with its last words.
    #[error("{0}")]
    Failed(String),
    /// A file could not be handled.
    #[error("{what} {}: {source}", .path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

fn io_error(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> StartError {
    let path = path.to_owned();
    move |source| StartError::Io { what, path, source }
}

/// The server's process id while there is such a process; cleared before its number can be used again.
type Running = Arc<Mutex<Option<Pid>>>;

/// A running private cluster. Dropping it stops the server without waiting for it.
#[derive(Debug)]
pub struct Embedded {
    url: String,
    running: Running,
    exit: watch::Receiver<Option<String>>,
}

impl Embedded {
    /// Whether there is a cluster in `dir`; without one [`Embedded::start`] makes it.
    #[must_use]
    pub fn is_made(dir: &Path) -> bool {
        cluster::is_made(dir)
    }

    /// Which server [`Embedded::start`] would make a cluster with: its major version and its folder.
    ///
    /// # Errors
    /// [`StartError::NoBinaries`].
    pub fn server(bin_dir: Option<&Path>) -> Result<(u32, PathBuf), StartError> {
        binaries::find(bin_dir, None).map(|found| (found.major, found.dir))
    }

    /// Starts the cluster in `dir`, making it at first, and returns when it accepts connections. `spawner` is
    /// an executable that hands [`SUBCOMMAND`] to [`exec_child`]: `/proc/self/exe` in the program itself.
    /// `bin_dir` holds `postgres` and `initdb`; without it they are searched for.
    ///
    /// # Errors
    /// A [`StartError`].
    pub async fn start(
        dir: &Path,
        spawner: &Path,
        bin_dir: Option<&Path>,
    ) -> Result<Self, StartError> {
        let running = Running::default();
        let (ready, is_ready) = oneshot::channel();
        let (exit_tx, exit) = watch::channel(None);
        let keeper = Keeper {
            dir: dir.to_owned(),
            spawner: spawner.to_owned(),
            bin_dir: bin_dir.map(Path::to_owned),
            running: running.clone(),
        };
        std::thread::Builder::new()
            .name("postgres".to_owned())
            .spawn(move || exit_tx.send_replace(Some(keeper.keep(ready))))
            .map_err(io_error("starting a thread for", dir))?;
        let socket_dir = is_ready
            .await
            .map_err(|_| StartError::Failed("the keeper of Postgres died".to_owned()))??;
        let embedded = Self {
            url: url(NAME, &socket_dir),
            running,
            exit,
        };
        create_database(&socket_dir).await?;
        Ok(embedded)
    }

    /// Where to connect.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Resolves when the server has ended, with its last words. Unless [`Embedded::shutdown`] was called
    /// this is a fault: the process should say so and exit.
    pub async fn exited(&self) -> String {
        let mut exit = self.exit.clone();
        let last_words = exit.wait_for(Option::is_some).await;
        last_words
            .ok()
            .and_then(|words| words.clone())
            .unwrap_or_default()
    }

    /// Stops the server and waits until it has ended. Open connections are cut, transactions rolled back.
    pub async fn shutdown(self) {
        signal(&self.running, Signal::INT);
        if tokio::time::timeout(SHUTDOWN_LIMIT, self.exited())
            .await
            .is_err()
        {
            tracing::warn!("Postgres did not stop in time; it will recover at the next start");
            signal(&self.running, Signal::QUIT);
            self.exited().await;
        }
    }
}

impl Drop for Embedded {
    fn drop(&mut self) {
        signal(&self.running, Signal::INT);
    }
}

fn signal(running: &Running, signal: Signal) {
    if let Some(pid) = *running.lock().unwrap_or_else(PoisonError::into_inner) {
        // It cannot fail: the process is ours, and not reaped while the lock is held.
        let _ = kill_process(pid, signal);
    }
}

/// The URL of `database` behind the socket in `socket_dir`. What is left open here, the driver would take
/// from the environment.
fn url(database: &str, socket_dir: &Path) -> String {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("host", &socket_dir.to_string_lossy())
        .append_pair("user", NAME)
        .append_pair("port", "5432")
        .append_pair("sslmode", "disable")
        .finish();
    format!("postgres:///{database}?{query}")
}

async fn create_database(socket_dir: &Path) -> Result<(), StartError> {
    let failed =
        |error: sqlx::Error| StartError::Failed(format!("the database could not be made: {error}"));
    let mut connection = PgConnection::connect(&url("postgres", socket_dir))
        .await
        .map_err(failed)?;
    let exists = sqlx::query!(
        r#"SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1) AS "yes!""#,
        NAME
    )
    .fetch_one(&mut connection)
    .await
    .map_err(failed)?;
    if !exists.yes {
        sqlx::query("CREATE DATABASE iocsift")
            .execute(&mut connection)
            .await
            .map_err(failed)?;
    }
    connection.close().await.map_err(failed)
}

/// What the thread needs that is the server's parent.
struct Keeper {
    dir: PathBuf,
    spawner: PathBuf,
    bin_dir: Option<PathBuf>,
    running: Running,
}

impl Keeper {
    /// Runs the server from start to end; returns its last words. `ready` learns where its socket lies.
    fn keep(self, ready: oneshot::Sender<Result<PathBuf, StartError>>) -> String {
        match self.launch() {
            Err(error) => {
                let words = error.to_string();
                let _ = ready.send(Err(error));
                words
            }
            Ok((cluster, child, log)) => {
                *self.running.lock().unwrap_or_else(PoisonError::into_inner) =
                    Some(Pid::from_child(&child));
                if ready.send(Ok(cluster.socket_dir.clone())).is_err() {
                    // Nobody waits for it any more.
                    signal(&self.running, Signal::INT);
                }
                let words = self.reap(child);
                format!("{words}; its last words: {}", last_words(&log))
                // Only here the cluster's lock goes: the server has ended.
            }
        }
    }

    /// Prepares the cluster, starts the server and waits until it accepts connections.
    fn launch(&self) -> Result<(Cluster, Child, Log), StartError> {
        let cluster = Cluster::prepare(&self.dir, &self.spawner, self.bin_dir.as_deref())?;
        let mut child = cluster.start()?;
        let log = Log::default();
        if let Some(stderr) = child.stderr.take() {
            let log = log.clone();
            std::thread::Builder::new()
                .name("postgres log".to_owned())
                .spawn(move || forward(stderr, &log))
                .map_err(io_error("starting a thread for", &self.dir))?;
        }
        while !cluster.accepts_connections(child.id()) {
            match child.try_wait() {
                Ok(None) => std::thread::sleep(READY_POLL),
                Ok(Some(status)) => {
                    return Err(StartError::Failed(format!(
                        "Postgres did not start ({status}): {}",
                        last_words(&log)
                    )));
                }
                Err(error) => return Err(io_error("waiting for the server of", &self.dir)(error)),
            }
        }
        Ok((cluster, child, log))
    }

    /// Waits for the end of the server; forgets its number before the system may give it to another.
    fn reap(&self, mut child: Child) -> String {
        let end = waitid(
            WaitId::Pid(Pid::from_child(&child)),
            WaitIdOptions::EXITED | WaitIdOptions::NOWAIT,
        );
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        *running = None;
        match end.map_err(io::Error::from).and_then(|_| child.wait()) {
            Ok(status) => format!("Postgres ended ({status})"),
            Err(error) => format!("Postgres was lost: {error}"),
        }
    }
}

/// The last lines of the server's log.
type Log = Arc<Mutex<VecDeque<String>>>;

fn last_words(log: &Log) -> String {
    let lines = log.lock().unwrap_or_else(PoisonError::into_inner);
    lines
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" | ")
}

/// Hands the server's log to ours, line by line, until the server ends.
fn forward(stderr: ChildStderr, log: &Log) {
    for line in BufReader::new(stderr).split(b'\n') {
        let Ok(line) = line else { return };
        let line = String::from_utf8_lossy(&line).into_owned();
        if line.contains("FATAL:") || line.contains("PANIC:") {
            tracing::warn!(target: "postgres", "{line}");
        } else {
            tracing::debug!(target: "postgres", "{line}");
        }
        let mut lines = log.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LOG_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}
