//! The correlator: who waits for which missions, and who is published next.
//!
//! A caller waits in a bounded queue until it is published; then for its missions. A reply is
//! matched by mission id, so whatever message a mission travelled in, its caller gets it. When
//! the connection is lost everybody who still waits is published again, under the same ids.

mod pending;
mod unfinished;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemas::{Mission, MissionIds, Problem};
use tokio::sync::{Notify, oneshot};
use tokio::time::Instant;

pub(crate) use pending::Batch;
use pending::Pending;

/// Missions of callers that are not yet published.
const QUEUED: usize = 8_192;
/// Missions of all callers that wait.
const WAITING: usize = 65_536;

/// Where callers wait.
pub struct Correlator {
    pending: Mutex<Pending>,
    arrived: Notify,
    batch: usize,
}

/// How far a caller's request has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Published {
    /// It never left.
    Never,
    /// It left, and whether it stands is unknown.
    Unknown,
    /// The broker has confirmed it.
    Confirmed,
}

/// What came of waiting.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// All its missions, in its order.
    Stored(Vec<Mission>),
    /// It was set aside.
    Problem(Problem),
    /// The broker did not take it.
    Refused,
}

/// A caller's trace (W3C Trace Context).
#[derive(Debug, Clone)]
pub(crate) struct Trace {
    pub(crate) parent: String,
    pub(crate) state: Option<String>,
}

/// What a caller takes a waiter for.
pub(crate) struct Admission {
    pub(crate) ids: MissionIds,
    /// Whether the ids come from a key, so that the same may be asked for again.
    pub(crate) keyed: bool,
    pub(crate) trace: Option<Trace>,
}

/// Why there is no waiter.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum AdmissionError {
    /// Somebody waits for another number of the same missions.
    OtherCount,
    /// Too many wait already.
    Full,
    /// The broker has been away for some time.
    Away,
}

impl Correlator {
    /// A correlator that puts at most `batch` missions of several callers into one message.
    pub fn new(batch: usize) -> Self {
        let pending = Pending::default();
        let batch = batch.clamp(1, MissionIds::MAX);
        Self { pending: Mutex::new(pending), arrived: Notify::new(), batch }
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a waiter for these missions; they are published as soon as may be.
    pub(crate) fn admit(&self, admission: Admission) -> Result<Waiter<'_>, AdmissionError> {
        let ids = &admission.ids;
        let mut pending = self.pending();
        if pending.is_another(ids.as_slice()) {
            return Err(AdmissionError::OtherCount);
        }
        if pending.is_stalled() {
            return Err(AdmissionError::Away);
        }
        if pending.queued_missions + ids.len() > QUEUED
            || pending.waiting.len() + ids.len() > WAITING
        {
            return Err(AdmissionError::Full);
        }
        let (answer, receiver) = oneshot::channel();
        let caller_id = pending.admit(admission, answer);
        drop(pending);
        self.arrived.notify_one();
        Ok(Waiter { correlator: self, caller_id, answer: receiver })
    }

    /// Waits until somebody is to be published, and says who. Cancel safe.
    pub(crate) async fn next_batch(&self) -> Batch {
        loop {
            if let Some(batch) = self.pending().next_batch(self.batch) {
                return batch;
            }
            self.arrived.notified().await;
        }
    }

    /// A batch is being published from now on.
    pub(crate) fn publishing(&self) {
        self.pending().stalled_since.get_or_insert_with(Instant::now);
    }

    /// The broker has confirmed a batch: the next one may go.
    pub(crate) fn confirmed(&self, batch: &Batch) {
        let mut pending = self.pending();
        pending.stalled_since = None;
        for caller_id in &batch.callers {
            let Some(caller) = pending.callers.get_mut(caller_id) else { continue };
            caller.published = Published::Confirmed;
            if caller.confirm_is_enough
                && let Some(caller) = pending.leave(*caller_id)
            {
                let _ = caller.answer.send(Err(Published::Confirmed)); // it may have gone meanwhile
            }
        }
    }

    /// From now on a caller waits for nothing but the broker's word; it may have come already.
    fn confirm_is_enough(&self, caller_id: u64) {
        let mut pending = self.pending();
        let Some(caller) = pending.callers.get_mut(&caller_id) else { return };
        caller.confirm_is_enough = true;
        if caller.published == Published::Confirmed
            && let Some(caller) = pending.leave(caller_id)
        {
            let _ = caller.answer.send(Err(Published::Confirmed)); // its waiter is just asking
        }
    }

