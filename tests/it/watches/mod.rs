//! Watches on their way from servers that play tricks: no entry is lost, and none becomes two submissions.

mod entries;
mod histories;
mod pages;
mod polite;

use std::collections::{HashMap, VecDeque};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iocsift::fetch::{Fetcher, Limits, Policy};
use iocsift::id::{SubmissionId, UserId, WatchId};
use iocsift::indicator::Level;
use iocsift::store::{Store, StoredEntry, StoredWatch, WatchDefinition, WatchHealth};
use iocsift::submission::{Failure, FailureCode, Submission};
use iocsift::watch::EntryState;
use iocsift::worker::watches::{Watcher, step};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::store::owner;
use crate::support::Database;

/// Largest page that is fetched here.
const MOST_BYTES: u64 = 256 << 10;
const LEASE: Duration = Duration::from_secs(600);

/// What a server does about a request.
#[derive(Clone)]
pub(super) enum Answer {
    Says(Vec<u8>),
    /// It takes the request and says nothing.
    Hangs,
    /// It says a little, again and again.
    NeverEnds,
}

/// A server with pages that change, and what it was asked.
pub(super) struct Site {
    pub(super) url: String,
    /// What stands at a path; what was said once each comes first.
    pages: Arc<Mutex<HashMap<String, Answer>>>,
    once: Arc<Mutex<HashMap<String, VecDeque<Answer>>>>,
    asked: Arc<Mutex<Vec<String>>>,
    /// The most requests that were there at once.
    most: Arc<AtomicUsize>,
}

impl Site {
    async fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let site = Self {
            url: format!("http://{}", listener.local_addr().unwrap()),
            pages: Arc::default(),
            once: Arc::default(),
            asked: Arc::default(),
            most: Arc::default(),
        };
        let (pages, once) = (Arc::clone(&site.pages), Arc::clone(&site.once));
        let (asked, most) = (Arc::clone(&site.asked), Arc::clone(&site.most));
        let now = Arc::new(AtomicUsize::new(0));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (pages, once, asked) =
                    (Arc::clone(&pages), Arc::clone(&once), Arc::clone(&asked));
                let (most, now) = (Arc::clone(&most), Arc::clone(&now));
                tokio::spawn(async move {
                    most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    let answer = |head: &str| {
                        let path = head.split(' ').nth(1).unwrap().to_owned();
                        asked.lock().unwrap().push(head.to_lowercase());
                        let first = once
                            .lock()
                            .unwrap()
                            .get_mut(&path)
                            .and_then(VecDeque::pop_front);
                        first.or_else(|| pages.lock().unwrap().get(&path).cloned())
                    };
                    serve(stream, answer).await;
                    now.fetch_sub(1, Ordering::SeqCst);
                });
            }
        });
        site
    }

    pub(super) fn at(&self, path: &str) -> String {
        format!("{}{path}", self.url)
    }

    /// What stands at `path` from now on.
    pub(super) fn has(&self, path: &str, body: &str) {
        self.answers(path, Answer::Says(ok("", body.as_bytes())));
    }

    pub(super) fn answers(&self, path: &str, answer: Answer) {
        self.pages.lock().unwrap().insert(path.to_owned(), answer);
    }

    /// What it says about `path` once, before all else.
    pub(super) fn says(&self, path: &str, answer: impl Into<Vec<u8>>) {
        self.does(path, Answer::Says(answer.into()));
    }

    pub(super) fn does(&self, path: &str, answer: Answer) {
        let mut once = self.once.lock().unwrap();
        once.entry(path.to_owned()).or_default().push_back(answer);
    }

    /// The requests for `path`, in lower case.
    pub(super) fn asked(&self, path: &str) -> Vec<String> {
        let line = format!("get {path} ");
        let asked = self.asked.lock().unwrap();
        asked
            .iter()
            .filter(|head| head.starts_with(&line))
            .cloned()
            .collect()
    }
}

async fn serve(mut stream: TcpStream, answer: impl FnOnce(&str) -> Option<Answer>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    match answer(&String::from_utf8(head).unwrap()) {
        Some(Answer::Says(answer)) => drop(stream.write_all(&answer).await),
        Some(Answer::Hangs) => drop(stream.read_u8().await),
        Some(Answer::NeverEnds) => {
            let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n<rss><channel>";
            let mut piece = head.as_bytes();
            while stream.write_all(piece).await.is_ok() {
                piece = b"<item><title>More</title><link>/more</link></item>";
            }
        }
        None => drop(stream.write_all(status(404, "").as_bytes()).await),
    }
}

