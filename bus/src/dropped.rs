//! Counts the replies that are dropped, by reason. A dropped reply does no harm: whoever still
//! waits repeats the question, or looks in the table.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use schemas::Role;
use telemetry::Why;

/// How many replies were dropped. Cheap to clone; all clones share the counts. When the last clone
/// is dropped it logs the totals, if there are any.
#[derive(Debug, Clone)]
pub struct Dropped(Arc<Counts>);

#[derive(Debug)]
struct Counts {
    role: &'static str,
    late: AtomicU64,
    malformed: AtomicU64,
    too_many: AtomicU64,
}

impl Dropped {
    /// Begins at zero; `role` is the role that drops replies.
    pub fn new(role: &'static str) -> Self {
        let [late, malformed, too_many] = [const { AtomicU64::new(0) }; 3];
        Self(Arc::new(Counts { role, late, malformed, too_many }))
    }

    /// Counts one and logs it: a late reply at debug level, any other as a warning.
    pub fn count(&self, why: Why, what: &str) {
        self.0.of(why).fetch_add(1, Relaxed);
        if let Some(role) = Role::parse(self.0.role) {
            telemetry::of(role).replies_dropped.of(why).one();
        }
        match why {
            Why::Late => tracing::debug!(role = self.0.role, ?why, "dropped a reply: {what}"),
            _ => tracing::warn!(role = self.0.role, ?why, "dropped a reply: {what}"),
        }
    }

    /// How many were dropped for this reason.
    pub fn so_far(&self, why: Why) -> u64 {
        self.0.of(why).load(Relaxed)
    }
}

impl Counts {
    fn of(&self, why: Why) -> &AtomicU64 {
        match why {
            Why::Late => &self.late,
            Why::Malformed => &self.malformed,
            Why::TooMany => &self.too_many,
        }
    }
}

impl Drop for Counts {
    fn drop(&mut self) {
        let Self { role, late, malformed, too_many } = self;
        let (late, malformed, too_many) =
            (*late.get_mut(), *malformed.get_mut(), *too_many.get_mut());
        if late + malformed + too_many > 0 {
            tracing::info!(role, late, malformed, too_many, "replies that were dropped");
        }
    }
}
