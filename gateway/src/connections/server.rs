//! The accept loop. `axum::serve` would leave the header deadline without a clock, and has no cap
//! on connections.

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use futures_util::FutureExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::Service;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::{TcpListener, TcpStream};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::deadlines::{Answered, Answering, Deadlines};
use super::descriptors;
use super::refusals::{MAX_HEAD, MAX_HEADERS, Refusals};
use super::slots::{Slot, Slots};
use crate::config::Config;
use crate::edge::client::Peer;
use crate::edge::serve::{Compressed, Edge};
use crate::shutdown::LAST;

/// How long a write of a response may wait for the client before the connection is closed.
const WRITE: Duration = Duration::from_secs(30);
/// The most connections that are accepted at the end. Usually no more than these wait in the backlog
/// of the system. Without a bound, connections that come meanwhile could go on for ever.
const WAITING: usize = 4_096;
/// At the end: how long a new connection may take to send its first request.
const FIRST: Duration = Duration::from_secs(1);

/// Serves until `stop`, then drains: during the drain time every response says `Connection: close`.
/// After it, each connection is closed as soon as its response is sent.
pub(crate) async fn serve(
    listener: TcpListener,
    edge: Arc<Edge>,
    config: &Config,
    stop: &CancellationToken,
) {
    let (connections, closing) = (TaskTracker::new(), CancellationToken::new());
    let limits = &config.limits;
    let most = descriptors::connections(limits.connections);
    limits.tell(most);
    let slots = Slots::new(most, limits.proxies.clone());
    let admit = |free, (stream, peer)| match slots.take(free, peer) {
        Some(slot) => {
            let edge = Arc::clone(&edge);
            connections.spawn(connection(stream, peer, edge, closing.clone(), slot));
        }
        None => {
            tracing::debug!(%peer, "this client has its share of the connections: one more was closed")
        }
    };
    let accepting = async {
        while let Some(free) = slots.free().await {
            admit(free, accept(&listener).await);
        }
    };
    connections.close();
    let drained = async {
        stop.cancelled().await;
        tracing::info!(open = connections.len(), "draining connections");
        tokio::time::sleep(config.drain).await; // a proxy may not know yet that we stop
    };
    tokio::select! {
        () = accepting => {}
        () = drained => {}
    }
    for waiting in last(listener) {
        let Some(Some(free)) = slots.free().now_or_never() else { break };
        admit(free, waiting);
    }
    // A client that connects now is refused, and knows that nothing was taken.
    closing.cancel();
    if tokio::time::timeout(LAST, connections.wait()).await.is_err() {
        tracing::warn!(open = connections.len(), "connections did not end in time: given up");
    }
}

/// Accepts the next connection. An error of `accept` concerns that connection only, or the file
/// descriptors: both pass.
async fn accept(listener: &TcpListener) -> (TcpStream, IpAddr) {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                let _ = stream.set_nodelay(true); // only latency depends on it
                return (stream, peer.ip());
            }
            Err(error) => {
                tracing::warn!(%error, "could not accept a connection");
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

/// The connections that wait in the backlog of the system. Closing the listener would reset them.
/// They are accepted from the system directly, because the runtime may not know of them yet.
fn last(listener: TcpListener) -> impl Iterator<Item = (TcpStream, IpAddr)> {
    let listener = listener.into_std().ok();
    let accepted = std::iter::from_fn(move || match listener.as_ref()?.accept() {
        Ok((stream, peer)) => Some(ours(stream).map(|stream| (stream, peer.ip()))),
        Err(error) if error.kind() == ErrorKind::ConnectionAborted => Some(None), // the client has gone
        Err(_) => None, // none is left, or no descriptor is free
    });
    accepted.take(WAITING).flatten()
}

/// Hands an accepted connection to the runtime.
fn ours(stream: std::net::TcpStream) -> Option<TcpStream> {
    stream.set_nonblocking(true).ok()?;
    let stream = TcpStream::from_std(stream).ok()?;
    let _ = stream.set_nodelay(true); // only latency depends on it
    Some(stream)
}

async fn connection(
    stream: TcpStream,
    peer: IpAddr,
    edge: Arc<Edge>,
    closing: CancellationToken,
    _slot: Slot,
) {
    let mut http = http1::Builder::new();
    // The stream has the deadlines.
    http.header_read_timeout(None).max_headers(MAX_HEADERS).max_buf_size(MAX_HEAD);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(WRITE));
    let answering = Answering::new();
    let stream = Deadlines::new(Box::pin(stream), answering.clone());
    let stream = TokioIo::new(Refusals::new(stream, edge.new_id()));
    let first = CancellationToken::new();
    let service = Answerer { edge, peer, answering, first: first.clone() };
    let mut serving = pin!(http.serve_connection(stream, service));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = closed_at_last(&closing, &first) => {
            serving.as_mut().graceful_shutdown();
            serving.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%peer, %error, "a connection ended badly");
    }
}

/// Waits for `closing`, and then a moment longer for a first request that is on its way.
async fn closed_at_last(closing: &CancellationToken, first: &CancellationToken) {
    closing.cancelled().await;
    let _ = tokio::time::timeout(FIRST, first.cancelled()).await; // none may come
}

/// Answers the requests of one connection.
struct Answerer {
    edge: Arc<Edge>,
    peer: IpAddr,
    answering: Answering,
    /// Cancelled when the first request has come.
    first: CancellationToken,
}

impl Service<Request<Incoming>> for Answerer {
    type Response = Response<Answered<Compressed>>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, mut request: Request<Incoming>) -> Self::Future {
        let answer = self.answering.begin();
        self.first.cancel();
        request.extensions_mut().insert(Peer(self.peer));
        let edge = Arc::clone(&self.edge);
        let request = request.map(Body::new);
        Box::pin(async move { Ok(edge.serve(request).await.map(|body| Answered { body, answer })) })
    }
}
