//! HTTP in, correlated reply out.
//!
//! The `correlator` admits each caller and matches replies to callers. The `session` publishes
//! requests in batches that its own confirms pace, and passes each reply to the correlator.
//! `connections` accepts and limits connections. Every request passes `edge`. `missions`, `feed`,
//! `pages`, `operations` and `dead_letters` answer the addresses, and `routes` lists them.

#[cfg(test)]
mod allocations;
mod config;
mod connections;
mod correlator;
mod dead_letters;
pub mod decoders;
mod drills;
mod edge;
mod event_stream;
mod feed;
pub mod figures;
mod fresh;
mod inside;
mod limits;
mod missions;
mod operations;
mod overdue;
mod pages;
mod parameters;
mod publishing;
mod representation;
mod routes;
mod seal;
mod session;
mod shared;
mod shares;
mod shutdown;
mod stock;
mod summary;
mod timeline;

use std::sync::Arc;

use crate::dead_letters::runs::Runs;
use bus::{Broker, Dropped, Health, Running, together};
use store::Store;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

pub use config::Config;
pub use connections::descriptors::raise as raise_descriptors;
pub use correlator::Correlator;
use drills::Exercise;
pub use edge::client::Proxies;
pub use edge::cors::Origins;
pub use edge::rate::Rate;
use edge::serve::Edge;
use feed::Feed;
pub use inside::{Answer, Call};
pub use limits::Limits;
pub use operations::access::{OperatorToken, Operators};
use operations::observer::Observer;
pub use pages::about::COMMIT;
pub use pages::shown_rust;
use seal::Seal;
use shared::Shared;
pub use shutdown::{LAST, MAX_DRAIN};
use stock::Stock;
use timeline::Timelines;

/// Runs a gateway on this listener until `stop`, then until its callers have their answers.
pub async fn run(
    listener: TcpListener,
    broker: &Broker,
    store: Store,
    config: Config,
    health: &Health,
    stop: &CancellationToken,
) {
    pages::about::served_by(broker, &store, config.sends);
    let limits = config.clone();
    let serve = |edge| connections::serve(listener, edge, &limits, stop);
    run_with(broker, store, config, health, stop, serve).await;
}

/// Runs a gateway whose requests come from inside this process. It has no listener and no sockets.
pub async fn run_inside(
    calls: mpsc::Receiver<Call>,
    broker: &Broker,
    store: Store,
    config: Config,
    health: &Health,
    stop: &CancellationToken,
) {
    let serve = |edge| inside::serve(calls, edge, stop);
    run_with(broker, store, config, health, stop, serve).await;
}

/// Runs everything behind what accepts requests, and that.
async fn run_with<F: Future<Output = ()> + Send>(
    broker: &Broker,
    store: Store,
    config: Config,
    health: &Health,
    stop: &CancellationToken,
    serve: impl FnOnce(Arc<Edge>) -> F + Send,
) {
    let correlator = Arc::new(Correlator::new(config.batch, config.wait));
    let timelines = Arc::new(Timelines::default());
    let closed = CancellationToken::new();
    let dropped = Dropped::new("gateway");
    let publishing =
        session::run(broker, &correlator, &timelines, health, &config, &dropped, &closed);
    let kept = store.clone();
    let looking_after = overdue::run(&correlator, broker, &kept, &closed);
    let feed = Arc::new(Feed::new(store.clone(), config.clock));
    let exercise = Exercise::of(&config, &store);
    let seen_with = (Arc::clone(&correlator), health.clone(), store.clone());
    let observer = Arc::new(Observer::new(seen_with, exercise.clone(), config.clock));
    let observing = observer.run(broker, stop);
    let runs = Arc::new(Runs::new());
    let replaying = runs.run(broker, &kept, config.clock, stop);
    let exercising = drills::run(exercise.clone(), broker, stop);
    let feeding = feed.run(broker, stop);
    let serving = async {
        let (correlator, health, dropped) =
            (Arc::clone(&correlator), health.clone(), dropped.clone());
        let (feed, timelines) = (Arc::clone(&feed), Arc::clone(&timelines));
        let (observer, runs) = (Arc::clone(&observer), Arc::clone(&runs));
        let seal = Seal::new(&config.operators, &config.database);
        let shared = Shared {
            seal,
            correlator,
            timelines,
            feed,
            observer,
            runs,
            exercise: exercise.clone(),
            stock: Arc::new(Stock::new(store.clone())),
            store,
            config: config.clone(),
            health,
            dropped,
            stop: stop.clone(),
        };
        let edge = Edge::new(routes::router(Arc::new(shared)), &config, stop);
        serve(Arc::new(edge)).await;
        closed.cancel();
    };
    let running: [Running<'_>; 7] = [
        Box::pin(publishing),
        Box::pin(looking_after),
        Box::pin(serving),
        Box::pin(feeding),
        Box::pin(observing),
        Box::pin(replaying),
        Box::pin(exercising),
    ];
    together(running).await;
}
