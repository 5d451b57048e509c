//! The database's clock: the one clock that all processes which share a database agree on.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemas::CreatedAt;
use time::OffsetDateTime;
use tokio::time::Instant;

use crate::database::Database;
use crate::error::Error;
use crate::inspect;

/// How long a comparison of the two clocks counts.
const FRESH: Duration = Duration::from_secs(5);
/// A local clock that moves by so much more or less than the time that has passed was set anew.
const STEP: u64 = 1_000_000;
/// A difference between the clocks that is worth a warning, in microseconds.
const SKEW: u64 = 1_000_000;

/// How the local clock compares with the database's.
#[derive(Default)]
pub(crate) struct Clocks(Mutex<Option<Compared>>);

/// One comparison of the two clocks.
#[derive(Clone, Copy)]
struct Compared {
    at: Instant,
    /// The local clock at that moment, in microseconds since 1970.
    local: i64,
    /// The database's clock minus the local one, in microseconds.
    ahead: i64,
}

impl Compared {
    /// Whether it still counts at this moment, at which the local clock shows this.
    fn is_fresh(&self, at: Instant, local: i64) -> bool {
        let passed = at.saturating_duration_since(self.at);
        let expected = i64::try_from(passed.as_micros()).unwrap_or(i64::MAX);
        let moved = local.saturating_sub(self.local);
        passed < FRESH && moved.abs_diff(expected) < STEP
    }
}

impl Clocks {
    fn last(&self) -> MutexGuard<'_, Option<Compared>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a comparison; says so when the difference has become or ceased to be worth it.
    fn note(&self, compared: Compared) {
        let is_off = |compared: &Compared| compared.ahead.unsigned_abs() >= SKEW;
        let before = self.last().replace(compared);
        if is_off(&compared) && !before.as_ref().is_some_and(is_off) {
            let seconds = compared.ahead / 1_000_000;
            tracing::warn!(
                seconds,
                "the database's clock is ahead of this machine's by so many seconds; missions get \
                 the database's time: set this machine's clock"
            );
        } else if !is_off(&compared) && before.as_ref().is_some_and(is_off) {
            tracing::info!("this machine's clock agrees with the database's");
        }
    }
}

impl Clocks {
    /// The time on the database's clock, by a comparison that still counts or by a new one.
    pub(crate) async fn time(
        &self,
        database: &Database,
        clock: fn() -> OffsetDateTime,
    ) -> Result<CreatedAt, Error> {
        let (at, local) = (Instant::now(), micros(clock));
        let last = *self.last();
        let ahead = match last.filter(|last| last.is_fresh(at, local)) {
            Some(last) => last.ahead,
            None => self.compare(database, at, local).await?,
        };
        let time = micros(clock).saturating_add(ahead);
        Ok(CreatedAt::from_micros(time).unwrap_or_else(|| CreatedAt::truncated(clock())))
    }

    async fn compare(&self, database: &Database, at: Instant, local: i64) -> Result<i64, Error> {
        let Some(now) = inspect::now(database).await? else { return Ok(0) };
        let half = at.elapsed() / 2;
        let half = i64::try_from(half.as_micros()).unwrap_or_default();
        let ahead = now.micros().saturating_sub(local.saturating_add(half));
        self.note(Compared { at, local, ahead });
        Ok(ahead)
    }
}

fn micros(clock: fn() -> OffsetDateTime) -> i64 {
    CreatedAt::truncated(clock()).micros()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_comparison_counts_until_it_is_old_or_the_local_clock_is_set() {
        let at = Instant::now();
        let compared = Compared { at, local: 0, ahead: 0 };
        let second = Duration::from_secs(1);
        assert!(compared.is_fresh(at + second, 1_000_000));
        assert!(!compared.is_fresh(at + second, 61_000_000), "set forward, or the machine slept");
        assert!(!compared.is_fresh(at + second, -60_000_000), "set back");
        assert!(!compared.is_fresh(at + FRESH, 5_000_000), "old");
    }
}
