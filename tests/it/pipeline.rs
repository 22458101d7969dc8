//! One job from its claim to its end: a real store, a real fetcher, a real reader, and single steps in
//! place of a pool. No pause before a retry is waited for: the job is made ready behind the store's back.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::time::Duration;

use iocsift::account::Role;
use iocsift::fetch::{self, Fetcher, Policy, Poster};
use iocsift::id::{SubmissionId, UserId};
use iocsift::store::{Inserted, MAX_ATTEMPTS, MAX_CRASHES, NewSubmission};
use iocsift::submission::{FailureCode, Status, Submission};
use iocsift::worker::pipeline::Pipeline;
use iocsift::worker::sandbox::{Limits, Sandbox};
use iocsift::worker::{Pool, Settings, step};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::fetch::{ok, serve};
use crate::process::Server;
use crate::store;
use crate::support::Database;

/// A lease that no test outlives.
const LEASE: Duration = Duration::from_secs(600);
/// The name of the document that kills its reader.
const POISON: &str = "poison.txt";

pub(crate) fn sandbox() -> Sandbox {
    Sandbox {
        executable: PathBuf::from(env!("CARGO_BIN_EXE_iocsift")),
        ..Sandbox::new(Limits::default(), false)
    }
}

/// A reader that dies of [`POISON`], noting each death as a line of `deaths`, and reads all else as the
/// real one does.
fn mortal(dir: &std::path::Path) -> Sandbox {
    let executable = dir.join("reader");
    let script = format!(
        "#!/bin/sh\ncase \"$2\" in *{POISON}*) echo x >> {}; kill -SEGV $$;; esac\nexec {} \"$@\"\n",
        dir.join("deaths").display(),
        env!("CARGO_BIN_EXE_iocsift"),
    );
    fs::write(&executable, script).unwrap();
    fs::set_permissions(&executable, fs::Permissions::from_mode(0o755)).unwrap();
    Sandbox {
        executable,
        ..sandbox()
    }
}

pub(crate) fn pipeline(sandbox: Sandbox) -> Pipeline {
    let policy = Policy {
        allow: vec!["127.0.0.1/32".parse().unwrap()],
        deny: Vec::new(),
    };
    let limits = fetch::Limits {
        time: Duration::from_secs(10),
        ..fetch::Limits::default()
    };
    Pipeline {
        fetcher: Fetcher::new(policy, limits),
        sandbox,
        catalogue: Default::default(),
    }
}

/// A database with somebody who submits.
struct Desk {
    database: Database,
    owner: UserId,
}

impl Desk {
    async fn new() -> Self {
        let database = Database::new().await;
        let account = database.store.create_user("owner", "hash", Role::Member);
        let owner = account.await.unwrap().unwrap().id;
        Self { database, owner }
    }

    async fn insert(&self, new: NewSubmission) -> SubmissionId {
        let inserted = self.database.store.insert_submission(new, LEASE).await;
        match inserted.unwrap() {
            Inserted::New(submission) => submission.id,
            other => panic!("not new: {other:?}"),
        }
    }

    async fn file(&self, name: &str, bytes: &[u8]) -> SubmissionId {
        self.insert(store::file(self.owner, name, bytes)).await
    }

    async fn url(&self, url: &str) -> SubmissionId {
        self.insert(store::url(self.owner, url)).await
    }

    /// A pool that looks for jobs on its own so seldom that a test never sees it; and what ends it.
    fn pool_that_waits(&self) -> (CancellationToken, JoinHandle<()>) {
        let settings = Settings {
            poll: LEASE,
            ..Settings::default()
        };
        let pool = Pool::new(
            self.database.store.clone(),
            pipeline(sandbox()),
            Poster::new(fetch::Policy::default(), LEASE),
            settings,
        );
        let shutdown = CancellationToken::new();
        let running = tokio::spawn(pool.run(shutdown.clone()));
        (shutdown, running)
    }

    /// Does the next job; whether there was one.
    async fn step(&self, pipeline: &Pipeline) -> bool {
        step(&self.database.store, pipeline, LEASE).await.unwrap()
    }

    async fn submission(&self, id: SubmissionId) -> Submission {
        self.database.store.submission(id).await.unwrap().unwrap()
    }

    /// Why the submission failed; and that nobody will try again.
    async fn failure(&self, id: SubmissionId) -> FailureCode {
        let submission = self.submission(id).await;
        assert_eq!(submission.status, Status::Failed);
        assert!(submission.processed_at.is_some());
        assert_eq!(self.database.store.ready().await.unwrap().queue_depth, 0);
        let failure = submission.error.unwrap();
        assert!(!failure.message.is_empty());
        failure.code
    }
}

