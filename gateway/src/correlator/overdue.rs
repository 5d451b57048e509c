//! Which callers have waited too long for a reply.

use std::time::Duration;

use schemas::MissionId;
use tokio::time::Instant;

use super::caller::{Caller, Published};
use super::pending::Pending;

/// Whether the broker has had this caller's request for so long.
fn is_overdue(caller: &Caller, after: Duration) -> bool {
    let old = caller.published_at.is_some_and(|at| at.elapsed() > after);
    old && caller.published == Published::Confirmed && caller.queued.is_none()
}

impl Pending {
    /// Notes that these missions are answered, of a message that was published so long ago. If that is
    /// not known, it was published when the youngest of their callers came: a caller that is published
    /// again does not make the others younger.
    pub(super) fn answered(
        &mut self,
        missions: impl ExactSizeIterator<Item = MissionId>,
        age: Option<Duration>,
    ) {
        let count = missions.len();
        let caller = |id| self.callers.get(&self.waiting.get(&id)?.first()?.0);
        let published = match age {
            Some(age) => Instant::now().checked_sub(age),
            None => missions.filter_map(|id| Some(caller(id)?.since)).max(),
        };
        self.backlog.answered(count, published);
        self.window.answered(published);
    }

    /// When the request of the caller that waits for this mission was published.
    pub(super) fn published_at(&self, id: MissionId) -> Option<Instant> {
        let (caller_id, _) = self.waiting.get(&id)?.first()?;
        self.callers.get(caller_id)?.published_at
    }

    fn overdue_callers(&self, after: Duration) -> impl Iterator<Item = (u64, &Caller)> {
        // Oldest first: when the first one is young, no other is overdue.
        let first = self.callers.values().next();
        let none = first.is_none_or(|first| first.since.elapsed() <= after);
        let callers = self.callers.iter().take(if none { 0 } else { usize::MAX });
        let overdue = callers.filter(move |(_, caller)| is_overdue(caller, after));
        overdue.map(|(id, caller)| (*id, caller))
    }

    pub(super) fn overdue_missions(&self, after: Duration, most: usize) -> Vec<MissionId> {
        let callers = self.overdue_callers(after);
        callers.flat_map(|(_, caller)| caller.missing()).take(most).collect()
    }

    pub(super) fn repeat_passed(&mut self, after: Duration) -> usize {
        let overdue = self.overdue_callers(after);
        let passed =
            overdue.filter(|(_, c)| !c.repeated && self.replies.have_passed(c.published_at));
        let passed: Vec<u64> = passed.map(|(id, _)| id).collect();
        for caller_id in &passed {
            if let Some(caller) = self.callers.get_mut(caller_id) {
                caller.repeated = true;
            }
            self.queue_again(*caller_id);
        }
        passed.len()
    }

    pub(super) fn is_silent(&self, after: Duration) -> bool {
        self.replies.none_for(after) && self.overdue_callers(after).next().is_some()
    }
}
