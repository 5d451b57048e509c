//! What the connections of a load share.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::open::{Open, Schedule};
use super::plan::{Load, Stop};
use super::report::{Report, Wanted};

/// How late the last requests of an open loop may be sent.
const LATE: Duration = Duration::from_millis(10);

/// What the connections of a load share.
pub(super) struct Shared {
    pub(super) load: Load,
    pub(super) start: Instant,
    /// When the warm-up ends.
    pub(super) begin: Instant,
    pub(super) end: Option<Instant>,
    /// How many requests may still be sent.
    pub(super) left: AtomicU64,
    /// The status of a good reply.
    pub(super) wanted: Wanted,
    /// How many had it.
    pub(super) answered: AtomicU64,
    /// `None` in a closed loop.
    pub(super) open: Option<Open>,
    pub(super) report: Mutex<Report>,
}

/// A request that may be sent.
pub(super) struct Due {
    /// When it was due; `None` in a closed loop: when it is sent.
    pub(super) at: Option<Instant>,
}

impl Shared {
    /// A load that begins now.
    pub(super) fn new(load: Load, until: Stop) -> Self {
        let start = Instant::now();
        let begin = start + load.warm_up;
        let (end, requests) = match until {
            Stop::After(time) => (Some(begin + time), u64::MAX),
            Stop::Requests(requests) => (None, requests),
            Stop::Told => (None, u64::MAX),
        };
        let open = load.rate.map(|rate| {
            let schedule = Schedule { start, rate };
            Open::new(schedule, end.map_or(requests, |end| schedule.due_before(end)))
        });
        let (left, answered) = (AtomicU64::new(requests), AtomicU64::new(0));
        let wanted = load.endpoint.wanted();
        let report = Mutex::new(Report { wanted, ..Report::default() });
        Self { load, start, begin, end, left, wanted, answered, open, report }
    }

    /// Waits until one more request is to be sent; `None` when there are no more.
    pub(super) async fn next(&self) -> Option<Due> {
        let Some(open) = &self.open else {
            let in_time = self.end.is_none_or(|end| Instant::now() < end);
            return (in_time && self.take()).then_some(Due { at: None });
        };
        open.is_due().await;
        let in_time = self.end.is_none_or(|end| Instant::now() < end + LATE);
        if !in_time || !self.take() {
            return None;
        }
        open.take().map(|at| Due { at: Some(at) })
    }

    /// Whether one more request may be sent; it is counted then.
    fn take(&self) -> bool {
        let take = |left: u64| left.checked_sub(1);
        self.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok()
    }

    /// Whether no request may be sent any more.
    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.end.is_some_and(|end| now >= end) || self.left.load(Ordering::Relaxed) == 0
    }

    /// Whether the latency of a good reply counts. In an open loop a reply after the end counts, too: to leave
    /// out the slowest would flatter.
    pub(super) fn counts(&self, began: Instant, ended: Instant) -> bool {
        began >= self.begin
            && self.end.is_none_or(|end| match &self.open {
                None => ended <= end,
                Some(_) => began < end,
            })
    }

    pub(super) fn report(&self) -> MutexGuard<'_, Report> {
        self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