pub(super) fn ok(headers: &str, body: &[u8]) -> Vec<u8> {
    let head = format!(
        "HTTP/1.1 200 OK\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}

pub(super) fn status(status: u16, headers: &str) -> String {
    format!("HTTP/1.1 {status} So\r\n{headers}Content-Length: 0\r\nConnection: close\r\n\r\n")
}

/// A feed with an item for each path, the newest first as feeds have it: `paths` are from the oldest on.
pub(super) fn feed<S: AsRef<str>>(paths: &[S]) -> String {
    let items: String = paths
        .iter()
        .rev()
        .map(|path| {
            let path = path.as_ref();
            format!("<item><title>About {path}</title><link>{path}</link></item>")
        })
        .collect();
    format!("<rss version='2.0'><channel><title>Reports</title>{items}</channel></rss>")
}

pub(super) fn watcher() -> Watcher {
    let policy = Policy {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        deny: Vec::new(),
    };
    let limits = Limits {
        bytes: MOST_BYTES,
        time: Duration::from_secs(2),
    };
    Watcher {
        fetcher: Fetcher::new(policy, limits),
        pause: Duration::ZERO,
    }
}

pub(super) fn definition(url: &str) -> WatchDefinition {
    WatchDefinition {
        name: None,
        url: url.to_owned(),
        only: None,
        enabled: true,
        interval: Duration::from_secs(3600),
        backfill: 1_000,
        category: None,
        confidence: Level::Medium,
        industries: None,
        tlp: None,
    }
}

/// A database, a server, and somebody who watches it.
pub(super) struct Desk {
    pub(super) database: Database,
    pub(super) site: Site,
    pub(super) owner: UserId,
    pub(super) watcher: Watcher,
}

impl Desk {
    pub(super) async fn new() -> Self {
        let database = Database::new().await;
        Self {
            owner: owner(&database.store).await,
            site: Site::new().await,
            watcher: watcher(),
            database,
        }
    }

    pub(super) fn store(&self) -> &Store {
        &self.database.store
    }

    pub(super) async fn watch(&self, watch: &WatchDefinition) -> WatchId {
        let made = self.store().create_watch(self.owner, watch).await.unwrap();
        made.unwrap().id
    }

    /// A watch of the feed at `path`, which hands in all that stands there.
    pub(super) async fn watch_of(&self, path: &str) -> WatchId {
        self.watch(&definition(&self.site.at(path))).await
    }

    pub(super) async fn get(&self, id: WatchId) -> StoredWatch {
        self.store().watch(id).await.unwrap().unwrap()
    }

    /// Looks at the page now; how it fares then.
    pub(super) async fn poll(&self, id: WatchId) -> WatchHealth {
        self.store().poll_watch(id).await.unwrap();
        assert!(self.step().await);
        self.get(id).await.health
    }

    pub(super) async fn step(&self) -> bool {
        step(self.store(), &self.watcher).await.unwrap()
    }

    /// Hands everything in, and is done with it.
    pub(super) async fn drain(&self) {
        while self.step().await || self.read_one().await {}
    }

    /// One document is read, and says nothing; false where none waits.
    pub(super) async fn read_one(&self) -> bool {
        let Some(job) = self.store().claim(LEASE).await.unwrap() else {
            return false;
        };
        let failure = Failure::new(FailureCode::NoText, "there is nothing in it");
        self.store().fail(&job, &failure).await.unwrap()
    }

    /// Looks at the page, and hands everything in.
    pub(super) async fn poll_and_drain(&self, id: WatchId) {
        self.poll(id).await;
        self.drain().await;
    }

    /// From the oldest on.
    pub(super) async fn submissions(&self) -> Vec<Submission> {
        let mut all = self.store().submissions(10_000, 0).await.unwrap();
        all.reverse();
        all
    }

    /// Paths of the submissions, from the oldest on.
    pub(super) async fn handed_in(&self) -> Vec<String> {
        let all = self.submissions().await.into_iter();
        all.map(|one| one.source_identifier.replace(&self.site.url, ""))
            .collect()
    }

    /// What a watch has seen, from the oldest on.
    pub(super) async fn entries(&self, id: WatchId) -> Vec<StoredEntry> {
        let page = self.store().watch_entries(id, 10_000, 0).await.unwrap();
        assert_eq!(usize::try_from(page.total).unwrap(), page.rows.len());
        page.rows.into_iter().rev().collect()
    }

    /// What became of each entry, from the oldest on.
    pub(super) async fn states(&self, id: WatchId) -> Vec<(String, EntryState)> {
        let entries = self.entries(id).await.into_iter();
        entries
            .map(|entry| (entry.url.replace(&self.site.url, ""), entry.state))
            .collect()
    }

    pub(super) async fn links(&self, id: WatchId) -> Vec<SubmissionId> {
        let entries = self.entries(id).await.into_iter();
        entries.filter_map(|entry| entry.submission_id).collect()
    }
}
