//! Replays that are carried out beside the requests that asked for them, a bounded number at a time.
//! What they do is recorded in the table; what is remembered here is the rest: what was left alone,
//! and what a replay waits for.

use std::collections::VecDeque;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bus::Broker;
use dead_letters::batch::Batch;
use dead_letters::{Clock, Error, Event, Outcome};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use schemas::ActionId;
use schemas::dead_letter::{BatchId, State, Who};
use schemas::http::{Left, Meant};
use store::Store;
use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;

/// Replays that are carried out at a time, and as many that wait.
const TOGETHER: usize = 8;
/// Replays that are remembered.
const REMEMBERED: usize = 256;
/// How long it is looked what became of a replay. Whoever reads its record later looks again.
const FOLLOWED: Duration = Duration::from_secs(120);

/// What is to be replayed.
pub(super) struct Job {
    pub(super) id: BatchId,
    pub(super) who: Who,
    pub(super) letters: Vec<(Meant, ActionId)>,
    pub(super) rate: NonZeroU32,
}

/// What is remembered of one.
#[derive(Debug, Clone, Default)]
pub(super) struct Run {
    /// What was left alone.
    pub(super) left: Vec<Left>,
    /// Whether nothing is done any more.
    pub(super) ended: bool,
    /// What it waits for, or why it ended early.
    pub(super) waits: Option<String>,
}

/// Replays that are carried out, and what is remembered of them.
pub(crate) struct Runs {
    jobs: Sender<Job>,
    inbox: tokio::sync::Mutex<Receiver<Job>>,
    seen: Mutex<VecDeque<(BatchId, Run)>>,
}

impl Runs {
    /// None yet. [`run`](Self::run) has to run beside it.
    pub(crate) fn new() -> Self {
        let (jobs, inbox) = mpsc::channel(TOGETHER);
        Self { jobs, inbox: tokio::sync::Mutex::new(inbox), seen: Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, VecDeque<(BatchId, Run)>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is remembered of this one.
    pub(super) fn of(&self, id: BatchId) -> Option<Run> {
        self.seen().iter().find(|(other, _)| *other == id).map(|(_, run)| run.clone())
    }

    /// Remembers one in place of the oldest.
    pub(super) fn remember(&self, id: BatchId, run: Run) {
        let mut seen = self.seen();
        seen.retain(|(other, _)| *other != id);
        while seen.len() >= REMEMBERED {
            seen.pop_front();
        }
        seen.push_back((id, run));
    }

    /// Begins a replay, unless it runs already. Says whether it could: too many may run.
    pub(super) fn begin(&self, job: Job, left: Vec<Left>) -> bool {
        if self.of(job.id).is_some_and(|run| !run.ended) {
            return true;
        }
        let Ok(place) = self.jobs.try_reserve() else { return false };
        self.remember(job.id, Run { left, ended: job.letters.is_empty(), waits: None });
        if !job.letters.is_empty() {
            place.send(job);
        }
        true
    }

    fn change(&self, id: BatchId, change: impl FnOnce(&mut Run)) {
        if let Some((_, run)) = self.seen().iter_mut().find(|(other, _)| *other == id) {
            change(run);
        }
    }

    /// Carries out what begins until `stop`, then what each is doing with one letter.
    pub(crate) async fn run(
        &self,
        broker: &Broker,
        store: &Store,
        clock: Clock,
        stop: &CancellationToken,
    ) {
        let mut inbox = self.inbox.lock().await;
        let mut running = FuturesUnordered::new();
        while !(stop.is_cancelled() && running.is_empty()) {
            tokio::select! {
                biased;
                Some(job) = inbox.recv(), if running.len() < TOGETHER && !stop.is_cancelled() => {
                    running.push(self.carry_out(job, broker, store, clock, stop));
                }
                Some(()) = running.next(), if !running.is_empty() => {}
                () = stop.cancelled(), if !stop.is_cancelled() => {}
            }
        }
    }

    async fn carry_out(
        &self,
        job: Job,
        broker: &Broker,
        store: &Store,
        clock: Clock,
        stop: &CancellationToken,
    ) {
        let Job { id, who, letters, rate } = job;
        let name = "gateway dead letters";
        let batch = Batch { store, broker, clock, who: &who, name, stop };
        let mut tell = |event: Event<'_>| {
            self.change(id, |run| run.note(event));
            Ok::<(), Ended>(())
        };
        let carried_out = async {
            let published = batch.replay(letters, rate, &mut tell).await?;
            batch.follow(published, FOLLOWED, &mut tell).await
        };
        let waits = carried_out.await.err().map(|Ended(error)| {
            tracing::warn!(%id, error, "a replay of dead letters ended early");
            format!("it ended early: {error}; repeat the order with the same id to go on")
        });
        self.change(id, |run| (run.ended, run.waits) = (true, waits));
    }
}

/// Why a replay ended early.
struct Ended(String);

impl From<Error> for Ended {
    fn from(error: Error) -> Self {
        Self(away(&error).to_owned())
    }
}

/// In words that may be shown: what a server says itself may name hosts and users.
fn away(error: &Error) -> &'static str {
    tracing::debug!(%error, "a replay of dead letters waits");
    match error {
        Error::Database(_) => "the database does not answer",
        Error::Broker(_) => "RabbitMQ is away",
    }
}

impl Run {
    fn note(&mut self, event: Event<'_>) {
        self.waits = match event {
            Event::Waits(error) => Some(away(error).to_owned()),
            Event::Held(who, left) => Some(format!(
                "{who} is replaying a letter; it is tried again in {} s",
                left.as_secs() + 1
            )),
            Event::Others(id) => {
                let why = "nothing is done: somebody else has published it".to_owned();
                self.left.push(Left { id, why });
                None
            }
            Event::Left(id, outcome) => {
                let stored = outcome == Outcome::Closed(State::Stored);
                let why = if stored { Some("it is stored".to_owned()) } else { outcome.why_not() };
                self.left.extend(why.map(|why| Left { id, why }));
                None
            }
            Event::Published(_) | Event::Ended(..) => None,
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replay_that_goes_on_says_no_more_that_it_waits() {
        let mut run = Run::default();
        let step = "connect";
        let lost = Error::Broker(bus::Fault::Broker { step, reason: "guest@10.0.0.1".to_owned() });
        run.note(Event::Waits(&lost));
        assert_eq!(run.waits.as_deref(), Some("RabbitMQ is away"));
        run.note(Event::Published(uuid::Uuid::nil().into()));
        assert_eq!((run.waits, run.left.len()), (None, 0));
    }
}
