//! Which role may do what on the broker: `check` tries it, `topology definitions` grants it.

use clap::ValueEnum;
use schemas::topology::{
    DEAD_LETTERS, DECISION_QUEUE, DECISIONS, EVENTS, LETTER_QUEUE, NAMESPACE, NUMBER_QUEUE, PARTS,
    REPLIES, REQUEST_QUEUE, REQUESTS, event_queue, reply_queue,
};

/// As permissions know the exchange without a name, by which callers' own queues are reached.
pub(crate) const DEFAULT_EXCHANGE: &str = "amq.default";

/// Who logs in to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Login {
    /// A gateway
    Gateway,
    /// A number worker
    Number,
    /// A letter worker
    Letter,
    /// A decider
    Decider,
    /// A persister
    Persister,
    /// Who declares the topology, and operators' tools
    Operator,
}

/// Exchanges and queues.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Names {
    /// This one.
    Exactly(&'static str),
    /// All that begin so.
    Beginning(String),
}

/// What a login may do, and what it cannot work without: they are the same.
#[derive(Default)]
pub(crate) struct Rights {
    pub(crate) configure: Vec<Names>,
    pub(crate) write: Vec<Names>,
    pub(crate) read: Vec<Names>,
}

impl Login {
    /// What this one may do.
    pub(crate) fn rights(self) -> Rights {
        match self {
            Self::Gateway => own(reply_queue::PREFIX, "gateway", REPLIES.name)
                .and(own(event_queue::PREFIX, "gateway", EVENTS.name))
                .and_writes(&[REQUESTS.name]),
            Self::Number => worker(NUMBER_QUEUE.name),
            Self::Letter => worker(LETTER_QUEUE.name),
            Self::Persister => worker(DECISION_QUEUE.name).and_writes(&[EVENTS.name]),
            Self::Decider => {
                // Requests: those that are split or handed over.
                let exchanges = [REQUESTS, PARTS, DECISIONS, REPLIES, DEAD_LETTERS];
                own(reply_queue::PREFIX, "decider", REPLIES.name)
                    .and(Rights { read: exactly(&[REQUEST_QUEUE.name]), ..Rights::default() })
                    .and_writes(&exchanges.map(|exchange| exchange.name))
                    .and_writes(&[DEFAULT_EXCHANGE])
            }
            Self::Operator => {
                let all = [NAMESPACE, reply_queue::PREFIX, event_queue::PREFIX];
                let all = all.map(|name| Names::Beginning(name.to_owned())).to_vec();
                Rights { configure: all.clone(), write: all.clone(), read: all }
                    .and_writes(&[DEFAULT_EXCHANGE])
            }
        }
    }
}

impl Rights {
    fn and(mut self, other: Self) -> Self {
        self.configure.extend(other.configure);
        self.write.extend(other.write);
        self.read.extend(other.read);
        self
    }

    fn and_writes(mut self, names: &[&'static str]) -> Self {
        self.write.extend(exactly(names));
        self
    }
}

/// A queue of its own: declared, bound to `source`, consumed.
fn own(prefix: &str, role: &str, source: &'static str) -> Rights {
    let own = vec![Names::Beginning(format!("{prefix}{role}."))];
    let read = [own.clone(), exactly(&[source])].concat();
    Rights { configure: own.clone(), write: own, read }
}

/// Takes from its queue and answers.
fn worker(queue: &'static str) -> Rights {
    Rights { read: exactly(&[queue]), ..Rights::default() }.and_writes(&[REPLIES.name])
}

fn exactly(names: &[&'static str]) -> Vec<Names> {
    names.iter().map(|name| Names::Exactly(name)).collect()
}
