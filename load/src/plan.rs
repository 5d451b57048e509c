//! What a load does, and when it ends.

use std::time::Duration;

use super::endpoint::Endpoint;

/// When a load ends. Requests on their way are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stop {
    /// After this time, which begins when the warm-up ends.
    After(Duration),
    /// After this many requests.
    Requests(u64),
    /// When [`Running::stop`](super::Running::stop) is called.
    Told,
}

/// A load to be put on a gateway.
#[derive(Clone)]
pub struct Load {
    /// Where to send it.
    pub endpoint: Endpoint,
    /// The number of connections; each has one request at a time.
    pub connections: usize,
    /// Requests per second of an open loop; `None` for a closed loop.
    pub rate: Option<u32>,
    /// Time before latencies are recorded; replies are counted from the start.
    pub warm_up: Duration,
    /// Whether to keep the id of every mission.
    pub keep_ids: bool,
    /// Whether to keep every reply's status and body.
    pub keep_bodies: bool,
    /// How long a connection waits after a reply that was not wanted.
    pub pause: Duration,
}

impl Load {
    /// A closed loop without a warm-up and without pauses, which keeps ids and no bodies.
    pub fn new(endpoint: impl Into<Endpoint>, connections: usize) -> Self {
        let (warm_up, pause) = (Duration::ZERO, Duration::ZERO);
        let (endpoint, rate) = (endpoint.into(), None);
        Self { endpoint, connections, rate, warm_up, keep_ids: true, keep_bodies: false, pause }
    }
}
