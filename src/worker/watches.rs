//! Looks after watches: claims one that is due, reads its page, remembers what is new; and hands in what was new, one entry
//! of a host after the other. Enter at `look_after`.
//!
//! No host is asked by two at once, nor against its robots.txt, nor again before the pause that it asks for: whoever asks has its turn,
//! and an entry is handed in when the one before is read. A page that cannot be read costs nothing but an error that is
//! shown: what is known stays known.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::lists;
use crate::fetch::{Fetcher, Said};
use crate::store::{self, Handed, Handing, Polled, Polling, Store, Turn, Validators};
use crate::watch::{Entry, Form, Page, Robots, host, key, origin, read};

/// Pause between two requests to a host that asks for none.
pub const PAUSE: Duration = Duration::from_secs(1);
/// Servers that are asked at once.
const AT_ONCE: usize = 8;
/// How long a claim and a turn hold: longer than anything that is done under them.
const LEASE: Duration = Duration::from_secs(15 * 60);
/// What a look may take, with all sitemaps of an index.
const LOOK: Duration = Duration::from_secs(10 * 60);
/// Longest pause after failures, where the interval is none that is longer.
const MOST_PAUSE: Duration = Duration::from_secs(24 * 3600);
/// Longest time that a server may ask to be left alone for.
const MOST_RETRY: Duration = Duration::from_secs(7 * 24 * 3600);
/// Before the next try to look at a page whose host somebody asks.
const BUSY: Duration = Duration::from_secs(5);
/// For how long the host is kept for it; some tries.
const WANTED: Duration = Duration::from_secs(60);
/// For how long a robots.txt counts.
const ROBOTS_FRESH: Duration = Duration::from_secs(24 * 3600);
/// Before a host is asked again whose robots.txt could not be fetched.
const ROBOTS_AGAIN: Duration = Duration::from_secs(15 * 60);
/// Sitemaps of an index that are read.
const MAX_SITEMAPS: usize = 50;
/// Entries of all of them.
const MAX_ENTRIES: usize = 50_000;
/// What is wanted, best first.
const ACCEPT: &str =
    "application/rss+xml,application/atom+xml,application/xml;q=0.9,text/xml;q=0.9,*/*;q=0.5";

/// Asks the servers of watches.
#[derive(Debug, Clone)]
pub struct Watcher {
    /// What may be fetched.
    pub fetcher: Fetcher,
    /// Least pause between two requests to a host.
    pub pause: Duration,
}

/// Why nothing is known of a page, and how long its server wants to be left alone for.
struct Miss {
    why: String,
    retry_after: Option<Duration>,
}

impl From<String> for Miss {
    fn from(why: String) -> Self {
        Self {
            why,
            retry_after: None,
        }
    }
}

/// What there is to do.
enum Task {
    Look(Polling),
    HandIn(Handing),
}

/// Looks after all watches for ever; servers that are slow or away do not hold up the others.
pub(super) async fn look_after(store: Store, watcher: Watcher, poll: Duration) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    // They end with this function.
    let mut tasks = JoinSet::new();
    loop {
        let place = Arc::clone(&places).acquire_owned().await;
        while tasks.try_join_next().is_some() {}
        match claim(&store).await {
            Ok(Some(task)) => {
                let (store, watcher) = (store.clone(), watcher.clone());
                tasks.spawn(async move {
                    let _place = place;
                    if let Err(error) = watcher.work(&store, &task).await {
                        tracing::warn!(%error, "cannot look after a watch; its lease will run out");
                    }
                });
                continue;
            }
            Ok(None) => {}
            Err(error) => {
                tracing::warn!(%error, "cannot look after watches; the next round tries again");
            }
        }
        tokio::time::sleep(poll).await;
    }
}

/// A page that is due, or else an entry that may be handed in.
async fn claim(store: &Store) -> store::Result<Option<Task>> {
    if let Some(polling) = store.claim_watch(LEASE).await? {
        return Ok(Some(Task::Look(polling)));
    }
    Ok(store.claim_entry(LEASE).await?.map(Task::HandIn))
}

/// Looks at one page that is due, or hands one entry in; false where there is neither. Tests drive it step by step.
///
/// # Errors
/// What the store reports.
pub async fn step(store: &Store, watcher: &Watcher) -> store::Result<bool> {
    let Some(task) = claim(store).await? else {
        return Ok(false);
    };
    watcher.work(store, &task).await?;
    Ok(true)
}

