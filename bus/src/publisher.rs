//! Publishing: transient messages, and durable ones that are confirmed.

use schemas::topology::{Exchange, event_queue::LONGEST_KEY};
use telemetry::{Destination, Operation, Outcome};
use tokio::time::Instant;

use crate::{Confirmed, Envelope, Fault, amqp, memory};

/// Publishes transient messages; cheap to clone.
#[derive(Clone)]
pub struct Publisher(PublisherKind);

#[derive(Clone)]
enum PublisherKind {
    Amqp(amqp::Publisher),
    Memory(memory::Publisher),
}

impl Publisher {
    pub(crate) fn amqp(publisher: amqp::Publisher) -> Self {
        Self(PublisherKind::Amqp(publisher))
    }

    pub(crate) fn memory(publisher: memory::Publisher) -> Self {
        Self(PublisherKind::Memory(publisher))
    }

    /// Hands the message to the connection. The message may be lost: whoever needs a reply repeats
    /// it.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn send(
        &self,
        exchange: Exchange,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<(), Fault> {
        fits(key)?;
        let sent = match &self.0 {
            PublisherKind::Amqp(publisher) => {
                publisher.send(exchange.name, key, envelope, body).await
            }
            PublisherKind::Memory(publisher) => {
                publisher.send(exchange.name, key, envelope, body).await.map(drop)
            }
        };
        count(exchange.name, &sent);
        sent
    }

    /// As [`send`](Self::send), once for two keys of the exchange: one message, two queues.
    ///
    /// # Errors
    /// As [`send`](Self::send).
    pub(crate) async fn send_copied(
        &self,
        exchange: Exchange,
        (key, copy): (&str, &str),
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<(), Fault> {
        fits(key)?;
        fits(copy)?;
        let sent = match &self.0 {
            PublisherKind::Amqp(publisher) => {
                publisher.send_copied(exchange.name, (key, copy), envelope, body).await
            }
            PublisherKind::Memory(publisher) => {
                publisher.send_copied(exchange.name, (key, copy), envelope, body).await
            }
        };
        count(exchange.name, &sent);
        sent
    }
}

/// RabbitMQ knows no longer routing key.
fn fits(key: &str) -> Result<(), Fault> {
    if key.len() <= LONGEST_KEY {
        return Ok(());
    }
    let reason = format!("a routing key of {} bytes: at most {LONGEST_KEY}", key.len());
    Err(Fault::Broker { step: "publish", reason })
}

/// Counts a transient message.
pub(crate) fn count(exchange: &str, sent: &Result<(), Fault>) {
    let outcome = if sent.is_ok() { Outcome::Sent } else { Outcome::Failed };
    telemetry::process().sent.of(Destination::exchange(exchange), outcome).one();
}

/// Publishes durable messages, one at a time: lapin mixes up returned messages when mandatory
/// publishes are pipelined on one channel.
pub struct ConfirmedPublisher(ConfirmedKind);

enum ConfirmedKind {
    Amqp(amqp::ConfirmedPublisher),
    Memory(memory::Publisher),
}

impl ConfirmedPublisher {
    pub(crate) fn amqp(publisher: amqp::ConfirmedPublisher) -> Self {
        Self(ConfirmedKind::Amqp(publisher))
    }

    pub(crate) fn memory(publisher: memory::Publisher) -> Self {
        Self(ConfirmedKind::Memory(publisher))
    }

    /// Publishes to an exchange of the table and waits for the confirm. If no queue takes the
    /// message, RabbitMQ's topology is declared again and the message is published once more.
    ///
    /// # Errors
    /// A fault: it is unknown whether a queue has the message. Repeat it with the same id.
    pub async fn publish(
        &self,
        exchange: Exchange,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        self.publish_to(exchange.name, "", envelope, body).await
    }

    /// Publishes a transient message to a queue by its name, through the default exchange.
    ///
    /// # Errors
    /// As [`publish`](Self::publish).
    pub(crate) async fn publish_to_queue(
        &self,
        queue: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        self.publish_to("", queue, envelope, body).await
    }

    async fn publish_to(
        &self,
        exchange: &str,
        key: &str,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        let begun = Instant::now();
        let confirmed = match &self.0 {
            ConfirmedKind::Amqp(publisher) => {
                publisher.publish(exchange, key, envelope, body).await
            }
            ConfirmedKind::Memory(publisher) => {
                publisher.publish(exchange, key, envelope, body).await
            }
        };
        let (metrics, destination) = (telemetry::process(), Destination::exchange(exchange));
        metrics.confirm.of(Operation::Publish, destination).record(begun.elapsed());
        metrics.sent.of(destination, outcome(&confirmed)).one();
        confirmed
    }
}

/// What became of a durable message.
fn outcome(confirmed: &Result<Confirmed, Fault>) -> Outcome {
    match confirmed {
        Ok(Confirmed::Taken) => Outcome::Confirmed,
        Ok(Confirmed::Refused) => Outcome::Refused,
        Ok(Confirmed::Unroutable) => Outcome::Unroutable,
        Err(_) => Outcome::Failed,
    }
}
