//! `iocsift serve`, `iocsift worker`, `iocsift health`: the long-running wiring.

use std::fmt::Display;
use std::io::{self, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::Args;
use futures_util::future::BoxFuture;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::database::{Opened, Role, open};
use super::{Serve, Worker, accounts};
use crate::catalogue::{Catalogue, Keeper};
use crate::config::Work;
use crate::export::Producer;
use crate::http;
use crate::store::Store;
use crate::submission::{Failure, FailureCode};
use crate::worker::Pool;
use crate::worker::mark::marked;
use crate::worker::pipeline::Pipeline;
use crate::worker::sandbox::{Locks, ReadError, Sandbox};

/// Files open at once: as many connections as are taken, and as many again for all else.
const OPEN_FILES: u64 = 8_192;

/// `iocsift serve`.
pub(super) async fn serve(settings: Serve) -> anyhow::Result<()> {
    let shutdown = on_signal()?;
    raise_file_limit();
    // Before the database: a port in use is told at once.
    let listener = TcpListener::bind(settings.http.listen)
        .await
        .with_context(|| format!("cannot listen on {}", settings.http.listen))?;
    let address = listener.local_addr()?;
    let opened = open(&settings.database, Role::Owner).await?;
    let (sandbox, locks) = sandbox(&settings.work).await?;
    let keeper = keeper(&opened.store, &settings.work).await;
    let catalogue = keeper.catalogue();
    let pool = pool(
        &opened.store,
        &settings.work,
        sandbox.clone(),
        catalogue.clone(),
    );
    let first_admin = accounts::first_admin(&opened.store, &opened.data_dir).await?;
    let extractor = Extractor::new(sandbox, locks, catalogue.clone());
    let state = state(&opened.store, &settings, extractor, catalogue, &shutdown).await?;
    let rates = http::keep_rates(state.clone(), shutdown.clone());
    let connections = settings.http.settings().connections;
    let server = http::serve(
        listener,
        http::router(state),
        shutdown.cancelled(),
        &connections,
    );

    announce(format_args!("iocsift is listening on http://{address}"));
    if let Some(admin) = first_admin {
        announce(admin);
    }
    let replica = settings.database.replica().map(|url| {
        let (store, url, pool) = (
            opened.store.clone(),
            url.to_owned(),
            settings.database.pool(),
        );
        tokio::spawn(async move { store.follow(&url, &pool).await })
    });
    let work = async {
        tokio::join!(
            server,
            pool.run(shutdown.clone()),
            keeper.run(shutdown.clone()),
            rates
        )
    };
    let ended = watch(&opened, work, &shutdown).await;
    if let Some(replica) = replica {
        replica.abort();
    }
    opened.close().await;
    ended
}

/// `iocsift worker`.
pub(super) async fn worker(settings: Worker) -> anyhow::Result<()> {
    if settings.database.external().is_none() {
        bail!("a worker needs the database of its server: set DATABASE_URL or --database-url");
    }
    let shutdown = on_signal()?;
    let opened = open(&settings.database, Role::Guest).await?;
    let (sandbox, _) = sandbox(&settings.work).await?;
    let keeper = keeper(&opened.store, &settings.work).await;
    let pool = pool(&opened.store, &settings.work, sandbox, keeper.catalogue());
    announce("iocsift worker is waiting for documents");
    tokio::join!(pool.run(shutdown.clone()), keeper.run(shutdown));
    opened.close().await;
    Ok(())
}

/// Every connection is an open file, and most systems give few unless asked.
fn raise_file_limit() {
    let limit = getrlimit(Resource::Nofile);
    let wanted = limit
        .maximum
        .map_or(OPEN_FILES, |most| most.min(OPEN_FILES));
    if limit.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let raised = Rlimit {
        current: Some(wanted),
        maximum: limit.maximum,
    };
    if let Err(error) = setrlimit(Resource::Nofile, raised) {
        tracing::warn!(%error, ?limit, "cannot open more files than that");
    }
}

/// Waits for the work to end after a shutdown; an unexpected end of the private Postgres begins one.
async fn watch(
    opened: &Opened,
    work: impl Future,
    shutdown: &CancellationToken,
) -> anyhow::Result<()> {
    tokio::pin!(work);
    let database_ended = async {
        match &opened.embedded {
            Some(embedded) => embedded.exited().await,
            None => std::future::pending::<String>().await,
        }
    };
    tokio::select! {
        _ = &mut work => Ok(()),
        last_words = database_ended => {
            shutdown.cancel();
            work.await;
            bail!("the private Postgres ended unexpectedly: {last_words}")
        }
    }
}

async fn state(
    store: &Store,
    settings: &Serve,
    extractor: Extractor,
    catalogue: Catalogue,
    shutdown: &CancellationToken,
) -> anyhow::Result<http::State> {
    let instance = store.producer().await?;
    let producer = Producer {
        id: instance.id,
        name: instance.name,
        created_at: instance.created_at,
    };
    let limits = http::Settings {
        max_list_bytes: settings.work.lists.list_max_bytes,
        ..settings.http.settings()
    };
    Ok(http::State::new(
        store.clone(),
        limits,
        producer,
        Arc::new(extractor),
        catalogue,
        shutdown.clone(),
    ))
}

/// Time of text recognition for one document of `/api/extract`, at most.
const OCR_OF_PREVIEW: Duration = Duration::from_secs(30);

/// Reads for `/api/extract` as the workers do: in the sandbox.
struct Extractor {
    sandbox: Sandbox,
    locks: Locks,
    catalogue: Catalogue,
}

impl Extractor {
    /// Somebody waits for its answer: the pages of a long scan must not take all the time of the request.
    fn new(mut sandbox: Sandbox, locks: Locks, catalogue: Catalogue) -> Self {
        if let Some(tesseract) = &mut sandbox.tesseract {
            tesseract.total = tesseract.total.min(OCR_OF_PREVIEW);
        }
        Self {
            sandbox,
            locks,
            catalogue,
        }
    }
}

impl http::Extract for Extractor {
    fn extract(
        &self,
        bytes: Vec<u8>,
        name: Option<String>,
    ) -> BoxFuture<'_, Result<http::Extracted, Failure>> {
        Box::pin(async move {
            let analysis = self
                .sandbox
                .analyze(&bytes, name.as_deref())
                .await
                .map_err(|error| match error {
                    ReadError::Input(failure) => failure,
                    ReadError::Crashed(reason) => {
                        tracing::warn!(reason, "a document to extract from killed its reader");
                        Failure::new(FailureCode::ReaderCrashed, "the document killed its reader")
                    }
                    ReadError::Fault(error) => {
                        Failure::new(FailureCode::Internal, error.to_string())
                    }
                })?;
            let analysis = marked(self.catalogue.known(), analysis)
                .await
                .map_err(|fault| Failure::new(FailureCode::Internal, fault))?;
            Ok(http::Extracted {
                format: analysis.format,
                title: analysis.title,
                summary: analysis.summary,
                language: analysis.language,
                findings: analysis.findings,
                warnings: analysis.warnings,
                text: analysis.text,
            })
        })
    }

    fn locks(&self) -> Vec<(&'static str, bool)> {
        let Locks { landlock, seccomp } = self.locks;
        vec![("landlock", landlock), ("seccomp", seccomp)]
    }
}

