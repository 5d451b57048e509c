//! The correlator: which callers wait for which missions, and which are published next.
//!
//! A caller waits in a bounded queue until its request is published, and then for its missions. A
//! reply is matched by mission id, so it does not matter in which message a mission travelled. When
//! the connection is lost, every caller that still waits is published again under the same ids.

mod backlog;
mod batch;
mod caller;
mod lock;
mod overdue;
mod pending;
mod queue;
mod replies;
#[cfg(test)]
mod tests;
mod turns;
mod unfinished;
mod waiter;
mod window;

use std::sync::Mutex;
use std::time::Duration;

use schemas::{Mission, MissionId, MissionIds, Problem};
use tokio::sync::{Notify, oneshot};
use tokio::time::{Instant, timeout_at};

pub(crate) use batch::{Batch, BatchEntry};
pub(crate) use caller::{Admission, Outcome, Published, Trace};
use lock::{Locked, Seen, lock, look};
use pending::Pending;
use queue::Next;
pub(crate) use waiter::Waiter;

/// Matches callers and replies.
pub struct Correlator {
    pending: Mutex<Pending>,
    /// There may be something to publish.
    changed: Notify,
    batch: usize,
}

/// Why a caller is not admitted. Nothing was published.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AdmissionError {
    /// A request with the same key and another count is pending.
    OtherCount,
    /// Too many callers wait, or this client has its share.
    Full,
    /// As many missions are done before those of this client as can be answered in time.
    Overloaded,
    /// The broker has been away for some time.
    Away,
}

impl Correlator {
    /// A correlator that puts at most `batch` missions of several callers into one message, 1..=256. Its
    /// callers are to be answered within `wait`.
    pub fn new(batch: usize, wait: Duration) -> Self {
        let pending = Pending::new(wait);
        let batch = batch.clamp(1, MissionIds::MAX);
        Self { pending: Mutex::new(pending), changed: Notify::new(), batch }
    }

