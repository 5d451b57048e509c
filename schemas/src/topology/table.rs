//! The table of exchanges and queues.

use std::time::Duration;

use crate::Part;

/// How an exchange routes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    /// To every bound queue.
    Fanout,
    /// To the queue that is bound with the routing key.
    Direct,
    /// By pattern.
    Topic,
}

/// A durable exchange.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    /// Its name.
    pub name: &'static str,
    /// How it routes.
    pub routing: Routing,
}

const fn exchange(name: &'static str, routing: Routing) -> Exchange {
    Exchange { name, routing }
}

/// Requests for missions. Any client may publish here.
pub const REQUESTS: Exchange = exchange("mission.requests", Routing::Fanout);
/// A request on its way to one number and one letter worker.
pub const PARTS: Exchange = exchange("mission.halves", Routing::Fanout);
/// Decisions on their way to a persister.
pub const DECISIONS: Exchange = exchange("mission.decisions", Routing::Fanout);
/// Replies to our own processes, by the name of the reply queue.
pub const REPLIES: Exchange = exchange("mission.replies", Routing::Direct);
/// Events, and the status of each process, for everybody who listens: `created.<casebook>` and
/// `status.<role>`.
pub const EVENTS: Exchange = exchange("mission.events", Routing::Topic);
/// Messages that were set aside.
pub const DEAD_LETTERS: Exchange = exchange("mission.dead-letters", Routing::Fanout);

/// Every exchange, in the order in which they are declared.
pub const EXCHANGES: [Exchange; 6] = [DEAD_LETTERS, REQUESTS, PARTS, DECISIONS, REPLIES, EVENTS];

/// A durable queue, bound to its exchange without a routing key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    /// Its name.
    pub name: &'static str,
    /// The exchange that it is bound to.
    pub source: Exchange,
    /// Its kind, with its limits.
    pub kind: QueueKind,
}

/// The two kinds of queue in the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueueKind {
    /// Replicated and on disk, for messages that must survive. A full queue refuses publishes
    /// (`reject-publish`).
    Quorum {
        /// The most messages that wait in it.
        max_length: u32,
        /// The most bytes that wait in it.
        max_length_bytes: u64,
        /// After how many failed deliveries the broker itself sets a message aside, and to which
        /// exchange. `None` for the dead letters themselves.
        backstop: Option<(u32, Exchange)>,
    },
    /// Classic, for transient messages. Their requester repeats them when they are lost.
    Transient {
        /// How long a message waits before it is dropped.
        message_ttl: Duration,
    },
    /// What a transient queue is on a cluster: a quorum queue, so that it outlives the loss of a node. A
    /// classic queue stands still until its node is back.
    Replicated {
        /// How long a message waits before it is dropped.
        message_ttl: Duration,
    },
}

const fn transient(name: &'static str, source: Exchange) -> Queue {
    Queue { name, source, kind: QueueKind::Transient { message_ttl: Duration::from_secs(30) } }
}

/// Requests, read by deciders.
pub const REQUEST_QUEUE: Queue = Queue {
    name: "mission.requests",
    source: REQUESTS,
    kind: QueueKind::Quorum {
        max_length: 10_000,
        max_length_bytes: 64 << 20,
        backstop: Some((20, DEAD_LETTERS)),
    },
};
/// Requests for one part, read by its workers.
pub const fn part_queue(part: Part) -> Queue {
    transient(part.queue_name(), PARTS)
}
/// Requests, read by number workers.
pub const NUMBER_QUEUE: Queue = part_queue(Part::Number);
/// Requests, read by letter workers.
pub const LETTER_QUEUE: Queue = part_queue(Part::Letter);
/// Decisions, read by persisters.
pub const DECISION_QUEUE: Queue = transient("mission.decisions", DECISIONS);
/// What was set aside, read by persisters, which move it into the table of the database. RabbitMQ 4
/// would drop a letter after 20 deliveries, and 3.10 does not know the argument that forbids it:
/// whoever reads it publishes it again long before.
pub const DEAD_LETTER_QUEUE: Queue = Queue {
    name: "mission.dead-letters",
    source: DEAD_LETTERS,
    kind: QueueKind::Quorum { max_length: 100_000, max_length_bytes: 1 << 30, backstop: None },
};

