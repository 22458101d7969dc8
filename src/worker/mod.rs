//! The worker pool: claims jobs, keeps their leases, and hands them to the [`pipeline`]; what comes of them is told by
//! [`webhooks`]. Beside it [`lists`] keeps the lists of what is known of values current, and [`watches`] looks for new
//! reports.
//! Enter at [`Pool::run`].
//!
//! Any number of pools on any number of machines may serve one Postgres. They meet nowhere but in
//! the job table: a claim is committed before work starts, and every write of a result is fenced by
//! the claim that it was made under. No document is parsed in this process.

pub mod lists;
pub mod mark;
pub mod pipeline;
pub mod remark;
pub mod sandbox;
mod validators;
pub mod watches;
pub mod webhooks;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use self::pipeline::Pipeline;
use self::watches::Watcher;
use self::webhooks::Senders;
use crate::fetch::{Fetcher, Poster};
use crate::store::{self, Job, Store};

/// How a pool works.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Documents read at once.
    pub workers: usize,
    /// How long a claim holds without a sign of life.
    pub lease: Duration,
    /// How often the job table is looked at without a notification: retries come due, leases run out,
    /// notifications get lost.
    pub poll: Duration,
    /// How long a shutdown waits for documents in work before it gives them back.
    pub grace: Duration,
    /// For how long originals are kept; `None`: for ever.
    pub keep_originals: Option<Duration>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            workers: std::thread::available_parallelism().map_or(1, usize::from),
            lease: Duration::from_secs(60),
            poll: Duration::from_secs(2),
            grace: Duration::from_secs(10),
            keep_originals: None,
        }
    }
}

/// At least this long between two rounds of [`Store::tidy`].
const TIDY_PAUSE: Duration = Duration::from_secs(1);
/// How long the log tells of an event that was delivered or given up.
const KEEP_DELIVERIES: Duration = Duration::from_secs(30 * 24 * 3600);
/// Between two rounds of housekeeping.
const HOUSEKEEPING: Duration = Duration::from_secs(3600);
/// An object without a row that is younger may be on its way.
const ORPHAN_GRACE: Duration = Duration::from_secs(3600);
/// While the result of one document is being written, the next one is read: writing waits for the disk, and
/// for others who write.
const TASKS_PER_READER: usize = 2;
/// Before the next try to hear of new jobs, where the connection is lost.
const LISTEN_AGAIN: Duration = Duration::from_secs(1);
/// Longest pause of a worker that cannot reach the database.
const MAX_PAUSE: Duration = Duration::from_secs(10);

/// A set of workers on one store.
#[derive(Debug)]
pub struct Pool {
    store: Store,
    pipeline: Arc<Pipeline>,
    poster: Arc<Poster>,
    lists: Option<Fetcher>,
    watcher: Option<Watcher>,
    settings: Settings,
}

impl Pool {
    /// A pool that does not run yet.
    #[must_use]
    pub fn new(store: Store, pipeline: Pipeline, poster: Poster, settings: Settings) -> Self {
        Self {
            store,
            pipeline: Arc::new(pipeline),
            poster: Arc::new(poster),
            lists: None,
            watcher: None,
            settings,
        }
    }

    /// Keeps lists current, too, with what `fetcher` may fetch.
    #[must_use]
    pub fn keeping_lists(self, fetcher: Fetcher) -> Self {
        Self {
            lists: Some(fetcher),
            ..self
        }
    }

    /// Looks after watches, too.
    #[must_use]
    pub fn watching(self, watcher: Watcher) -> Self {
        Self {
            watcher: Some(watcher),
            ..self
        }
    }

