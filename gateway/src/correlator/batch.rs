//! A batch: the requests of several callers in one message.

use schemas::Request;
use tokio::time::Instant;

use super::caller::Trace;

/// What is published next, and for which callers.
pub(crate) struct Batch {
    pub(crate) request: Request,
    /// In the order of their missions.
    pub(crate) callers: Vec<BatchEntry>,
    /// When it was taken out of the queue.
    pub(super) at: Instant,
}

/// A caller whose missions are in a batch.
pub(crate) struct BatchEntry {
    pub(super) caller_id: u64,
    /// The index of its first mission in the request.
    pub(crate) first: usize,
    /// When it was admitted.
    pub(crate) since: Instant,
    /// Its trace, if it has one.
    pub(crate) trace: Option<Trace>,
}
