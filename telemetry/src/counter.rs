//! Numbers that only grow, and numbers that go up and down.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::Relaxed};

use prometheus_client::encoding::{MetricEncoder, NoLabelSet};

use crate::kind::Kind;
use crate::metric::Metric;

/// A number that only grows.
#[derive(Debug)]
pub struct Counter(AtomicU64);

impl Counter {
    /// Adds one.
    pub fn one(&self) {
        self.add(1);
    }

    /// Adds so many.
    pub fn add(&self, more: u64) {
        self.0.fetch_add(more, Relaxed);
    }

    /// The number now.
    pub fn get(&self) -> u64 {
        self.0.load(Relaxed)
    }
}

impl Metric for Counter {
    const NEW: Self = Self(AtomicU64::new(0));
    const KIND: Kind = Kind::Counter;

    fn is_zero(&self) -> bool {
        self.get() == 0
    }

    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        encoder.encode_counter::<NoLabelSet, _, u64>(&self.get(), None)
    }
}

/// A number that goes up and down.
#[derive(Debug)]
pub struct Gauge(AtomicI64);

impl Gauge {
    /// Sets it.
    pub fn set(&self, value: i64) {
        self.0.store(value, Relaxed);
    }

    /// Adds so many.
    pub fn add(&self, more: usize) {
        self.0.fetch_add(whole(more), Relaxed);
    }

    /// Takes so many away.
    pub fn take(&self, less: usize) {
        self.0.fetch_sub(whole(less), Relaxed);
    }

    /// Adds so many until the result is dropped.
    pub fn hold(&'static self, more: usize) -> Held {
        self.add(more);
        Held { gauge: self, more }
    }

    /// The number now.
    pub fn get(&self) -> i64 {
        self.0.load(Relaxed)
    }
}

fn whole(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// What was added to a gauge; it is taken away when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Held {
    gauge: &'static Gauge,
    more: usize,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.gauge.take(self.more);
    }
}

impl Metric for Gauge {
    const NEW: Self = Self(AtomicI64::new(0));
    const KIND: Kind = Kind::Gauge;

    fn is_zero(&self) -> bool {
        self.get() == 0
    }

    fn encode(&self, mut encoder: MetricEncoder<'_>) -> fmt::Result {
        encoder.encode_gauge(&self.get())
    }
}