#[tokio::test]
async fn a_document_that_kills_its_reader_twice_fails_and_holds_up_nobody() {
    let dir = tempfile::tempdir().unwrap();
    let pipeline = pipeline(mortal(dir.path()));
    let desk = Desk::new().await;
    let poison = desk.file(POISON, b"anything").await;
    for attempt in 1..=MAX_CRASHES {
        let name = format!("good-{attempt}.txt");
        let text = format!("{attempt} evil-c2[.]com");
        let good = desk.file(&name, text.as_bytes()).await;
        while desk.step(&pipeline).await {}
        assert_eq!(desk.submission(good).await.status, Status::Completed);

        let deaths = fs::read_to_string(dir.path().join("deaths")).unwrap();
        assert_eq!(deaths.lines().count(), attempt.unsigned_abs() as usize);
        let status = desk.submission(poison).await.status;
        let last = attempt == MAX_CRASHES;
        assert_eq!(
            status,
            if last {
                Status::Failed
            } else {
                Status::Pending
            }
        );
        desk.database
            .execute("UPDATE jobs SET ready_at = now()")
            .await;
    }
    assert_eq!(desk.failure(poison).await, FailureCode::ReaderCrashed);
    assert!(!desk.step(&pipeline).await, "there is no third try");
}

#[tokio::test]
async fn a_fault_of_ours_is_tried_again_and_never_blamed_on_the_document() {
    let mut broken = sandbox();
    broken.executable = PathBuf::from("/nonexistent/iocsift");
    let broken = pipeline(broken);
    let desk = Desk::new().await;
    let unlucky = desk.file("unlucky.txt", b"evil-c2[.]com").await;
    let lucky = desk.file("lucky.txt", b"evil-c3[.]com").await;
    while desk.step(&broken).await {}
    assert_eq!(desk.submission(lucky).await.status, Status::Pending);
    // One is read by a service that was mended, the other meets the fault until no try is left.
    desk.database
        .execute("UPDATE jobs SET ready_at = now() WHERE submission_id = (SELECT id FROM submissions WHERE source_identifier = 'lucky.txt')")
        .await;
    assert!(desk.step(&pipeline(sandbox())).await);
    assert_eq!(desk.submission(lucky).await.status, Status::Completed);
    for _ in 1..MAX_ATTEMPTS {
        desk.database
            .execute("UPDATE jobs SET ready_at = now()")
            .await;
        assert!(desk.step(&broken).await);
    }
    assert_eq!(desk.failure(unlucky).await, FailureCode::Internal);
    let shown = desk.submission(unlucky).await.error.unwrap().message;
    assert!(!shown.contains("nonexistent"), "{shown}");
}

#[tokio::test]
async fn a_store_that_is_full_costs_no_document_its_tries() {
    let pipeline = pipeline(sandbox());
    let desk = Desk::new().await;
    let id = desk.file("a.txt", b"evil-c2[.]com").await;
    desk.database
        .execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN RAISE EXCEPTION 'no space left' USING ERRCODE = 'disk_full'; END$$;
             CREATE TRIGGER full_disk BEFORE INSERT ON sightings EXECUTE FUNCTION full_disk();",
        )
        .await;
    for _ in 0..=MAX_ATTEMPTS {
        assert!(desk.step(&pipeline).await);
        assert_eq!(desk.submission(id).await.status, Status::Pending);
        desk.database
            .execute("UPDATE jobs SET ready_at = now()")
            .await;
    }
    desk.database
        .execute("DROP TRIGGER full_disk ON sightings")
        .await;
    assert!(desk.step(&pipeline).await);
    assert_eq!(desk.submission(id).await.status, Status::Completed);
}

#[tokio::test]
async fn a_fact_about_the_document_is_recorded_at_the_first_try() {
    // What the names in the directory of an encrypted Office document look like.
    let mut locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    locked.resize(512, 0);
    locked.extend(
        "EncryptedPackage\0"
            .encode_utf16()
            .flat_map(u16::to_le_bytes),
    );
    let pipeline = pipeline(sandbox());
    let desk = Desk::new().await;
    for (name, bytes, code) in [
        (
            "picture.png",
            &b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"[..],
            FailureCode::UnsupportedType,
        ),
        ("locked.docx", &locked, FailureCode::Encrypted),
        ("blank.txt", b" \n\t\n ", FailureCode::NoText),
        (
            "broken.pdf",
            b"%PDF-1.7\nnothing more",
            FailureCode::Malformed,
        ),
    ] {
        let id = desk.file(name, bytes).await;
        assert!(desk.step(&pipeline).await, "{name}");
        assert_eq!(desk.failure(id).await, code, "{name}");
    }
}