    /// Works until `shutdown`; then finishes what is in work, or gives it back.
    pub async fn run(self, shutdown: CancellationToken) {
        let (wake, woken) = watch::channel(());
        let written = Arc::new(Notify::new());
        // Both end with this function, whichever way it ends.
        let mut helpers = JoinSet::new();
        helpers.spawn(listen(self.store.clone(), wake));
        helpers.spawn(tidy(self.store.clone(), Arc::clone(&written)));
        let catalogue = self.pipeline.catalogue.clone();
        helpers.spawn(remark::keep_up(
            self.store.clone(),
            catalogue,
            self.settings.poll,
        ));
        helpers.spawn(settle_marks(self.store.clone(), self.settings.poll));
        if let Some(fetcher) = self.lists {
            helpers.spawn(lists::keep_current(
                self.store.clone(),
                fetcher,
                self.settings.poll,
            ));
        }
        if let Some(watcher) = self.watcher {
            helpers.spawn(watches::look_after(
                self.store.clone(),
                watcher,
                self.settings.poll,
            ));
        }
        helpers.spawn(keep_house(self.store.clone(), self.settings.keep_originals));
        let reading = Arc::new(Semaphore::new(self.settings.workers));
        let worker = || Worker {
            reading: Arc::clone(&reading),
            store: self.store.clone(),
            pipeline: Arc::clone(&self.pipeline),
            settings: self.settings,
            woken: woken.clone(),
            written: Arc::clone(&written),
            shutdown: shutdown.clone(),
        };
        let senders = Senders {
            store: self.store.clone(),
            poster: Arc::clone(&self.poster),
            woken: woken.clone(),
            poll: self.settings.poll,
            grace: self.settings.grace,
        };
        let senders = senders.run(shutdown.clone());
        let mut workers = JoinSet::new();
        for _ in 0..self.settings.workers * TASKS_PER_READER {
            workers.spawn(worker().run());
        }
        let working = async {
            while let Some(ended) = workers.join_next().await {
                if let Err(error) = ended
                    && !shutdown.is_cancelled()
                {
                    tracing::error!(%error, "a worker panicked; another takes its place");
                    workers.spawn(worker().run());
                }
            }
        };
        tokio::join!(working, senders);
        helpers.shutdown().await;
    }
}

/// Tidies the store while results are being written, and rests while none are.
async fn tidy(store: Store, written: Arc<Notify>) {
    loop {
        written.notified().await;
        tokio::time::sleep(TIDY_PAUSE).await;
        if let Err(error) = store.tidy().await {
            tracing::debug!(%error, "cannot tidy the search index");
        }
    }
}

/// Has stored sightings tell of the marks of people, where the request that made one left some.
async fn settle_marks(store: Store, poll: Duration) {
    loop {
        match store.settle_false_positives(None, i64::MAX).await {
            Ok(0) => {}
            Ok(settled) => tracing::info!(settled, "sightings tell of marks as false positives"),
            Err(error) => {
                tracing::warn!(%error, "cannot settle marks; the next round tries again");
            }
        }
        tokio::time::sleep(poll).await;
    }
}

/// Looks after originals, texts and what is kept for a time, again and again. Several machines may do so at once.
async fn keep_house(store: Store, kept: Option<Duration>) {
    loop {
        if let Err(error) = look_after_blobs(&store, kept).await {
            tracing::warn!(%error, "cannot look after originals and texts; the next round tries again");
        }
        if let Err(error) = store.keep_frequent_counts().await {
            tracing::warn!(%error, "cannot keep the counts of frequent indicators; the next round tries again");
        }
        if let Err(error) = store.forget_idempotency_keys().await {
            tracing::warn!(%error, "cannot forget old names of requests; the next round tries again");
        }
        if let Err(error) = store.forget_deliveries(KEEP_DELIVERIES).await {
            tracing::warn!(%error, "cannot forget old deliveries; the next round tries again");
        }
        if let Err(error) = store.forget_watch_entries().await {
            tracing::warn!(%error, "cannot forget old entries of watches; the next round tries again");
        }
        tokio::time::sleep(HOUSEKEEPING).await;
    }
}

async fn look_after_blobs(store: &Store, kept: Option<Duration>) -> store::Result<()> {
    while store.move_blobs_out().await? > 0 {}
    if let Some(kept) = kept {
        while store.drop_old_blobs(kept).await? > 0 {}
    }
    let removed = store.sweep_blobs(ORPHAN_GRACE).await?;
    if removed > 0 {
        tracing::info!(removed, "blobs that a crash had left");
    }
    Ok(())
}

