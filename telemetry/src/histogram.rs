//! How often a value was in which range.

use std::fmt;
use std::marker::PhantomData;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use prometheus_client::encoding::{MetricEncoder, NoLabelSet};

use crate::kind::Kind;
use crate::metric::Metric;

/// The most bounds of a scale.
const BOUNDS: usize = 17;
/// The ranges: one below each bound, and one above the last.
const RANGES: usize = BOUNDS + 1;

/// The ranges of a histogram, in whole numbers.
pub trait Scale: 'static {
    /// The upper bounds, each inside its range.
    const BOUNDS: &'static [u64];
    /// How many make one of the unit.
    const ONE: f64;
    /// What the name of the metric ends with.
    const UNIT: Option<&'static str>;
}

/// Durations, from 0.1 ms to 30 s; counted in nanoseconds.
#[derive(Debug)]
pub struct Seconds;

impl Scale for Seconds {
    const BOUNDS: &'static [u64] = &[
        100_000,
        250_000,
        500_000,
        1_000_000,
        2_500_000,
        5_000_000,
        10_000_000,
        25_000_000,
        50_000_000,
        100_000_000,
        250_000_000,
        500_000_000,
        1_000_000_000,
        2_500_000_000,
        5_000_000_000,
        10_000_000_000,
        30_000_000_000,
    ];
    const ONE: f64 = 1e9;
    const UNIT: Option<&'static str> = Some("seconds");
}

/// Numbers of missions, up to what one statement stores.
#[derive(Debug)]
pub struct Missions;

impl Scale for Missions {
    const BOUNDS: &'static [u64] = &[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024];
    const ONE: f64 = 1.0;
    const UNIT: Option<&'static str> = None;
}

/// How often a value was in which range of the scale `S`, and the sum of the values.
#[derive(Debug)]
pub struct Histogram<S> {
    ranges: [AtomicU64; RANGES],
    sum: AtomicU64,
    scale: PhantomData<S>,
}

impl Histogram<Seconds> {
    /// Records a duration.
    pub fn record(&self, took: Duration) {
        self.count(u64::try_from(took.as_nanos()).unwrap_or(u64::MAX));
    }
}

impl Histogram<Missions> {
    /// Records a number of missions.
    pub fn record(&self, missions: usize) {
        self.count(u64::try_from(missions).unwrap_or(u64::MAX));
    }
}

impl<S: Scale> Histogram<S> {
    fn count(&self, value: u64) {
        let range = S::BOUNDS.partition_point(|bound| *bound < value);
        if let Some(range) = self.ranges.get(range) {
            range.fetch_add(1, Relaxed);
            self.sum.fetch_add(value, Relaxed);
        }
    }

    /// What was recorded so far.
    pub fn snapshot(&self) -> Snapshot {
        let mut counts = [0; RANGES];
        for (count, range) in counts.iter_mut().zip(&self.ranges) {
            *count = range.load(Relaxed);
        }
        Snapshot { counts, sum: self.sum.load(Relaxed), bounds: S::BOUNDS, one: S::ONE }
    }
}

impl<S: Scale> Metric for Histogram<S> {
    const NEW: Self = Self {
        ranges: [const { AtomicU64::new(0) }; RANGES],
        sum: AtomicU64::new(0),
        scale: PhantomData,
    };
    const KIND: Kind = Kind::Histogram;
    const UNIT: Option<&'static str> = S::UNIT;

    fn is_zero(&self) -> bool {
        self.ranges.iter().all(|range| range.load(Relaxed) == 0)
    }

    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        let seen = self.snapshot();
        let bounds = seen.bounds.iter().map(|bound| *bound as f64 / seen.one);
        let ranges: Vec<_> = bounds.chain([f64::INFINITY]).zip(seen.counts).collect();
        encoder.encode_histogram::<NoLabelSet>(seen.sum(), seen.count(), &ranges, None)
    }
}

/// What a histogram had recorded at some moment.
#[derive(Debug, Clone, Copy)]
pub struct Snapshot {
    counts: [u64; RANGES],
    sum: u64,
    bounds: &'static [u64],
    one: f64,
}

impl Snapshot {
    /// How many values were recorded.
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Their sum, in the unit.
    pub fn sum(&self) -> f64 {
        self.sum as f64 / self.one
    }

    /// Their mean, in the unit; `None` if there are none.
    pub fn mean(&self) -> Option<f64> {
        let count = self.count();
        (count > 0).then(|| self.sum() / count as f64)
    }

    /// What was recorded after `earlier`, a snapshot of the same histogram.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let mut later = *self;
        for (count, before) in later.counts.iter_mut().zip(earlier.counts) {
            *count = count.saturating_sub(before);
        }
        later.sum = self.sum.saturating_sub(earlier.sum);
        later
    }

    /// About the value below which this share of the values is, in the unit: `quantile(0.99)`. It is
    /// exact up to the range that the value is in, and never above the last bound; `None` if
    /// nothing was recorded.
    pub fn quantile(&self, share: f64) -> Option<f64> {
        let wanted = self.count() as f64 * share.clamp(0.0, 1.0);
        let (mut below, mut lower) = (0.0, 0.0);
        for (bound, count) in self.bounds.iter().zip(self.counts) {
            let upper = *bound as f64 / self.one;
            let upto = below + count as f64;
            if count > 0 && upto >= wanted {
                return Some(lower + (upper - lower) * ((wanted - below) / count as f64).max(0.0));
            }
            (below, lower) = (upto, upper);
        }
        (self.count() > 0).then_some(lower)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_on_a_bound_is_inside_it() {
        let sizes = Histogram::<Missions>::NEW;
        [1, 2, 3, 1024, 1025].into_iter().for_each(|missions| sizes.record(missions));
        let seen = sizes.snapshot();
        assert_eq!(seen.counts[..4], [1, 1, 1, 0]);
        assert_eq!(seen.counts[10..12], [1, 1]);
        assert_eq!((seen.count(), seen.sum()), (5, 2055.0));
    }

    #[test]
    fn quantiles_are_in_the_range_of_the_value() {
        let durations = Histogram::<Seconds>::NEW;
        assert_eq!(durations.snapshot().quantile(0.5), None);
        for millis in 1..=100 {
            durations.record(Duration::from_millis(millis));
        }
        let quantile = |share| durations.snapshot().quantile(share).unwrap();
        assert!((0.04..=0.05).contains(&quantile(0.5)), "{}", quantile(0.5));
        assert!((0.05..=0.1).contains(&quantile(0.99)), "{}", quantile(0.99));
        durations.record(Duration::from_secs(1_000));
        assert_eq!(quantile(1.0), 30.0, "above the last bound nothing is known");
    }

    #[test]
    fn what_was_recorded_since_is_known() {
        let durations = Histogram::<Seconds>::NEW;
        durations.record(Duration::from_secs(20));
        let before = durations.snapshot();
        durations.record(Duration::from_millis(2));
        let since = durations.snapshot().since(&before);
        assert_eq!((since.count(), since.mean()), (1, Some(0.002)));
        assert!(since.quantile(0.99).unwrap() <= 0.0025);
    }
}