    fn pending(&self) -> Locked<'_> {
        lock(&self.pending)
    }

    fn seen(&self) -> Seen<'_> {
        look(&self.pending)
    }

    /// Admits a caller: its missions are published as soon as possible.
    ///
    /// # Errors
    ///
    /// Why it is not admitted.
    pub(crate) fn admit(&self, admission: Admission) -> Result<Waiter<'_>, AdmissionError> {
        let ids = &admission.ids;
        let mut pending = self.pending();
        if pending.has_other_count(ids.as_slice()) {
            return Err(AdmissionError::OtherCount);
        }
        if pending.is_stalled() {
            return Err(AdmissionError::Away);
        }
        if !pending.has_capacity(admission.client, ids.len()) {
            return Err(AdmissionError::Full);
        }
        if pending.is_overloaded(admission.client, ids.len()) {
            return Err(AdmissionError::Overloaded);
        }
        let (sender, outcome) = oneshot::channel();
        let caller_id = pending.add(admission, sender);
        drop(pending);
        self.changed.notify_one();
        Ok(Waiter { pending: &self.pending, caller_id, outcome })
    }

    /// Waits until there is something to publish, and returns it. Cancel safe.
    pub(crate) async fn next_batch(&self) -> Batch {
        loop {
            let next = self.pending().next_batch(self.batch);
            match next {
                Next::Batch(batch) => return batch,
                Next::NotBefore(until) => {
                    let _ = timeout_at(until, self.changed.notified()).await; // then it looks again
                }
                Next::Nothing => self.changed.notified().await,
            }
        }
    }

    /// Notes a reply, of a message that was published so long ago if that is known. After it more may be
    /// published.
    fn answered(
        &self,
        pending: &mut Pending,
        missions: impl ExactSizeIterator<Item = MissionId>,
        age: Option<Duration>,
    ) {
        pending.answered(missions, age);
        if pending.queue.first().is_some() {
            self.changed.notify_one();
        }
    }

    /// Notes that a batch is being published.
    pub(crate) fn publishing(&self) {
        self.pending().stalled_since.get_or_insert_with(Instant::now);
    }

    /// Notes that the broker has confirmed a batch.
    pub(crate) fn confirmed(&self, batch: &Batch) {
        let mut pending = self.pending();
        pending.stalled_since = None;
        pending.backlog.published(batch.at);
        pending.window.published(batch.request.missions.len(), batch.at);
        for BatchEntry { caller_id, .. } in &batch.callers {
            let Some(caller) = pending.callers.get_mut(caller_id) else { continue };
            caller.published = Published::Confirmed;
            if caller.confirm_is_enough {
                pending.tell(*caller_id, Err(Published::Confirmed));
            }
        }
    }

    /// Notes that no queue took a batch, and that it is to be published again.
    pub(crate) fn returned(&self, batch: &Batch) {
        let mut pending = self.pending();
        for BatchEntry { caller_id, .. } in &batch.callers {
            pending.returned(*caller_id);
        }
    }

    /// Notes that the broker did not take a batch. A caller that was in an earlier message as well
    /// is published again, because the broker may have that one.
    pub(crate) fn refused(&self, batch: &Batch) {
        let mut pending = self.pending();
        pending.stalled_since = None;
        for BatchEntry { caller_id, .. } in &batch.callers {
            if pending.callers.get(caller_id).is_some_and(|caller| caller.attempts > 1) {
                pending.queue_again(*caller_id);
            } else if let Some(first) = pending.tell(*caller_id, Ok(Outcome::Refused)) {
                pending.unfinished.forget(first);
            }
        }
    }

    /// A session begins: every caller that waits is published, also those that an earlier session
    /// has published, because their replies went to a queue that is gone.
    pub(crate) fn session_begins(&self) {
        self.pending().queue_all();
        self.changed.notify_one();
    }

    /// The session has ended.
    pub(crate) fn session_ends(&self) {
        self.pending().stalled_since.get_or_insert_with(Instant::now);
    }

    /// Takes missions that were found in the table, if any were.
    pub(crate) fn found(&self, missions: Vec<Mission>) {
        if missions.is_empty() {
            return; // the system is as silent as before
        }
        let mut pending = self.pending();
        self.answered(&mut pending, missions.iter().map(|mission| mission.id), None);
        for mission in missions {
            pending.stored(mission);
        }
    }

    /// Takes a reply: missions that are stored, of a message that was published so long ago if that
    /// is known. Returns whether a caller waited for any of them.
    pub(crate) fn stored(&self, missions: Vec<Mission>, age: Option<Duration>) -> bool {
        let (mut pending, mut waited) = (self.pending(), false);
        let newest = missions.iter().filter_map(|mission| pending.published_at(mission.id)).max();
        pending.replies.note(newest);
        self.answered(&mut pending, missions.iter().map(|mission| mission.id), age);
        for mission in missions {
            waited |= pending.stored(mission);
        }
        waited
    }

    /// Takes a problem. Returns whether a caller waited for any of its missions.
    ///
    /// Callers share messages, and a problem that names missions of several callers does not say
    /// which of them failed. So a caller is told only of a problem all of whose missions are its
    /// own; otherwise it goes on waiting.
    pub(crate) fn problem(&self, problem: &Problem, age: Option<Duration>) -> bool {
        let mut pending = self.pending();
        let callers = pending.callers_of(problem.missions());
        self.answered(&mut pending, problem.missions().iter().copied(), age);
        for caller_id in &callers {
            if pending.has_all(*caller_id, problem.missions()) {
                pending.tell(*caller_id, Ok(Outcome::Problem(problem.clone())));
            }
        }
        if let [only] = problem.missions() {
            pending.unfinished.forget(*only);
        }
        !callers.is_empty()
    }

    /// At most so many missions of callers whose request was confirmed and published this long ago,
    /// and that have no reply.
    pub(crate) fn overdue(&self, after: Duration, most: usize) -> Vec<MissionId> {
        self.seen().overdue_missions(after, most)
    }

    /// Publishes those overdue callers again that later ones have passed: their requests or replies
    /// are lost. Each is published again once. Returns how many.
    pub(crate) fn repeat_passed(&self, after: Duration) -> usize {
        let repeated = self.pending().repeat_passed(after);
        self.changed.notify_one();
        repeated
    }

    /// Whether there are overdue callers and no reply has come for as long.
    pub(crate) fn is_silent(&self, after: Duration) -> bool {
        self.seen().is_silent(after)
    }

    /// Publishes the oldest caller again, to see whether anybody replies.
    pub(crate) fn repeat_oldest(&self) {
        let mut pending = self.pending();
        if let Some(oldest) = pending.callers.keys().next().copied() {
            pending.queue_again(oldest);
        }
        drop(pending);
        self.changed.notify_one();
    }

    /// Whether nothing could be published for some time.
    pub(crate) fn is_stalled(&self) -> bool {
        self.seen().is_stalled()
    }

    /// How many callers wait.
    pub(crate) fn callers(&self) -> usize {
        self.seen().callers.len()
    }

    /// How long the oldest caller with a confirmed request has waited.
    pub(crate) fn longest_wait(&self) -> Duration {
        let pending = self.seen();
        let mut callers = pending.callers.values(); // oldest first
        let oldest = callers.find(|caller| caller.published == Published::Confirmed);
        oldest.map(|caller| caller.since.elapsed()).unwrap_or_default()
    }
}
