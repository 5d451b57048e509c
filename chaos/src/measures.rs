//! How long callers stood still, fault by fault.

use serde::Serialize;

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
}

/// The cost of each fault.
pub(crate) fn costs(faults: &[Fault], told: &[Told]) -> Vec<Cost> {
    let times = [Way::Http, Way::Amqp].map(|way| served(told, way));
    let [http, amqp] = &times;
    let cost = |fault: &Fault| {
        let until = fault.served.unwrap_or(fault.ended);
        Cost {
            fault: fault.clone(),
            stall_http: stall(http, fault.began, until),
            stall_amqp: stall(amqp, fault.began, until),
            recovery: fault.served.map(|served| served.saturating_sub(fault.ended)),
        }
    };
    faults.iter().map(cost).collect()
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
