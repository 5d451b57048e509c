//! One connection and what can be done on it; RabbitMQ and the in-process broker alike.

use std::sync::Arc;

use bytes::Bytes;
use schemas::topology::{Exchange, Queue};

use crate::{Difference, Envelope, Fault, amqp, memory};

/// A connection to a broker. Dropping it ends everything that was made on it, and what its
/// consumers had not acknowledged is delivered again.
pub struct Link(LinkKind);

enum LinkKind {
    Amqp(amqp::Link),
    Memory(Arc<memory::Broker>),
}

/// A message as it was delivered.
#[derive(Debug)]
pub struct Delivery {
    /// The body.
    pub body: Bytes,
    /// The named properties.
    pub envelope: Envelope,
    /// How often it was delivered before.
    pub earlier: u32,
    /// What it is acknowledged by, on the consumer that delivered it.
    pub tag: Tag,
}

/// Names a delivery of one consumer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tag(pub(crate) u64);

/// What the broker said to a confirmed publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It stands in at least one queue, on disk where the queue is durable.
    Taken,
    /// A queue was full, or could not store it: it does not stand. To be repeated later.
    Refused,
    /// No queue wanted it: it does not stand.
    Unroutable,
}

impl Link {
    pub(crate) fn amqp(link: amqp::Link) -> Self {
        Self(LinkKind::Amqp(link))
    }

    pub(crate) fn memory(broker: Arc<memory::Broker>) -> Self {
        Self(LinkKind::Memory(broker))
    }

    /// Declares what this user may, and says what differs from the table.
    pub(crate) async fn declare(&self) -> Result<Vec<Difference>, Fault> {
        match &self.0 {
            LinkKind::Amqp(link) => amqp::declare::declare(link).await,
            LinkKind::Memory(_) => Ok(Vec::new()), // made from the table in the first place
        }
    }

    /// Says what differs from the table, and changes nothing.
    pub(crate) async fn differences(&self) -> Result<Vec<Difference>, Fault> {
        match &self.0 {
            LinkKind::Amqp(link) => amqp::declare::differences(link).await,
            LinkKind::Memory(_) => Ok(Vec::new()),
        }
    }

    /// Consumes a queue of the table; at most `prefetch` deliveries are unacknowledged at a time.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn consume(&self, queue: Queue, prefetch: u16) -> Result<Consumer, Fault> {
        match &self.0 {
            LinkKind::Amqp(link) => link.consume(queue.name, prefetch).await.map(Consumer::amqp),
            LinkKind::Memory(broker) => {
                Ok(Consumer::memory(memory::Consumer::new(broker, queue.name, prefetch)?))
            }
        }
    }

    /// Declares an exclusive queue of this name and consumes it. It is gone when the link is.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn consume_own(&self, name: &str, prefetch: u16) -> Result<Consumer, Fault> {
        match &self.0 {
            LinkKind::Amqp(link) => link.consume_own(name, prefetch).await.map(Consumer::amqp),
            LinkKind::Memory(broker) => {
                Ok(Consumer::memory(memory::Consumer::own(broker, name, prefetch)?))
            }
        }
    }

    /// A publisher of transient messages: neither persistent, confirmed nor mandatory.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn publisher(&self) -> Result<Publisher, Fault> {
        match &self.0 {
            LinkKind::Amqp(link) => link.channel().await.map(PublisherKind::Amqp).map(Publisher),
            LinkKind::Memory(broker) => Ok(Publisher(PublisherKind::Memory(Arc::clone(broker)))),
        }
    }

    /// A publisher of durable messages: persistent, mandatory, confirmed.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn confirmed_publisher(&self) -> Result<ConfirmedPublisher, Fault> {
        match &self.0 {
            LinkKind::Amqp(link) => Ok(ConfirmedPublisher(ConfirmedKind::Amqp(
                amqp::ConfirmedPublisher::new(link.channel().await?).await?,
            ))),
            LinkKind::Memory(broker) => {
                Ok(ConfirmedPublisher(ConfirmedKind::Memory(Arc::clone(broker))))
            }
        }
    }

    /// Waits until the connection is lost. Cancel safe.
    pub async fn lost(&self) -> Fault {
        match &self.0 {
            LinkKind::Amqp(link) => link.lost().await,
            LinkKind::Memory(_) => std::future::pending().await,
        }
    }

    /// Closes the connection in good order, within a deadline.
    pub async fn close(self) {
        match self.0 {
            LinkKind::Amqp(link) => link.close().await,
            LinkKind::Memory(_) => {}
        }
    }
}

/// A consumer of one queue.
pub struct Consumer(ConsumerKind);

enum ConsumerKind {
    Amqp(amqp::Consumer),
    Memory(memory::Consumer),
}

impl Consumer {
    fn amqp(consumer: amqp::Consumer) -> Self {
        Self(ConsumerKind::Amqp(consumer))
    }

    fn memory(consumer: memory::Consumer) -> Self {
        Self(ConsumerKind::Memory(consumer))
    }

