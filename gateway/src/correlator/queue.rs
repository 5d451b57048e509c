//! The queue of the callers that are to be published.

use std::collections::HashSet;

use schemas::{MissionIds, Request, Role};
use telemetry::Step;
use tokio::time::Instant;

use super::batch::{Batch, BatchEntry};
use super::caller::Published;
use super::pending::Pending;

impl Pending {
    /// Puts a caller behind those of its client, unless it is queued.
    pub(super) fn queue_again(&mut self, caller_id: u64) {
        let Some(caller) = self.callers.get_mut(&caller_id) else { return };
        if caller.queued.is_none() {
            let missions = caller.ids.len();
            caller.queued = Some(self.queue.add(caller_id, caller.client, missions));
            self.queued.take(caller.client, missions);
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

    /// Queues every caller, those of a client in the order of their arrival.
    pub(super) fn queue_all(&mut self) {
        self.stalled_since = None;
        self.window.clear();
        self.queue.clear();
        self.queued.clear();
        for (caller_id, caller) in &mut self.callers {
            let missions = caller.ids.len();
            caller.queued = Some(self.queue.add(*caller_id, caller.client, missions));
            self.queued.take(caller.client, missions);
        }
    }

    /// Takes callers from the front of the queue, as many as go into one message. The first one is
    /// always taken, because a caller's list travels whole.
    fn take_batch(&mut self, most: usize) -> Option<Batch> {
        let (mut callers, mut listed, mut ids) = (Vec::new(), HashSet::new(), Vec::new());
        let (gateway, now) = (telemetry::of(Role::Gateway), Instant::now());
        while let Some(caller_id) = self.queue.first() {
            if let Some(caller) = self.callers.get_mut(&caller_id) {
                if !ids.is_empty() && ids.len() + caller.ids.len() > most {
                    break;
                }
                if caller.attempts == 0 {
                    gateway.steps.of(Step::Queued).record(caller.since.elapsed());
                }
                caller.published = caller.published.max(Published::Unknown);
                caller.published_at = Some(now);
                caller.attempts += 1;
                caller.queued = None;
                self.queued.give_back(caller.client, caller.ids.len());
                let (first, since, trace) = (ids.len(), caller.since, caller.trace.clone());
                // Two callers may wait for one id: it is listed once and answers both.
                ids.extend(caller.ids.iter().copied().filter(|id| listed.insert(*id)));
                callers.push(BatchEntry { caller_id, first, since, trace });
            }
            self.queue.take_first();
        }
        let request = MissionIds::try_from(ids).ok().map(|missions| Request { missions })?;
        Some(Batch { request, callers, at: now })
    }

    /// What is published next.
    pub(super) fn next_batch(&mut self, most: usize) -> Next {
        let Some(first) = self.queue.first() else { return Next::Nothing };
        let missions = self.callers.get(&first).map_or(0, |caller| caller.ids.len());
        match self.window.room_for(missions) {
            Ok(room) => self.take_batch(most.min(room)).map_or(Next::Nothing, Next::Batch),
            Err(until) => Next::NotBefore(until),
        }
    }
}

/// What is published next.
pub(super) enum Next {
    /// These callers.
    Batch(Batch),
    /// Enough is on its way: nothing before a reply, or this time.
    NotBefore(Instant),
    /// Nothing is queued.
    Nothing,
}
