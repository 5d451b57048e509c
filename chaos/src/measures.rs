//! How long callers stood still, and what they were promised in vain, fault by fault.

use std::collections::HashSet;

use serde::Serialize;
use uuid::Uuid;

use crate::evidence::Evidence;
use crate::faults::Fault;
use crate::history::{Outcome, Told, Way};

/// What one fault cost, in milliseconds.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Cost {
    pub(crate) fault: Fault,
    /// The longest time without a mission, over HTTP and over AMQP.
    pub(crate) stall_http: u64,
    pub(crate) stall_amqp: u64,
    /// From its end until both ways had served a request that began after it; `None` is never.
    pub(crate) recovery: Option<u64>,
    /// Missions that were promised since the fault before it ended, and are gone.
    pub(crate) lost: usize,
}

/// The cost of each fault.
pub(crate) fn costs(evidence: &Evidence) -> Vec<Cost> {
    let times = [Way::Http, Way::Amqp].map(|way| served(&evidence.told, way));
    let ([http, amqp], gone) = (&times, gone(evidence));
    let mut before = 0;
    let cost = |fault: &Fault| {
        let since = std::mem::replace(&mut before, fault.ended);
        let until = fault.served.unwrap_or(fault.ended);
        Cost {
            fault: fault.clone(),
            stall_http: stall(http, fault.began, until),
            stall_amqp: stall(amqp, fault.began, until),
            recovery: fault.served.map(|served| served.saturating_sub(fault.ended)),
            lost: gone.iter().filter(|&&told| told >= since && told < fault.ended).count(),
        }
    };
    evidence.faults.iter().map(cost).collect()
}

/// When each mission was promised that is neither a row nor in a dead letter.
fn gone(evidence: &Evidence) -> Vec<u64> {
    let rows = evidence.rows.iter().map(|row| row.id);
    let set_aside = evidence.letters.iter().flat_map(|letter| letter.missions.iter().copied());
    let stands: HashSet<Uuid> = rows.chain(set_aside).collect();
    let promised = evidence.told.iter().flat_map(|told| told.promised().map(|id| (told.ended, id)));
    promised.filter(|(_, id)| !stands.contains(id)).map(|(ended, _)| ended).collect()
}

/// When missions were told, in order. What is asked for again by its key is only read.
fn served(told: &[Told], way: Way) -> Vec<u64> {
    let stored = |told: &&Told| matches!(told.outcome, Outcome::Stored(_)) && told.key.is_none();
    let of_way = told.iter().filter(|told| told.way == way);
    let mut times: Vec<u64> = of_way.filter(stored).map(|told| told.ended).collect();
    times.sort_unstable();
    times
}

/// The longest gap between two of these times that touches this one.
fn stall(times: &[u64], from: u64, until: u64) -> u64 {
    let gaps = times.windows(2).filter_map(|two| match two {
        [one, next] if *next >= from && *one <= until => Some(next - one),
        _ => None,
    });
    gaps.max().unwrap_or(until.saturating_sub(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stall_is_the_longest_gap_that_touches_the_fault() {
        let times = [0, 10, 500, 510, 2_000];
        assert_eq!(stall(&times, 20, 400), 490);
        assert_eq!(stall(&times, 505, 600), 1_490);
        assert_eq!(stall(&[], 5, 9), 4);
    }
}
