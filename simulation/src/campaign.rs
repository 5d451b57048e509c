//! Many schedules, on every core.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use seams::Mutant;

use crate::run::{Outcome, run};
use crate::schedule::Schedule;

/// What came of many schedules.
#[derive(Debug, Default)]
pub struct Summary {
    /// How many were run.
    pub schedules: u64,
    /// How long that took.
    pub took: Duration,
    /// How often each kind of fault happened.
    pub faults: BTreeMap<&'static str, u64>,
    /// The longest recovery, and the seed of it.
    pub slowest: (Duration, u64),
    /// All recoveries together.
    pub recoveries: Duration,
    /// The first seed that failed.
    pub failed: Option<(u64, Outcome)>,
}

/// Runs the schedules of so many seeds, up to the first that fails. Tells, ten times, how many have begun.
#[must_use]
pub fn campaign(
    first: u64,
    schedules: u64,
    mutant: Option<Mutant>,
    progress: impl Fn(u64) + Sync,
) -> Summary {
    let (next, stop) = (AtomicU64::new(0), AtomicBool::new(false));
    let summary = Mutex::new(Summary::default());
    let began = Instant::now();
    let work = || {
        while !stop.load(Relaxed) {
            let number = next.fetch_add(1, Relaxed);
            if number >= schedules {
                return;
            }
            if number > 0 && number.is_multiple_of((schedules / 10).max(1)) {
                progress(number);
            }
            let seed = first.wrapping_add(number);
            let outcome = run(&Schedule::of(seed), mutant, false);
            if !outcome.breaches.is_empty() {
                stop.store(true, Relaxed);
            }
            summary.lock().unwrap_or_else(PoisonError::into_inner).add(seed, outcome);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(work);
        }
    });
    let mut summary = summary.into_inner().unwrap_or_else(PoisonError::into_inner);
    summary.took = began.elapsed();
    summary
}

impl Summary {
    fn add(&mut self, seed: u64, outcome: Outcome) {
        self.schedules += 1;
        for (fault, count) in &outcome.faults {
            *self.faults.entry(fault).or_default() += count;
        }
        self.slowest = self.slowest.max((outcome.recovery, seed));
        self.recoveries += outcome.recovery;
        let is_first = self.failed.as_ref().is_none_or(|(failed, _)| seed < *failed);
        if !outcome.breaches.is_empty() && is_first {
            self.failed = Some((seed, outcome));
        }
    }
}