    /// The next delivery; `None` after [`cancel`](Self::cancel), when what had been delivered
    /// before is drained. Cancel safe.
    ///
    /// # Errors
    /// The consumer was ended by the broker, or the connection is lost.
    pub async fn next(&mut self) -> Result<Option<Delivery>, Fault> {
        match &mut self.0 {
            ConsumerKind::Amqp(consumer) => consumer.next().await,
            ConsumerKind::Memory(consumer) => Ok(consumer.next().await),
        }
    }

    /// The next delivery if there is one right now.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn ready(&mut self) -> Result<Option<Delivery>, Fault> {
        match &mut self.0 {
            ConsumerKind::Amqp(consumer) => consumer.ready(),
            ConsumerKind::Memory(consumer) => Ok(consumer.ready()),
        }
    }

    /// Stops further deliveries; those already here still come out of [`next`](Self::next).
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn cancel(&mut self) -> Result<(), Fault> {
        match &mut self.0 {
            ConsumerKind::Amqp(consumer) => consumer.cancel().await,
            ConsumerKind::Memory(consumer) => {
                consumer.cancel();
                Ok(())
            }
        }
    }

    /// What settles the deliveries of this consumer.
    pub fn settler(&self) -> Settler {
        match &self.0 {
            ConsumerKind::Amqp(consumer) => Settler(SettlerKind::Amqp(consumer.settler())),
            ConsumerKind::Memory(consumer) => Settler(SettlerKind::Memory(consumer.settler())),
        }
    }
}

/// Settles deliveries of one consumer; cheap to clone.
#[derive(Clone)]
pub struct Settler(SettlerKind);

#[derive(Clone)]
enum SettlerKind {
    Amqp(amqp::Settler),
    Memory(memory::Settler),
}

impl Settler {
    /// Acknowledges this delivery.
    ///
    /// # Errors
    /// The channel is gone: it is delivered again.
    pub async fn ack(&self, tag: Tag) -> Result<(), Fault> {
        match &self.0 {
            SettlerKind::Amqp(settler) => settler.ack(tag, false).await,
            SettlerKind::Memory(settler) => settler.ack(tag),
        }
    }

    /// Acknowledges this delivery and every earlier one of its consumer.
    ///
    /// # Errors
    /// The channel is gone: they are delivered again.
    pub async fn ack_up_to(&self, tag: Tag) -> Result<(), Fault> {
        match &self.0 {
            SettlerKind::Amqp(settler) => settler.ack(tag, true).await,
            SettlerKind::Memory(settler) => settler.ack_up_to(tag),
        }
    }

    /// Gives this delivery back to its queue; that counts as a delivery that failed. (`reject`,
    /// because RabbitMQ 4.3 does not count `nack`.)
    ///
    /// # Errors
    /// The channel is gone: it is delivered again anyway.
    pub async fn release(&self, tag: Tag) -> Result<(), Fault> {
        match &self.0 {
            SettlerKind::Amqp(settler) => settler.release(tag).await,
            SettlerKind::Memory(settler) => settler.release(tag),
        }
    }
}

/// Publishes transient messages; cheap to clone.
#[derive(Clone)]
pub struct Publisher(PublisherKind);

#[derive(Clone)]
enum PublisherKind {
    Amqp(lapin::Channel),
    Memory(Arc<memory::Broker>),
}

impl Publisher {
    /// Hands the message to the connection. It may be lost on the way: whoever needs the answer
    /// asks again.
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
        match &self.0 {
            PublisherKind::Amqp(channel) => {
                amqp::send(channel, exchange.name, key, envelope, body).await
            }
            PublisherKind::Memory(broker) => {
                broker.publish(exchange.name, key, envelope, body);
                Ok(())
            }
        }
    }
}

/// Publishes durable messages, one at a time: lapin mixes up returned messages when mandatory
/// publishes are pipelined on one channel.
pub struct ConfirmedPublisher(ConfirmedKind);

enum ConfirmedKind {
    Amqp(amqp::ConfirmedPublisher),
    Memory(Arc<memory::Broker>),
}

impl ConfirmedPublisher {
    /// Publishes to an exchange of the table and waits for the broker's word.
    ///
    /// # Errors
    /// A fault: unknown whether the message stands. Repeat it with the same id.
    pub async fn publish(
        &self,
        exchange: Exchange,
        envelope: &Envelope,
        body: &[u8],
    ) -> Result<Confirmed, Fault> {
        self.publish_to(exchange.name, "", envelope, body).await
    }

    /// Publishes to a queue by its name, through the default exchange.
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
        match &self.0 {
            ConfirmedKind::Amqp(publisher) => {
                publisher.publish(exchange, key, envelope, body).await
            }
            ConfirmedKind::Memory(broker) => {
                let confirmed = broker.publish(exchange, key, envelope, body);
                // As a server's confirm would, this lets others run, and batches gather.
                tokio::task::yield_now().await;
                Ok(confirmed)
            }
        }
    }
}
