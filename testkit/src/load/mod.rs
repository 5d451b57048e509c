//! A load generator: keep-alive HTTP/1.1 connections that send `POST /missions` as fast as replies come.
//!
//! It costs little per request, so that on a small machine the gateway is measured and not the load.

mod connection;
mod endpoint;
mod plan;
mod reply;
mod report;
mod running;

pub use endpoint::Endpoint;
pub use plan::{Load, Stop};
pub use report::{Failure, Report};
pub use running::Running;

use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use tokio::task::JoinSet;
use tokio::time::Instant;

use connection::Shared;

/// Puts a load on the gateway at `endpoint`, without a warm-up, keeping the bodies.
pub async fn run(endpoint: impl Into<Endpoint>, connections: usize, until: Stop) -> Report {
    Load { keep_bodies: true, ..Load::new(endpoint, connections) }.start(until).finish().await
}

impl Load {
    /// Starts it in the background.
    pub fn start(self, until: Stop) -> Running {
        let (start, begin) = (Instant::now(), Instant::now() + self.warm_up);
        let (end, requests) = match until {
            Stop::After(time) => (Some(begin + time), u64::MAX),
            Stop::Requests(requests) => (None, requests),
            Stop::Told => (None, u64::MAX),
        };
        let (left, answered) = (AtomicU64::new(requests), AtomicU64::new(0));
        let Self { endpoint, keep_bodies, pause, .. } = self;
        let shared = Shared { endpoint, keep_bodies, pause, start, begin, end, left, answered };
        let shared = Arc::new(shared);
        let mut connections = JoinSet::new();
        for _ in 0..self.connections {
            connections.spawn(connection::ask(Arc::clone(&shared)));
        }
        Running { shared, connections }
    }
}
