//! Which node of a RabbitMQ server a process uses.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

use seams::chance;

use crate::Fault;
use crate::amqp::{Carries, Link};
use crate::nodes::Nodes;

/// Yields the nodes of now.
type Source = dyn Fn() -> Result<Nodes, String> + Send + Sync;

/// A process stays at one node until a connection to it cannot be made or is lost; then it goes on to
/// the next one in the list. It begins anywhere, so that many processes spread over the nodes.
pub(crate) struct Cluster {
    source: Box<Source>,
    /// Counts the nodes that were left.
    turn: AtomicU64,
    /// The node of the last connection.
    place: Mutex<Option<String>>,
}

impl Cluster {
    pub(crate) fn new(source: impl Fn() -> Result<Nodes, String> + Send + Sync + 'static) -> Self {
        let turn = chance::within(0..=u64::from(u32::MAX)).into();
        Self { source: Box::new(source), turn, place: Mutex::default() }
    }

    /// Connects to a node. Each one is tried once, with a deadline of its own.
    pub(crate) async fn connect(
        self: &Arc<Self>,
        name: &str,
        carries: Carries,
    ) -> Result<(Link, Stay), Fault> {
        let wrong = |reason| Fault::Broker { step: "read the broker's address", reason };
        let nodes = (self.source)().map_err(wrong)?;
        let mut unreached = Vec::new();
        let begin = self.turn.load(Relaxed);
        for turn in begin..begin.saturating_add(nodes.count()) {
            let stay = Stay { cluster: Arc::clone(self), turn: Some(turn) };
            match Link::connect(nodes.node(turn), name, carries).await {
                Ok(link) => {
                    self.at(&nodes, turn);
                    return Ok((link, stay));
                }
                Err(fault) => unreached.push((turn, fault)),
            }
        }
        Err(all(&nodes, unreached))
    }

    /// `host:port` of the node of the last connection.
    pub(crate) fn place(&self) -> Option<String> {
        self.place.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn at(&self, nodes: &Nodes, turn: u64) {
        let now = Some(nodes.place(turn));
        let mut place = self.place.lock().unwrap_or_else(PoisonError::into_inner);
        if *place != now && nodes.count() > 1 {
            tracing::info!(node = now, "connected to this node of RabbitMQ");
        }
        *place = now;
    }
}

/// A connection, or the attempt to make one, stays at its node. If it is dropped before it has ended
/// well, the process goes on to the next node.
pub(crate) struct Stay {
    cluster: Arc<Cluster>,
    turn: Option<u64>,
}

impl Stay {
    /// The connection ended well: the node is to be used again.
    pub(crate) fn end_well(&mut self) {
        self.turn = None;
    }
}

impl Drop for Stay {
    fn drop(&mut self) {
        if let Some(turn) = self.turn {
            // Other connections may have left this node already.
            self.cluster.turn.fetch_max(turn.saturating_add(1), Relaxed);
        }
    }
}

/// Why no node was reached.
fn all(nodes: &Nodes, mut unreached: Vec<(u64, Fault)>) -> Fault {
    let step = "connect";
    if nodes.count() == 1
        && let Some((_, fault)) = unreached.pop()
    {
        return fault;
    }
    let said = |fault: Fault| match fault {
        Fault::Broker { reason, .. } => reason,
        other => other.to_string(),
    };
    let each = unreached
        .into_iter()
        .map(|(turn, fault)| format!("{}: {}", nodes.place(turn), said(fault)));
    Fault::Broker { step, reason: each.collect::<Vec<_>>().join("; ") }
}
