//! Streams of server-sent events: what all of them have in common. Each has a bounded number of
//! listeners, a place for each client, a time after which it ends, and a comment now and then that
//! shows that it is alive.

use std::convert::Infallible;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::stream;
use schemas::{Problem, ProblemKind};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::representation::Refusal;
use crate::shares::Shares;

/// The most listeners of one stream.
const LISTENERS: usize = 256;
/// After how many milliseconds a client comes back when its stream has ended.
pub(crate) const RETRY: &str = "retry: 1000\n";
/// A comment, so that proxies and clients see that the stream is alive.
pub(crate) const ALIVE: Bytes = Bytes::from_static(b": still here\n\n");
/// How often it is sent when there is nothing else to send.
const OFTEN: Duration = Duration::from_secs(15);

/// The places for the listeners of one stream.
pub(crate) fn places() -> Shares {
    Shares::new(LISTENERS)
}

/// Who counts the listeners of a stream.
pub(crate) trait Counts {
    /// Counts one more listener of this client. Returns whether there is room for it.
    fn join(&self, client: Option<IpAddr>) -> bool;

    /// Counts one listener less.
    fn leave(&self, client: Option<IpAddr>);
}

/// A place among the listeners. It is given back when it is dropped.
pub(crate) struct Place<C: Counts> {
    of: Arc<C>,
    client: Option<IpAddr>,
}

impl<C: Counts> Place<C> {
    /// Takes a place for this client; `None` if too many listen.
    pub(crate) fn take(of: &Arc<C>, client: Option<IpAddr>) -> Option<Self> {
        of.join(client).then(|| Self { of: Arc::clone(of), client })
    }

    /// What it is a place of.
    pub(crate) fn of(&self) -> &Arc<C> {
        &self.of
    }
}

impl<C: Counts> Drop for Place<C> {
    fn drop(&mut self) {
        self.of.leave(self.client);
    }
}

/// One listener.
pub(crate) trait Listener: Send + 'static {
    /// What it is told next; `None` ends its stream. Cancel safe.
    fn next(&mut self) -> impl Future<Output = Option<Bytes>> + Send;
}

/// A response that tells this listener everything until the stop, for `lasting` at most.
pub(crate) fn response(
    listener: impl Listener,
    lasting: Duration,
    stop: &CancellationToken,
) -> Response {
    let until = Instant::now() + lasting;
    let events = stream::unfold((listener, stop.clone()), move |(mut listener, stop)| async move {
        let event = tokio::select! {
            biased; // else a listener with much to read would outlive its time
            () = stop.cancelled() => None,
            () = sleep_until(until) => None,
            event = listener.next() => event,
            () = sleep(OFTEN) => Some(ALIVE),
        };
        Some((Ok::<_, Infallible>(event?), (listener, stop)))
    });
    with_headers(Body::from_stream(events))
}

/// A stream that ends at once: a browser comes back after the end of a stream, but not after an
/// error response.
pub(crate) fn ended() -> Response {
    with_headers(Body::from(format!("{RETRY}\n")))
}

/// What `HEAD` is answered.
pub(crate) fn head() -> Response {
    with_headers(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()))
}

/// Too many listen. `instead` is what else the client can do.
pub(crate) fn full(instead: &str) -> Refusal {
    let detail = format!("too many listen, in all or from this client; {instead}");
    Problem::new(ProblemKind::Unavailable, detail).into()
}

fn with_headers(body: Body) -> Response {
    let headers = [
        (header::CONTENT_TYPE.as_str(), "text/event-stream"),
        (header::CACHE_CONTROL.as_str(), "no-store"),
        ("x-accel-buffering", "no"), // else nginx would collect the events
    ];
    (headers, body).into_response()
}
