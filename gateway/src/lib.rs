//! HTTP in, correlated reply out.
//!
//! The `correlator` admits each caller and matches replies to callers. The `session` publishes
//! requests in batches that its own confirms pace, and passes each reply to the correlator.
//! `connections` accepts and limits connections. Every request passes `edge`. `missions`, `feed`,
//! `pages` and `operations` answer the addresses, and `routes` lists them.

mod connections;
mod correlator;
mod edge;
mod feed;
mod limits;
mod missions;
mod operations;
mod pages;
mod representation;
mod routes;
mod session;
mod shared;

use std::sync::Arc;
use std::time::Duration;

use bus::{Broker, Dropped, Health};
use store::Store;
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

pub use correlator::Correlator;
pub use edge::{Origins, Proxies, Rate};
use feed::Feed;
pub use limits::Limits;

/// How a gateway behaves.
#[derive(Debug, Clone)]
pub struct Config {
    /// The most missions of several callers that go into one message: 1..=256. A single caller's
    /// list always travels whole.
    pub batch: usize,
    /// How long a caller is kept waiting for its missions before it is told where they will be.
    pub wait: Duration,
    /// After a stop: how long open connections are still served, each answer with
    /// `Connection: close`, so that a proxy that reuses one is not cut off.
    pub drain: Duration,
    /// How long a stream of events lasts; its client comes back then.
    pub stream: Duration,
    /// Tells the time, for addresses of accepted requests.
    pub clock: fn() -> OffsetDateTime,
    /// Makes the ids of requests: UUIDv7.
    pub new_id: fn() -> Uuid,
    /// What the edge allows, and to whom.
    pub limits: Limits,
}

/// Runs a gateway on this listener until `stop`, then until its callers have their answers.
pub async fn run(
    listener: TcpListener,
    broker: &Broker,
    store: Store,
    config: Config,
    health: &Health,
    stop: &CancellationToken,
) {
    let correlator = Arc::new(Correlator::new(config.batch));
    let closed = CancellationToken::new();
    let dropped = Dropped::new("gateway");
    let publishing = session::run(broker, &correlator, health, &config, &dropped, &closed);
    let feed = Arc::new(Feed::new(store.clone(), config.clock));
    let feeding = feed.run(broker, stop);
    let serving = async {
        let (correlator, health, dropped) =
            (Arc::clone(&correlator), health.clone(), dropped.clone());
        let feed = Arc::clone(&feed);
        let (config, stopping) = (config.clone(), stop.clone());
        let shared =
            shared::Shared { correlator, feed, store, config, health, dropped, stop: stopping };
        connections::serve(listener, Arc::new(shared), stop).await;
        closed.cancel();
    };
    tokio::join!(publishing, serving, feeding);
}
