//! The callers that wait, by id and by mission.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet, VecDeque};
use std::net::IpAddr;
use std::time::Duration;

use schemas::{Mission, MissionId, MissionIds, Request, Role};
use telemetry::{Callers, Step};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::replies::Replies;
use super::unfinished::Unfinished;
use super::{Admission, Outcome, Published, Trace};
use crate::shares::Shares;

/// The callers that wait. Their ids count up in the order of their arrival.
pub(super) struct Pending {
    next_id: u64,
    /// The callers that are to be published.
    queue: VecDeque<u64>,
    /// The missions that are to be published.
    queued: Shares,
    /// The missions that callers wait for.
    waited_for: Shares,
    pub(super) callers: BTreeMap<u64, Caller>,
    /// For each mission the callers that wait for it, and its index in each caller's list.
    pub(super) waiting: HashMap<MissionId, Vec<(u64, usize)>>,
    pub(super) unfinished: Unfinished,
    pub(super) replies: Replies,
    pub(super) stalled_since: Option<Instant>,
}

/// One caller.
pub(super) struct Caller {
    ids: Vec<MissionId>,
    /// Its ids are made from a key, so the request may be repeated.
    keyed: bool,
    stored: Vec<Option<Mission>>,
    missing: usize,
    pub(super) published: Published,
    /// When it was put into a message last.
    pub(super) published_at: Option<Instant>,
    /// It was published again because later callers had their replies.
    pub(super) repeated: bool,
    /// How often it was put into a message.
    pub(super) attempts: u32,
    queued: bool,
    /// It waits for the broker's confirm only.
    pub(super) confirm_is_enough: bool,
    trace: Option<Trace>,
    client: Option<IpAddr>,
    pub(super) since: Instant,
    outcome: oneshot::Sender<Result<Outcome, Published>>,
}

impl Caller {
    pub(super) fn is_queued(&self) -> bool {
        self.queued
    }

    /// Counts its missions, which are stored.
    fn count_stored(&self) {
        let gateway = telemetry::of(Role::Gateway);
        gateway.missions.add(self.ids.len() as u64);
        gateway.processed.record(self.since.elapsed());
        if let Some(published) = self.published_at {
            gateway.steps.of(Step::Reply).record(published.elapsed());
        }
    }

    /// The missions that it waits for.
    pub(super) fn missing(&self) -> impl Iterator<Item = MissionId> {
        let missions = self.ids.iter().zip(&self.stored);
        missions.filter(|(_, stored)| stored.is_none()).map(|(id, _)| *id)
    }
}

/// What is published next, and for which callers.
pub(crate) struct Batch {
    pub(crate) request: Request,
    /// In the order of their missions.
    pub(crate) callers: Vec<Asked>,
}

/// A caller whose missions are in a batch.
pub(crate) struct Asked {
    pub(super) caller_id: u64,
    /// The place of its first mission in the request.
    pub(crate) first: usize,
    /// When it was admitted.
    pub(crate) since: Instant,
    /// Its trace, if it has one.
    pub(crate) trace: Option<Trace>,
}

/// Until its first session begins, a correlator counts as stalled.
impl Default for Pending {
    fn default() -> Self {
        Self {
            next_id: 0,
            queue: VecDeque::new(),
            queued: Shares::new(QUEUED),
            waited_for: Shares::new(WAITING),
            callers: BTreeMap::new(),
            waiting: HashMap::new(),
            unfinished: Unfinished::default(),
            replies: Replies::default(),
            stalled_since: Some(Instant::now()),
        }
    }
}

/// The most missions of callers that are not yet published.
const QUEUED: usize = 8_192;
/// The most missions that callers wait for.
const WAITING: usize = 65_536;
/// When nothing could be published for this long, new callers are refused.
const STALLED: Duration = Duration::from_secs(2);

impl Pending {
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled_since.is_some_and(|since| since.elapsed() > STALLED)
    }

    /// Shows how many callers wait, and since when.
    pub(super) fn show(&self) {
        let (process, gateway) = (telemetry::process(), telemetry::of(Role::Gateway));
        let queued = self.queue.len().min(self.callers.len());
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
        self.queue.push_back(caller_id);
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
            queued: true,
            confirm_is_enough: false,
            trace,
            client,
            since: Instant::now(),
            outcome,
        };
        self.callers.insert(caller_id, caller);
        caller_id
    }

    /// Takes callers from the front of the queue, as many as go into one message. The first one is
    /// always taken, because a caller's list travels whole.
    pub(super) fn next_batch(&mut self, most: usize) -> Option<Batch> {
        let (mut callers, mut listed, mut ids) = (Vec::new(), HashSet::new(), Vec::new());
        let gateway = telemetry::of(Role::Gateway);
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
                caller.published_at = Some(Instant::now());
                caller.attempts += 1;
                caller.queued = false;
                self.queued.give_back(caller.client, caller.ids.len());
                let (first, since, trace) = (ids.len(), caller.since, caller.trace.clone());
                // Two callers may wait for one id: it is listed once and answers both.
                ids.extend(caller.ids.iter().copied().filter(|id| listed.insert(*id)));
                callers.push(Asked { caller_id: *caller_id, first, since, trace });
            }
            self.queue.pop_front();
        }
        let request = MissionIds::try_from(ids).ok().map(|missions| Request { missions })?;
        Some(Batch { request, callers })
    }

    /// Takes a mission that is stored. Returns whether a caller waited for it.
    pub(super) fn stored(&mut self, mission: Mission) -> bool {
        self.unfinished.forget(mission.id);
        let waiting = self.waiting.remove(&mission.id).unwrap_or_default();
        let waited = !waiting.is_empty();
        for (caller_id, index) in waiting {
            let Some(caller) = self.callers.get_mut(&caller_id) else { continue };
            if let Some(stored @ None) = caller.stored.get_mut(index) {
                *stored = Some(mission.clone());
                caller.missing -= 1;
            }
            if caller.missing == 0 {
                caller.count_stored();
                let missions = std::mem::take(&mut caller.stored).into_iter().flatten().collect();
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
        if caller.queued {
            self.queued.give_back(caller.client, caller.ids.len());
        }
        self.waited_for.give_back(caller.client, caller.ids.len());
        if caller.keyed && caller.missing > 0 && caller.published > Published::Never {
            self.unfinished.remember(&caller.ids);
        }
        Some(caller)
    }
}
