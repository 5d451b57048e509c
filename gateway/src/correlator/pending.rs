//! The callers that wait, by id and by mission.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::IpAddr;
use std::time::Duration;

use schemas::{Mission, MissionId, Role};
use seams::{Mutant, planted};
use telemetry::Callers;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::backlog::Backlog;
use super::caller::{Admission, Caller, Outcome, Published};
use super::replies::Replies;
use super::turns::Turns;
use super::unfinished::Unfinished;
use super::window::Window;
use crate::shares::Shares;

/// The callers that wait. Their ids count up in the order of their arrival.
pub(super) struct Pending {
    next_id: u64,
    /// The callers that are to be published.
    pub(super) queue: Turns,
    /// The missions that are to be published.
    pub(super) queued: Shares,
    /// The missions that callers wait for.
    waited_for: Shares,
    pub(super) callers: BTreeMap<u64, Caller>,
    /// For each mission the callers that wait for it, and its index in each caller's list.
    pub(super) waiting: HashMap<MissionId, Vec<(u64, usize)>>,
    pub(super) unfinished: Unfinished,
    pub(super) replies: Replies,
    pub(super) backlog: Backlog,
    pub(super) window: Window,
    pub(super) stalled_since: Option<Instant>,
}

/// The most missions of callers that are not yet published.
const QUEUED: usize = 8_192;
/// The most missions that callers wait for.
const WAITING: usize = 65_536;
/// When nothing could be published for this long, new callers are refused.
const STALLED: Duration = Duration::from_secs(2);

impl Pending {
    /// Until the first session begins, it counts as stalled. A caller waits for `wait`.
    pub(super) fn new(wait: Duration) -> Self {
        Self {
            next_id: 0,
            queue: Turns::default(),
            queued: Shares::new(QUEUED),
            waited_for: Shares::new(WAITING),
            callers: BTreeMap::new(),
            waiting: HashMap::new(),
            unfinished: Unfinished::default(),
            replies: Replies::default(),
            backlog: Backlog::new(wait),
            window: Window::new(wait / 2),
            stalled_since: Some(Instant::now()),
        }
    }

    pub(super) fn is_stalled(&self) -> bool {
        self.stalled_since.is_some_and(|since| since.elapsed() > STALLED)
    }

    /// Shows how many callers wait, and since when.
    pub(super) fn show(&self) {
        let (process, gateway) = (telemetry::process(), telemetry::of(Role::Gateway));
        let queued = self.queue.len();
        process.callers.of(Callers::Queued).set(queued as i64);
        process.callers.of(Callers::Published).set((self.callers.len() - queued) as i64);
        gateway.in_flight.set(self.waited_for.held() as i64);
        let oldest = self.callers.values().next().map(|caller| caller.since.into_std());
        gateway.oldest.only(oldest);
    }

    /// Whether this client may wait for so many missions more.
    pub(super) fn has_capacity(&self, client: Option<IpAddr>, missions: usize) -> bool {
        self.queued.may_take(client, missions) && self.waited_for.may_take(client, missions)
    }

    /// Whether so many missions of this client would be answered too late, because as many are done
    /// before them as can be answered in time.
    pub(super) fn is_overloaded(&self, client: Option<IpAddr>, missions: usize) -> bool {
        let soon = self.backlog.soon();
        let oldest = self.callers.values().next();
        if oldest.is_none_or(|oldest| oldest.since.elapsed() <= soon) {
            return false; // whoever was on the way has left, and what is missing may be lost
        }
        let first = self.queue.first().and_then(|first| self.callers.get(&first));
        let waits = first.is_some_and(|first| first.since.elapsed() > soon);
        let Some(most) = self.backlog.most(waits) else { return false };
        let before = self.window.missions() + self.queued.before(client, missions);
        before + missions > most
    }

    /// Whether a request for the first of these missions, but for another number of them, is
    /// pending. Only a repeated key leads to the same ids.
    pub(super) fn has_other_count(&self, ids: &[MissionId]) -> bool {
        let waiting = ids.first().and_then(|first| self.waiting.get(first));
        waiting.into_iter().flatten().any(|(caller_id, _)| {
            self.callers.get(caller_id).is_some_and(|caller| caller.ids.len() != ids.len())
        }) || self.unfinished.is_another(ids)
    }

