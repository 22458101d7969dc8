//! Lists on their way from servers that play tricks, and from there to every process that asks.

mod credentials;
mod feed;
mod taxii;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use iocsift::catalogue::{Catalogue, Keeper};
use iocsift::fetch::{Fetcher, Limits, Policy};
use iocsift::id::ListId;
use iocsift::indicator::{Evidence, Kind, Reason};
use iocsift::lists::{ListFormat, ListKind, accept};
use iocsift::store::{ListDefinition, ListHealth, Store, Taken};
use iocsift::worker;
use iocsift::worker::lists::step;
use iocsift::worker::pipeline::Pipeline;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::pipeline::{pipeline, sandbox};
use crate::store::lists::{definition, taken};
use crate::store::{file, insert, owner};
use crate::support::Database;

/// Largest list that is fetched here.
const MOST_BYTES: u64 = 64 << 10;

/// A server that answers as it was told, once each; and what it was asked.
struct Source {
    url: String,
    answers: Arc<Mutex<VecDeque<Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Source {
    async fn new() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let source = Self {
            url: format!("http://{}/list.txt", listener.local_addr().unwrap()),
            answers: Arc::default(),
            asked: Arc::default(),
        };
        let (answers, asked) = (Arc::clone(&source.answers), Arc::clone(&source.asked));
        tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await.unwrap());
                }
                asked
                    .lock()
                    .unwrap()
                    .push(String::from_utf8(head).unwrap().to_lowercase());
                let answer = answers.lock().unwrap().pop_front();
                match answer {
                    Some(answer) => {
                        let _ = stream.write_all(&answer).await;
                    }
                    // It takes the request and says nothing.
                    None => held.push(stream),
                }
            }
        });
        source
    }

    fn says(&self, answer: impl Into<Vec<u8>>) {
        self.answers.lock().unwrap().push_back(answer.into());
    }

    fn sends(&self, body: &str) {
        self.says(ok("", body));
    }

    fn last_asked(&self) -> String {
        self.asked.lock().unwrap().last().unwrap().clone()
    }

    /// The paths of the requests since this was asked last.
    fn paths(&self) -> Vec<String> {
        let asked = std::mem::take(&mut *self.asked.lock().unwrap());
        let path = |head: &String| head.split(' ').nth(1).unwrap().to_owned();
        asked.iter().map(path).collect()
    }

    /// The address of another path.
    fn at(&self, path: &str) -> String {
        self.url.replace("/list.txt", path)
    }
}

fn ok(headers: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )
}

