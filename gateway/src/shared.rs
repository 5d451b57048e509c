//! What every handler needs.

use std::sync::Arc;

use axum::extract::State;
use bus::{Dropped, Health};
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::correlator::Correlator;
use crate::dead_letters::runs::Runs;
use crate::drills::Exercise;
use crate::feed::Feed;
use crate::operations::observer::Observer;
use crate::seal::Seal;
use crate::stock::Stock;
use crate::timeline::Timelines;

/// What every handler needs.
pub(crate) struct Shared {
    pub(crate) correlator: Arc<Correlator>,
    pub(crate) timelines: Arc<Timelines>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) observer: Arc<Observer>,
    pub(crate) runs: Arc<Runs>,
    pub(crate) exercise: Option<Arc<Exercise>>,
    pub(crate) store: Store,
    pub(crate) stock: Arc<Stock>,
    pub(crate) config: Config,
    pub(crate) seal: Seal,
    pub(crate) health: Health,
    pub(crate) dropped: Dropped,
    pub(crate) stop: CancellationToken,
}

/// How a handler takes it.
pub(crate) type Here = State<Arc<Shared>>;

#[cfg(test)]
impl Shared {
    /// What handlers need in a test; there is no broker.
    pub(crate) fn for_tests(store: Store) -> Arc<Self> {
        let config = Config::for_tests();
        let (correlator, health) = (Arc::new(Correlator::new(1, config.wait)), Health::default());
        let seen_with = (Arc::clone(&correlator), health.clone(), store.clone());
        Arc::new(Self {
            observer: Arc::new(Observer::new(seen_with, None, config.clock)),
            correlator,
            exercise: None,
            timelines: Arc::default(),
            feed: Arc::new(Feed::new(store.clone(), config.clock)),
            runs: Arc::new(Runs::new()),
            stock: Arc::new(Stock::new(store.clone())),
            store,
            seal: Seal::new(&config.operators, &config.database),
            config,
            health,
            dropped: Dropped::new("gateway"),
            stop: CancellationToken::new(),
        })
    }
}
