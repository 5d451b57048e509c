//! The faults: which there are, how each is made, and how it is taken back.

mod act;
mod kind;

pub(crate) use act::{Begun, Programs, begin, blow_of, end};
pub(crate) use kind::{Blow, Kind, skipped};

use std::time::Duration;

use rand::RngExt;
use rand::SeedableRng;
use rand::rngs::StdRng;
use rand::seq::SliceRandom;
use serde::Serialize;

/// A fault that was made.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Fault {
    pub(crate) name: String,
    /// Milliseconds since the run began: made, taken back, and both ways served again.
    pub(crate) began: u64,
    pub(crate) ended: u64,
    pub(crate) served: Option<u64>,
    /// Whether it deletes messages that the broker had confirmed.
    pub(crate) destroys: bool,
    /// The longest that callers may stand still, in milliseconds.
    pub(crate) longest: Option<u64>,
    /// What went wrong while it was made or taken back.
    pub(crate) trouble: Option<String>,
}

/// Draws faults: every kind once before any comes again.
pub(crate) struct Draw {
    dice: StdRng,
    kinds: Vec<Kind>,
    left: Vec<Kind>,
}

impl Draw {
    pub(crate) fn new(seed: u64, kinds: Vec<Kind>) -> Self {
        Self { dice: StdRng::seed_from_u64(seed), kinds, left: Vec::new() }
    }

    /// The next fault, how long it lasts, and a number that chooses among equal targets.
    pub(crate) fn next(&mut self, quick: bool) -> Option<(Kind, Duration, usize)> {
        if self.left.is_empty() {
            self.left.clone_from(&self.kinds);
            self.left.shuffle(&mut self.dice);
        }
        let longest = if quick { 700 } else { 3_000 };
        let long = !quick && self.dice.random_range(0..32) == 0; // two heartbeats are missed
        let millis = self.dice.random_range(300..=longest);
        let lasts = if long { Duration::from_secs(22) } else { Duration::from_millis(millis) };
        let which = self.dice.random_range(0..1_000);
        self.left.pop().map(|kind| (kind, lasts, which))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(seed: u64, faults: usize) -> Vec<(Kind, Duration, usize)> {
        let mut draw = Draw::new(seed, Kind::all(false));
        std::iter::from_fn(|| draw.next(false)).take(faults).collect()
    }

    #[test]
    fn a_seed_draws_the_same_faults_again_and_another_seed_others() {
        assert_eq!(drawn(7, 100), drawn(7, 100));
        assert_ne!(drawn(7, 100), drawn(8, 100));
    }

    #[test]
    fn every_kind_comes_once_before_any_comes_again() {
        let kinds = Kind::all(false);
        assert!(kinds.len() >= 20, "{}", kinds.len());
        let drawn = drawn(3, kinds.len());
        assert!(kinds.iter().all(|kind| drawn.iter().any(|(other, ..)| other == kind)));
    }
}
