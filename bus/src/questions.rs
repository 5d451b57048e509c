//! The questions of a queue: which are answered together, which alone, and which are returned.
//!
//! A question that was delivered before may be what killed the process that had it. It is returned
//! to its requester, which counts that and repeats it. A question that was returned twice is a
//! suspect: it is answered alone, when nothing else is ready, so that it takes no neighbour with it.

use schemas::Role;
use schemas::topology::{Queue, reply_queue};
use seams::chance;
use serde::de::DeserializeOwned;
use telemetry::Handled;
use tokio_util::sync::CancellationToken;

use crate::prefetch::Prefetch;
use crate::{Consumer, Delivery, Envelope, Fault, Link, Tag};

/// While other questions are ready, suspects wait for so many batches of them.
const PATIENCE: usize = 16;

/// A question, and where its reply goes.
struct Asked<Q> {
    tag: Tag,
    envelope: Envelope,
    question: Q,
}

/// What is to be done next.
pub(crate) struct Batch<Q> {
    /// Where the replies go, one for each question.
    pub(crate) envelopes: Vec<Envelope>,
    /// To be answered together.
    pub(crate) questions: Vec<Q>,
    /// To be returned.
    pub(crate) returned: Vec<Envelope>,
    /// What is acknowledged afterwards.
    tags: Vec<Tag>,
    /// How much its questions count together: their missions.
    pub(crate) weight: usize,
    /// Whether it holds one suspect and nothing else.
    alone: bool,
}

/// The questions of a queue. `weigh` says how much one counts toward `limit`.
pub(crate) struct Questions<'a, Q> {
    link: &'a Link,
    queue: Queue,
    consumer: Consumer,
    prefetch: Prefetch,
    role: Role,
    weigh: fn(&Q) -> usize,
    limit: usize,
    /// At most as many as the consumer's prefetch.
    suspects: Vec<Asked<Q>>,
    batches: usize,
    cancelled: bool,
}

