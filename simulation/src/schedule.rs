//! A schedule: what callers ask for and which faults happen, all of it made from a seed.

use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use crate::fault::{Fault, Kind, Rate};
use crate::request::{Amqp, How, Http, Planned};

/// Requests are made, and faults begin, within this time.
const SPAN: u64 = 12_000;

/// What happens in one run.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// What it was made from. Everything that is not listed here follows from it, too.
    pub seed: u64,
    /// How many processes of each role there are: gateways, deciders, number and letter workers,
    /// persisters.
    pub replicas: [usize; 5],
    /// What callers ask for.
    pub requests: Vec<Planned>,
    /// What happens at some moment.
    pub faults: Vec<Fault>,
    /// What may happen to each message and statement, and how often in a thousand.
    pub rates: Vec<(Rate, u32)>,
    /// Whether somebody listens to new missions.
    pub listens: bool,
}

impl Schedule {
    /// The schedule of this seed.
    pub fn of(seed: u64) -> Self {
        let rng = &mut StdRng::seed_from_u64(seed);
        let replicas = [2, 2, 2, 2, 2].map(|most| rng.random_range(1..=most));
        let requests = (0..rng.random_range(3..=10)).map(|n| request(rng, n)).collect();
        let faults = (0..rng.random_range(0..=5)).map(|_| fault(rng)).collect();
        let mut rates = Vec::new();
        for rate in Rate::ALL {
            if rng.random_bool(0.25) {
                rates.push((rate, rng.random_range(10..=rate.most())));
            }
        }
        Self { seed, replicas, requests, faults, rates, listens: rng.random_bool(0.3) }
    }

    /// How many parts can be taken out of it, to make it smaller.
    pub fn parts(&self) -> usize {
        self.requests.len() + self.faults.len() + self.rates.len()
    }

    /// The same without the parts that are not kept.
    #[must_use]
    pub fn with(&self, keep: &[usize]) -> Self {
        let (requests, faults) = (self.requests.len(), self.requests.len() + self.faults.len());
        let mut some = Self { requests: vec![], faults: vec![], rates: vec![], ..self.clone() };
        for part in keep.iter().copied() {
            some.requests.extend(self.requests.get(part).cloned());
            some.faults
                .extend(part.checked_sub(requests).and_then(|n| self.faults.get(n)).cloned());
            some.rates.extend(part.checked_sub(faults).and_then(|n| self.rates.get(n)).copied());
        }
        some
    }
}

fn millis(rng: &mut StdRng, most: u64) -> Duration {
    Duration::from_millis(rng.random_range(0..=most))
}

fn count(rng: &mut StdRng) -> usize {
    if rng.random_bool(0.5) { 1 } else { rng.random_range(2..=6) }
}

fn request(rng: &mut StdRng, number: usize) -> Planned {
    let how = if rng.random_bool(0.6) { How::Http(http(rng)) } else { How::Amqp(amqp(rng)) };
    Planned {
        number,
        at: millis(rng, SPAN),
        missions: count(rng),
        how,
        refused: rng.random_bool(0.06),
        deadly: rng.random_bool(0.03),
    }
}

fn http(rng: &mut StdRng) -> Http {
    Http {
        gateway: rng.random_range(0..2),
        keyed: rng.random_bool(0.8),
        wait: rng.random_bool(0.2).then(|| rng.random_range(0..4)),
        hangs_up: rng.random_bool(0.1).then(|| millis(rng, 1_000)),
        repeats: if rng.random_bool(0.3) { rng.random_range(1..=2) } else { 0 },
        bad: rng.random_bool(0.05),
    }
}

fn amqp(rng: &mut StdRng) -> Amqp {
    Amqp {
        replies: rng.random_bool(0.7),
        forged: rng.random_bool(0.06),
        bad: rng.random_bool(0.06),
        expires: rng.random_bool(0.06).then(|| rng.random_range(50..3_000)),
        repeats: if rng.random_bool(0.2) { rng.random_range(1..=2) } else { 0 },
    }
}

fn fault(rng: &mut StdRng) -> Fault {
    let kind = Kind::ALL.get(rng.random_range(0..Kind::ALL.len())).copied();
    Fault {
        kind: kind.unwrap_or(Kind::Kill),
        at: millis(rng, SPAN),
        lasts: Duration::from_millis(rng.random_range(50..=6_000)),
        choice: rng.random_range(0..64),
        after: rng.random_range(0..40),
    }
}