/// The sandbox of the readers, after a look at what it can do here.
async fn sandbox(work: &Work) -> anyhow::Result<(Sandbox, Locks)> {
    let sandbox = work.reader.sandbox()?;
    let locks = sandbox
        .probe()
        .await
        .context("no document can be read here")?;
    if sandbox.required && !locks.complete() {
        bail!(
            "the sandbox is set to `required`, and this machine has landlock: {}, seccomp: {}",
            locks.landlock,
            locks.seccomp
        );
    }
    tracing::info!(
        landlock = locks.landlock,
        seccomp = locks.seccomp,
        "sandbox of the readers"
    );
    tokio::spawn(try_ocr(sandbox.clone()));
    Ok((sandbox, locks))
}

/// Says in the log whether pages that are pictures are read, before the first scan comes.
async fn try_ocr(sandbox: Sandbox) {
    let Some(tesseract) = &sandbox.tesseract else {
        tracing::info!("no tesseract: pages that are pictures are not read");
        return;
    };
    let program = tesseract.program.display();
    match sandbox.try_tesseract().await {
        Ok(()) => {
            tracing::info!(%program, language = tesseract.language, "pages that are pictures are read")
        }
        Err(reason) => tracing::warn!(%program, reason, "pages that are pictures are not read"),
    }
}

