//! How long requests took, in bounded memory.

use std::time::Duration;

use hdrhistogram::Histogram;

/// The most that is told apart, in microseconds; a longer latency counts as this one.
const MOST: u64 = 3_600_000_000;
/// Three digits: a figure is wrong by at most 0.1 %.
const DIGITS: u8 = 3;

/// A histogram of latencies. It takes the same memory for one latency and for a billion.
#[derive(Debug)]
pub struct Latencies(Histogram<u64>);

impl Default for Latencies {
    #[expect(clippy::expect_used, reason = "the bounds are constants, and every test makes one")]
    fn default() -> Self {
        Self(Histogram::new_with_bounds(1, MOST, DIGITS).expect("bounds in the right order"))
    }
}

impl Latencies {
    /// One more.
    pub fn record(&mut self, latency: Duration) {
        self.0.saturating_record(u64::try_from(latency.as_micros()).unwrap_or(MOST));
    }

    /// How many there are.
    pub fn count(&self) -> u64 {
        self.0.len()
    }

    /// The milliseconds that this share (0 to 1) of them did not exceed.
    pub fn quantile(&self, share: f64) -> f64 {
        self.0.value_at_quantile(share) as f64 / 1_000.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quantile_is_right_within_a_thousandth() {
        let mut latencies = Latencies::default();
        (1..=100_000).rev().for_each(|n| latencies.record(Duration::from_micros(n * 10)));
        for (share, millis) in [(0.001, 1.0), (0.5, 500.0), (0.99, 990.0), (1.0, 1_000.0)] {
            let said = latencies.quantile(share);
            assert!((said / millis - 1.0).abs() <= 0.001, "{share}: {said}, not {millis}");
        }
        assert_eq!((latencies.count(), Latencies::default().quantile(0.5)), (100_000, 0.0));
    }

    #[test]
    fn no_latency_takes_more_memory() {
        let mut latencies = Latencies::default();
        let before = latencies.0.distinct_values();
        for latency in [Duration::ZERO, Duration::from_secs(3_000), Duration::MAX] {
            latencies.record(latency);
        }
        assert_eq!((latencies.count(), latencies.0.distinct_values()), (3, before));
        assert!(before * size_of::<u64>() < 256 * 1024, "{before} counters");
        assert!((3_600_000.0..3_604_000.0).contains(&latencies.quantile(1.0)));
    }
}