impl Watcher {
    async fn work(&self, store: &Store, task: &Task) -> store::Result<()> {
        match task {
            Task::Look(polling) => self.poll(store, polling).await,
            Task::HandIn(handing) => self.hand_in(store, handing).await,
        }
    }

    async fn poll(&self, store: &Store, polling: &Polling) -> store::Result<()> {
        let (watch, url) = (polling.id, polling.url.as_str());
        let Some(host) = host(url) else {
            let polled = Polled::Failed("its address has no host".to_owned(), MOST_PAUSE);
            store.settle_watch(polling, &polled).await?;
            return Ok(());
        };
        let Some(turn) = store.take_turn(&host, LEASE, WANTED).await? else {
            store.put_off_watch(polling, BUSY).await?;
            return Ok(());
        };
        let (looked, pause) = self.look(store, polling).await?;
        let polled = looked.unwrap_or_else(|miss| {
            let most = MOST_PAUSE.max(polling.interval);
            let again = lists::pause(polling.failures, most);
            let asked = miss.retry_after.unwrap_or_default().min(MOST_RETRY);
            Polled::Failed(miss.why, again.max(asked))
        });
        let ours = store.settle_watch(polling, &polled).await?;
        store.end_turn(&turn, pause).await?;
        match polled {
            _ if !ours => {
                tracing::warn!(%watch, "outcome dropped: the watch was changed, or another worker has it");
            }
            Polled::Same(_) => tracing::debug!(%watch, "a watched page is the same"),
            Polled::Read(page, _) => {
                tracing::debug!(%watch, entries = page.entries.len(), "a watched page was read");
            }
            Polled::Failed(reason, _) => {
                tracing::warn!(%watch, reason, "a watched page was not read")
            }
        }
        Ok(())
    }

    /// What its page says now, and the pause that its host wants.
    async fn look(
        &self,
        store: &Store,
        polling: &Polling,
    ) -> store::Result<(Result<Polled, Miss>, Duration)> {
        let robots = match self.robots(store, &polling.url).await? {
            Ok(robots) => robots,
            Err(why) => return Ok((Err(why.into()), self.pause)),
        };
        let pause = self.pause.max(robots.delay().unwrap_or_default());
        let looking = self.page(polling, &robots, pause);
        let looked = match tokio::time::timeout(LOOK, looking).await {
            Ok(looked) => looked,
            Err(_) => Err(format!("it was not read within {} seconds", LOOK.as_secs()).into()),
        };
        Ok((looked, pause))
    }

    async fn page(
        &self,
        polling: &Polling,
        robots: &Robots,
        pause: Duration,
    ) -> Result<Polled, Miss> {
        let only = polling.only.as_deref();
        let known = &polling.validators;
        let Some((page, validators)) = self.fetch(&polling.url, robots, only, known).await? else {
            return Ok(Polled::Same(known.clone()));
        };
        if page.form != Form::Index {
            return Ok(Polled::Read(page, validators));
        }
        // The sitemaps change, and the index need not.
        let page = self.sitemaps(polling, page, robots, pause).await?;
        Ok(Polled::Read(page, Validators::default()))
    }

    /// The entries of all sitemaps of an index, in its place.
    async fn sitemaps(
        &self,
        polling: &Polling,
        index: Page,
        robots: &Robots,
        pause: Duration,
    ) -> Result<Page, Miss> {
        let own = host(&polling.url);
        let mut sitemaps: Vec<_> = index.entries.into_iter().collect();
        let all = sitemaps.len();
        sitemaps.retain(|sitemap| host(&sitemap.url) == own);
        let refused = index.refused + all - sitemaps.len();
        let undated = sitemaps
            .iter()
            .any(|sitemap| sitemap.published_at.is_none());
        if sitemaps.len() > MAX_SITEMAPS && undated {
            let why = format!(
                "it is an index of {} sitemaps, and does not say which changed last; watch one of them",
                sitemaps.len()
            );
            return Err(why.into());
        }
        sitemaps.sort_by_key(|sitemap| std::cmp::Reverse(sitemap.published_at));
        sitemaps.truncate(MAX_SITEMAPS);
        let mut page = Page {
            form: Form::Index,
            title: index.title,
            entries: Vec::new(),
            refused,
        };
        let mut seen = HashSet::new();
        for Entry { url, .. } in sitemaps {
            tokio::time::sleep(pause).await;
            let only = polling.only.as_deref();
            let fetched = self.fetch(&url, robots, only, &Validators::default()).await;
            let of = |miss: Miss| Miss {
                why: format!("{url}: {}", miss.why),
                ..miss
            };
            let Some((sitemap, _)) = fetched.map_err(of)? else {
                continue;
            };
            if sitemap.form == Form::Index {
                page.refused += sitemap.entries.len();
                continue;
            }
            page.refused += sitemap.refused;
            let new = sitemap.entries.into_iter();
            page.entries
                .extend(new.filter(|entry| seen.insert(key(&entry.url))));
            if page.entries.len() > MAX_ENTRIES {
                let why = format!("its sitemaps have more than {MAX_ENTRIES} entries");
                return Err(why.into());
            }
        }
        page.entries.sort_by_key(|entry| entry.published_at);
        Ok(page)
    }

