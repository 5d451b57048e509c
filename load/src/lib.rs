//! A load generator: keep-alive HTTP/1.1 connections that send `POST /missions`, or read.
//!
//! In a closed loop each connection sends its next request when it has the reply to the last. In an
//! open loop requests are due at fixed times. It costs little per request, so that on a small machine
//! the gateway is measured and not the load.

mod connection;
mod endpoint;
mod latencies;
mod open;
mod pace;
mod plan;
mod reply;
mod report;
mod running;
mod shared;
pub mod table;
mod tls;

pub use endpoint::Endpoint;
pub use latencies::Latencies;
pub use plan::{Load, Stop};
pub use report::{Failure, Report, Wanted};
pub use running::{Running, start};

/// Puts a load on the gateway at `endpoint`, without a warm-up, keeping the bodies.
pub async fn run(endpoint: impl Into<Endpoint>, connections: usize, until: Stop) -> Report {
    start(Load { keep_bodies: true, ..Load::new(endpoint, connections) }, until).finish().await
}
