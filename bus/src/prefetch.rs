//! How many questions a responder has at a time: as many as it answers, and not many more. What a
//! replica holds when it hangs must be requested again, so it should hold little.

/// How many deliveries of replies or events a consumer may have and not yet have acknowledged.
pub const PREFETCH: u16 = 512;

/// Questions that a responder has at least.
pub const FEWEST_QUESTIONS: u16 = 4;
/// Questions that a responder has at most.
pub const MOST_QUESTIONS: u16 = 64;
/// After so many small batches one after the other there are fewer.
const SMALL: u32 = 64;

/// The prefetch of a consumer, which follows the size of the batches.
pub(crate) struct Prefetch {
    current: u16,
    small: u32,
}

impl Prefetch {
    pub(crate) fn new() -> Self {
        Self { current: FEWEST_QUESTIONS, small: 0 }
    }

    pub(crate) fn current(&self) -> u16 {
        self.current
    }

    /// Takes note of a batch of so many questions. Says whether the prefetch is another now.
    pub(crate) fn after(&mut self, batch: usize) -> bool {
        let (before, current) = (self.current, usize::from(self.current));
        let is_small = batch * 8 <= current;
        self.small = if is_small { self.small + 1 } else { 0 };
        if batch * 2 >= current {
            self.current = (before * 2).min(MOST_QUESTIONS);
        } else if self.small >= SMALL {
            self.current = (before / 2).max(FEWEST_QUESTIONS);
            self.small = 0;
        }
        self.current != before
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_grows_with_the_batches_up_to_its_bound() {
        let mut prefetch = Prefetch::new();
        for expected in [8, 16, 32, 64, 64] {
            prefetch.after(usize::from(prefetch.current()));
            assert_eq!(prefetch.current(), expected);
        }
    }

    #[test]
    fn it_shrinks_after_many_small_batches_and_not_after_a_few() {
        let mut prefetch = Prefetch { current: 64, small: 0 };
        for _ in 1..SMALL {
            assert!(!prefetch.after(1));
        }
        assert!(!prefetch.after(9), "this one is not small");
        let changes = (0..20 * SMALL).filter(|_| prefetch.after(1)).count();
        assert_eq!((changes, prefetch.current()), (4, FEWEST_QUESTIONS), "32, 16, 8, 4");
    }
}