    /// Fetches and reads one page; `None` where it is the same.
    async fn fetch(
        &self,
        url: &str,
        robots: &Robots,
        only: Option<&str>,
        known: &Validators,
    ) -> Result<Option<(Page, Validators)>, Miss> {
        if !robots.allow(url) {
            return Err("robots.txt of its host does not allow it to be fetched"
                .to_owned()
                .into());
        }
        let said = self.fetcher.ask(url, ACCEPT, known.into()).await;
        let version = match said.map_err(|failure| failure.message)? {
            Said::Same => return Ok(None),
            Said::New(version) => version,
            Said::Neither(failure, retry_after) => {
                return Err(Miss {
                    why: failure.message,
                    retry_after,
                });
            }
        };
        let validators = Validators::from(&version);
        let only = only.map(str::to_owned);
        let reading = tokio::task::spawn_blocking(move || {
            read(&version.bytes, &version.url, only.as_deref())
        });
        let page = reading
            .await
            .map_err(|_| "it cannot be read: it made its reader fail".to_owned())?
            .map_err(|why| why.to_string())?;
        Ok(Some((page, validators)))
    }

    async fn hand_in(&self, store: &Store, handing: &Handing) -> store::Result<()> {
        let (watch, url) = (handing.watch, handing.url.as_str());
        let robots = match self.robots(store, url).await? {
            Ok(robots) => robots,
            Err(reason) => {
                tracing::warn!(%watch, url, reason, "an entry waits");
                return self.let_go(store, &handing.turn, ROBOTS_AGAIN).await;
            }
        };
        if !robots.allow(url) {
            tracing::info!(%watch, url, "robots.txt does not allow an entry to be fetched");
            store.disallow(handing).await?;
            return Ok(());
        }
        let pause = self.pause.max(robots.delay().unwrap_or_default());
        match store.hand_in(handing, pause).await? {
            Handed::New(submission) => {
                tracing::info!(%watch, %submission, "an entry was handed in")
            }
            Handed::Known(submission) => tracing::debug!(%watch, %submission, "an entry was known"),
            Handed::Lost => self.let_go(store, &handing.turn, Duration::ZERO).await?,
        }
        Ok(())
    }

    async fn let_go(&self, store: &Store, turn: &Turn, pause: Duration) -> store::Result<()> {
        store.end_turn(turn, pause).await?;
        Ok(())
    }

    /// What the site of `url` asks of us, or why that is not known: then nothing of it is fetched for now.
    async fn robots(&self, store: &Store, url: &str) -> store::Result<Result<Robots, String>> {
        let Some(origin) = origin(url) else {
            return Ok(Err("its address has no host".to_owned()));
        };
        if let Some(content) = store.robots(&origin, ROBOTS_FRESH).await? {
            return Ok(Ok(Robots::read(&content)));
        }
        let address = format!("{origin}/robots.txt");
        let content = match self.fetcher.start_of(&address, Robots::MAX_BYTES).await {
            Ok((200..=299, content)) => content,
            // There is none, as far as we may know.
            Ok((300..=499, _)) => Vec::new(),
            Ok((status, _)) => {
                return Ok(Err(format!(
                    "robots.txt of its host cannot be fetched: HTTP status {status}"
                )));
            }
            Err(failure) => {
                let why = failure.message;
                return Ok(Err(format!(
                    "robots.txt of its host cannot be fetched: {why}"
                )));
            }
        };
        store.keep_robots(&origin, &content).await?;
        Ok(Ok(Robots::read(&content)))
    }
}
