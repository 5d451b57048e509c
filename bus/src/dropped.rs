//! Counts the replies that are dropped, by reason. A dropped reply does no harm: whoever still
//! waits repeats the question, or looks in the table.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use schemas::Role;
use telemetry::{Label, Why};

/// How many replies were dropped. Cheap to clone; all clones share the counts. When the last clone
/// is dropped it logs the totals, if there are any.
#[derive(Debug, Clone)]
pub struct Dropped(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    role: &'static str,
    all: [AtomicU64; Why::ALL.len()],
}

impl Dropped {
    /// Begins at zero; `role` is the role that drops replies.
    pub fn new(role: &'static str) -> Self {
        Self(Arc::new(Counts { role, all: [const { AtomicU64::new(0) }; Why::ALL.len()] }))
    }

    /// Counts one and logs it: as a warning, unless repeats or callers who have gone may
    /// cause it.
    pub fn count(&self, why: Why, what: &str) {
        if let Some(count) = self.0.all.get(why.index()) {
            count.fetch_add(1, Relaxed);
        }
        if let Some(role) = Role::parse(self.0.role) {
            telemetry::of(role).replies_dropped.of(why).one();
        }
        match why {
            Why::Late | Why::Unroutable | Why::Failed => {
                tracing::debug!(role = self.0.role, ?why, "dropped a reply: {what}")
            }
            Why::Malformed | Why::TooMany => {
                tracing::warn!(role = self.0.role, ?why, "dropped a reply: {what}")
            }
        }
    }

    /// How many were dropped for this reason.
    pub fn so_far(&self, why: Why) -> u64 {
        self.0.so_far(why)
    }
}

impl Counts {
    fn so_far(&self, why: Why) -> u64 {
        self.all.get(why.index()).map_or(0, |count| count.load(Relaxed))
    }
}

impl Drop for Counts {
    fn drop(&mut self) {
        if Why::ALL.iter().all(|why| self.so_far(*why) == 0) {
            return;
        }
        tracing::info!(
            role = self.role,
            late = self.so_far(Why::Late),
            malformed = self.so_far(Why::Malformed),
            too_many = self.so_far(Why::TooMany),
            unroutable = self.so_far(Why::Unroutable),
            failed = self.so_far(Why::Failed),
            "replies that were dropped"
        );
    }
}
