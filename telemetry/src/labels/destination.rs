//! Where messages go to and come from, as the conventions for RabbitMQ name it: the exchange, the
//! routing key and the queue, with colons between, and each name once.

use std::sync::LazyLock;

use schemas::topology::{EVENTS, EXCHANGES, QUEUES, REPLIES, Routing, event_queue, reply_queue};

use crate::label::Label;

/// A place of messages. A name that differs from process to process is in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Destination(usize);

/// The places: each exchange, the default exchange, each queue, the queues of our own processes.
const DEFAULT: usize = EXCHANGES.len();
const OWN_QUEUES: usize = DEFAULT + 1 + QUEUES.len();
const COUNT: usize = OWN_QUEUES + 2;

impl Destination {
    /// The destination of what is published to this exchange; the default one has no name.
    pub fn exchange(name: &str) -> Self {
        Self(EXCHANGES.iter().position(|exchange| exchange.name == name).unwrap_or(DEFAULT))
    }

    /// The destination of what is consumed from this queue.
    pub fn queue(name: &str) -> Self {
        let exchange = EXCHANGES.iter().position(|exchange| exchange.name == name);
        let queue = || Some(DEFAULT + 1 + QUEUES.iter().position(|queue| queue.name == name)?);
        let own = || OWN_QUEUES + usize::from(name.starts_with(event_queue::PREFIX));
        Self(exchange.or_else(queue).unwrap_or_else(own))
    }
}

impl Label for Destination {
    const NAME: &'static str = "messaging_destination_name";
    const ALWAYS: bool = false;
    #[expect(
        clippy::indexing_slicing,
        reason = "the compiler evaluates it, and finds a wrong index"
    )]
    const ALL: &'static [Self] = &{
        let (mut all, mut place) = ([Self(0); COUNT], 0);
        while place < COUNT {
            all[place] = Self(place);
            place += 1;
        }
        all
    };

    fn index(self) -> usize {
        self.0
    }

    fn value(self) -> &'static str {
        static NAMES: LazyLock<Vec<String>> = LazyLock::new(names);
        NAMES.get(self.0).map_or("", String::as_str)
    }
}

fn names() -> Vec<String> {
    let exchanges = EXCHANGES.iter().map(|exchange| match exchange.routing {
        Routing::Fanout => exchange.name.to_owned(),
        Routing::Direct => format!("{}:{{reply_to}}", exchange.name),
        Routing::Topic => format!("{}:{{key}}", exchange.name),
    });
    let default = std::iter::once("amq.default:{reply_to}".to_owned());
    let queues = QUEUES.iter().map(|queue| format!("{}:{}", queue.source.name, queue.name));
    let own = [(REPLIES, reply_queue::PREFIX), (EVENTS, event_queue::PREFIX)];
    let own = own.map(|(exchange, prefix)| format!("{}:{prefix}{{instance}}", exchange.name));
    exchanges.chain(default).chain(queues).chain(own).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn destinations_are_named_as_the_conventions_say() {
        for (destination, name) in [
            (Destination::exchange("mission.requests"), "mission.requests"),
            (Destination::exchange("mission.replies"), "mission.replies:{reply_to}"),
            (Destination::exchange(""), "amq.default:{reply_to}"),
            (Destination::queue("mission.requests"), "mission.requests"),
            (Destination::queue("mission.numbers"), "mission.halves:mission.numbers"),
            (Destination::queue("reply.gateway.1"), "mission.replies:reply.{instance}"),
            (Destination::queue("events.gateway.1"), "mission.events:events.{instance}"),
        ] {
            assert_eq!(destination.value(), name);
        }
        assert_eq!(names().len(), COUNT);
    }
}
