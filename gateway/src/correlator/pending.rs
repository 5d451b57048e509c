//! What the correlator knows.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use schemas::{Mission, MissionId, MissionIds, Request};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::unfinished::Unfinished;
use super::{Admission, Outcome, Published, Trace};

/// What the correlator knows. Tickets count up, so their order is that of arrival.
pub(super) struct Pending {
    next: u64,
    pub(super) queue: VecDeque<u64>,
    pub(super) queued_missions: usize,
    pub(super) callers: HashMap<u64, Caller>,
    pub(super) waiting: HashMap<MissionId, Vec<(u64, usize)>>,
    pub(super) unfinished: Unfinished,
    pub(super) stalled_since: Option<Instant>,
}

pub(super) struct Caller {
    pub(super) ids: Vec<MissionId>,
    /// It may be repeated: its ids come from a key.
    keyed: bool,
    stored: Vec<Option<Mission>>,
    missing: usize,
    pub(super) published: Published,
    /// How often it was put into a message.
    pub(super) attempts: u32,
    pub(super) queued: bool,
    /// It waits for nothing but the broker's word.
    pub(super) confirm_is_enough: bool,
    trace: Option<Trace>,
    pub(super) since: Instant,
    pub(super) answer: oneshot::Sender<Result<Outcome, Published>>,
}

/// What is published next, and for whom.
pub(crate) struct Batch {
    pub(crate) request: Request,
    /// Of its one caller; the message of several belongs to no trace.
    pub(crate) trace: Option<Trace>,
    pub(super) callers: Vec<u64>,
}

/// Until its first session a correlator counts as stalled.
impl Default for Pending {
    fn default() -> Self {
        Self {
            next: 0,
            queue: VecDeque::new(),
            queued_missions: 0,
            callers: HashMap::new(),
            waiting: HashMap::new(),
            unfinished: Unfinished::default(),
            stalled_since: Some(Instant::now()),
        }
    }
}

/// When nothing could be published for this long, new callers are refused.
const STALLED: Duration = Duration::from_secs(2);

impl Pending {
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled_since.is_some_and(|since| since.elapsed() > STALLED)
    }

    /// Has a caller published once more, after those who wait already.
    pub(super) fn queue_again(&mut self, caller_id: u64) {
        if let Some(caller) = self.callers.get_mut(&caller_id).filter(|caller| !caller.queued) {
            caller.queued = true;
            self.queued_missions += caller.ids.len();
            self.queue.push_back(caller_id);
        }
    }

    /// Whether somebody waits, or has waited, for the first of these missions, but not for the same
    /// number: only a repeated key leads to the same ids.
    pub(super) fn is_another(&self, ids: &[MissionId]) -> bool {
        let waiters = ids.first().and_then(|first| self.waiting.get(first));
        let mut waiting = waiters.into_iter().flatten();
        waiting.any(|(caller_id, _)| {
            self.callers.get(caller_id).is_some_and(|caller| caller.ids.len() != ids.len())
        }) || self.unfinished.is_another(ids)
    }

    pub(super) fn admit(
        &mut self,
        Admission { ids, keyed, trace }: Admission,
        answer: oneshot::Sender<Result<Outcome, Published>>,
    ) -> u64 {
        let (caller_id, ids) = (self.next, Vec::from(ids));
        self.next += 1;
        for (index, id) in ids.iter().enumerate() {
            self.waiting.entry(*id).or_default().push((caller_id, index));
        }
        self.queue.push_back(caller_id);
        self.queued_missions += ids.len();
        let caller = Caller {
            stored: vec![None; ids.len()],
            missing: ids.len(),
            ids,
            keyed,
            published: Published::Never,
            attempts: 0,
            queued: true,
            confirm_is_enough: false,
            trace,
            since: Instant::now(),
            answer,
        };
        self.callers.insert(caller_id, caller);
        caller_id
    }

    /// The callers at the front of the queue, as many as go into one message: the first in any
    /// case, since a caller's list travels whole.
    pub(super) fn next_batch(&mut self, most: usize) -> Option<Batch> {
        let (mut caller_ids, mut listed, mut ids) = (Vec::new(), HashSet::new(), Vec::new());
        while let Some(caller_id) = self.queue.front() {
            // Whoever has left meanwhile is not published any more.
            if let Some(caller) = self.callers.get_mut(caller_id) {
                if !ids.is_empty() && ids.len() + caller.ids.len() > most {
                    break;
                }
                caller.published = caller.published.max(Published::Unknown);
                caller.attempts += 1;
                caller.queued = false;
                self.queued_missions -= caller.ids.len();
                // Two callers may wait for one id: it is listed once and answers both.
                ids.extend(caller.ids.iter().copied().filter(|id| listed.insert(*id)));
                caller_ids.push(*caller_id);
            }
            self.queue.pop_front();
        }
        let request = MissionIds::try_from(ids).ok().map(|missions| Request { missions })?;
        let trace = match caller_ids.as_slice() {
            [caller_id] => self.callers.get(caller_id).and_then(|caller| caller.trace.clone()),
            _ => None,
        };
        Some(Batch { request, trace, callers: caller_ids })
    }

    /// Says whether anybody waited for it.
    pub(super) fn stored(&mut self, mission: Mission) -> bool {
        self.unfinished.forget(mission.id);
        let waiters = self.waiting.remove(&mission.id).unwrap_or_default();
        let waited = !waiters.is_empty();
        for (caller_id, index) in waiters {
            let Some(caller) = self.callers.get_mut(&caller_id) else { continue };
            if let Some(stored @ None) = caller.stored.get_mut(index) {
                *stored = Some(mission.clone());
                caller.missing -= 1;
            }
            if caller.missing == 0
                && let Some(caller) = self.leave(caller_id)
            {
                let missions = caller.stored.into_iter().flatten().collect();
                let _ = caller.answer.send(Ok(Outcome::Stored(missions))); // it may have gone meanwhile
            }
        }
        waited
    }

    /// Forgets a caller.
    pub(super) fn leave(&mut self, caller_id: u64) -> Option<Caller> {
        let caller = self.callers.remove(&caller_id)?;
        for id in &caller.ids {
            if let Some(waiters) = self.waiting.get_mut(id) {
                waiters.retain(|(other, _)| *other != caller_id);
                if waiters.is_empty() {
                    self.waiting.remove(id);
                }
            }
        }
        if caller.queued {
            self.queued_missions -= caller.ids.len();
        }
        if caller.keyed && caller.missing > 0 && caller.published > Published::Never {
            self.unfinished.remember(&caller.ids);
        }
        Some(caller)
    }
}
