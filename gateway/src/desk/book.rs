//! What the desk knows.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use schemas::{Mission, MissionId, MissionIds, Request};
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::unfinished::Unfinished;
use super::{Answer, Published, Trace, Wanted};

/// What the desk knows. Tickets count up, so their order is that of arrival.
pub(super) struct Book {
    next: u64,
    pub(super) room: VecDeque<u64>,
    pub(super) room_missions: usize,
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
    pub(super) in_room: bool,
    /// It waits for nothing but the broker's word.
    pub(super) confirm_is_enough: bool,
    trace: Option<Trace>,
    pub(super) since: Instant,
    pub(super) answer: oneshot::Sender<Result<Answer, Published>>,
}

/// What is published next, and for whom.
pub(crate) struct Batch {
    pub(crate) request: Request,
    /// Of its one caller; the message of several belongs to no trace.
    pub(crate) trace: Option<Trace>,
    pub(super) tickets: Vec<u64>,
}

/// Until its first session a desk counts as stalled.
impl Default for Book {
    fn default() -> Self {
        Self {
            next: 0,
            room: VecDeque::new(),
            room_missions: 0,
            callers: HashMap::new(),
            waiting: HashMap::new(),
            unfinished: Unfinished::default(),
            stalled_since: Some(Instant::now()),
        }
    }
}

/// When nothing could be published for this long, new callers are refused.
const STALLED: Duration = Duration::from_secs(2);

impl Book {
    pub(super) fn is_stalled(&self) -> bool {
        self.stalled_since.is_some_and(|since| since.elapsed() > STALLED)
    }

    /// Has a caller published once more, after those who wait already.
    pub(super) fn back_to_room(&mut self, ticket: u64) {
        if let Some(caller) = self.callers.get_mut(&ticket).filter(|caller| !caller.in_room) {
            caller.in_room = true;
            self.room_missions += caller.ids.len();
            self.room.push_back(ticket);
        }
    }

    /// Whether somebody waits, or has waited, for the first of these missions, but not for the same
    /// number: only a repeated key leads to the same ids.
    pub(super) fn is_another(&self, ids: &[MissionId]) -> bool {
        let seats = ids.first().and_then(|first| self.waiting.get(first));
        let mut waiting = seats.into_iter().flatten();
        waiting.any(|(ticket, _)| {
            self.callers.get(ticket).is_some_and(|caller| caller.ids.len() != ids.len())
        }) || self.unfinished.is_another(ids)
    }

    pub(super) fn admit(
        &mut self,
        Wanted { ids, keyed, trace }: Wanted,
        answer: oneshot::Sender<Result<Answer, Published>>,
    ) -> u64 {
        let (ticket, ids) = (self.next, Vec::from(ids));
        self.next += 1;
        for (place, id) in ids.iter().enumerate() {
            self.waiting.entry(*id).or_default().push((ticket, place));
        }
        self.room.push_back(ticket);
        self.room_missions += ids.len();
        let caller = Caller {
            stored: vec![None; ids.len()],
            missing: ids.len(),
            ids,
            keyed,
            published: Published::Never,
            attempts: 0,
            in_room: true,
            confirm_is_enough: false,
            trace,
            since: Instant::now(),
            answer,
        };
        self.callers.insert(ticket, caller);
        ticket
    }

    /// The callers at the front of the room, as many as go into one message: the first in any
    /// case, since a caller's list travels whole.
    pub(super) fn next_batch(&mut self, most: usize) -> Option<Batch> {
        let (mut tickets, mut listed, mut ids) = (Vec::new(), HashSet::new(), Vec::new());
        while let Some(ticket) = self.room.front() {
            // Whoever has left meanwhile is not published any more.
            if let Some(caller) = self.callers.get_mut(ticket) {
                if !ids.is_empty() && ids.len() + caller.ids.len() > most {
                    break;
                }
                caller.published = caller.published.max(Published::Unknown);
                caller.attempts += 1;
                caller.in_room = false;
                self.room_missions -= caller.ids.len();
                // Two callers may wait for one id: it is listed once and answers both.
                ids.extend(caller.ids.iter().copied().filter(|id| listed.insert(*id)));
                tickets.push(*ticket);
            }
            self.room.pop_front();
        }
        let request = MissionIds::try_from(ids).ok().map(|missions| Request { missions })?;
        let trace = match tickets.as_slice() {
            [ticket] => self.callers.get(ticket).and_then(|caller| caller.trace.clone()),
            _ => None,
        };
        Some(Batch { request, trace, tickets })
    }

    /// Says whether anybody waited for it.
    pub(super) fn stored(&mut self, mission: Mission) -> bool {
        self.unfinished.forget(mission.id);
        let seats = self.waiting.remove(&mission.id).unwrap_or_default();
        let waited = !seats.is_empty();
        for (ticket, place) in seats {
            let Some(caller) = self.callers.get_mut(&ticket) else { continue };
            if let Some(stored @ None) = caller.stored.get_mut(place) {
                *stored = Some(mission.clone());
                caller.missing -= 1;
            }
            if caller.missing == 0
                && let Some(caller) = self.leave(ticket)
            {
                let missions = caller.stored.into_iter().flatten().collect();
                let _ = caller.answer.send(Ok(Answer::Stored(missions))); // it may have gone meanwhile
            }
        }
        waited
    }

    /// Forgets a caller.
    pub(super) fn leave(&mut self, ticket: u64) -> Option<Caller> {
        let caller = self.callers.remove(&ticket)?;
        for id in &caller.ids {
            if let Some(seats) = self.waiting.get_mut(id) {
                seats.retain(|(other, _)| *other != ticket);
                if seats.is_empty() {
                    self.waiting.remove(id);
                }
            }
        }
        if caller.in_room {
            self.room_missions -= caller.ids.len();
        }
        if caller.keyed && caller.missing > 0 && caller.published > Published::Never {
            self.unfinished.remember(&caller.ids);
        }
        Some(caller)
    }
}
