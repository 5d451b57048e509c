//! Disturbs the broker of a simulation: it is stopped, blocks, and loses connections and consumers.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use super::broker::Broker;
use super::plan::Plan;
use super::server::Server;

/// Disturbs a simulated broker. Cheap to clone.
#[derive(Clone)]
pub struct Disturb {
    pub(crate) broker: Arc<Broker>,
}

impl Disturb {
    /// A broker that does what this plan says.
    pub fn new(plan: Arc<dyn Plan>) -> Self {
        Self { broker: Arc::new(Broker::simulated(plan)) }
    }

    fn server(&self) -> Option<&Arc<Server>> {
        self.broker.server()
    }

    /// Stops the broker: connections are lost, and transient messages forgotten.
    pub fn stop(&self) {
        let Some(server) = self.server() else { return };
        server.away.store(true, Relaxed);
        server.starts.fetch_add(1, Relaxed);
        server.open().iter().for_each(|connection| connection.lose());
        self.broker.forget_transient();
    }

    /// Starts it again.
    pub fn start(&self) {
        self.server().inspect(|server| server.away.store(false, Relaxed));
    }

    /// Lets publishes wait, or go on.
    pub fn block(&self, blocked: bool) {
        if let Some(server) = self.server() {
            server.blocked.store(blocked, Relaxed);
            server.unblocked.notify_waiters();
        }
    }

    /// Loses every connection of a process, as the end of the process does.
    pub fn cut(&self, process: &str) {
        let open = self.server().map(|server| server.open()).unwrap_or_default();
        let of_it = open.iter().filter(|connection| connection.is_of(process));
        of_it.for_each(|connection| connection.lose());
    }

    /// Loses one of the open connections; which one `choice` says, modulo their number.
    pub fn lose_connection(&self, choice: usize) {
        let open = self.server().map(|server| server.open()).unwrap_or_default();
        if let Some(connection) = choice.checked_rem(open.len()).and_then(|one| open.get(one)) {
            connection.lose();
        }
    }

    /// Ends one of the consumers, as the broker does when their queue is deleted.
    pub fn cancel_consumer(&self, choice: usize) {
        let open = self.server().map(|server| server.open()).unwrap_or_default();
        let consumers: Vec<_> = open.iter().flat_map(|connection| connection.consumers()).collect();
        let chosen = choice.checked_rem(consumers.len());
        if let Some(consumer) = chosen.and_then(|one| consumers.get(one)) {
            consumer.end();
        }
    }

    /// How many messages of this queue are ready, and how many are delivered and not settled.
    pub fn left(&self, queue: &str) -> (u64, usize) {
        let ready = self.broker.depth(queue).map(|depth| depth.messages).unwrap_or_default();
        let open = self.server().map(|server| server.open()).unwrap_or_default();
        let unsettled = open.iter().flat_map(|connection| connection.consumers());
        (
            ready,
            unsettled.filter(|consumer| consumer.is_of(queue)).map(|c| c.unsettled_count()).sum(),
        )
    }
}
