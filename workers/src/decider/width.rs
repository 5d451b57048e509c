//! How many requests a decider takes at a time, and which of them alone.
//!
//! It begins narrow: one at a time. It widens when a request that was never delivered before is
//! stored. It goes narrow again when it meets a suspect: a request that was delivered twice before
//! and may be what killed its deciders. A suspect is tried when everything else is settled, so that
//! it takes no neighbour with it.
//!
//! While nobody answers, a wide decider takes no more requests. While some replicas answer, a
//! request that waits for another one keeps its place, so that a slow replica costs its own share.

use bus::{Fault, Link, Requests, Taken};
use seams::{Mutant, planted};
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::renewal::Renewal;
use super::settled::Settled;
use super::triage::SUSPECT;

/// Requests that a wide decider takes at a time; after a silence it holds at most twice as many.
/// This bounds its memory as far as the broker bounds the size of a message.
const WIDE: u16 = 64;
/// When so many of the requests that one consumer took wait beside the work, another consumer takes
/// the next ones: the broker counts those that wait toward the first one's limit.
const WAITING: usize = 32;

/// What takes the requests of one session.
pub(super) struct Width<'a, H> {
    consuming: &'a Link,
    stop: &'a CancellationToken,
    silent_steps: watch::Receiver<usize>,
    renewal: Renewal,
    /// Works on one request and settles it.
    handle: H,
}

/// Why a wide decider stopped taking requests.
enum Ended {
    /// A stop, a silence, too many that wait, or a renewal: those that were taken go on.
    Paused,
    /// Suspects: one is tried when everything else is settled.
    Suspects(Vec<Taken>),
}

type Tasks = JoinSet<Result<Settled, Fault>>;

impl<'a, H, F> Width<'a, H>
where
    H: Fn(Taken) -> F,
    F: Future<Output = Result<Settled, Fault>> + Send + 'static,
{
    pub(super) fn new(
        consuming: &'a Link,
        stop: &'a CancellationToken,
        silent_steps: watch::Receiver<usize>,
        handle: H,
    ) -> Self {
        Self { consuming, stop, silent_steps, renewal: Renewal::default(), handle }
    }

    /// Takes requests until the stop, and then settles what it holds.
    ///
    /// # Errors
    /// A fault: the session is over.
    pub(super) async fn run(mut self) -> Result<(), Fault> {
        while !self.stop.is_cancelled() {
            self.narrow().await?;
            if let Some(suspect) = self.wide().await? {
                self.alone(suspect).await?;
            }
        }
        Ok(())
    }

    /// Works on one request while nothing else is worked on.
    async fn alone(&self, taken: Taken) -> Result<Settled, Fault> {
        // In a task of its own: a panic is a fault of this session, not the end of the role.
        finished(AbortOnDropHandle::new(tokio::spawn((self.handle)(taken))).await)
    }

    /// One at a time, until one is stored that was never delivered before, or a stop.
    async fn narrow(&mut self) -> Result<(), Fault> {
        while !self.stop.is_cancelled() {
            if self.narrow_until_fresh().await? {
                break;
            }
        }
        Ok(())
    }

    /// One at a time, up to the first that was never delivered before. Says whether it is stored.
    async fn narrow_until_fresh(&mut self) -> Result<bool, Fault> {
        let mut requests = Requests::take(self.consuming, 1).await?;
        let forgettable = requests.can_be_forgotten();
        loop {
            let taken = tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                taken = requests.next() => taken?,
                () = self.renewal.due(), if forgettable => break,
            };
            let Some(taken) = taken else { break };
            self.renewal.postpone();
            if taken.earlier == 0 {
                // Cancelled while this one is unsettled, so that no other is on its way: a request
                // on its way to a consumer that is cancelled goes back to the queue, and RabbitMQ
                // counts that as a failed delivery.
                requests.cancel().await?;
                return Ok(self.alone(taken).await? == Settled::Stored);
            }
            if self.alone(taken).await? == Settled::Waits {
                break; // the broker would give this consumer no other
            }
        }
        requests.cancel().await?;
        while let Some(taken) = requests.next().await? {
            self.alone(taken).await?;
        }
        Ok(false)
    }

    /// Many at a time, until a stop or a suspect; then settles all but the suspect.
    async fn wide(&mut self) -> Result<Option<Taken>, Fault> {
        let mut tasks = Tasks::new();
        let mut suspects = Vec::new();
        while suspects.is_empty() && !self.stop.is_cancelled() {
            if let Ended::Suspects(met) = self.take_wide(&mut tasks).await? {
                suspects = met;
            } else {
                self.until_answered(&mut tasks).await?;
            }
        }
        // Only one can be tried alone; the others are for whoever takes them next.
        for other in suspects.drain(suspects.len().min(1)..) {
            other.release()?;
        }
        while let Some(done) = tasks.join_next().await {
            finished(done)?;
        }
        Ok(suspects.pop())
    }

    /// Many at a time, from one consumer.
    async fn take_wide(&mut self, tasks: &mut Tasks) -> Result<Ended, Fault> {
        let mut requests = Requests::take(self.consuming, WIDE).await?;
        let forgettable = requests.can_be_forgotten();
        let (mut waiting, mut suspects) = (0, Vec::new());
        while suspects.is_empty() && waiting < WAITING {
            tokio::select! {
                biased; // what is done makes room for more
                () = self.stop.cancelled() => break,
                () = silence(&mut self.silent_steps) => {
                    tracing::warn!("nobody answers; no more requests are taken");
                    break;
                }
                Some(done) = tasks.join_next() => {
                    waiting += usize::from(finished(done)? == Settled::Waits);
                }
                taken = requests.next() => match taken? {
                    Some(taken) => self.start(taken, tasks, &mut suspects),
                    None => break,
                },
                // Only then: those that are worked on have their place at the broker.
                () = self.renewal.due(), if forgettable && tasks.is_empty() => break,
            }
        }
        requests.cancel().await?;
        while let Some(taken) = requests.next().await? {
            self.start(taken, tasks, &mut suspects);
        }
        Ok(if suspects.is_empty() { Ended::Paused } else { Ended::Suspects(suspects) })
    }

    /// Waits until somebody answers and what is held has room for more, or for a stop.
    async fn until_answered(&mut self, tasks: &mut Tasks) -> Result<(), Fault> {
        while *self.silent_steps.borrow() > 0 || tasks.len() > usize::from(WIDE) {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => break,
                Some(done) = tasks.join_next() => {
                    finished(done)?;
                }
                changed = self.silent_steps.changed() => if changed.is_err() {
                    break; // the work of this session has ended
                },
            }
        }
        Ok(())
    }

    /// Begins the work; a suspect is kept back.
    fn start(&mut self, taken: Taken, tasks: &mut Tasks, suspects: &mut Vec<Taken>) {
        self.renewal.postpone();
        if taken.earlier >= SUSPECT && !planted(Mutant::CountNeverRises) {
            suspects.push(taken);
        } else {
            tasks.spawn((self.handle)(taken));
        }
    }
}

/// Waits until nobody answers some step of the work.
async fn silence(silent_steps: &mut watch::Receiver<usize>) {
    if silent_steps.wait_for(|steps| *steps > 0).await.is_err() {
        std::future::pending().await // the work of this session has ended
    }
}

/// A task that panicked is a fault, too: its request is delivered again, and in the end alone.
fn finished(done: Result<Result<Settled, Fault>, JoinError>) -> Result<Settled, Fault> {
    done.unwrap_or_else(|panic| {
        Err(Fault::Broker { step: "handle a request", reason: panic.to_string() })
    })
}
