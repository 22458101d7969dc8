//! The accept loop: HTTP/1.1 only, every wait bounded, every task joined.
//!
//! A connection that sends nothing must not live for ever: hyper's time-out for the request head only
//! runs with a timer and a fixed protocol version, hence no automatic version detection here.

use std::convert::Infallible;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt;

use super::peer::Peer;
use super::settings::Connections;
use super::stall::Impatient;

/// Headers of one request.
const MAX_HEADERS: usize = 64;
/// Bytes of one request head.
const MAX_HEAD_BYTES: usize = 16 << 10;
/// Rest after the system refused a connection (no descriptors left): an accept loop must not spin.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// Serves `router` until `shutdown` resolves; then accepts nothing more, lets requests in flight
/// finish for `limits.drain`, and cuts the rest off. No task outlives the call.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    shutdown: impl Future<Output = ()>,
    limits: &Connections,
) {
    let permits = Arc::new(Semaphore::new(limits.at_once));
    let closing = CancellationToken::new();
    let mut connections = JoinSet::new();
    tokio::pin!(shutdown);
    {
        // One for many rounds: a connection that ends must not cut its rest short.
        let accepted = accept(&listener, &permits);
        tokio::pin!(accepted);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                Some(_) = connections.join_next() => {}
                (stream, address, permit) = &mut accepted => {
                    accepted.set(accept(&listener, &permits));
                    let closing = closing.clone();
                    connections.spawn(converse(stream, address, router.clone(), limits.clone(), closing, permit));
                }
            }
        }
    }
    drop(listener);
    closing.cancel();
    let drained = async { while connections.join_next().await.is_some() {} };
    if tokio::time::timeout(limits.drain, drained).await.is_err() {
        tracing::warn!(
            connections = connections.len(),
            "requests cut off at the drain limit"
        );
        connections.shutdown().await;
    }
}

/// The next connection, once there is room for it.
async fn accept(
    listener: &TcpListener,
    permits: &Arc<Semaphore>,
) -> (TcpStream, SocketAddr, OwnedSemaphorePermit) {
    loop {
        let Ok(permit) = Arc::clone(permits).acquire_owned().await else {
            // The semaphore is never closed; if it were, there would be no room for ever.
            std::future::pending::<()>().await;
            continue;
        };
        match listener.accept().await {
            Ok((stream, address)) => return (stream, address, permit),
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// One connection from its first byte to its last.
async fn converse(
    stream: TcpStream,
    address: SocketAddr,
    router: Router,
    limits: Connections,
    closing: CancellationToken,
    permit: OwnedSemaphorePermit,
) {
    let _permit = permit;
    // Small answers shall not wait for the peer's acknowledgement; without it they are only slower.
    let _ = stream.set_nodelay(true);
    let is_cut = Arc::new(AtomicBool::new(false));
    let service =
        service_fn(|request: hyper::Request<Incoming>| answer(router.clone(), address, request));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.header_timeout)
        .max_headers(MAX_HEADERS)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(
            TokioIo::new(Impatient::new(
                stream,
                limits.write_timeout,
                Arc::clone(&is_cut),
            )),
            service,
        );
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        // The body of an answer failed on its way.
        if error.is_user() {
            is_cut.store(true, Ordering::Relaxed);
        }
        tracing::debug!(%address, %error, "connection ended early");
    }
}

async fn answer(
    router: Router,
    address: SocketAddr,
    request: hyper::Request<Incoming>,
) -> Result<Response, Infallible> {
    let mut request = request.map(Body::new);
    request.extensions_mut().insert(Peer(address));
    router.oneshot(request).await
}
