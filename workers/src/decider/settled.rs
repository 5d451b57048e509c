//! What became of a request, and how it is counted.

use std::time::Duration;

use schemas::Role;
use telemetry::Handled;

use super::triage::Verdict;

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Settled {
    /// Its missions are stored and its caller has the reply.
    Stored,
    /// It was bad input.
    Refused,
    /// It is a dead letter.
    SetAside,
    /// One request for each of its missions took its place.
    Split,
    /// A copy of it is at the end of the queue.
    HandedBack,
    /// It is held beside the work until a full queue has room.
    Waits,
}

impl Settled {
    /// How metrics and logs call it.
    pub(super) fn handled(self) -> Handled {
        match self {
            Self::Stored => Handled::Done,
            Self::Refused => Handled::Refused,
            Self::SetAside => Handled::SetAside,
            Self::Split => Handled::Split,
            Self::HandedBack => Handled::HandedBack,
            Self::Waits => Handled::Waits,
        }
    }

    /// Counts it. The request was held for so long.
    pub(super) fn count(self, held: Duration, verdict: &Verdict) {
        let metrics = telemetry::of(Role::Decider);
        metrics.handled.of(self.handled()).one();
        metrics.processed.record(held);
        if let Verdict::Reply { missions, .. } = verdict {
            metrics.missions.add(missions.len() as u64);
            metrics.batch.record(missions.len());
        }
    }
}
