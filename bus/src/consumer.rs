//! Consuming: deliveries, and how they are settled.

use telemetry::{Counter, Destination};

use crate::{Delivery, Fault, Tag, amqp, memory};

/// A consumer of one queue.
pub struct Consumer {
    kind: ConsumerKind,
    consumed: &'static Counter,
}

enum ConsumerKind {
    Amqp(Box<amqp::Consumer>),
    Memory(memory::Consumer),
}

impl Consumer {
    pub(crate) fn amqp(queue: &str, consumer: amqp::Consumer) -> Self {
        Self::new(queue, ConsumerKind::Amqp(Box::new(consumer)))
    }

    pub(crate) fn memory(queue: &str, consumer: memory::Consumer) -> Self {
        Self::new(queue, ConsumerKind::Memory(consumer))
    }

    fn new(queue: &str, kind: ConsumerKind) -> Self {
        let consumed = telemetry::process().consumed.of(Destination::queue(queue));
        Self { kind, consumed }
    }

    /// The next delivery. After [`cancel`](Self::cancel) it returns those that had arrived before,
    /// then `None`. Cancel safe.
    ///
    /// # Errors
    /// The consumer was ended by the broker, or the connection is lost.
    pub async fn next(&mut self) -> Result<Option<Delivery>, Fault> {
        let next = match &mut self.kind {
            ConsumerKind::Amqp(consumer) => consumer.next().await?,
            ConsumerKind::Memory(consumer) => consumer.next().await,
        };
        Ok(next.inspect(|_| self.consumed.one()))
    }

    /// The next delivery, if one is ready.
    ///
    /// # Errors
    /// As [`next`](Self::next).
    pub fn ready(&mut self) -> Result<Option<Delivery>, Fault> {
        let ready = match &mut self.kind {
            ConsumerKind::Amqp(consumer) => consumer.ready()?,
            ConsumerKind::Memory(consumer) => consumer.ready(),
        };
        Ok(ready.inspect(|_| self.consumed.one()))
    }

    /// Passes every delivery to `take`, and acknowledges together all that were ready.
    ///
    /// # Errors
    /// The fault that ends the session; it does not end otherwise.
    pub async fn hand_out(mut self, mut take: impl FnMut(Delivery)) -> Result<(), Fault> {
        let settler = self.settler();
        while let Some(first) = self.next().await? {
            let mut last = first.tag;
            take(first);
            while let Some(delivery) = self.ready()? {
                last = delivery.tag;
                take(delivery);
            }
            settler.ack_up_to(last).await?;
        }
        Ok(())
    }

    /// Stops further deliveries; those already here still come out of [`next`](Self::next).
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn cancel(&mut self) -> Result<(), Fault> {
        match &mut self.kind {
            ConsumerKind::Amqp(consumer) => consumer.cancel().await,
            ConsumerKind::Memory(consumer) => {
                consumer.cancel();
                Ok(())
            }
        }
    }

    /// What settles the deliveries of this consumer.
    pub fn settler(&self) -> Settler {
        match &self.kind {
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

    /// Returns this delivery to its queue, which counts as a failed delivery. It uses `reject`,
    /// because RabbitMQ 4.3 does not count `nack`.
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
