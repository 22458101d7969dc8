//! A network between the server and Postgres that is slow, cuts connections, and swallows what it is given.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};
use tokio::task::JoinSet;

use super::{document, size};
use crate::process::Server;
use crate::support::{Database, until};

const SOUND: u8 = 0;
const SLOW: u8 = 1;
/// Cuts the connection once a COMMIT has gone to the server, before its answer comes back.
const CUTS_COMMITS: u8 = 2;
/// Takes everything and passes nothing on.
const SWALLOWS: u8 = 3;
/// Does so on the connection that is asked next, and on no other.
const SWALLOWS_ONE: u8 = 4;

/// Seconds after which a request is given up.
const TIMEOUT: u64 = 10;

/// Delay of every answer on a slow network.
fn latency() -> Duration {
    Duration::from_millis(size(500, 100) as u64)
}

/// A proxy before the socket of Postgres.
struct Proxy {
    port: u16,
    mode: Arc<AtomicU8>,
}

impl Proxy {
    async fn start(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let mode = Arc::new(AtomicU8::new(SOUND));
        let shared = Arc::clone(&mode);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                let mode = Arc::clone(&shared);
                tokio::spawn(async move {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    // Either end of the connection ends both.
                    tokio::select! {
                        () = pass(from_client, to_server, &mode, true) => {}
                        () = pass(from_server, to_client, &mode, false) => {}
                    }
                });
            }
        });
        Self { port, mode }
    }

    fn set(&self, mode: u8) {
        self.mode.store(mode, Ordering::SeqCst);
    }
}

async fn pass(
    mut from: impl AsyncReadExt + Unpin,
    mut to: impl AsyncWriteExt + Unpin,
    mode: &AtomicU8,
    outward: bool,
) {
    let mut buffer = vec![0; 64 << 10];
    let mut is_silent = false;
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        let order = Ordering::SeqCst;
        is_silent |= outward
            && mode
                .compare_exchange(SWALLOWS_ONE, SOUND, order, order)
                .is_ok();
        if is_silent {
            continue;
        }
        match mode.load(Ordering::SeqCst) {
            SLOW if !outward => tokio::time::sleep(latency()).await,
            SWALLOWS => continue,
            CUTS_COMMITS if outward && bytes.windows(6).any(|word| word == b"COMMIT") => {
                // From here on no answer comes through, on this connection or another.
                mode.store(SWALLOWS, Ordering::SeqCst);
                let _ = to.write_all(bytes).await;
                // Nobody outside can know whether the server has committed by then.
                tokio::time::sleep(Duration::from_millis(50)).await;
                return;
            }
            _ => {}
        }
        if to.write_all(bytes).await.is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bad_network_to_postgres_loses_and_doubles_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let database = Database::new().await;
    let url = url::Url::parse(&database.url).unwrap();
    let socket = url
        .query_pairs()
        .find(|(name, _)| name == "host")
        .unwrap()
        .1;
    let proxy = Proxy::start(PathBuf::from(&*socket).join(".s.PGSQL.5432")).await;
    let through = format!(
        "postgres://iocsift@127.0.0.1:{}{}?sslmode=disable",
        proxy.port,
        url.path()
    );
    let flags = [
        "--workers",
        "0",
        "--request-timeout",
        &TIMEOUT.to_string(),
        "--database-url",
        &through,
    ];
    let server = Arc::new(Server::start(dir.path(), &flags));

    proxy.set(SLOW);
    let slow = server.submit(&document(0)).await;

    proxy.set(CUTS_COMMITS);
    let (status, _) = server.try_create_as("cut", &document(1)).await.unwrap();
    assert_eq!(status, 503, "nobody knows whether it was stored");
    proxy.set(SOUND);
    // Whether it was or not, the answer is that of the first time.
    let (status, body) = server.try_create_as("cut", &document(1)).await.unwrap();
    assert_eq!((status, &body["duplicate"]), (201, &false.into()), "{body}");
    let (_, again) = server.try_create_as("cut", &document(1)).await.unwrap();
    assert_eq!(again["id"], body["id"]);

    // Requests of all kinds are under way when everything is swallowed.
    let (asked, mut under_way) = (size(20, 0), JoinSet::new());
    for number in 0..asked {
        let server = Arc::clone(&server);
        let name = format!("lost-{number}");
        under_way.spawn(async move { server.try_create_as(&name, &document(10 + number)).await });
    }
    tokio::time::sleep(Duration::from_millis(20)).await;
    proxy.set(SWALLOWS);
    let began = Instant::now();
    loop {
        assert_eq!(server.look("/readyz").await, (503, true));
        assert_eq!(server.look("/healthz").await.0, 200);
        let asked = Instant::now();
        let (status, _) = server.try_create_as("hole", &document(2)).await.unwrap();
        assert!(matches!(status, 503 | 504), "{status}");
        assert_eq!(server.look("/api/submissions").await.0, 503);
        if size(1, 0) == 1 {
            assert!(asked.elapsed().as_secs() <= 2 * TIMEOUT, "{asked:?}");
        }
        if began.elapsed() >= Duration::from_secs(size(30, 0) as u64) {
            break;
        }
    }
    proxy.set(SOUND);
    while let Some(answer) = under_way.join_next().await {
        let (status, body) = answer.unwrap().unwrap();
        assert!(matches!(status, 201 | 503 | 504), "{body}");
    }

    // Connections that nothing came out of are given up within the time that a statement may take.
    until(async || server.look("/readyz").await.0 == 200).await;
    // Handed in again under their names, and under none twice.
    let mut names: Vec<(String, usize)> = (0..asked)
        .map(|number| (format!("lost-{number}"), 10 + number))
        .collect();
    names.push(("hole".to_owned(), 2));
    for (name, number) in names {
        let (status, body) = server
            .try_create_as(&name, &document(number))
            .await
            .unwrap();
        assert_eq!(status, 201, "{body}");
    }
    // The connections that were lost are replaced: more requests at once than there are connections.
    let path = format!("/api/submissions/{slow}");
    let readers = (0..40).map(|_| server.look(&path));
    for answer in futures_util::future::join_all(readers).await {
        assert_eq!(answer.0, 200);
    }
    // One that has fallen silent holds up nobody for long, though all ask what the database shows.
    proxy.set(SWALLOWS_ONE);
    let began = Instant::now();
    let readers = (0..40).map(|_| server.look(&path));
    for answer in futures_util::future::join_all(readers).await {
        assert_eq!(answer.0, 200);
    }
    if size(1, 0) == 1 {
        assert!(began.elapsed().as_secs() < TIMEOUT / 2, "{began:?}");
    }
    let stored = i64::try_from(3 + asked).unwrap();
    for table in ["submissions", "jobs", "idempotency_keys"] {
        let counted = database
            .number(&format!("SELECT count(*) FROM {table}"))
            .await;
        // The first one came without a name.
        assert_eq!(
            counted,
            stored - i64::from(table == "idempotency_keys"),
            "{table}"
        );
    }
}
