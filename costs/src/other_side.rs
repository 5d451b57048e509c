//! The other side of a role: it sends what the role takes, and takes what the role sends.

use std::time::Duration;

use bus::{Address, Broker, Consumer, Delivery, Envelope, Link, Publisher};
use schemas::topology::{Exchange, Queue};
use schemas::{CallerRequest, MessageType, MissionId};
use serde::Serialize;
use tokio::runtime::{Builder, Runtime};
use uuid::Uuid;

/// How long the role may take for one step.
const PATIENCE: Duration = Duration::from_secs(60);

/// A queue of the other side, behind the reply exchange.
pub(crate) const REPLIES: &str = "reply.other-side";

/// A runtime of one thread, an in-process broker, and the other side's connection to it.
pub(crate) struct OtherSide {
    pub(crate) runtime: Runtime,
    pub(crate) broker: Broker,
    link: Link,
    publisher: Publisher,
    /// The requests so far.
    requests: u128,
}

impl OtherSide {
    pub(crate) fn start() -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
        let broker = Broker::new(Address::Memory);
        let (link, publisher) = runtime.block_on(async {
            let link = broker.open("other side").await.expect("a link");
            let publisher = link.publisher().await.expect("a publisher");
            (link, publisher)
        });
        Self { runtime, broker, link, publisher, requests: 0 }
    }

    /// Takes from a queue of the table.
    pub(crate) fn consume(&self, queue: Queue) -> Taker {
        Taker(self.runtime.block_on(self.link.consume(queue, u16::MAX)).expect("a consumer"))
    }

    /// Takes from a queue of its own.
    pub(crate) fn consume_own(&self, name: &str) -> Taker {
        Taker(self.runtime.block_on(self.link.consume_own(name, u16::MAX)).expect("a consumer"))
    }

    /// The ids of the next request, the same in each run.
    pub(crate) fn ids(&mut self, missions: usize) -> Vec<MissionId> {
        self.requests += 1;
        CallerRequest::new(Uuid::from_u128(self.requests << 8)).missions(missions).collect()
    }

    /// Sends a message. No task of the role runs meanwhile.
    pub(crate) fn send(&self, exchange: Exchange, key: &str, message: &Message) {
        let Message { envelope, body } = message;
        let sent = self.runtime.block_on(self.publisher.send(exchange, key, envelope, body));
        sent.expect("the in-process broker takes it");
    }

    /// Takes the next message of each of these queues; until they come the role runs.
    pub(crate) fn take<const N: usize>(&self, queues: [&mut Taker; N]) -> [Option<Delivery>; N] {
        self.wait_for(async {
            let mut taken = [const { None }; N];
            for (taken, Taker(queue)) in taken.iter_mut().zip(queues) {
                *taken = queue.next().await.expect("no fault");
            }
            taken
        })
    }

    /// Has the role run until this has come.
    pub(crate) fn wait_for<T>(&self, what: impl Future<Output = T>) -> T {
        let waiting = async { tokio::time::timeout(PATIENCE, what).await };
        self.runtime.block_on(waiting).expect("the role does it in time")
    }
}

/// Takes the messages of a queue.
pub(crate) struct Taker(Consumer);

impl Taker {
    /// Acknowledges a message.
    pub(crate) fn ack(&self, delivery: &Delivery) {
        self.0.settler().ack(delivery.tag).expect("it was not acknowledged before");
    }
}

/// A message that the other side sends.
pub(crate) struct Message {
    pub(crate) envelope: Envelope,
    pub(crate) body: Vec<u8>,
}

impl Message {
    /// A question about these missions, which is to be replied to.
    pub(crate) fn question(ids: &[MissionId], body: &impl Serialize) -> Self {
        let envelope = Envelope {
            message_id: ids.first().map(ToString::to_string),
            reply_to: Some(REPLIES.to_owned()),
            correlation_id: Some("7".to_owned()),
            ..Envelope::default()
        };
        Self { envelope, body: json(body) }
    }

    /// The reply of this type to a question, with the stamps of who worked on it.
    pub(crate) fn reply(asked: &Envelope, kind: MessageType, stamps: &str, body: Vec<u8>) -> Self {
        let stamps = stamps.parse().expect("stamps");
        let app_id = Some("other-side".to_owned());
        Self { envelope: Envelope { app_id, stamps, ..asked.reply(kind) }, body }
    }
}

/// Where the reply to this message goes.
pub(crate) fn return_address(asked: &Envelope) -> &str {
    asked.reply_to.as_deref().expect("it has a return address")
}

pub(crate) fn json(body: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(body).expect("our own types make JSON")
}
