//! How often a request may have killed the workers or persisters that had its questions.

use std::sync::atomic::{AtomicU32, Ordering};

use schemas::{Problem, ProblemKind, Request};

use super::triage::{LAST, SUSPECT};

/// Counts the questions of one request that were returned: each was delivered to a process that
/// did not answer it.
pub(super) struct Tries {
    returned: AtomicU32,
    /// With so many it is given up.
    limit: u32,
}

impl Tries {
    /// `before` is what the request says itself: it was handed back with this count. It is believed
    /// as far as one more try, because anybody may have written it.
    pub(super) fn of(request: &Request, before: u32) -> Self {
        let limit = if request.missions.len() > 1 { SUSPECT } else { LAST };
        Self { returned: AtomicU32::new(before.min(limit - 1)), limit }
    }

    /// Of a group of requests, whose first return ends it: each of them goes on alone.
    pub(super) fn of_group() -> Self {
        Self { returned: AtomicU32::new(0), limit: 1 }
    }

    /// How many so far.
    pub(super) fn count(&self) -> u32 {
        self.returned.load(Ordering::Relaxed)
    }

    /// Counts one. With the last it says why the request is given up.
    pub(super) fn returned(&self) -> Option<Problem> {
        let returned = self.returned.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        (returned >= self.limit).then(|| {
            let detail = format!("{returned} times a worker or persister did not survive it");
            Problem::new(ProblemKind::SetAside, detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use schemas::MissionIds;

    use super::*;

    fn request(missions: u128) -> Request {
        let ids: Vec<_> = (0..missions).map(|n| uuid::Uuid::from_u128(n).into()).collect();
        Request { missions: MissionIds::try_from(ids).unwrap() }
    }

    #[test]
    fn a_mission_is_given_up_with_the_tenth_return_and_a_list_with_the_second() {
        for (missions, limit) in [(1, 10), (2, 2)] {
            let tries = Tries::of(&request(missions), 0);
            let given_up = (1..=limit).map(|_| tries.returned().is_some());
            let expected = (1..=limit).map(|n| n == limit);
            assert!(given_up.eq(expected), "{missions}");
        }
    }

    #[test]
    fn a_request_is_tried_at_least_once_whatever_it_says_itself() {
        for before in [10, u32::MAX] {
            assert_eq!(Tries::of(&request(1), before).count(), 9);
        }
    }
}
