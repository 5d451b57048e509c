//! The queue of the callers that are to be published.

use std::collections::HashSet;

use schemas::{MissionIds, Request, Role};
use telemetry::Step;
use tokio::time::Instant;

use super::batch::{Batch, BatchEntry};
use super::caller::Published;
use super::pending::Pending;

impl Pending {
    /// Puts a caller at the end of the queue, unless it is queued.
    pub(super) fn queue_again(&mut self, caller_id: u64) {
        if let Some(caller) = self.callers.get_mut(&caller_id).filter(|caller| !caller.queued) {
            caller.queued = true;
            self.queued.take(caller.client, caller.ids.len());
            self.queue.push_back(caller_id);
        }
    }

    /// The broker has given back the message of this caller: it is as if it was not published.
    pub(super) fn returned(&mut self, caller_id: u64) {
        if let Some(caller) = self.callers.get_mut(&caller_id) {
            caller.attempts = caller.attempts.saturating_sub(1);
            if caller.attempts == 0 {
                caller.published = Published::Never;
            }
        }
        self.queue_again(caller_id);
    }

    /// Queues every caller, in the order of their arrival.
    pub(super) fn queue_all(&mut self) {
        self.stalled_since = None;
        self.callers.values_mut().for_each(|caller| caller.queued = true);
        self.queued.clear();
        for caller in self.callers.values() {
            self.queued.take(caller.client, caller.ids.len());
        }
        self.queue = self.callers.keys().copied().collect();
    }

    /// Takes callers from the front of the queue, as many as go into one message. The first one is
    /// always taken, because a caller's list travels whole.
    pub(super) fn next_batch(&mut self, most: usize) -> Option<Batch> {
        let (mut callers, mut listed, mut ids) = (Vec::new(), HashSet::new(), Vec::new());
        let (gateway, now) = (telemetry::of(Role::Gateway), Instant::now());
        while let Some(caller_id) = self.queue.front() {
            // A caller that has left is not published any more.
            if let Some(caller) = self.callers.get_mut(caller_id) {
                if !ids.is_empty() && ids.len() + caller.ids.len() > most {
                    break;
                }
                if caller.attempts == 0 {
                    gateway.steps.of(Step::Queued).record(caller.since.elapsed());
                }
                caller.published = caller.published.max(Published::Unknown);
                caller.published_at = Some(now);
                caller.attempts += 1;
                caller.queued = false;
                self.queued.give_back(caller.client, caller.ids.len());
                let (first, since, trace) = (ids.len(), caller.since, caller.trace.clone());
                // Two callers may wait for one id: it is listed once and answers both.
                ids.extend(caller.ids.iter().copied().filter(|id| listed.insert(*id)));
                callers.push(BatchEntry { caller_id: *caller_id, first, since, trace });
            }
            self.queue.pop_front();
        }
        let request = MissionIds::try_from(ids).ok().map(|missions| Request { missions })?;
        Some(Batch { request, callers, at: now })
    }
}
