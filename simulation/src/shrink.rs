//! Makes a schedule smaller as long as it still fails (delta debugging).

use crate::schedule::Schedule;

/// A smaller schedule that still fails, which no single part can be taken out of. At most `most`
/// schedules are tried.
pub fn shrink(schedule: &Schedule, most: usize, fails: impl Fn(&Schedule) -> bool) -> Schedule {
    let mut kept: Vec<usize> = (0..schedule.parts()).collect();
    let (mut pieces, mut tries) = (2, 0);
    while kept.len() > 1 && tries < most {
        let size = kept.len().div_ceil(pieces);
        let without = |piece: &[usize]| -> Vec<usize> {
            kept.iter().copied().filter(|part| !piece.contains(part)).collect()
        };
        let smaller = kept.chunks(size).map(without).find(|rest| {
            tries += 1;
            fails(&schedule.with(rest))
        });
        match smaller {
            Some(rest) => {
                kept = rest;
                pieces = pieces.saturating_sub(1).max(2);
            }
            None if size == 1 => break,
            None => pieces = (pieces * 2).min(kept.len()),
        }
    }
    schedule.with(&kept)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_needed_is_left() {
        let whole = (0..).map(Schedule::of).find(|s| s.requests.len() > 5 && s.faults.len() > 2);
        let whole = whole.unwrap();
        let needed = whole.requests[3].number;
        let fails = |some: &Schedule| {
            some.requests.iter().any(|request| request.number == needed) && !some.faults.is_empty()
        };
        let small = shrink(&whole, 1_000, fails);
        assert_eq!((small.requests.len(), small.faults.len(), small.rates.len()), (1, 1, 0));
    }
}
