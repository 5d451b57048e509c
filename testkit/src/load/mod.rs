//! A load generator: keep-alive HTTP/1.1 connections that send `POST /missions` as fast as replies come.
//!
//! It costs little per request, so that on a small machine the gateway is measured and not the load.

mod connection;
mod endpoint;
mod reply;
mod report;
mod running;

pub use endpoint::Endpoint;
pub use report::{Failure, Report};
pub use running::Running;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use connection::Shared;

/// When a load ends. Requests on their way are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// After this time, which begins when the warm-up ends.
    After(Duration),
    /// After this many requests.
    Requests(u64),
    /// When [`Running::stop`] is called.
    Told,
}

/// A load to be put on a gateway.
#[derive(Clone)]
pub struct Load {
    /// Where to send it.
    pub endpoint: Endpoint,
    /// The number of connections; each has one request at a time.
    pub connections: usize,
    /// Time before latencies are recorded; replies are counted from the start.
    pub warm_up: Duration,
    /// Whether to keep every reply's status and body.
    pub keep_bodies: bool,
    /// How long a connection waits after a reply other than 201.
    pub pause: Duration,
}

/// Puts a load on the gateway at `endpoint`, without a warm-up, keeping the bodies.
pub async fn run(endpoint: impl Into<Endpoint>, connections: usize, until: Stop) -> Report {
    Load { keep_bodies: true, ..Load::new(endpoint, connections) }.start(until).finish().await
}

impl Load {
    /// A load without a warm-up and without pauses, which keeps no bodies.
    pub fn new(endpoint: impl Into<Endpoint>, connections: usize) -> Self {
        let (warm_up, pause) = (Duration::ZERO, Duration::ZERO);
        Self { endpoint: endpoint.into(), connections, warm_up, keep_bodies: false, pause }
    }

    /// Starts it in the background.
    pub fn start(self, until: Stop) -> Running {
        let (start, begin) = (Instant::now(), Instant::now() + self.warm_up);
        let (end, requests) = match until {
            Stop::After(time) => (Some(begin + time), u64::MAX),
            Stop::Requests(requests) => (None, requests),
            Stop::Told => (None, u64::MAX),
        };
        let (left, answered) = (AtomicU64::new(requests), AtomicU64::new(0));
        let shared = Arc::new(Shared { load: self, start, begin, end, left, answered });
        let mut connections = JoinSet::new();
        for _ in 0..shared.load.connections {
            connections.spawn(connection::ask(Arc::clone(&shared)));
        }
        Running { shared, connections }
    }
}
