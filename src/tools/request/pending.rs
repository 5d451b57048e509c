//! The missions that were requested over AMQP and have not arrived: at most one window of them,
//! however many are requested in all.

use std::collections::{BTreeSet, HashMap, VecDeque};

use schemas::{CallerRequest, MissionId, MissionIds};

use super::lists::Lists;

/// The most lists that are pending at a time: 4,096 missions.
const WINDOW: usize = 16;

/// The pending lists.
pub(super) struct Pending<'a> {
    lists: &'a Lists,
    next: u32,
    open: HashMap<CallerRequest, BTreeSet<MissionId>>,
    /// Those of the open lists that are to be published again.
    repeat: VecDeque<CallerRequest>,
}

impl<'a> Pending<'a> {
    pub(super) fn new(lists: &'a Lists) -> Self {
        Self { lists, next: 0, open: HashMap::new(), repeat: VecDeque::new() }
    }

    /// What to publish next: a new list, or what is missing of one that is to be repeated. `None`
    /// while the window is full, and at the end.
    pub(super) fn next(&mut self) -> Option<(CallerRequest, MissionIds)> {
        while let Some(request) = self.repeat.pop_front() {
            let missing: Vec<_> = self.open.get(&request).into_iter().flatten().copied().collect();
            if let Ok(missing) = MissionIds::try_from(missing) {
                return Some((request, missing));
            }
        }
        if self.open.len() >= WINDOW {
            return None;
        }
        let list = self.lists.list(self.next)?;
        self.next += 1;
        let ids: Vec<_> = list.request.missions(list.count).collect();
        self.open.insert(list.request, ids.iter().copied().collect());
        Some((list.request, MissionIds::try_from(ids).ok()?))
    }

    /// Notes that the broker refused this list: it is to be published again.
    pub(super) fn not_taken(&mut self, request: CallerRequest) {
        self.repeat.push_front(request);
    }

    /// Notes that everything that is missing is to be published again.
    pub(super) fn repeat_all(&mut self) {
        self.repeat = self.open.keys().copied().collect();
    }

    /// Notes that a mission has arrived. Returns whether it was still missing.
    pub(super) fn arrived(&mut self, id: MissionId) -> bool {
        let request = id.caller_request();
        let Some(missing) = self.open.get_mut(&request) else { return false };
        let was_missing = missing.remove(&id);
        if missing.is_empty() {
            self.open.remove(&request);
        }
        was_missing
    }

    /// Closes a list. Returns how many of its missions were missing.
    pub(super) fn close(&mut self, request: CallerRequest) -> usize {
        self.open.remove(&request).map_or(0, |missing| missing.len())
    }

    /// How many missions were requested so far.
    pub(super) fn requested(&self) -> usize {
        let (lists, count) = (self.next as usize, self.lists.count() as usize);
        (lists * MissionIds::MAX).min(count)
    }

    /// Whether everything was requested and has arrived.
    pub(super) fn is_done(&self) -> bool {
        self.open.is_empty() && self.lists.list(self.next).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lists(count: u32) -> Lists {
        Lists::new(count, "mine".to_owned()).unwrap()
    }

    #[test]
    fn a_mission_arrives_once() {
        let lists = lists(2);
        let mut pending = Pending::new(&lists);
        assert!(
            !pending.arrived(lists.list(0).unwrap().request.mission(0)),
            "it was not requested"
        );
        let (_, ids) = pending.next().unwrap();
        let twice = ids.as_slice().iter().flat_map(|id| [*id, *id]);
        let missing: Vec<bool> = twice.map(|id| pending.arrived(id)).collect();
        assert_eq!(missing, [true, false, true, false]);
        assert!(pending.is_done());
    }

    #[test]
    fn a_window_bounds_what_is_pending() {
        let lists = lists(100_000);
        let mut pending = Pending::new(&lists);
        let asked: Vec<_> = std::iter::from_fn(|| pending.next()).collect();
        assert_eq!((asked.len(), pending.requested()), (WINDOW, 4_096));
        assert_eq!(pending.close(asked[3].0), 256);
        assert!(pending.next().is_some());
        assert!(pending.next().is_none() && !pending.is_done());
    }

    #[test]
    fn only_what_is_missing_is_published_again() {
        let lists = lists(300);
        let mut pending = Pending::new(&lists);
        let (first, ids) = pending.next().unwrap();
        let (second, _) = pending.next().unwrap();
        for id in &ids.as_slice()[1..] {
            assert!(pending.arrived(*id));
        }
        assert_eq!(pending.next(), None);
        pending.repeat_all();
        let again: HashMap<_, _> = std::iter::from_fn(|| pending.next()).collect();
        assert_eq!(again.len(), 2);
        assert_eq!(again[&first].as_slice(), &ids.as_slice()[..1]);
        assert_eq!(again[&second].len(), 44);
        pending.not_taken(first);
        assert!(pending.arrived(ids.as_slice()[0]));
        assert_eq!(pending.next(), None, "it has arrived in the meantime");
        assert_eq!(pending.close(second), 44);
        assert!(pending.is_done());
    }
}
