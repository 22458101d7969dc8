//! The accept loop over real sockets: silence, floods of headers, and the end.

use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use iocsift::http::{Connections, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Long enough for a busy machine, far from any limit under test.
const PATIENCE: Duration = Duration::from_secs(20);

async fn start(
    router: Router,
    limits: Connections,
) -> (SocketAddr, CancellationToken, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let stopped = shutdown.clone().cancelled_owned();
    let served = tokio::spawn(async move { serve(listener, router, stopped, &limits).await });
    (address, shutdown, served)
}

async fn send(address: SocketAddr, bytes: &[u8]) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes).await.unwrap();
    stream
}

/// Everything until the server closes.
async fn rest(mut stream: TcpStream) -> String {
    let mut text = Vec::new();
    let read = stream.read_to_end(&mut text);
    tokio::time::timeout(PATIENCE, read)
        .await
        .expect("the server closes the connection")
        .unwrap();
    String::from_utf8(text).unwrap()
}

#[tokio::test]
async fn silent_and_half_sent_and_idle_connections_are_closed() {
    let limits = Connections {
        header_timeout: Duration::from_millis(100),
        ..Connections::default()
    };
    let router = Router::new().route("/", get(|| async { "hello" }));
    let (address, ..) = start(router, limits).await;
    assert_eq!(rest(send(address, b"").await).await, "");
    assert!(
        !rest(send(address, b"GET / HTTP/1.1\r\nHost").await)
            .await
            .contains("200")
    );
    let idle = rest(send(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await).await;
    assert!(idle.ends_with("hello"), "answered, then closed: {idle}");
}

#[tokio::test]
async fn a_flood_of_headers_is_refused() {
    let (address, ..) = start(Router::new(), Connections::default()).await;
    let many: String = (0..100).map(|n| format!("X-{n}: 1\r\n")).collect();
    let flood = format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n");
    assert!(
        rest(send(address, flood.as_bytes()).await)
            .await
            .starts_with("HTTP/1.1 431")
    );
}

#[tokio::test]
async fn requests_in_flight_finish_after_shutdown_began_and_no_new_ones_are_taken() {
    let (entered, released) = (
        &*Box::leak(Box::new(Notify::new())),
        &*Box::leak(Box::new(Notify::new())),
    );
    let slow = get(move || async move {
        entered.notify_one();
        released.notified().await;
        "finished"
    });
    let (address, shutdown, served) =
        start(Router::new().route("/", slow), Connections::default()).await;
    let stream = send(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let idle = send(address, b"").await;
    entered.notified().await;
    shutdown.cancel();
    assert_eq!(rest(idle).await, "", "an idle connection is closed at once");
    assert!(
        TcpStream::connect(address).await.is_err(),
        "nothing new is taken"
    );
    released.notify_one();
    let answer = rest(stream).await;
    assert!(
        answer.ends_with("finished") && answer.contains("connection: close"),
        "{answer}"
    );
    tokio::time::timeout(PATIENCE, served)
        .await
        .expect("the loop ends")
        .unwrap();
}

#[tokio::test]
async fn what_does_not_finish_is_cut_off_at_the_drain_limit() {
    let entered = &*Box::leak(Box::new(Notify::new()));
    let stuck = get(move || async move {
        entered.notify_one();
        std::future::pending::<&str>().await
    });
    let limits = Connections {
        drain: Duration::from_millis(50),
        ..Connections::default()
    };
    let (address, shutdown, served) = start(Router::new().route("/", stuck), limits).await;
    let stream = send(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    entered.notified().await;
    shutdown.cancel();
    tokio::time::timeout(PATIENCE, served)
        .await
        .expect("the loop ends")
        .unwrap();
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn a_client_that_takes_nothing_in_is_cut_off() {
    let dropped = CancellationToken::new();
    let guard = dropped.clone();
    // Without end: only the client's silence can end it.
    let flood = get(move || {
        let guard = guard.clone().drop_guard();
        async move {
            axum::body::Body::from_stream(futures_util::stream::repeat_with(move || {
                let _ = &guard;
                Ok::<_, std::convert::Infallible>("x".repeat(1 << 16))
            }))
        }
    });
    let limits = Connections {
        write_timeout: Duration::from_millis(100),
        ..Connections::default()
    };
    let (address, ..) = start(Router::new().route("/", flood), limits).await;
    let silent = send(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    tokio::time::timeout(PATIENCE, dropped.cancelled())
        .await
        .expect("the server gives the answer up");
    drop(silent);
}

#[tokio::test]
async fn connections_over_the_cap_wait_for_their_turn() {
    let limits = Connections {
        at_once: 1,
        ..Connections::default()
    };
    let router = Router::new().route("/", get(|| async { "hello" }));
    let (address, ..) = start(router, limits).await;
    let mut first = send(address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await;
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();
    let second = send(
        address,
        b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
    )
    .await;
    let mut waiting = second;
    let early = tokio::time::timeout(Duration::from_millis(50), waiting.read(&mut byte)).await;
    assert!(early.is_err(), "the second waits while the first is open");
    drop(first);
    assert!(rest(waiting).await.ends_with("hello"));
}
