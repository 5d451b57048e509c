//! How old the oldest of the requests is that are held.

use std::fmt;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use prometheus_client::encoding::MetricEncoder;

use crate::kind::Kind;
use crate::metric::Metric;

/// As many are followed. A decider holds no more than 128 at work and 256 beside it.
const PLACES: usize = 512;

/// How old the oldest of the requests is that are held. Each has a place; a place that is free is 0,
/// another one the microsecond at which its request began.
#[derive(Debug)]
pub struct Oldest([AtomicU64; PLACES]);

impl Oldest {
    /// Follows one that began at this moment, until the result is dropped. When every place is
    /// taken it is not followed: the others are older.
    pub fn begin(&'static self, at: Instant) -> Begun {
        let at = micros(at);
        let take = |place: &&AtomicU64| {
            place.load(Relaxed) == 0 && place.compare_exchange(0, at, Relaxed, Relaxed).is_ok()
        };
        Begun(self.0.iter().find(take))
    }

    /// Follows one request alone, which whoever has them in order knows to be the oldest.
    pub fn only(&self, began: Option<Instant>) {
        if let Some(place) = self.0.first() {
            place.store(began.map_or(0, micros), Relaxed);
        }
    }

    /// The age of the oldest in seconds; 0 if there is none.
    pub fn age(&self) -> f64 {
        let began = self.0.iter().map(|place| place.load(Relaxed)).filter(|at| *at > 0).min();
        let age = began.map(|began| micros(Instant::now()).saturating_sub(began));
        age.unwrap_or_default() as f64 / 1e6
    }
}

/// Microseconds from a moment before the first one that was asked about; never 0.
fn micros(at: Instant) -> u64 {
    static ZERO: OnceLock<Instant> = OnceLock::new();
    let since = at.saturating_duration_since(*ZERO.get_or_init(Instant::now));
    u64::try_from(since.as_micros()).unwrap_or(u64::MAX).saturating_add(1)
}

/// A request that is followed until this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Begun(Option<&'static AtomicU64>);

impl Drop for Begun {
    fn drop(&mut self) {
        if let Some(place) = self.0 {
            place.store(0, Relaxed);
        }
    }
}

impl Metric for Oldest {
    const NEW: Self = Self([const { AtomicU64::new(0) }; PLACES]);
    const KIND: Kind = Kind::Gauge;
    const UNIT: Option<&'static str> = Some("seconds");

    fn is_zero(&self) -> bool {
        self.0.iter().all(|place| place.load(Relaxed) == 0)
    }

    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        encoder.encode_gauge(&self.age())
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    static HELD: Oldest = Oldest::NEW;

    #[test]
    fn the_oldest_counts_until_it_is_done() {
        micros(Instant::now());
        let older = Instant::now();
        let newer = older + Duration::from_millis(1);
        while newer.elapsed().is_zero() {}
        let (newer, older) = (HELD.begin(newer), HELD.begin(older));
        let both = HELD.age();
        drop(older);
        assert!(both >= HELD.age() && HELD.age() > 0.0);
        drop(newer);
        assert_eq!(HELD.age(), 0.0);
    }
}
