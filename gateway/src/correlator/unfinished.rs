//! Requests with a key whose callers have left before their missions were stored.

use std::collections::{HashMap, VecDeque};

use schemas::MissionId;

/// The most requests that are remembered. Then the oldest is forgotten, and another count with its
/// key gets no 409. Nothing else depends on it.
const MOST: usize = 8_192;

/// The number of missions of each such request, by its first mission.
#[derive(Default)]
pub(super) struct Unfinished {
    counts: HashMap<MissionId, usize>,
    arrivals: VecDeque<MissionId>,
}

impl Unfinished {
    pub(super) fn remember(&mut self, ids: &[MissionId]) {
        let Some(first) = ids.first() else { return };
        if self.counts.insert(*first, ids.len()).is_none() {
            self.arrivals.push_back(*first);
        }
        // Ids that were forgotten meanwhile are still in `arrivals`.
        while self.arrivals.len() > MOST {
            if let Some(oldest) = self.arrivals.pop_front() {
                self.counts.remove(&oldest);
            }
        }
    }

    pub(super) fn forget(&mut self, first: MissionId) {
        self.counts.remove(&first);
    }

    /// Whether another number of these missions is on its way.
    pub(super) fn is_another(&self, ids: &[MissionId]) -> bool {
        let count = ids.first().and_then(|first| self.counts.get(first));
        count.is_some_and(|count| *count != ids.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn ids(first: u128, count: u128) -> Vec<MissionId> {
        (first..first + count).map(|n| Uuid::from_u128(n).into()).collect()
    }

    #[test]
    fn another_count_is_known_until_the_missions_stand() {
        let mut unfinished = Unfinished::default();
        unfinished.remember(&ids(1, 2));
        assert!(unfinished.is_another(&ids(1, 3)));
        assert!(!unfinished.is_another(&ids(1, 2)));
        unfinished.forget(ids(1, 1)[0]);
        assert!(!unfinished.is_another(&ids(1, 3)));
    }

    #[test]
    fn no_more_are_remembered_than_there_is_room_for() {
        let mut unfinished = Unfinished::default();
        for n in 0..=MOST as u128 {
            unfinished.remember(&ids(n * 256, 1));
        }
        assert_eq!((unfinished.counts.len(), unfinished.arrivals.len()), (MOST, MOST));
        assert!(!unfinished.is_another(&ids(0, 2)));
    }
}
