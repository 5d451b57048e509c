//! Takes requests from the request queue. Whoever takes a request settles it.

use bytes::Bytes;
use schemas::topology;
use tokio::time::Instant;

use crate::{Consumer, Envelope, Fault, Link, Settler, Tag};

/// The consumer of the request queue.
pub struct Requests {
    consumer: Consumer,
}

impl Requests {
    /// Begins to take requests. At most `prefetch` of them are unsettled at a time.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn take(link: &Link, prefetch: u16) -> Result<Self, Fault> {
        Ok(Self { consumer: link.consume(topology::REQUEST_QUEUE, prefetch).await? })
    }

    /// The next request. After [`cancel`](Self::cancel) it returns those that had arrived before,
    /// then `None`. Cancel safe.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn next(&mut self) -> Result<Option<Taken>, Fault> {
        let delivery = self.consumer.next().await?;
        let settler = self.consumer.settler();
        Ok(delivery.map(|delivery| Taken {
            body: delivery.body,
            envelope: delivery.envelope,
            earlier: delivery.earlier,
            received: Instant::now(),
            tag: delivery.tag,
            settler,
        }))
    }

    /// Whether the broker can forget this consumer and not tell it: RabbitMQ can, when the queue is
    /// deleted and made again at once.
    pub fn can_be_forgotten(&self) -> bool {
        self.consumer.is_remote()
    }

    /// Stops taking requests.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn cancel(&mut self) -> Result<(), Fault> {
        self.consumer.cancel().await
    }
}

/// A request that was taken and is not yet settled. Dropping it does not settle it: it is delivered
/// again when its session ends.
pub struct Taken {
    /// The body, not yet read.
    pub body: Bytes,
    /// The named properties.
    pub envelope: Envelope,
    /// How often it was delivered before.
    pub earlier: u32,
    /// When it was taken.
    pub received: Instant,
    tag: Tag,
    settler: Settler,
}

impl Taken {
    /// Acknowledges it. Its missions are stored, or it was set aside.
    ///
    /// # Errors
    /// The channel is gone: it is delivered again.
    pub fn ack(&self) -> Result<(), Fault> {
        self.settler.ack(self.tag)
    }

    /// Returns it to the queue. That counts as a delivery.
    ///
    /// # Errors
    /// The channel is gone: it is delivered again anyway.
    pub fn release(&self) -> Result<(), Fault> {
        self.settler.release(self.tag)
    }
}