fn status(line: &str) -> String {
    format!("HTTP/1.1 {line}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
}

fn fetcher() -> Fetcher {
    within(MOST_BYTES, Duration::from_secs(2))
}

fn within(bytes: u64, time: Duration) -> Fetcher {
    let policy = Policy {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        deny: Vec::new(),
    };
    Fetcher::new(policy, Limits { bytes, time })
}

/// A database with one list that a server has.
struct Desk {
    database: Database,
    source: Source,
    list: ListId,
    fetcher: Fetcher,
}

impl Desk {
    async fn new() -> Self {
        Self::of(ListFormat::Lines, "/list.txt").await
    }

    async fn of(format: ListFormat, path: &str) -> Self {
        let (database, source) = (Database::new().await, Source::new().await);
        let wanted = ListDefinition {
            format,
            ..definition("seen-today", Some(&source.at(path)))
        };
        let list = database.store.create_list(&wanted).await.unwrap().unwrap();
        Self {
            database,
            source,
            list: list.id,
            fetcher: fetcher(),
        }
    }

    fn store(&self) -> &Store {
        &self.database.store
    }

    /// Fetches the list now; how it fares then.
    async fn fetch(&self) -> ListHealth {
        self.store().refresh_list(self.list, false).await.unwrap();
        self.step().await
    }

    async fn step(&self) -> ListHealth {
        assert!(step(self.store(), &self.fetcher).await.unwrap());
        self.health().await
    }

    /// Fetches the list now, and fails for this reason: what was there stays there.
    async fn refuses(&self, why: &str) {
        let (before, held) = (self.health().await, self.content().await);
        let health = self.fetch().await;
        let error = health.error.unwrap();
        assert!(error.contains(why), "{why}: {error}");
        assert_eq!(health.failures, before.failures + 1, "{why}");
        assert_eq!(health.entries, before.entries, "{why}");
        assert_eq!(health.last_success_at, before.last_success_at, "{why}");
        assert_eq!(self.content().await, held, "{why}");
    }

    async fn health(&self) -> ListHealth {
        let list = self.store().list(self.list).await.unwrap().unwrap();
        list.health
    }

    /// What is listed, in its order.
    async fn values(&self) -> Vec<String> {
        let list = self.store().list(self.list).await.unwrap().unwrap();
        let (said, content) = (list.definition, self.content().await);
        let read = accept(said.format, &said.columns, content.as_bytes(), 0, false).unwrap();
        let entries = read.entries.iter();
        entries.map(|entry| entry.value.to_owned()).collect()
    }

    async fn content(&self) -> String {
        let content = self.store().list_content(self.list).await.unwrap().unwrap();
        String::from_utf8(content).unwrap()
    }
}

/// The lists that know a value, by slug; that it is made for examples is not asked.
fn known(catalogue: &Catalogue, kind: Kind, value: &str) -> Vec<String> {
    let known = catalogue.known();
    let hits = known.matcher.look_up(kind, value);
    let slugs = hits.iter().map(|hit| hit.list.slug.clone());
    slugs.filter(|slug| slug != "example-domains").collect()
}

const TEN: &str = "a.example\nb.example\nc.example\nd.example\ne.example\nf.example\ng.example\nh.example\ni.example\nj.example\n";

#[tokio::test]
async fn whatever_its_server_plays_no_list_is_lost_and_its_health_says_why() {
    let desk = Desk::new().await;
    desk.source.sends(TEN);
    let good = desk.fetch().await;
    assert_eq!((good.entries, good.error), (10, None));

    let huge = "x.example\n".repeat(10_000);
    let tricks = [
        ("did not answer within 2 seconds", Vec::new()),
        (
            "an address that must not be fetched from",
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2:8080/\r\nContent-Length: 0\r\n\r\n"
                .to_vec(),
        ),
        (
            "HTTP status 503",
            b"HTTP/1.1 503 Away\r\nContent-Length: 0\r\n\r\n".to_vec(),
        ),
        (
            "it has 4 entries where 10 were",
            ok("", "a.example\nb.example\nc.example\nd.example\n").into(),
        ),
        (
            "cannot be read as txt",
            ok(
                "",
                "<!DOCTYPE html>\n<html>\n<body>\nPlease sign in\n</body>\n",
            )
            .into(),
        ),
        (
            "cannot be read as txt",
            ok("", "\u{1}\u{2}\0\n{{{{\n[[[\n").into(),
        ),
        ("larger than the limit", ok("", &huge).into()),
        (
            "larger than the limit",
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n{huge}").into(),
        ),
        (
            "broke off its answer",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\nConnection: close\r\n\r\na.example\n"
                .to_vec(),
        ),
        (
            "an encoding that is not read",
            ok("Content-Encoding: x-odd\r\n", TEN).into(),
        ),
    ];
    let mut failures = 0;
    for (why, answer) in tricks {
        if !answer.is_empty() {
            desk.source.says(answer);
        }
        let health = desk.fetch().await;
        failures += 1;
        let error = health.error.unwrap();
        assert!(error.contains(why), "{why}: {error}");
        assert_eq!((health.entries, health.failures), (10, failures), "{why}");
        assert_eq!(health.last_success_at, good.last_success_at, "{why}");
        assert!(health.next_check_at > health.checked_at, "{why}");
        assert_eq!(desk.content().await, TEN, "{why}");
    }

    desk.source
        .sends("k.example\nl.example\nm.example\nn.example\no.example\n");
    let health = desk.fetch().await;
    assert_eq!(
        (health.entries, health.failures, health.error),
        (5, 0, None)
    );
}

#[tokio::test]
async fn a_list_that_shrank_by_more_than_half_is_taken_where_somebody_says_so_and_once() {
    let desk = Desk::new().await;
    desk.source.sends(TEN);
    desk.fetch().await;
    for (body, forced, entries) in [
        ("a.example\n", false, 10),
        ("a.example\n", true, 1),
        ("", false, 1),
    ] {
        desk.source.sends(body);
        desk.store().refresh_list(desk.list, forced).await.unwrap();
        assert_eq!(desk.step().await.entries, entries, "{body:?}");
    }
}

#[tokio::test]
async fn a_server_is_asked_whether_its_list_changed_and_a_same_one_is_no_new_version() {
    let desk = Desk::new().await;
    let named = "ETag: \"one\"\r\nLast-Modified: Sat, 31 Jan 2026 09:15:02 GMT\r\n";
    desk.source.says(ok(named, TEN));
    desk.fetch().await;
    assert!(!desk.source.last_asked().contains("if-none-match"));
    let version = desk.store().lists_version().await.unwrap();

    desk.source
        .says("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
    let health = desk.fetch().await;
    let asked = desk.source.last_asked();
    assert!(asked.contains("if-none-match: \"one\""), "{asked}");
    assert!(
        asked.contains("if-modified-since: sat, 31 jan 2026 09:15:02 gmt"),
        "{asked}"
    );
    assert_eq!((health.error, health.entries), (None, 10));
    assert_eq!(health.last_success_at, health.checked_at);

    // The server forgot what it called it.
    desk.source.says(ok("ETag: \"two\"\r\n", TEN));
    let health = desk.fetch().await;
    assert!(health.changed_at < health.last_success_at);
    assert_eq!(desk.store().lists_version().await.unwrap(), version);
    desk.source
        .says("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
    desk.fetch().await;
    let asked = desk.source.last_asked();
    assert!(
        asked.contains("if-none-match: \"two\"") && !asked.contains("if-modified-since"),
        "{asked}"
    );
}

#[tokio::test]
async fn a_server_that_says_304_without_being_asked_is_no_success() {
    let desk = Desk::new().await;
    desk.source
        .says("HTTP/1.1 304 Not Modified\r\nConnection: close\r\n\r\n");
    let health = desk.fetch().await;
    assert!(health.error.unwrap().contains("304") && health.last_success_at.is_none());
}

#[tokio::test]
async fn the_pause_after_failures_grows_up_to_the_interval() {
    let desk = Desk::new().await;
    for (failures, seconds) in [
        (1, 60),
        (2, 120),
        (3, 240),
        (4, 480),
        (5, 960),
        (6, 1920),
        (7, 3600),
        (8, 3600),
    ] {
        desk.source
            .says("HTTP/1.1 500 Broken\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        let health = desk.fetch().await;
        let pause = health.next_check_at.unwrap() - health.checked_at.unwrap();
        assert_eq!((health.failures, pause.num_seconds()), (failures, seconds));
    }
    assert!(
        !step(desk.store(), &desk.fetcher).await.unwrap(),
        "it is not due"
    );
}

#[tokio::test]
async fn a_second_process_sees_every_change_of_a_list() {
    let desk = Desk::new().await;
    let mut elsewhere = Keeper::new(desk.store().clone(), None);
    let catalogue = elsewhere.catalogue();
    assert!(
        known(&catalogue, Kind::Ipv4, "8.8.8.8").is_empty(),
        "before the first look"
    );
    assert!(elsewhere.look().await.unwrap());
    assert!(!known(&catalogue, Kind::Ipv4, "8.8.8.8").is_empty());
    let asked = || known(&catalogue, Kind::Domain, "bad.example.net");
    assert!(asked().is_empty());
    assert!(!elsewhere.look().await.unwrap(), "nothing changed");

    desk.source.sends("bad.example.net\n");
    desk.fetch().await;
    assert!(elsewhere.look().await.unwrap());
    assert_eq!(asked(), ["seen-today"]);
    let before = catalogue.known();

    let store = desk.store();
    store
        .edit_list(desk.list, |list| list.enabled = false)
        .await
        .unwrap();
    assert!(elsewhere.look().await.unwrap());
    assert!(asked().is_empty());
    assert!(
        !before
            .matcher
            .look_up(Kind::Domain, "bad.example.net")
            .is_empty(),
        "whoever asks goes on with what it has"
    );

    store
        .edit_list(desk.list, |list| list.enabled = true)
        .await
        .unwrap();
    elsewhere.look().await.unwrap();
    assert_eq!(asked(), ["seen-today"]);
    store.delete_list(desk.list).await.unwrap();
    elsewhere.look().await.unwrap();
    assert!(asked().is_empty());
}

#[tokio::test]
async fn a_folder_of_lists_is_read_again_when_a_file_changes_and_one_bad_file_harms_no_other() {
    let database = Database::new().await;
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("broken.json", "{");
    write(
        "top/list.json",
        r#"{"name": "Top names", "type": "hostname", "matching_attributes": ["domain", "url"], "list": ["google.com", ".dyn.example"]}"#,
    );
    let mut keeper = Keeper::new(database.store.clone(), Some(folder.path().to_owned()));
    let catalogue = keeper.catalogue();
    keeper.look().await.unwrap();
    for (value, hit) in [
        ("google.com", true),
        ("WWW.Google.COM.", true),
        ("notgoogle.com", false),
        ("dyn.example", true),
        ("host.dyn.example", true),
        ("undyn.example", false),
    ] {
        let found = known(&catalogue, Kind::Domain, value);
        assert_eq!(found.contains(&"top".to_owned()), hit, "{value}");
    }
    assert!(!keeper.look().await.unwrap());

    write(
        "threat_intel/bad.netset",
        "198.18.7.0/24\n203.0.113.77\nb\u{fc}cher.example\n",
    );
    write("threat_intel/idn.txt", "b\u{fc}cher.example\n");
    assert!(keeper.look().await.unwrap());
    assert_eq!(
        known(&catalogue, Kind::Domain, "xn--bcher-kva.example"),
        ["idn"]
    );
    assert_eq!(
        known(&catalogue, Kind::Domain, "b\u{dc}CHER.example"),
        ["idn"]
    );

    std::fs::remove_file(folder.path().join("threat_intel/idn.txt")).unwrap();
    assert!(keeper.look().await.unwrap());
    assert!(known(&catalogue, Kind::Domain, "xn--bcher-kva.example").is_empty());
}

#[tokio::test]
async fn a_stored_list_that_this_version_cannot_read_is_skipped_and_the_others_serve() {
    let database = Database::new().await;
    let store = &database.store;
    let mut odd = definition("odd", None);
    odd.format = ListFormat::Kev;
    let mut trusted = definition("references", None);
    trusted.kind = ListKind::Allowlist;
    for list in [odd, trusted, definition("sound", None)] {
        let list = store.create_list(&list).await.unwrap().unwrap();
        store
            .replace_list(list.id, &taken("bad.example.net\n"))
            .await
            .unwrap();
    }
    let mut keeper = Keeper::new(store.clone(), None);
    keeper.look().await.unwrap();
    assert_eq!(
        known(&keeper.catalogue(), Kind::Domain, "bad.example.net"),
        ["sound"],
        "no list takes the name of one of the program"
    );
}

#[tokio::test]
async fn what_a_report_shows_is_marked_where_a_list_excuses_it_with_the_name_of_the_list() {
    let database = Database::new().await;
    let store = &database.store;
    let put = async |slug: &str, kind: ListKind, format: ListFormat, text: &str| {
        let wanted = ListDefinition {
            kind,
            format,
            ..definition(slug, None)
        };
        let contents = accept(format, &wanted.columns, text.as_bytes(), 0, false).unwrap();
        let list = store.create_list(&wanted).await.unwrap().unwrap();
        let taken = Taken::new(&contents, text.as_bytes());
        store.replace_list(list.id, &taken).await.unwrap();
    };
    let (contextual, lines) = (ListKind::Contextual, ListFormat::Lines);
    // The program knows what a hit on a list of this name means; of the others it does not.
    put("whats-my-ip", contextual, lines, "my-address.net\n").await;
    put("top-sites", contextual, lines, "famous-site.net\n").await;
    put(
        "seen-today",
        ListKind::ThreatIntel,
        lines,
        "my-address.net\n",
    )
    .await;
    let trusted = ".our-corp.net\n198.18.7.0/24 ipv4\n";
    put("ours", ListKind::Allowlist, ListFormat::Allowlist, trusted).await;
    let mut keeper = Keeper::new(store.clone(), None);
    keeper.look().await.unwrap();

    let owner = owner(store).await;
    let text = "The loader asks my-address.net and famous-site.net for its address.\n\n\
                It spoke to mail.our-corp.net and notour-corp.net, then to http://www.our-corp.net/upload.php there.\n\n\
                Its C2 server is other-host.net.\n";
    let live = insert(store, file(owner, "live.txt", text.as_bytes())).await;
    let defanged = text.replace('.', "[.]").replace("http:", "hxxp:");
    let defanged = insert(store, file(owner, "defanged.txt", defanged.as_bytes())).await;
    let pipeline = Pipeline {
        catalogue: keeper.catalogue(),
        ..pipeline(sandbox())
    };
    let mut flags = Vec::new();
    for submission in [live, defanged] {
        let lease = Duration::from_secs(600);
        assert!(worker::step(store, &pipeline, lease).await.unwrap());
        let iocs = store.submission_iocs(submission.id, false).await.unwrap();
        let marked: BTreeMap<_, _> = iocs
            .into_iter()
            .filter(|ioc| [Kind::Domain, Kind::Url].contains(&ioc.finding.kind))
            .map(|ioc| {
                let finding = ioc.finding;
                let is_told = finding
                    .evidence
                    .iter()
                    .any(|one| one.reason == Reason::MayBeBenign);
                assert_eq!(is_told, finding.is_flagged(), "{}", finding.value);
                assert_eq!(finding.confidence, Evidence::total(&finding.evidence));
                let lists: Vec<_> = finding.flags.into_iter().map(|flag| flag.list).collect();
                (finding.value, lists.join(" "))
            })
            .collect();
        flags.push(marked);
    }
    for (value, list) in [
        ("my-address.net", "whats-my-ip"),
        ("famous-site.net", ""),
        ("mail.our-corp.net", "ours"),
        ("notour-corp.net", ""),
        ("http://www.our-corp.net/upload.php", ""),
        ("other-host.net", ""),
    ] {
        assert_eq!(
            flags[0].get(value).map(String::as_str),
            Some(list),
            "{value}: {flags:?}"
        );
        // What its author defanged no list excuses; what the operator trusts stays trusted.
        let list = if list == "whats-my-ip" { "" } else { list };
        assert_eq!(
            flags[1].get(value).map(String::as_str),
            Some(list),
            "{value}: {flags:?}"
        );
    }
}
