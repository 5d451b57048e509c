//! A load generator: keep-alive HTTP/1.1 connections that send `POST /missions` as fast as replies come.
//!
//! It costs little per request, so that on a small machine the gateway is measured and not the load.

mod connection;
mod reply;
mod report;

pub use report::Report;

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use tokio::task::JoinSet;
use tokio::time::Instant;

use connection::Shared;

/// When a load ends. Requests on their way are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// After this time, begun when the warm-up ends.
    After(Duration),
    /// After this many requests.
    Requests(u64),
}

/// A load to be put on a gateway.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Where the gateway listens.
    pub addr: SocketAddr,
    /// How many connections ask at once.
    pub connections: usize,
    /// Time before latencies are recorded; its replies are counted all the same.
    pub warm_up: Duration,
    /// Whether to keep every reply's status and body.
    pub keep_bodies: bool,
}

/// Puts a load on the gateway at `addr`, without a warm-up, keeping the bodies.
pub async fn run(addr: SocketAddr, connections: usize, until: Stop) -> Report {
    Load { addr, connections, warm_up: Duration::ZERO, keep_bodies: true }.run(until).await
}

impl Load {
    /// Runs it to its end.
    pub async fn run(self, until: Stop) -> Report {
        let begin = Instant::now() + self.warm_up;
        let (end, requests) = match until {
            Stop::After(time) => (Some(begin + time), u64::MAX),
            Stop::Requests(requests) => (None, requests),
        };
        let shared = Arc::new(Shared { load: self, begin, end, left: AtomicU64::new(requests) });
        let mut connections = JoinSet::new();
        for _ in 0..self.connections {
            connections.spawn(connection::ask(Arc::clone(&shared)));
        }
        let mut report = Report::default();
        while let Some(part) = connections.join_next().await {
            report.add(part.unwrap_or_default());
        }
        let ended = end.unwrap_or_else(Instant::now);
        report.finish(ended.saturating_duration_since(begin));
        report
    }
}