    /// The broker did not take a batch: it does not stand. Whoever was in an earlier message, too,
    /// is published once more: that one may stand.
    pub(crate) fn refused(&self, batch: &Batch) {
        let mut pending = self.pending();
        pending.stalled_since = None;
        for caller_id in &batch.callers {
            let only = pending.callers.get(caller_id).is_some_and(|caller| caller.attempts == 1);
            if !only {
                pending.queue_again(*caller_id);
            } else if let Some(caller) = pending.leave(*caller_id) {
                caller.ids.first().into_iter().for_each(|first| pending.unfinished.forget(*first));
                let _ = caller.answer.send(Ok(Outcome::Refused)); // it may have gone meanwhile
            }
        }
    }

    /// A session stands: whoever was published in an earlier one is published again, since the
    /// reply went where nobody reads any more.
    pub(crate) fn session_begins(&self) {
        let mut pending = self.pending();
        pending.stalled_since = None;
        let mut caller_ids: Vec<_> = pending.callers.keys().copied().collect();
        caller_ids.sort_unstable();
        pending.callers.values_mut().for_each(|caller| caller.queued = true);
        pending.queued_missions = pending.callers.values().map(|caller| caller.ids.len()).sum();
        pending.queue = caller_ids.into();
        drop(pending);
        self.arrived.notify_one();
    }

    /// The session is over.
    pub(crate) fn session_ends(&self) {
        self.pending().stalled_since.get_or_insert_with(Instant::now);
    }

    /// Missions that stand. Those nobody waits for are passed over. Says whether anybody waited.
    pub(crate) fn stored(&self, missions: Vec<Mission>) -> bool {
        let (mut pending, mut waited) = (self.pending(), false);
        for mission in missions {
            waited |= pending.stored(mission);
        }
        waited
    }

    /// Missions that were set aside: their callers are told so. Says whether anybody waited.
    pub(crate) fn problem(&self, problem: &Problem) -> bool {
        let (mut pending, mut waited) = (self.pending(), false);
        for id in problem.missions() {
            for (caller_id, _) in pending.waiting.remove(id).unwrap_or_default() {
                waited = true;
                if let Some(caller) = pending.leave(caller_id) {
                    let _ = caller.answer.send(Ok(Outcome::Problem(problem.clone()))); // or has gone
                }
            }
            pending.unfinished.forget(*id);
        }
        waited
    }

    /// Whether nothing could be published for some time.
    pub(crate) fn is_stalled(&self) -> bool {
        self.pending().is_stalled()
    }

    /// For how long the caller that has waited longest for a confirmed request has waited.
    pub(crate) fn longest_wait(&self) -> Duration {
        let pending = self.pending();
        let confirmed = pending.callers.values().filter(|c| c.published == Published::Confirmed);
        confirmed.map(|caller| caller.since.elapsed()).max().unwrap_or_default()
    }
}

/// A caller's waiter at the correlator; leaving it, or dropping it, forgets the caller.
pub(crate) struct Waiter<'a> {
    correlator: &'a Correlator,
    caller_id: u64,
    answer: oneshot::Receiver<Result<Outcome, Published>>,
}

impl Waiter<'_> {
    /// Waits for the missions as long as that patience lasts, then for the broker's word as long as
    /// the other one does. If there is no answer by then, says how far the request has come.
    pub(crate) async fn wait(
        mut self,
        for_missions: impl Future<Output = ()>,
        for_confirm: impl Future<Output = ()>,
    ) -> Result<Outcome, Published> {
        tokio::pin!(for_confirm);
        // The sender lives in the pending as long as this waiter does.
        tokio::select! {
            biased; // an answer that has come counts
            Ok(answer) = &mut self.answer => return answer,
            () = for_missions => self.correlator.confirm_is_enough(self.caller_id),
            () = &mut for_confirm => return Err(self.given_up()),
        }
        tokio::select! {
            biased;
            Ok(answer) = &mut self.answer => answer,
            () = for_confirm => Err(self.given_up()),
        }
    }

    fn given_up(&self) -> Published {
        let caller = self.correlator.pending().leave(self.caller_id);
        caller.map_or(Published::Unknown, |caller| caller.published)
    }
}

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.correlator.pending().leave(self.caller_id);
    }
}
