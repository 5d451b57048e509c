//! The stamps of a decider.

use std::sync::Arc;

use schemas::{Role, Stamp, unix_micros};
use time::OffsetDateTime;
use tokio::time::Instant;

use super::config::Config;

/// Stamps what a decider has worked on.
#[derive(Clone)]
pub(super) struct Stamping {
    instance: Arc<str>,
    clock: fn() -> OffsetDateTime,
}

/// When a request was taken, and how often it was delivered before.
#[derive(Clone, Copy)]
pub(super) struct Arrival {
    pub(super) received: Instant,
    pub(super) earlier: u32,
}

impl Stamping {
    pub(super) fn new(config: &Config) -> Self {
        Self { instance: config.instance.as_str().into(), clock: config.clock }
    }

    /// The time in Unix microseconds.
    pub(super) fn now(&self) -> u64 {
        unix_micros((self.clock)())
    }

    /// The stamp of this decider, whose work on a request ends at `done`, which is now.
    pub(super) fn stamp(&self, Arrival { received, earlier }: Arrival, done: u64) -> Stamp {
        let held = u64::try_from(received.elapsed().as_micros()).unwrap_or(u64::MAX);
        Stamp {
            role: Role::Decider,
            instance: self.instance.clone(),
            asked: None,
            received: done.saturating_sub(held),
            done,
            attempt: earlier.saturating_add(1),
        }
    }
}
