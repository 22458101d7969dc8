//! A network between the server and Postgres that is slow, cuts connections, and swallows what it is given.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, UnixStream};

use super::document;
use crate::process::Server;
use crate::support::Database;

const SOUND: u8 = 0;
const SLOW: u8 = 1;
/// Cuts the connection once a COMMIT has gone to the server, before its answer comes back.
const CUTS_COMMITS: u8 = 2;
/// Takes everything and passes nothing on.
const SWALLOWS: u8 = 3;

/// Delay of every message of a slow network.
const LATENCY: Duration = Duration::from_millis(100);

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
    while let Ok(length @ 1..) = from.read(&mut buffer).await {
        let bytes = &buffer[..length];
        match mode.load(Ordering::SeqCst) {
            SLOW => tokio::time::sleep(LATENCY).await,
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
        "10",
        "--database-url",
        &through,
    ];
    let server = Server::start(dir.path(), &flags);

    proxy.set(SLOW);
    let slow = server.submit(&document(0)).await;

    proxy.set(CUTS_COMMITS);
    let (status, _) = server.try_create(&document(1)).await.unwrap();
    assert_eq!(status, 503, "nobody knows whether it was stored");
    proxy.set(SOUND);
    let (status, body) = server.try_create(&document(1)).await.unwrap();
    assert!(matches!(status, 200 | 201), "{body}");

    proxy.set(SWALLOWS);
    let (status, _) = server.try_create(&document(2)).await.unwrap();
    assert!(matches!(status, 503 | 504), "{status}");
    assert_eq!(server.look("/healthz").await.0, 200);
    proxy.set(SOUND);

    // The connections that were lost are replaced: more requests at once than there are connections.
    let (status, _) = server.try_create(&document(2)).await.unwrap();
    assert!(matches!(status, 200 | 201), "{status}");
    for _ in 0..40 {
        assert_eq!(
            server.look(&format!("/api/submissions/{slow}")).await.0,
            200
        );
    }
    assert_eq!(database.number("SELECT count(*) FROM submissions").await, 3);
    assert_eq!(database.number("SELECT count(*) FROM jobs").await, 3);
}
