//! The accept loop. `axum::serve` would leave the header deadline without a clock, and has no cap
//! on connections.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderValue, header};
use axum::middleware::{self, Next};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::Edge;

/// Connections at a time; more wait in the system's backlog.
const CONNECTIONS: usize = 4_096;
/// How long the head of a request may take, and a connection may idle.
const HEADERS: Duration = Duration::from_secs(75);
/// How long an answer may find no reader before its connection is closed.
const WRITE: Duration = Duration::from_secs(30);
/// Header fields of one request.
const MAX_HEADERS: usize = 64;
/// After the drain: how long requests that are being answered may still take; longer than
/// [`LAST_WAIT`](super::ask::LAST_WAIT), so that every caller is told something.
const LAST: Duration = Duration::from_secs(15);

/// Serves until `stop`, then drains: for the drain time every answer says `Connection: close`, and
/// then what is still open is closed as soon as it has its answer.
pub(crate) async fn serve(listener: TcpListener, edge: Arc<Edge>, stop: &CancellationToken) {
    let (connections, closing) = (TaskTracker::new(), CancellationToken::new());
    let drain = edge.config.drain;
    let room = Arc::new(Semaphore::new(CONNECTIONS));
    let close = stop.clone();
    let say_close = move |request, next: Next| {
        let close = close.clone();
        async move {
            let mut response = next.run(request).await;
            if close.is_cancelled() {
                let value = HeaderValue::from_static("close");
                response.headers_mut().insert(header::CONNECTION, value);
            }
            response
        }
    };
    let service = super::router(edge).layer(middleware::from_fn(say_close));
    let accepting = async {
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            let stream = accept(&listener).await;
            let service = TowerToHyperService::new(service.clone());
            connections.spawn(connection(stream, service, closing.clone(), permit));
        }
    };
    connections.close();
    let drained = async {
        stop.cancelled().await;
        tracing::info!(open = connections.len(), "draining connections");
        tokio::time::sleep(drain).await; // a proxy may not know yet that we stop
    };
    tokio::select! {
        () = accepting => {}
        () = drained => {}
    }
    drop(listener); // so that whoever comes now is refused, and knows that nothing was taken
    closing.cancel();
    if tokio::time::timeout(LAST, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "gave up on connections that would not end");
    }
}

/// The next connection. An error of `accept` is of that connection, or of our file descriptors:
/// both pass.
async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let _ = stream.set_nodelay(true); // only latency depends on it
                return stream;
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn connection(
    stream: TcpStream,
    service: TowerToHyperService<axum::Router>,
    closing: CancellationToken,
    _permit: OwnedSemaphorePermit,
) {
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEADERS).max_headers(MAX_HEADERS);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE));
    let stream = TokioIo::new(Box::pin(stream));
    let mut serving = pin!(http.serve_connection(stream, service));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = closing.cancelled() => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended badly");
    }
}
