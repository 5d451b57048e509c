//! The in-process twin of RabbitMQ: the same topology table, the same rules, as long as the
//! process lives. It never takes what the server would refuse.

mod consumer;
mod queue;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use bytes::Bytes;
use schemas::topology::{self, EXCHANGES, QUEUES, QueueKind, Routing, reply_queue};

use crate::{Confirmed, Envelope, Fault};

pub(crate) use consumer::{Consumer, Settler};
use queue::{Limits, Queue};

/// A broker: the queues of the table, and those that callers declare for themselves.
pub(crate) struct Broker {
    table: HashMap<&'static str, Arc<Queue>>,
    own: RwLock<HashMap<String, Arc<Queue>>>,
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
            QueueKind::Transient { message_ttl } => Limits {
                length: u32::MAX,
                bytes: u64::MAX,
                deliveries: None,
                ttl: Some(message_ttl),
                drop_oldest: false,
            },
        };
        let table = QUEUES.map(|queue| (queue.name, Queue::new(limits(queue.kind))));
        Self { table: table.into(), own: RwLock::default() }
    }
}

impl Broker {
    /// Routes a message as the exchange of this name does; `""` is the default exchange.
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
        // As on the server: one full queue refuses for all, though the others took it.
        targets.iter().fold(Confirmed::Taken, |confirmed, queue| {
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
            Some(exchange) if *exchange == topology::REPLIES => {
                let bound = key.starts_with(reply_queue::PREFIX);
                self.queue(key).filter(|_| bound).into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn queue(&self, name: &str) -> Option<Arc<Queue>> {
        let own = || self.own.read().unwrap_or_else(PoisonError::into_inner).get(name).cloned();
        self.table.get(name).cloned().or_else(own)
    }

    fn declare_own(&self, name: &str) -> Result<Arc<Queue>, Fault> {
        let mut own = self.own.write().unwrap_or_else(PoisonError::into_inner);
        if self.table.contains_key(name) || own.contains_key(name) {
            let reason = format!("the queue {name} is somebody else's");
            return Err(Fault::Broker { step: "declare a reply queue", reason });
        }
        let queue = Queue::new(Limits {
            length: reply_queue::MAX_LENGTH,
            bytes: reply_queue::MAX_LENGTH_BYTES.into(),
            deliveries: None,
            ttl: None,
            drop_oldest: true,
        });
        own.insert(name.to_owned(), Arc::clone(&queue));
        Ok(queue)
    }

    fn delete_own(&self, name: &str) {
        self.own.write().unwrap_or_else(PoisonError::into_inner).remove(name);
    }

    /// Sets a message aside that has expired, or whose deliveries have come to the limit, as the
    /// server does: there it waits for its operator.
    fn set_aside(&self, envelope: &Envelope, body: &Bytes) -> Confirmed {
        let envelope = Envelope { expiration: None, ..envelope.clone() };
        self.publish(topology::DEAD_LETTERS.name, "", &envelope, body)
    }
}
