//! The requester publishes a message and gathers the replies to it by correlation id.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use schemas::topology::{Exchange, reply_queue};
use schemas::{MessageType, Role, Stamps};
use seams::{Mutant, chance, planted};
use telemetry::{Ask, Destination, RoleMetrics};
use tokio::sync::mpsc;
use tokio::sync::mpsc::error::TrySendError;
use tokio::time::{Instant, timeout_at};

use crate::{Consumer, CopyTo, Dropped, Envelope, Fault, Link, PREFETCH, Publisher, Why};

/// A reply to a question.
#[derive(Debug, Clone)]
pub struct Reply {
    /// What it holds.
    pub kind: MessageType,
    /// The body, not yet read.
    pub body: Bytes,
    /// Who has worked on it.
    pub stamps: Stamps,
    /// How often the question had been published when this reply was read: 1 or more.
    pub attempt: u32,
    /// Whether the caller has a copy of it.
    pub copied: bool,
}

/// Who gets a copy of a reply, and what it is told besides.
pub struct Copied {
    /// Who.
    pub to: CopyTo,
    /// The requester's own stamp, which ends when it asks, and the stamps of those who have worked on it
    /// so far.
    pub stamps: Stamps,
}

/// Publishes questions and gathers the replies on a reply queue of its own.
pub struct Requester {
    publisher: Publisher,
    address: String,
    pending: Arc<Pending>,
    /// One suspect is asked about at a time: whatever a responder holds when one kills it counts as
    /// returned, so the others would become suspects for its sake.
    suspects: tokio::sync::Mutex<()>,
    metrics: &'static RoleMetrics,
}

/// Reads the reply queue of a [`Requester`]. Run it beside the requester.
pub struct ReplyLoop {
    consumer: Consumer,
    pending: Arc<Pending>,
}

/// The questions in flight, by correlation id.
struct Pending {
    waiting: Mutex<Waiting>,
    dropped: Dropped,
}

#[derive(Default)]
struct Waiting {
    last: u64,
    asks: HashMap<u64, mpsc::Sender<Reply>>,
}

/// Replies to one question that may wait to be read; one or two are needed, more are dropped.
const ANSWERS: usize = 8;

/// Of a planted defect.
const NEVER: Duration = Duration::from_secs(24 * 60 * 60);

/// A question is repeated after 2, 4, 8, 16, then every 30 s.
fn pauses() -> impl Iterator<Item = Duration> {
    [2, 4, 8, 16].into_iter().chain(std::iter::repeat(30)).map(Duration::from_secs)
}

/// The header of this attempt: the first one has none.
fn later(attempt: u32) -> u32 {
    if attempt > 1 { attempt } else { 0 }
}

impl Requester {
    /// Declares the reply queue on `replies`, and will publish its questions with `publisher`.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub async fn open(
        role: Role,
        replies: &Link,
        publisher: Publisher,
    ) -> Result<(Self, ReplyLoop), Fault> {
        // The name is random, so nobody else can publish to this queue by guessing it.
        let address = reply_queue::name(role.name(), chance::uuid());
        let consumer = replies.consume_own(&address, PREFETCH).await?;
        let pending = Pending { waiting: Mutex::default(), dropped: Dropped::new(role.name()) };
        let pending = Arc::new(pending);
        let reply_loop = ReplyLoop { consumer, pending: Arc::clone(&pending) };
        let metrics = telemetry::of(role);
        let suspects = tokio::sync::Mutex::new(());
        Ok((Self { publisher, address, pending, suspects, metrics }, reply_loop))
    }

    /// The replies that were dropped. `gather` counts those that it cannot use.
    pub fn dropped(&self) -> &Dropped {
        &self.pending.dropped
    }

    /// Publishes a question about a message, and repeats it until `gather` returns a result. A question keeps its
    /// correlation id when it is repeated, so a late reply counts. `gather` is given each reply as
    /// it comes. It returns `None` when it needs another reply or cannot use this one. A
    /// question that is returned is asked again at once, with its count of tries. `copy` says who else
    /// gets the reply that says what is stored.
    ///
    /// # Errors
    /// A fault: the session is over. It waits without end: the caller sets a deadline.
    pub async fn ask<T>(
        &self,
        exchange: Exchange,
        about: &Envelope,
        copy: Option<Copied>,
        body: &[u8],
        mut gather: impl FnMut(Reply) -> Option<T>,
    ) -> Result<T, Fault> {
        let (mut answers, asked) = self.pending.register();
        let (copy_to, stamps) = copy.map(|copy| (copy.to, copy.stamps)).unzip();
        let mut envelope = Envelope {
            reply_to: Some(self.address.clone()),
            correlation_id: Some(asked.id.to_string()),
            copy_to,
            stamps: stamps.unwrap_or_default(),
            ..about.onward()
        };
        let (mut ask, mut attempt) = (Ask::First, 0_u32);
        let never = |pause| if planted(Mutant::NeverAskedAgain) { NEVER } else { pause };
        for pause in pauses().map(never) {
            loop {
                let _turn = match envelope.is_suspect() {
                    true => Some(self.suspects.lock().await),
                    false => None,
                };
                self.count(exchange, ask);
                attempt = attempt.saturating_add(1);
                envelope.attempt = later(attempt);
                let asking = self.publisher.send(exchange, "", &envelope, body);
                match answered(asking, pause, &mut answers, attempt, &mut gather).await? {
                    Answered::Gathered(gathered) => {
                        drop(asked); // no more come
                        while answers.try_recv().is_ok() {
                            self.pending.dropped.count(Why::Late, "its question has its result");
                        }
                        return Ok(gathered);
                    }
                    Answered::Returned => {
                        envelope.tries = envelope.tries.saturating_add(1);
                        ask = Ask::Returned;
                    }
                    Answered::Overdue => break,
                }
            }
            ask = Ask::Overdue;
        }
        Err(Fault::Timeout { step: "ask", deadline: Duration::MAX }) // the pauses never end
    }

    fn count(&self, exchange: Exchange, ask: Ask) {
        self.metrics.asks.of(Destination::exchange(exchange.name), ask).one();
    }
}

