//! Consuming: deliveries, and how they are settled.

use std::time::Duration;

use telemetry::{Counter, Destination};
use tokio::time::{Instant, sleep};

use crate::{Delivery, Fault, Tag, amqp, memory};

/// Deliveries that [`Consumer::hand_out`] acknowledges at once; far fewer than the prefetch allows.
const TOGETHER: u32 = 32;
/// The longest that one of them waits for it; far shorter than the broker's consumer timeout.
const PAUSE: Duration = Duration::from_secs(1);

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
            ConsumerKind::Memory(consumer) => consumer.next().await?,
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

    /// Passes every delivery to `take`. Acknowledges 32 deliveries at once, or fewer after
    /// 1 s: for queues whose deliveries nobody wants a second time.
    ///
    /// # Errors
    /// The fault that ends the session; it does not end otherwise.
    pub async fn hand_out(mut self, mut take: impl FnMut(Delivery)) -> Result<(), Fault> {
        let settler = self.settler();
        let mut unacknowledged = Unacknowledged::default();
        let pause = sleep(PAUSE);
        tokio::pin!(pause);
        loop {
            let next = tokio::select! {
                biased;
                next = self.next() => next?,
                () = &mut pause, if unacknowledged.last.is_some() => {
                    unacknowledged.acknowledge(&settler)?;
                    continue;
                }
            };
            let Some(delivery) = next else { return Ok(()) };
            if unacknowledged.last.is_none() {
                pause.as_mut().reset(Instant::now() + PAUSE);
            }
            unacknowledged.note(delivery.tag);
            take(delivery);
            if unacknowledged.count >= TOGETHER {
                unacknowledged.acknowledge(&settler)?;
            }
        }
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

    /// Whether it consumes from a server.
    pub(crate) fn is_remote(&self) -> bool {
        matches!(self.kind, ConsumerKind::Amqp(_))
    }

    /// What settles the deliveries of this consumer.
    pub fn settler(&self) -> Settler {
        match &self.kind {
            ConsumerKind::Amqp(consumer) => Settler(SettlerKind::Amqp(consumer.settler())),
            ConsumerKind::Memory(consumer) => Settler(SettlerKind::Memory(consumer.settler())),
        }
    }
}

/// Deliveries that were taken and are not yet acknowledged.
#[derive(Default)]
struct Unacknowledged {
    last: Option<Tag>,
    count: u32,
}

impl Unacknowledged {
    fn note(&mut self, tag: Tag) {
        self.last = Some(tag);
        self.count += 1;
    }

    fn acknowledge(&mut self, settler: &Settler) -> Result<(), Fault> {
        self.count = 0;
        match self.last.take() {
            Some(last) => settler.ack_up_to(last),
            None => Ok(()),
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
    pub fn ack(&self, tag: Tag) -> Result<(), Fault> {
        match &self.0 {
            SettlerKind::Amqp(settler) => settler.ack(tag, false),
            SettlerKind::Memory(settler) => settler.ack(tag),
        }
    }

    /// Acknowledges this delivery and every earlier one of its consumer.
    ///
    /// # Errors
    /// The channel is gone: they are delivered again.
    pub fn ack_up_to(&self, tag: Tag) -> Result<(), Fault> {
        match &self.0 {
            SettlerKind::Amqp(settler) => settler.ack(tag, true),
            SettlerKind::Memory(settler) => settler.ack_up_to(tag),
        }
    }

    /// Returns this delivery to its queue, which counts as a failed delivery. It uses `reject`,
    /// because RabbitMQ 4.3 does not count `nack`.
    ///
    /// # Errors
    /// The channel is gone: it is delivered again anyway.
    pub fn release(&self, tag: Tag) -> Result<(), Fault> {
        match &self.0 {
            SettlerKind::Amqp(settler) => settler.release(tag),
            SettlerKind::Memory(settler) => settler.release(tag),
        }
    }
}