    /// Adds a caller, and returns its id.
    pub(super) fn add(
        &mut self,
        Admission { ids, keyed, trace, client }: Admission,
        outcome: oneshot::Sender<Result<Outcome, Published>>,
    ) -> u64 {
        let (caller_id, ids) = (self.next_id, Vec::from(ids));
        self.next_id += 1;
        for (index, id) in ids.iter().enumerate() {
            self.waiting.entry(*id).or_default().push((caller_id, index));
        }
        let place = self.queue.add(caller_id, client, ids.len());
        self.queued.take(client, ids.len());
        self.waited_for.take(client, ids.len());
        let caller = Caller {
            stored: vec![None; ids.len()],
            missing: ids.len(),
            ids,
            keyed,
            published: Published::Never,
            published_at: None,
            repeated: false,
            attempts: 0,
            queued: Some(place),
            confirm_is_enough: false,
            trace,
            client,
            since: Instant::now(),
            outcome,
        };
        self.callers.insert(caller_id, caller);
        caller_id
    }

    /// From now on this caller waits for the broker's confirm only, which may have arrived already.
    pub(super) fn confirm_is_enough(&mut self, caller_id: u64) {
        let Some(caller) = self.callers.get_mut(&caller_id) else { return };
        caller.confirm_is_enough = true;
        if caller.published == Published::Confirmed {
            self.tell(caller_id, Err(Published::Confirmed));
        }
    }

    /// Takes a mission that is stored. Returns whether a caller waited for it.
    pub(super) fn stored(&mut self, mission: Mission) -> bool {
        self.unfinished.forget(mission.id);
        let oldest = || self.waiting.iter().min_by_key(|(_, callers)| callers.first());
        let id = match planted(Mutant::ReplyToOldest) {
            true => oldest().map_or(mission.id, |(id, _)| *id),
            false => mission.id,
        };
        let waiting = self.waiting.remove(&id).unwrap_or_default();
        let waited = !waiting.is_empty();
        for (caller_id, index) in waiting {
            let Some(caller) = self.callers.get_mut(&caller_id) else { continue };
            if let Some(stored @ None) = caller.stored.get_mut(index) {
                *stored = Some(mission.clone());
                caller.missing -= 1;
            }
            if caller.missing == 0 {
                caller.count_stored();
                let mut missions: Vec<Mission> =
                    std::mem::take(&mut caller.stored).into_iter().flatten().collect();
                if planted(Mutant::ListInOtherOrder) {
                    missions.reverse();
                }
                self.tell(caller_id, Ok(Outcome::Stored(missions)));
            }
        }
        waited
    }

    /// The callers that wait for any of these missions.
    pub(super) fn callers_of(&self, ids: &[MissionId]) -> BTreeSet<u64> {
        let waiting = ids.iter().filter_map(|id| self.waiting.get(id)).flatten();
        waiting.map(|(caller_id, _)| *caller_id).collect()
    }

    /// Whether a caller's list has all these missions.
    pub(super) fn has_all(&self, caller_id: u64, ids: &[MissionId]) -> bool {
        let caller = self.callers.get(&caller_id);
        caller.is_some_and(|caller| {
            ids.len() <= caller.ids.len() && ids.iter().all(|id| caller.ids.contains(id))
        })
    }

    /// Tells a caller the outcome and removes it. Returns its first mission.
    pub(super) fn tell(
        &mut self,
        caller_id: u64,
        outcome: Result<Outcome, Published>,
    ) -> Option<MissionId> {
        let caller = self.remove(caller_id)?;
        let _ = caller.outcome.send(outcome); // the caller may have gone
        caller.ids.first().copied()
    }

    /// Removes a caller.
    pub(super) fn remove(&mut self, caller_id: u64) -> Option<Caller> {
        let caller = self.callers.remove(&caller_id)?;
        for id in &caller.ids {
            if let Some(waiting) = self.waiting.get_mut(id) {
                waiting.retain(|(other, _)| *other != caller_id);
                if waiting.is_empty() {
                    self.waiting.remove(id);
                }
            }
        }
        if let Some(place) = caller.queued {
            self.queue.remove(place, caller_id);
            self.queued.give_back(caller.client, caller.ids.len());
        }
        self.waited_for.give_back(caller.client, caller.ids.len());
        if caller.keyed && caller.missing > 0 && caller.published > Published::Never {
            self.unfinished.remember(&caller.ids);
        }
        Some(caller)
    }
}