/// Every queue, in the order in which they are declared: dead letters first.
#[expect(clippy::indexing_slicing, reason = "the compiler evaluates it, and finds a wrong index")]
pub const QUEUES: [Queue; 3 + Part::ALL.len()] = {
    let mut queues = [DECISION_QUEUE; 3 + Part::ALL.len()];
    (queues[0], queues[1]) = (DEAD_LETTER_QUEUE, REQUEST_QUEUE);
    let mut place = 0;
    while place < Part::ALL.len() {
        queues[2 + place] = part_queue(Part::ALL[place]);
        place += 1;
    }
    queues
};

/// A reply queue of one of our own processes: exclusive, auto-delete, bound to [`REPLIES`] with its
/// own name.
pub mod reply_queue {
    use uuid::Uuid;

    /// Every such name begins with this. Replies to a return address that begins with it go through
    /// [`REPLIES`](super::REPLIES), all others through the default exchange.
    pub const PREFIX: &str = "reply.";
    /// The most replies that wait in one. If there are more, the oldest is dropped; its requester
    /// repeats the question.
    pub const MAX_LENGTH: u32 = 65_536;
    /// The most bytes that wait in one.
    pub const MAX_LENGTH_BYTES: u32 = 256 << 20;

    /// The name for this instance of a role.
    pub fn name(role: &str, instance: Uuid) -> String {
        format!("{PREFIX}{role}.{instance}")
    }
}

/// A queue of one of our own processes that listens to [`EVENTS`]: exclusive, auto-delete.
pub mod event_queue {
    use uuid::Uuid;

    /// Every such name begins with this.
    pub const PREFIX: &str = "events.";
    /// The most events that wait in one. If there are more, the oldest is dropped: events are hints,
    /// and the table is complete.
    pub const MAX_LENGTH: u32 = 1_024;
    /// The most bytes that wait in one. A client may publish events of any size.
    pub const MAX_LENGTH_BYTES: u32 = 16 << 20;
    /// Binds a queue to the missions of every casebook.
    pub const ALL: &str = "created.#";
    /// Binds a queue to the status of every process.
    pub const STATUS: &str = "status.#";
    /// The most bytes of a routing key.
    pub const LONGEST_KEY: usize = 255;

    /// The name for this instance of a role.
    pub fn name(role: &str, instance: Uuid) -> String {
        format!("{PREFIX}{role}.{instance}")
    }

    /// The routing key of missions that this casebook made. A key that would be longer than
    /// [`LONGEST_KEY`] is cut off after a whole character; the event itself has the whole name.
    pub fn key(casebook: &str) -> String {
        let mut key = format!("created.{casebook}");
        key.truncate(key.floor_char_boundary(LONGEST_KEY));
        key
    }

    /// The routing key of the status of a process of this role.
    pub fn status_key(role: &str) -> String {
        format!("status.{role}")
    }
}

/// Our own namespace: a return address may not begin with it.
pub const NAMESPACE: &str = "mission.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_in_our_namespace_and_stands_once() {
        let mut queues: Vec<_> = QUEUES.map(|queue| queue.name).into();
        assert!(queues.iter().all(|name| name.starts_with(NAMESPACE)));
        queues.sort_unstable();
        queues.dedup();
        assert_eq!(queues.len(), QUEUES.len());
        assert!(EXCHANGES.iter().all(|exchange| exchange.name.starts_with(NAMESPACE)));
    }

    #[test]
    fn a_routing_key_fits_whatever_the_casebook_is_called() {
        assert_eq!(event_queue::key("malory"), "created.malory");
        let longest = "\u{1f575}".repeat(crate::Text::MAX); // four bytes each
        let key = event_queue::key(&longest);
        assert_eq!(key, format!("created.{}", "\u{1f575}".repeat(61)));
        let short = "ab".to_owned() + &"\u{1f575}".repeat(61);
        for name in [longest, short, "x".repeat(300)] {
            assert!(event_queue::key(&name).len() <= event_queue::LONGEST_KEY);
        }
    }

    #[test]
    fn every_queue_is_bound_to_an_exchange_of_the_table() {
        assert!(QUEUES.iter().all(|queue| EXCHANGES.contains(&queue.source)));
    }
}
