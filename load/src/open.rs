//! The open loop: requests are due at fixed times, whether or not replies come.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::Instant;

/// When requests are due.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    pub(super) start: Instant,
    /// Requests per second.
    pub(super) rate: u32,
}

impl Schedule {
    /// When this request is due; the first has number 0.
    pub(super) fn due(&self, number: u64) -> Instant {
        let nanos = u128::from(number) * 1_000_000_000 / u128::from(self.rate.max(1));
        self.start + Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }

    /// How many are due before this time.
    pub(super) fn due_before(&self, time: Instant) -> u64 {
        let nanos = time.saturating_duration_since(self.start).as_nanos();
        let due = (nanos * u128::from(self.rate)).div_ceil(1_000_000_000);
        u64::try_from(due).unwrap_or(u64::MAX)
    }
}

/// The requests of an open loop.
pub(super) struct Open {
    pub(super) schedule: Schedule,
    /// How many will be due.
    pub(super) total: u64,
    /// One permit for each request that is due and that no connection has taken.
    due: Semaphore,
    taken: AtomicU64,
}

impl Open {
    pub(super) fn new(schedule: Schedule, total: u64) -> Self {
        Self { schedule, total, due: Semaphore::new(0), taken: AtomicU64::new(0) }
    }

    /// This many more are due, or this many connections shall see that the load is over.
    pub(super) fn give(&self, count: u64) {
        self.due.add_permits(usize::try_from(count).unwrap_or(0));
    }

    /// Waits for the next request to be due.
    pub(super) async fn is_due(&self) {
        if let Ok(permit) = self.due.acquire().await {
            permit.forget();
        }
    }

    /// When the request that is taken now was due, `None` after the last.
    pub(super) fn take(&self) -> Option<Instant> {
        let take = |taken: u64| (taken < self.total).then_some(taken + 1);
        let taken = self.taken.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take);
        taken.ok().map(|number| self.schedule.due(number))
    }

    /// How many requests were due before this time, and were not sent.
    pub(super) fn unsent(&self, time: Instant) -> u64 {
        let due = self.schedule.due_before(time).min(self.total);
        due.saturating_sub(self.taken.load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(rate: u32) -> Schedule {
        Schedule { start: Instant::now(), rate }
    }

    #[tokio::test(start_paused = true)]
    async fn requests_are_due_at_fixed_times() {
        let schedule = schedule(3);
        let due = |number| schedule.due(number).duration_since(schedule.start).as_nanos();
        assert_eq!([0, 1, 3, 10_800].map(due), [0, 333_333_333, 1_000_000_000, 3_600_000_000_000]);
    }

    #[tokio::test(start_paused = true)]
    async fn as_many_are_due_as_their_times_have_passed() {
        let schedule = schedule(1_000);
        assert_eq!(schedule.due_before(Instant::now()), 0);
        tokio::time::advance(Duration::from_micros(1)).await;
        assert_eq!(schedule.due_before(Instant::now()), 1);
        tokio::time::advance(Duration::from_secs(10)).await;
        assert_eq!(schedule.due_before(Instant::now()), 10_001);
    }

    #[tokio::test(start_paused = true)]
    async fn a_request_that_waits_for_a_connection_keeps_its_time_and_the_rest_is_unsent() {
        let open = Open::new(schedule(10), 20);
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(open.take(), Some(open.schedule.start));
        assert_eq!(open.take(), Some(open.schedule.start + Duration::from_millis(100)));
        assert_eq!(open.unsent(Instant::now()), 8);
        tokio::time::advance(Duration::from_secs(100)).await;
        assert_eq!(open.unsent(Instant::now()), 18, "no more than there are");
        let left = std::iter::from_fn(|| open.take()).count();
        assert_eq!((left, open.unsent(Instant::now())), (18, 0));
    }
}
