//! The broker itself: its queues, and how its exchanges route.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use schemas::ProblemKind;
use schemas::drills::Drill;
use schemas::topology::{self, EXCHANGES, Exchange, QUEUES, QueueKind, Routing};

use crate::message::{BROKER, Label};
use crate::own_queue::OwnQueue;
use crate::{Confirmed, Depth, Drills, Envelope, Fault};

use super::plan::Plan;
use super::queue::{Limits, Message, Queue};
use super::server::Server;

/// The in-process broker: the queues of the table, and those that processes declare.
pub(crate) struct Broker {
    table: HashMap<&'static str, Arc<Queue>>,
    own: RwLock<BTreeMap<String, (OwnQueue, Arc<Queue>)>>,
    drills: Option<Drills>,
    /// Only if it is simulated.
    server: Option<Arc<Server>>,
}

impl Default for Broker {
    fn default() -> Self {
        let limits = |kind| match kind {
            QueueKind::Quorum { max_length, max_length_bytes, backstop } => Limits {
                length: max_length,
                bytes: max_length_bytes,
                deliveries: backstop.map(|(limit, _)| limit),
                ttl: None,
                drop_oldest: false,
            },
            QueueKind::Transient { message_ttl } | QueueKind::Replicated { message_ttl } => {
                Limits {
                    length: u32::MAX,
                    bytes: u64::MAX,
                    deliveries: None,
                    ttl: Some(message_ttl),
                    drop_oldest: false,
                }
            }
        };
        let table = QUEUES.map(|queue| (queue.name, Queue::new(limits(queue.kind))));
        Self { table: table.into(), own: RwLock::default(), drills: None, server: None }
    }
}

impl Broker {
    /// One that drills disturb.
    pub(crate) fn with_drills(drills: Drills) -> Self {
        Self { drills: Some(drills), ..Self::default() }
    }

    /// One that is simulated.
    pub(super) fn simulated(plan: Arc<dyn Plan>) -> Self {
        Self { server: Some(Arc::new(Server::new(plan))), ..Self::default() }
    }

    pub(super) fn server(&self) -> Option<&Arc<Server>> {
        self.server.as_ref()
    }

    /// Forgets the transient messages.
    pub(super) fn forget_transient(&self) {
        self.table.values().for_each(|queue| queue.forget_transient());
    }

    /// Routes a message as the exchange of this name does. `""` is the default exchange.
    pub(crate) fn publish(
        &self,
        exchange: &str,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Confirmed {
        let targets = self.route(exchange, key);
        if targets.is_empty() {
            return Confirmed::Unroutable;
        }
        let body = Bytes::copy_from_slice(body);
        let copies = self.drills.as_ref().map_or(1, |drills| drills.copies(exchange, envelope));
        let deliveries = targets.iter().cycle().take(targets.len() * copies);
        // As on the server: one full queue refuses for all, though the others took it.
        deliveries.fold(Confirmed::Taken, |confirmed, queue| {
            if queue.push(envelope.clone(), body.clone()) { confirmed } else { Confirmed::Refused }
        })
    }

    fn route(&self, name: &str, key: &str) -> Vec<Arc<Queue>> {
        if name.is_empty() {
            return self.queue(key).into_iter().collect();
        }
        match EXCHANGES.iter().find(|exchange| exchange.name == name) {
            Some(exchange) if exchange.routing == Routing::Fanout => QUEUES
                .iter()
                .filter(|queue| queue.source == *exchange)
                .filter_map(|queue| self.table.get(queue.name).cloned())
                .collect(),
            Some(exchange) => self.bound(*exchange, key),
            None => Vec::new(),
        }
    }

    /// The own queues of processes that are bound to this exchange by this key, or by a pattern
    /// that it matches.
    fn bound(&self, exchange: Exchange, key: &str) -> Vec<Arc<Queue>> {
        let all = self.own.read().unwrap_or_else(PoisonError::into_inner);
        if exchange.routing == Routing::Direct {
            let named = all.get_key_value(key).into_iter();
            let bound = named.filter(|(name, (own, _))| own.binding(name) == Some((exchange, key)));
            return bound.map(|(_, (_, queue))| Arc::clone(queue)).collect();
        }
        let matches = |name, own: &OwnQueue| {
            own.binding(name).is_some_and(|(to, pattern)| to == exchange && fits(pattern, key))
        };
        let bound = all.iter().filter(|(name, (own, _))| matches(name, own));
        bound.map(|(_, (_, queue))| Arc::clone(queue)).collect()
    }

    pub(super) fn queue(&self, name: &str) -> Option<Arc<Queue>> {
        let own = || {
            let all = self.own.read().unwrap_or_else(PoisonError::into_inner);
            all.get(name).map(|(_, queue)| Arc::clone(queue))
        };
        self.table.get(name).cloned().or_else(own)
    }

    /// The drill that keeps consumers of this queue from taking anything, if there are any.
    pub(super) fn pause(&self, queue: &str) -> Option<(Drills, Drill)> {
        self.drills.clone().zip(Drills::that_pauses(queue))
    }

    /// What is in this queue; `None` if it does not exist.
    pub(crate) fn depth(&self, name: &str) -> Option<Depth> {
        self.queue(name).map(|queue| queue.depth())
    }

    pub(super) fn declare_own(&self, name: &str, kind: OwnQueue) -> Result<Arc<Queue>, Fault> {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        if self.table.contains_key(name) || own.contains_key(name) {
            let reason = format!("the queue {name} is somebody else's");
            return Err(Fault::Broker { step: "declare a queue of our own", reason });
        }
        let queue = Queue::new(Limits {
            length: kind.max_length,
            bytes: kind.max_length_bytes.into(),
            deliveries: None,
            ttl: None,
            drop_oldest: true,
        });
        own.insert(name.to_owned(), (kind, Arc::clone(&queue)));
        Ok(queue)
    }

    /// Deletes this queue, if it still has its name.
    pub(super) fn delete_own(&self, name: &str, queue: &Arc<Queue>) {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        if own.get(name).is_some_and(|(_, named)| Arc::ptr_eq(named, queue)) {
            own.remove(name);
        }
    }

    /// Moves a message to the dead letters as the server does. The label takes the place of the
    /// server's `x-death` header.
    pub(super) fn set_aside(&self, message: &Message, why: Aside) -> Confirmed {
        let tries = message.earlier;
        let (kind, detail) = match why {
            Aside::Expired => {
                (ProblemKind::Expired, "it waited for longer than its `expiration`".to_owned())
            }
            Aside::FailedTooOften => {
                (ProblemKind::SetAside, format!("it was delivered {tries} times"))
            }
        };
        let first_at = message.envelope.timestamp.unwrap_or_default();
        let (reason, role) = (Label::reason(kind, &detail), BROKER.to_owned());
        let label = Some(Label { id: None, reason, role, tries, first_at, last_at: 0 });
        let envelope = Envelope { expiration: None, label, ..message.envelope.clone() };
        self.publish(topology::DEAD_LETTERS.name, "", &envelope, &message.body)
    }
}

/// Why a message is set aside.
#[derive(Debug, Clone, Copy)]
pub(super) enum Aside {
    Expired,
    FailedTooOften,
}

/// Whether this key matches this pattern of a topic exchange: words between dots, where a last `#`
/// matches any number of words. Our own patterns have no other wildcard.
fn fits(pattern: &str, key: &str) -> bool {
    match pattern.strip_suffix(".#") {
        Some(words) => key
            .strip_prefix(words)
            .is_some_and(|rest| matches!(rest.chars().next(), None | Some('.'))),
        None => pattern == key,
    }
}