impl<'a, Q: DeserializeOwned> Questions<'a, Q> {
    /// Consumes the queue.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(crate) async fn consume(
        link: &'a Link,
        queue: Queue,
        role: Role,
        weigh: fn(&Q) -> usize,
        limit: usize,
    ) -> Result<Self, Fault> {
        let prefetch = Prefetch::new();
        let consumer = link.consume(queue, prefetch.current()).await?;
        let (suspects, batches, cancelled) = (Vec::new(), 0, false);
        Ok(Self {
            link,
            queue,
            consumer,
            prefetch,
            role,
            weigh,
            limit,
            suspects,
            batches,
            cancelled,
        })
    }

    /// The next batch; `None` after the stop, when those that were taken are answered.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(crate) async fn next(
        &mut self,
        stop: &CancellationToken,
    ) -> Result<Option<Batch<Q>>, Fault> {
        if self.suspects.is_empty() {
            let Some(first) = self.first(stop).await? else { return Ok(None) };
            let batch = self.gather(first)?;
            // Not while there are suspects: they are acknowledged on this consumer.
            let may_change = self.suspects.is_empty() && !self.cancelled;
            if may_change && self.prefetch.after(batch.tags.len()) {
                self.cancel().await?;
            }
            return Ok(Some(batch));
        }
        if stop.is_cancelled() {
            return Ok(None);
        }
        if self.batches < PATIENCE
            && let Some(first) = self.consumer.ready()?
        {
            self.batches += 1;
            return self.gather(first).map(Some);
        }
        self.batches = 0;
        Ok(Some(self.suspect()))
    }

    /// The next delivery. After the stop no more are taken; those that were taken are still
    /// answered, so that none is returned without need.
    async fn first(&mut self, stop: &CancellationToken) -> Result<Option<Delivery>, Fault> {
        loop {
            if !self.cancelled {
                if let Some(first) = stop.run_until_cancelled(self.consumer.next()).await {
                    return first;
                }
                self.cancel().await?;
            }
            if let Some(first) = self.consumer.next().await? {
                return Ok(Some(first));
            }
            if stop.is_cancelled() {
                return Ok(None);
            }
            self.consumer = self.link.consume(self.queue, self.prefetch.current()).await?;
            self.cancelled = false;
        }
    }

    async fn cancel(&mut self) -> Result<(), Fault> {
        self.cancelled = true;
        self.consumer.cancel().await
    }

    /// Acknowledges a batch. To be called after its replies were sent: if this process ends before
    /// it, the questions are delivered again.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(crate) fn settle(&mut self, batch: Batch<Q>) -> Result<(), Fault> {
        let settler = self.consumer.settler();
        if self.suspects.is_empty() && !batch.alone {
            return match batch.tags.last() {
                Some(last) => settler.ack_up_to(*last),
                None => Ok(()),
            };
        }
        for tag in batch.tags {
            settler.ack(tag)?;
        }
        Ok(())
    }

    /// One of the suspects, at random: an innocent one is not always behind the one that kills.
    fn suspect(&mut self) -> Batch<Q> {
        let chosen = index(self.suspects.len());
        let mut batch = Batch { alone: true, ..empty() };
        if chosen < self.suspects.len() {
            let Asked { tag, envelope, question } = self.suspects.swap_remove(chosen);
            batch.weight = (self.weigh)(&question);
            batch.tags.push(tag);
            batch.envelopes.push(envelope);
            batch.questions.push(question);
        }
        batch
    }

    /// The questions that are ready, up to the limit; suspects are kept back.
    fn gather(&mut self, first: Delivery) -> Result<Batch<Q>, Fault> {
        let (mut batch, mut next) = (empty(), Some(first));
        while let Some(delivery) = next {
            let (tag, earlier) = (delivery.tag, delivery.earlier);
            match read(self.role, delivery) {
                None => {
                    telemetry::of(self.role).handled.of(Handled::Dropped).one();
                    batch.tags.push(tag);
                }
                Some((envelope, _)) if earlier > 0 => {
                    batch.tags.push(tag);
                    batch.returned.push(envelope);
                }
                Some((envelope, question)) if envelope.is_suspect() => {
                    self.suspects.push(Asked { tag, envelope, question });
                }
                Some((envelope, question)) => {
                    batch.weight += (self.weigh)(&question);
                    batch.tags.push(tag);
                    batch.envelopes.push(envelope);
                    batch.questions.push(question);
                }
            }
            // A question weighs at most as much as a request may list.
            let has_room = batch.weight + schemas::MissionIds::MAX <= self.limit;
            next = if has_room { self.consumer.ready()? } else { None };
        }
        Ok(batch)
    }
}

/// One of so many places.
fn index(places: usize) -> usize {
    let last = places.saturating_sub(1);
    usize::try_from(chance::within(0..=last as u64)).unwrap_or(last)
}

fn empty<Q>() -> Batch<Q> {
    Batch {
        envelopes: Vec::new(),
        questions: Vec::new(),
        returned: Vec::new(),
        tags: Vec::new(),
        weight: 0,
        alone: false,
    }
}

/// A question that cannot be read, or whose reply would have nowhere to go, is dropped: our own
/// processes do not write such a question, and nobody waits for its reply.
fn read<Q: DeserializeOwned>(role: Role, delivery: Delivery) -> Option<(Envelope, Q)> {
    let ours = |address: &str| address.starts_with(reply_queue::PREFIX);
    if !delivery.envelope.reply_to.as_deref().is_some_and(ours) {
        tracing::warn!(role = role.name(), "dropped a question without a return address of ours");
        return None;
    }
    match serde_json::from_slice(&delivery.body) {
        Ok(question) => Some((delivery.envelope, question)),
        Err(error) => {
            tracing::warn!(role = role.name(), %error, "dropped a question that cannot be read");
            None
        }
    }
}
