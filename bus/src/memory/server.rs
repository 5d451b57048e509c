//! What a simulated broker has besides queues: whether it is there, whether it blocks, who is connected.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::Notify;

use super::plan::Plan;
use crate::Fault;

/// A connection, as the broker knows it.
pub(super) trait Connected: Send + Sync {
    /// Whether it is lost.
    fn is_lost(&self) -> bool;
    /// Whether it is one of this process.
    fn is_of(&self, process: &str) -> bool;
    /// Loses it: what was delivered on it is delivered again.
    fn lose(&self);
    /// Its consumers.
    fn consumers(&self) -> Vec<Arc<dyn Consuming>>;
}

/// A consumer, as the broker knows it.
pub(super) trait Consuming: Send + Sync {
    /// Whether it is one of this queue.
    fn is_of(&self, queue: &str) -> bool;
    /// How much was delivered and is not settled.
    fn unsettled_count(&self) -> usize;
    /// The broker ends it.
    fn end(&self);
    /// Its connection is lost: what is unsettled is delivered again.
    fn lose(&self);
}

/// What a broker has besides queues, if it is simulated.
pub(super) struct Server {
    pub(super) plan: Arc<dyn Plan>,
    pub(super) blocked: AtomicBool,
    /// Wakes in the order of their waiting; a watch would do it at random.
    pub(super) unblocked: Notify,
    pub(super) away: AtomicBool,
    /// Counts the starts: a message that is on its way at the end of one is lost.
    pub(super) starts: AtomicU64,
    connections: Mutex<Vec<Weak<dyn Connected>>>,
}

impl Server {
    pub(super) fn new(plan: Arc<dyn Plan>) -> Self {
        let (blocked, away) = (AtomicBool::new(false), AtomicBool::new(false));
        let (unblocked, starts, connections) = (Notify::new(), AtomicU64::new(0), Mutex::default());
        Self { plan, blocked, unblocked, away, starts, connections }
    }

    fn connections(&self) -> MutexGuard<'_, Vec<Weak<dyn Connected>>> {
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn add(&self, connection: Weak<dyn Connected>) -> Result<(), Fault> {
        if self.away.load(Relaxed) {
            let reason = "the broker is away".to_owned();
            return Err(Fault::Broker { step: "connect", reason });
        }
        let mut connections = self.connections();
        connections.retain(|connection| connection.strong_count() > 0);
        connections.push(connection);
        Ok(())
    }

    pub(super) fn is_blocked(&self) -> bool {
        self.blocked.load(Relaxed)
    }

    /// Waits through an alarm.
    pub(super) async fn writable(&self) {
        while self.is_blocked() {
            self.unblocked.notified().await;
        }
    }

    pub(super) fn starts(&self) -> u64 {
        self.starts.load(Relaxed)
    }

    /// The connections that are not lost.
    pub(super) fn open(&self) -> Vec<Arc<dyn Connected>> {
        let all = self.connections().clone();
        let open = all.iter().filter_map(Weak::upgrade);
        open.filter(|connection| !connection.is_lost()).collect()
    }
}