/// Whoever begins to serve or to read knows the lists from the first moment on.
async fn keeper(store: &Store, work: &Work) -> Keeper {
    let mut keeper = Keeper::new(store.clone(), work.lists.folder());
    if let Err(error) = keeper.look().await {
        tracing::error!(%error, "the lists are not ready; that is tried again");
    }
    keeper
}

fn pool(store: &Store, work: &Work, sandbox: Sandbox, catalogue: Catalogue) -> Pool {
    let fetcher = work.fetcher();
    if let Some(defect) = fetcher.defect() {
        tracing::warn!("{defect}");
    }
    Pool::new(
        store.clone(),
        Pipeline {
            fetcher,
            sandbox,
            catalogue,
        },
        work.poster(),
        work.settings(),
    )
    .keeping_lists(work.list_fetcher())
    .watching(work.watcher())
}

/// Says something on standard output, unless nobody listens there any more: that ends no server.
fn announce(what: impl Display) {
    let _ = writeln!(io::stdout(), "{what}");
}

/// Cancelled by the first SIGTERM or SIGINT.
fn on_signal() -> anyhow::Result<CancellationToken> {
    let token = CancellationToken::new();
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let shutdown = token.clone();
    tokio::spawn(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
        shutdown.cancel();
        tracing::info!("shutting down");
    });
    Ok(token)
}

/// Where the server to ask listens.
#[derive(Debug, Args)]
pub(super) struct Health {
    /// Address and port of the server
    #[arg(
        long,
        env = "IOCSIFT_LISTEN",
        value_name = "ADDRESS:PORT",
        default_value = "127.0.0.1:8080"
    )]
    listen: SocketAddr,
}

/// `iocsift health`: for container health checks, where there is no curl.
pub(super) async fn health(settings: &Health) -> anyhow::Result<()> {
    let mut address = settings.listen;
    match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => address.set_ip(Ipv4Addr::LOCALHOST.into()),
        IpAddr::V6(ip) if ip.is_unspecified() => address.set_ip(Ipv6Addr::LOCALHOST.into()),
        _ => {}
    }
    let answer = tokio::time::timeout(Duration::from_secs(5), ask(address)).await;
    let status = answer
        .context("no answer within 5 seconds")?
        .with_context(|| format!("no answer from {address}"))?;
    if !status.contains(" 200 ") {
        bail!("the server is not ready: {status}");
    }
    announce("ready");
    Ok(())
}

/// The status line of `GET /readyz`.
async fn ask(address: SocketAddr) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(address).await?;
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.take(64 << 10).read_to_end(&mut answer).await?;
    let answer = String::from_utf8_lossy(&answer);
    Ok(answer.lines().next().unwrap_or_default().to_owned())
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::worker::sandbox::{Limits, Tesseract};

    #[test]
    fn who_waits_for_an_answer_waits_no_longer_than_its_time_for_ocr() {
        let short = Duration::from_secs(5);
        for (total, expected) in [(Duration::from_secs(300), OCR_OF_PREVIEW), (short, short)] {
            let tesseract = Tesseract {
                program: PathBuf::new(),
                language: "eng".to_owned(),
                pages: 50,
                seconds: 30,
                total,
            };
            let sandbox = Sandbox {
                tesseract: Some(tesseract),
                ..Sandbox::new(Limits::default(), false)
            };
            let locks = Locks {
                landlock: true,
                seccomp: true,
            };
            let extractor = Extractor::new(sandbox, locks, Catalogue::default());
            let total = extractor.sandbox.tesseract.map(|tesseract| tesseract.total);
            assert_eq!(total, Some(expected));
        }
    }
}