/// What became of one attempt to ask.
enum Answered<T> {
    /// `gather` has its result.
    Gathered(T),
    /// A process had the question before and did not answer it: ask again at once.
    Returned,
    /// There was no answer in time.
    Overdue,
}

/// Publishes a question and gathers its answers for as long as `pause`.
async fn answered<T>(
    asking: impl Future<Output = Result<(), Fault>>,
    pause: Duration,
    answers: &mut mpsc::Receiver<Reply>,
    attempt: u32,
    gather: &mut impl FnMut(Reply) -> Option<T>,
) -> Result<Answered<T>, Fault> {
    tokio::pin!(asking);
    // With the first poll it is on its way. To wait until it is written would only wake this thread
    // once more; an answer says as much.
    let asked = asking.as_mut().now_or_never().transpose()?;
    let until = Instant::now() + pause;
    while let Ok(Some(mut answer)) = timeout_at(until, answers.recv()).await {
        answer.attempt = attempt;
        let returned = answer.kind == MessageType::Returned;
        if let Some(gathered) = gather(answer) {
            return Ok(Answered::Gathered(gathered));
        }
        if returned {
            return Ok(Answered::Returned);
        }
    }
    // No more than one message of a question waits to be written.
    match asked {
        Some(()) => Ok(Answered::Overdue),
        None => asking.await.map(|()| Answered::Overdue),
    }
}

impl ReplyLoop {
    /// Hands each reply to its question. Late, unknown and malformed replies are counted and
    /// dropped.
    ///
    /// # Errors
    /// The fault that ends the session; it does not end otherwise.
    pub async fn run(self) -> Result<(), Fault> {
        let Self { consumer, pending } = self;
        consumer.hand_out(|delivery| pending.deliver(delivery.envelope, delivery.body)).await
    }
}

impl Pending {
    fn waiting(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn register(self: &Arc<Self>) -> (mpsc::Receiver<Reply>, Asked) {
        let (sender, answers) = mpsc::channel(ANSWERS);
        let mut waiting = self.waiting();
        waiting.last += 1;
        let id = waiting.last;
        waiting.asks.insert(id, sender);
        (answers, Asked { id, pending: Arc::clone(self) })
    }

    fn deliver(&self, envelope: Envelope, body: Bytes) {
        let (stamps, copied) = (envelope.stamps, envelope.copy_to.is_some());
        let id = envelope.correlation_id.as_deref().and_then(|id| id.parse().ok());
        let id =
            if planted(Mutant::WrongAsk) { self.waiting().asks.keys().min().copied() } else { id };
        let asker = id.and_then(|id: u64| self.waiting().asks.get(&id).cloned());
        let (why, what) = match (asker, envelope.kind) {
            (Some(asker), Some(kind)) => {
                match asker.try_send(Reply { kind, body, stamps, attempt: 1, copied }) {
                    Ok(()) => return,
                    Err(TrySendError::Full(_)) => (Why::TooMany, "one reply too many"),
                    Err(TrySendError::Closed(_)) => (Why::Late, "its question has its result"),
                }
            }
            (Some(_), None) => (Why::Malformed, "its type is unknown"),
            (None, _) => (Why::Late, "nobody waits for it"),
        };
        self.dropped.count(why, what);
    }
}

/// A question that waits for replies; it is removed when this is dropped.
struct Asked {
    id: u64,
    pending: Arc<Pending>,
}

impl Drop for Asked {
    fn drop(&mut self) {
        self.pending.waiting().asks.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_repeated_after_2_4_8_16_then_every_30_seconds() {
        let seconds: Vec<_> = pauses().take(7).map(|pause| pause.as_secs()).collect();
        assert_eq!(seconds, [2, 4, 8, 16, 30, 30, 30]);
    }
}
