//! What several metrics of a role have to do with one event.

use std::time::Duration;

use crate::label::Label;
use crate::labels::{FaultKind, Handled};
use crate::metrics::RoleMetrics;

impl RoleMetrics {
    /// Notes that a session is begun. From now on the role is shown.
    pub fn session_begins(&self) {
        self.sessions.one();
    }

    /// Notes that the session is over, and which fault ended it.
    pub fn session_ends(&self, fault: Option<FaultKind>) {
        self.connected.set(0);
        let Some(fault) = fault else { return };
        self.faults.of(fault).one();
        for kind in FaultKind::ALL {
            self.last_fault.of(*kind).set(i64::from(*kind == fault));
        }
    }
}

impl RoleMetrics {
    /// Notes a batch of questions: how long it was worked on, its missions, how many questions were
    /// replied to, and how many went back to whoever asked.
    pub fn batch_done(&self, took: Duration, missions: usize, done: usize, returned: usize) {
        self.handled.of(Handled::Done).add(done as u64);
        self.handled.of(Handled::Returned).add(returned as u64);
        if done > 0 {
            self.missions.add(missions as u64);
            self.batch.record(missions);
            self.processed.record(took);
        }
    }
}
