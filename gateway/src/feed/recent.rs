//! The missions that were sent to listeners lately.

use std::collections::{HashSet, VecDeque};

use schemas::{CreatedAt, Mission, MissionId};

/// The most that are remembered: 12 s at 20,000 missions a second. A mission that is forgotten too
/// early may be sent twice.
const MOST: usize = 262_144;

/// Remembers missions in the order in which they were sent.
#[derive(Default)]
pub(super) struct Recent {
    ids: HashSet<MissionId>,
    order: VecDeque<(CreatedAt, MissionId)>,
}

impl Recent {
    pub(super) fn contains(&self, id: MissionId) -> bool {
        self.ids.contains(&id)
    }

    pub(super) fn remember(&mut self, mission: &Mission) {
        if self.ids.insert(mission.id) {
            self.order.push_back((mission.created_at, mission.id));
        }
        while self.order.len() > MOST {
            self.forget_oldest();
        }
    }

    /// Forgets those that were stored before this time.
    pub(super) fn forget_before(&mut self, time: CreatedAt) {
        while self.order.front().is_some_and(|(stored, _)| *stored < time) {
            self.forget_oldest();
        }
    }

    fn forget_oldest(&mut self) {
        if let Some((_, id)) = self.order.pop_front() {
            self.ids.remove(&id);
        }
    }
}
