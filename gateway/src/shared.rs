//! What every handler needs.

use std::sync::Arc;

use axum::extract::State;
use bus::{Dropped, Health};
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::correlator::Correlator;
use crate::feed::Feed;

/// What every handler needs.
pub(crate) struct Shared {
    pub(crate) correlator: Arc<Correlator>,
    pub(crate) feed: Arc<Feed>,
    pub(crate) store: Store,
    pub(crate) config: Config,
    pub(crate) health: Health,
    pub(crate) dropped: Dropped,
    pub(crate) stop: CancellationToken,
}

/// How a handler takes it.
pub(crate) type Here = State<Arc<Shared>>;
