//! A connection to RabbitMQ or to the in-process broker, and what can be done on it.

use schemas::topology::Queue;

use crate::cluster::Stay;
use crate::own_queue::OwnQueue;
use crate::reply_publisher::ReplyPublisher;
use crate::{ConfirmedPublisher, Consumer, Depth, Difference, Fault, Publisher, amqp, memory};

/// A connection to a broker. It ends when it is closed or dropped. What its consumers had not
/// acknowledged is delivered again then.
pub struct Link(LinkKind);

enum LinkKind {
    /// The stay is dropped after the connection.
    Amqp(Box<amqp::Link>, Stay),
    Memory(memory::Link),
}

impl Link {
    pub(crate) fn amqp((link, stay): (amqp::Link, Stay)) -> Self {
        Self(LinkKind::Amqp(Box::new(link), stay))
    }

    pub(crate) fn memory(link: memory::Link) -> Self {
        Self(LinkKind::Memory(link))
    }

    /// Declares what this user may, and returns what differs from the table.
    pub(crate) async fn declare(&self) -> Result<Vec<Difference>, Fault> {
        match &self.0 {
            LinkKind::Amqp(link, _) => amqp::declare::declare(link.channels()).await,
            LinkKind::Memory(_) => Ok(Vec::new()), // made from the table in the first place
        }
    }

    /// The connection to a server; `None` for the in-process broker.
    pub(crate) fn as_amqp(&self) -> Option<&amqp::Link> {
        match &self.0 {
            LinkKind::Amqp(link, _) => Some(link),
            LinkKind::Memory(_) => None,
        }
    }

    /// Consumes a queue of the table; at most `prefetch` deliveries are unacknowledged at a time.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn consume(&self, queue: Queue, prefetch: u16) -> Result<Consumer, Fault> {
        match &self.0 {
            LinkKind::Amqp(link, _) => {
                Ok(Consumer::amqp(queue.name, link.consume(queue, prefetch).await?))
            }
            LinkKind::Memory(link) => {
                Ok(Consumer::memory(queue.name, link.consume(queue.name, prefetch)?))
            }
        }
    }

    /// Declares an exclusive queue of this name and consumes it. It is deleted with the link.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn consume_own(&self, name: &str, prefetch: u16) -> Result<Consumer, Fault> {
        self.own(name, OwnQueue::REPLIES, prefetch).await
    }

    /// Declares an exclusive queue of this name that receives every event, and consumes it. It is
    /// deleted with the link. A full one drops its oldest event, because events are hints.
    /// Acknowledge them: the prefetch bounds those that are not acknowledged.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn listen(&self, name: &str, prefetch: u16) -> Result<Consumer, Fault> {
        self.own(name, OwnQueue::EVENTS, prefetch).await
    }

    /// As [`listen`](Self::listen), to the status of every process instead of events.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn listen_to_statuses(&self, name: &str, prefetch: u16) -> Result<Consumer, Fault> {
        self.own(name, OwnQueue::STATUS, prefetch).await
    }

    /// How many messages wait in this queue, and its consumers; `None` if it does not exist, or
    /// this user may not look.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn depth(&self, queue: Queue) -> Result<Option<Depth>, Fault> {
        match &self.0 {
            LinkKind::Amqp(link, _) => link.depth(queue).await,
            LinkKind::Memory(link) => Ok(link.depth(queue.name)),
        }
    }

    async fn own(&self, name: &str, own: OwnQueue, prefetch: u16) -> Result<Consumer, Fault> {
        match &self.0 {
            LinkKind::Amqp(link, _) => {
                Ok(Consumer::amqp(name, link.consume_own(name, own, prefetch).await?))
            }
            LinkKind::Memory(link) => Ok(Consumer::memory(name, link.own(name, own, prefetch)?)),
        }
    }

    /// A publisher of transient messages: neither persistent, confirmed nor mandatory.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn publisher(&self) -> Result<Publisher, Fault> {
        match &self.0 {
            LinkKind::Amqp(link, _) => link.publisher().await.map(Publisher::amqp),
            LinkKind::Memory(link) => Ok(Publisher::memory(link.publisher())),
        }
    }

    /// A publisher of replies to queues by their names: transient, mandatory, not confirmed.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(crate) async fn reply_publisher(&self) -> Result<ReplyPublisher, Fault> {
        match &self.0 {
            LinkKind::Amqp(link, _) => link.publisher().await.map(ReplyPublisher::amqp),
            LinkKind::Memory(link) => Ok(ReplyPublisher::memory(link.publisher())),
        }
    }

    /// A publisher of durable messages: persistent, mandatory, confirmed.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn confirmed_publisher(&self) -> Result<ConfirmedPublisher, Fault> {
        match &self.0 {
            LinkKind::Amqp(link, _) => {
                link.confirmed_publisher().await.map(ConfirmedPublisher::amqp)
            }
            LinkKind::Memory(link) => Ok(ConfirmedPublisher::memory(link.publisher())),
        }
    }

    /// Waits until the connection is lost. Cancel safe.
    pub async fn lost(&self) -> Fault {
        match &self.0 {
            LinkKind::Amqp(link, _) => link.lost().await,
            LinkKind::Memory(link) => link.lost().await,
        }
    }

    /// Closes the connection when everything is settled, within 4 s.
    pub async fn close(self) {
        match self.0 {
            LinkKind::Amqp(link, mut stay) => {
                stay.end_well();
                link.close().await;
            }
            LinkKind::Memory(_) => {}
        }
    }
}
