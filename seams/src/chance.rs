//! Chance: random numbers and ids, or on the thread of a simulation those that follow from its seed.

use std::cell::RefCell;
use std::ops::RangeInclusive;
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{Rng, RngExt, SeedableRng};
use uuid::Uuid;

thread_local! {
    /// The source of a simulation on this thread.
    static SEEDED: RefCell<Option<StdRng>> = const { RefCell::new(None) };
}

/// From now on chance on this thread follows from this seed; `None` makes it random again.
pub fn seed(seed: Option<u64>) {
    SEEDED.with(|seeded| *seeded.borrow_mut() = seed.map(StdRng::seed_from_u64));
}

/// A number in this range, each equally likely.
pub fn within(range: RangeInclusive<u64>) -> u64 {
    of(|rng| rng.random_range(range.clone()), || rand::rng().random_range(range.clone()))
}

/// So many milliseconds.
pub fn millis(range: RangeInclusive<u64>) -> Duration {
    Duration::from_millis(within(range))
}

/// A random id: UUIDv4.
pub fn uuid() -> Uuid {
    let seeded = |rng: &mut StdRng| {
        let mut bytes = [0; 16];
        rng.fill_bytes(&mut bytes);
        uuid::Builder::from_random_bytes(bytes).into_uuid()
    };
    of(seeded, Uuid::new_v4)
}

fn of<T>(seeded: impl FnOnce(&mut StdRng) -> T, random: impl FnOnce() -> T) -> T {
    SEEDED.with(|source| match source.borrow_mut().as_mut() {
        Some(rng) => seeded(rng),
        None => random(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some() -> (u64, Uuid, u64) {
        (within(0..=u64::MAX), uuid(), within(0..=u64::MAX))
    }

    #[test]
    fn what_is_seeded_can_be_repeated_and_what_is_not_cannot() {
        seed(Some(1));
        let first = some();
        seed(Some(1));
        assert_eq!(first, some());
        seed(Some(2));
        assert_ne!(first, some());
        seed(None);
        assert_ne!(some(), some());
    }

    #[test]
    fn an_id_is_of_version_4() {
        seed(Some(1));
        assert_eq!(uuid().get_version_num(), 4);
    }
}
