//! A consumer takes messages from its queue, as many as its prefetch allows.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use schemas::drills::Drill;
use tokio::sync::Notify;

use super::broker::{Aside, Broker};
use super::connection::{Attached, Connection};
use super::queue::{Message, Queue};
use super::server::{Connected, Consuming};
use crate::own_queue::OwnQueue;
use crate::{Confirmed, Delivery, Drills, Fault, Tag};

pub(crate) struct Consumer {
    held: Settler,
    prefetch: usize,
    next_tag: u64,
    cancelled: bool,
    /// While this drill lasts it takes nothing.
    pause: Option<(Drills, Drill)>,
}

/// What was delivered and is not yet settled.
#[derive(Clone)]
pub(crate) struct Settler(Arc<Held>);

type Unsettled = VecDeque<(u64, Message)>;

struct Held {
    broker: Arc<Broker>,
    queue: Arc<Queue>,
    /// Only if the broker is simulated.
    attached: Option<Attached>,
    /// The name of the queue, if it was declared for this consumer: then it is deleted with it.
    own: Option<String>,
    /// By tag, the oldest first.
    unsettled: Mutex<Unsettled>,
    settled: Notify,
}

impl Consumer {
    /// Consumes a queue of the table.
    pub(super) fn new(
        broker: &Arc<Broker>,
        connection: Option<&Arc<Connection>>,
        name: &str,
        prefetch: u16,
    ) -> Result<Self, Fault> {
        let missing = || Fault::Cancelled(name.to_owned());
        let pause = broker.pause(name);
        let queue = broker.queue(name).ok_or_else(missing)?;
        let attached = connection.map(|connection| connection.attach(name));
        let mut consumer = Self::of(broker, queue, attached, prefetch, None);
        consumer.pause = pause;
        Ok(consumer)
    }

    /// Declares a queue of its own and consumes it.
    pub(super) fn own(
        broker: &Arc<Broker>,
        connection: Option<&Arc<Connection>>,
        (name, own): (&str, OwnQueue),
        prefetch: u16,
    ) -> Result<Self, Fault> {
        let queue = broker.declare_own(name, own)?;
        let attached = connection.map(|connection| connection.attach(name));
        Ok(Self::of(broker, queue, attached, prefetch, Some(name.to_owned())))
    }

    fn of(
        broker: &Arc<Broker>,
        queue: Arc<Queue>,
        attached: Option<Attached>,
        prefetch: u16,
        own: Option<String>,
    ) -> Self {
        queue.consumer_begins();
        let held = Held {
            broker: Arc::clone(broker),
            queue,
            attached,
            own,
            unsettled: Mutex::default(),
            settled: Notify::new(),
        };
        let held = Settler(Arc::new(held));
        if let Some(attached) = &held.0.attached {
            let known: Weak<Held> = Arc::downgrade(&held.0);
            attached.connection.add(known);
        }
        Self { held, prefetch: prefetch.into(), next_tag: 1, cancelled: false, pause: None }
    }

    /// The next delivery.
    ///
    /// # Errors
    /// The broker is simulated, and the connection lost or the consumer ended.
    pub(crate) async fn next(&mut self) -> Result<Option<Delivery>, Fault> {
        if self.held.0.attached.is_none() {
            return Ok(self.arrival().await);
        }
        let held = Arc::clone(&self.held.0);
        let Some(attached) = &held.attached else { return Ok(None) };
        tokio::select! {
            biased;
            fault = attached.connection.lost() => Err(fault),
            () = attached.ended.cancelled() => Err(Fault::Cancelled(attached.queue.clone())),
            next = self.arrival() => Ok(next),
        }
    }

    async fn arrival(&mut self) -> Option<Delivery> {
        loop {
            if let Some(delivery) = self.ready() {
                return Some(delivery);
            }
            if self.cancelled {
                return None;
            }
            if let Some((drills, drill)) = self.lasting_pause() {
                drills.over(*drill).await;
                continue;
            }
            // Each keeps a permit for a waiter that comes too late, so no wake-up is lost. Whoever
            // may not take does not listen for arrivals: it would take another's wake-up.
            if self.held.0.unsettled().len() >= self.prefetch {
                self.held.0.settled.notified().await;
            } else {
                self.held.0.queue.arrival().await;
            }
        }
    }