/// Turns the store's notifications into wake-ups of the workers. Each time that it begins to listen it wakes
/// them first: a job may have come in after they looked and before anybody listened.
async fn listen(store: Store, wake: watch::Sender<()>) {
    loop {
        match store.wake_ups().await {
            Ok(mut wake_ups) => loop {
                wake.send_replace(());
                if !wake_ups.next().await {
                    break;
                }
            },
            Err(error) => tracing::warn!(%error, "cannot listen for new jobs; polling goes on"),
        }
        tokio::time::sleep(LISTEN_AGAIN).await;
    }
}

struct Worker {
    /// As many as documents may be read at once. A job is claimed only where it can be read at once: another
    /// machine may be idle.
    reading: Arc<Semaphore>,
    store: Store,
    pipeline: Arc<Pipeline>,
    settings: Settings,
    woken: watch::Receiver<()>,
    /// Told of every job that came to an end here.
    written: Arc<Notify>,
    shutdown: CancellationToken,
}

impl Worker {
    async fn run(mut self) {
        let mut failures = 0u32;
        while !self.shutdown.is_cancelled() {
            let permit = tokio::select! {
                () = self.shutdown.cancelled() => return,
                permit = Arc::clone(&self.reading).acquire_owned() => permit.ok(),
            };
            // Marked before the look, so that a job that arrives after it wakes this worker again.
            self.woken.mark_unchanged();
            let pause = match self.store.claim(self.settings.lease).await {
                Ok(Some(job)) => {
                    failures = 0;
                    self.work(&job, permit).await;
                    self.written.notify_one();
                    continue;
                }
                Ok(None) => {
                    failures = 0;
                    self.settings.poll
                }
                Err(error) => {
                    failures += 1;
                    tracing::error!(%error, "cannot claim a job");
                    (Duration::from_millis(250) * 2u32.pow(failures.min(6))).min(MAX_PAUSE)
                }
            };
            tokio::select! {
                () = self.shutdown.cancelled() => {}
                () = tokio::time::sleep(pause) => {}
                woken = self.woken.changed(), if failures == 0 => {
                    // The listener has ended with the pool's runtime: polling is what is left.
                    if woken.is_err() {
                        tokio::time::sleep(pause).await;
                    }
                }
            }
        }
    }

    /// Works on one job until it is done, lost to another worker, or out of time after a shutdown.
    /// The permit to read goes back as soon as the document is read.
    async fn work(&self, job: &Job, permit: Option<OwnedSemaphorePermit>) {
        let process = async {
            let end = self.pipeline.read(job).await;
            drop(permit);
            self.pipeline.write(&self.store, job, end).await;
        };
        tokio::select! {
            () = process => {}
            () = keep_lease(&self.store, job, self.settings.lease) => {
                tracing::warn!(submission = %job.submission_id, attempt = job.attempt, "the lease was lost; another worker has the job");
            }
            () = self.out_of_time() => {
                match self.store.give_back(job).await {
                    Ok(_) => tracing::info!(submission = %job.submission_id, "given back at shutdown"),
                    Err(error) => tracing::warn!(submission = %job.submission_id, %error, "not given back; its lease will run out"),
                }
            }
        }
    }

    async fn out_of_time(&self) {
        self.shutdown.cancelled().await;
        tokio::time::sleep(self.settings.grace).await;
    }
}

/// Renews the lease until it turns out to be somebody else's.
async fn keep_lease(store: &Store, job: &Job, lease: Duration) {
    loop {
        tokio::time::sleep(lease / 3).await;
        match store.renew(job, lease).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => {
                tracing::warn!(submission = %job.submission_id, %error, "cannot renew the lease")
            }
        }
    }
}

/// Takes and processes one job, if there is one. Tests drive the queue with it, step by step.
///
/// # Errors
/// What the store reports of the claim.
pub async fn step(store: &Store, pipeline: &Pipeline, lease: Duration) -> store::Result<bool> {
    match store.claim(lease).await? {
        Some(job) => {
            pipeline.process(store, &job).await;
            Ok(true)
        }
        None => Ok(false),
    }
}