#[tokio::test]
async fn a_fetch_that_fails_is_recorded_as_the_failure_of_the_submission() {
    let (port, _) = serve("127.0.0.1", |path| match path {
        "/picture" => ok(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
        "/inside" => {
            b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/\r\nContent-Length: 0\r\n\r\n"
                .to_vec()
        }
        _ => b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n".to_vec(),
    })
    .await;
    // Bound and let go: nobody listens there.
    let deaf = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let silence = deaf.local_addr().unwrap();
    drop(deaf);
    let pipeline = pipeline(sandbox());
    let desk = Desk::new().await;
    for (url, code) in [
        ("http://127.0.0.2/".to_owned(), FailureCode::FetchRefused),
        (
            format!("http://127.0.0.1:{port}/inside"),
            FailureCode::FetchRefused,
        ),
        (
            format!("http://127.0.0.1:{port}/missing"),
            FailureCode::FetchStatus,
        ),
        (
            format!("http://127.0.0.1:{port}/picture"),
            FailureCode::UnsupportedType,
        ),
        (format!("http://{silence}/"), FailureCode::FetchUnreachable),
    ] {
        let id = desk.url(&url).await;
        assert!(desk.step(&pipeline).await, "{url}");
        assert_eq!(desk.failure(id).await, code, "{url}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_url_is_fetched_read_and_kept() {
    const PAGE: &[u8] =
        b"<html><head><title>A report</title></head><body><p>The C2 server is evil-c2[.]com.</p><p>More: http://127.0.0.1/more</p></body></html>";
    let (port, _) = serve("127.0.0.1", |_| ok(PAGE)).await;
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &["--fetch-allow", "127.0.0.1/32"]);
    let url = format!("http://127.0.0.1:{port}/report.html");
    let id = server.submit_url(&url).await;
    let ended = server.ended(&id).await;
    assert_eq!(ended["status"], "completed", "{ended}");
    assert_eq!(ended["source_identifier"], url);
    assert_eq!(ended["title"], "A report");
    assert_eq!(ended["content_type"], "text/html");
    assert_eq!(ended["size_bytes"], PAGE.len());
    assert_eq!(ended["iocs"][0]["value"], "evil-c2.com");
    assert_eq!(ended["iocs"][0]["flags"], serde_json::json!([]));
    assert_eq!(ended["iocs"][1]["value"], "http://127.0.0.1/more");
    let lists: Vec<_> = ended["iocs"][1]["flags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|flag| &flag["list"])
        .collect();
    assert_eq!(lists, ["reserved-ranges", "own-site"], "{ended}");
}

#[tokio::test]
async fn an_idle_pool_is_woken_by_a_new_job_and_does_not_look_for_it() {
    let desk = Desk::new().await;
    let (shutdown, running) = desk.pool_that_waits();
    // It listens, and has looked in vain.
    let idle = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    while desk.database.number(idle).await == 0 {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    for number in 0..3 {
        let id = desk
            .file("a.txt", format!("evil-c{number}[.]com").as_bytes())
            .await;
        tokio::time::timeout(Duration::from_secs(60), async {
            while desk.submission(id).await.status != Status::Completed {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
    }
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn a_job_that_came_while_nobody_listened_is_found_once_somebody_does() {
    let desk = Desk::new().await;
    // Who has a connection keeps it, and nobody gets another: the store has enough for all but who listens.
    let store = &desk.database.store;
    let asked = futures_util::future::join_all((0..12).map(|_| store.ready())).await;
    assert!(asked.iter().all(Result::is_ok));
    let admin = Database::new().await;
    let name = desk.database.name();
    let connections = async |allowed: &str| {
        let sql = format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}");
        admin.execute(&sql).await;
    };
    connections("false").await;
    let heard = desk.file("a.txt", b"evil-c2[.]com").await;
    let (shutdown, running) = desk.pool_that_waits();
    let ended = async |id| {
        tokio::time::timeout(Duration::from_secs(30), async {
            while desk.submission(id).await.status != Status::Completed {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .unwrap();
    };
    // Read by a pool that then looks again, in vain: it has the time for that.
    ended(heard).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let unheard = desk.file("a.txt", b"evil-c3[.]com").await;
    connections("true").await;
    ended(unheard).await;
    shutdown.cancel();
    running.await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_tidies_up_behind_its_results() {
    let desk = Desk::new().await;
    let id = desk.file("a.txt", b"evil-c2[.]com").await;
    // So that nothing follows the tidying on its connection, and wipes out its trace.
    let (shutdown, running) = desk.pool_that_waits();
    let tidied = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%add_up_ioc_totals%' AND pid <> pg_backend_pid()";
    tokio::time::timeout(Duration::from_secs(60), async {
        while desk.database.number(tidied).await == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .unwrap();
    assert_eq!(desk.submission(id).await.status, Status::Completed);
    shutdown.cancel();
    running.await.unwrap();
}