    pub(crate) fn ready(&mut self) -> Option<Delivery> {
        if self.cancelled || self.lasting_pause().is_some() || self.held.0.is_gone() {
            return None;
        }
        let mut unsettled = self.held.0.unsettled();
        if unsettled.len() >= self.prefetch {
            return None;
        }
        let (message, expired) = self.held.0.queue.pop();
        self.held.0.set_aside(expired, Aside::Expired);
        let message = message?;
        let tag = Tag(self.next_tag);
        self.next_tag += 1;
        let delivery = Delivery {
            body: message.body.clone(),
            envelope: message.envelope.clone(),
            earlier: message.earlier,
            tag,
        };
        if let Some(Attached { connection, queue, .. }) = &self.held.0.attached {
            connection.delivered(queue, &delivery.envelope, delivery.earlier);
        }
        unsettled.push_back((tag.0, message));
        Some(delivery)
    }

    fn lasting_pause(&self) -> Option<&(Drills, Drill)> {
        self.pause.as_ref().filter(|(drills, drill)| drills.left(*drill).is_some())
    }

    pub(crate) fn cancel(&mut self) {
        if !std::mem::replace(&mut self.cancelled, true) {
            self.held.0.queue.consumer_ends();
        }
    }

    pub(crate) fn settler(&self) -> Settler {
        self.held.clone()
    }
}

impl Drop for Consumer {
    fn drop(&mut self) {
        self.cancel();
        self.held.0.delete_own();
    }
}

/// As on a channel of the server: unsettled messages return to the queue when nobody can settle
/// them any more, not when the consumer is dropped.
impl Drop for Held {
    fn drop(&mut self) {
        let unsettled = std::mem::take(&mut *self.unsettled());
        self.give_back(unsettled.into_iter().map(|(_, message)| message));
    }
}

impl Settler {
    pub(crate) fn ack(&self, tag: Tag) -> Result<(), Fault> {
        self.0.note_settled(true);
        let acked = self.0.take(tag);
        self.0.settled.notify_one();
        acked.map(drop)
    }

    pub(crate) fn ack_up_to(&self, tag: Tag) -> Result<(), Fault> {
        self.0.note_settled(true);
        let mut unsettled = self.0.unsettled();
        let acked = unsettled.partition_point(|(held, _)| *held <= tag.0);
        unsettled.drain(..acked);
        drop(unsettled);
        self.0.settled.notify_one();
        if acked == 0 { Err(Fault::StaleAck) } else { Ok(()) }
    }

    pub(crate) fn release(&self, tag: Tag) -> Result<(), Fault> {
        self.0.note_settled(false);
        let message = self.0.take(tag)?;
        self.0.give_back(std::iter::once(message));
        self.0.settled.notify_one();
        Ok(())
    }
}

impl Consuming for Held {
    fn is_of(&self, queue: &str) -> bool {
        self.attached.as_ref().is_some_and(|attached| attached.queue == queue)
    }

    fn unsettled_count(&self) -> usize {
        self.unsettled().len()
    }

    fn end(&self) {
        self.attached.as_ref().inspect(|attached| attached.ended.cancel());
    }

    fn lose(&self) {
        let unsettled = std::mem::take(&mut *self.unsettled());
        self.give_back(unsettled.into_iter().map(|(_, message)| message));
        self.delete_own();
    }
}

impl Held {
    fn unsettled(&self) -> MutexGuard<'_, Unsettled> {
        self.unsettled.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_gone(&self) -> bool {
        let gone =
            |attached: &Attached| attached.connection.is_lost() || attached.ended.is_cancelled();
        self.attached.as_ref().is_some_and(gone)
    }

    fn note_settled(&self, acknowledged: bool) {
        if let Some(Attached { connection, queue, .. }) = &self.attached {
            connection.settled(queue, acknowledged);
        }
    }

    fn delete_own(&self) {
        if let Some(name) = &self.own {
            self.broker.delete_own(name, &self.queue);
        }
    }

    fn take(&self, tag: Tag) -> Result<Message, Fault> {
        let mut unsettled = self.unsettled();
        let place = unsettled.binary_search_by_key(&tag.0, |(held, _)| *held);
        let place = place.map_err(|_| Fault::StaleAck)?;
        unsettled.remove(place).map(|(_, message)| message).ok_or(Fault::StaleAck)
    }

    fn give_back(&self, unsettled: impl DoubleEndedIterator<Item = Message>) {
        self.set_aside(self.queue.give_back(unsettled), Aside::FailedTooOften);
    }

    fn set_aside(&self, messages: Vec<Message>, why: Aside) {
        for message in messages {
            if self.broker.set_aside(&message, why) != Confirmed::Taken {
                self.queue.keep(message); // until the dead letter queue has room
            }
        }
    }
}
