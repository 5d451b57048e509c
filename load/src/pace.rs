//! The clock of the open loop.

use std::sync::Weak;
use std::time::Duration;

use tokio::time::Instant;

use super::shared::Shared;

/// How often it is looked whether the load still runs.
const LOOK: Duration = Duration::from_millis(50);

/// Gives the requests of an open loop to its connections when they are due. It needs a thread: a
/// timer of the runtime is late by up to a millisecond, and so would be every request.
#[expect(clippy::disallowed_methods, reason = "this thread runs no tasks")]
pub(super) fn pace(load: &Weak<Shared>) {
    let mut given = 0;
    while let Some(shared) = load.upgrade() {
        let Some(open) = &shared.open else { return };
        let now = Instant::now();
        let due = open.schedule.due_before(now).min(open.total);
        open.give(due - given);
        given = due;
        if shared.is_over(now) || (shared.end.is_none() && given == open.total) {
            open.give(shared.load.connections as u64); // each of them sees that it is over
            return;
        }
        let next = open.schedule.due(given).saturating_duration_since(now);
        drop(shared);
        std::thread::sleep(next.clamp(Duration::from_nanos(1), LOOK));
    }
}
