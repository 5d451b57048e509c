//! Whose request is published next: clients take turns, by missions.
//!
//! This is start-time fair queueing (Goyal, Vin and Cheng, SIGCOMM 1996). A request starts when the one
//! before it of the same client has ended, in a time that counts missions; those that start first are
//! published first. A client that has asked for much waits behind its own requests, and not the others
//! behind it. The requests of one client stay in their order.

use std::collections::{BTreeSet, HashMap};
use std::net::IpAddr;

/// The callers that are to be published.
#[derive(Default)]
pub(super) struct Turns {
    /// When each starts, and its id.
    order: BTreeSet<(u64, u64)>,
    /// When the one that was published last has started.
    now: u64,
    /// When the last request of each client ends. All clients without an address count as one.
    ends: HashMap<Option<IpAddr>, u64>,
}

/// So many clients are remembered that have nothing to be published.
const REMEMBERED: usize = 64;

impl Turns {
    /// Adds a caller of this client with so many missions. Returns its place.
    pub(super) fn add(&mut self, caller_id: u64, client: Option<IpAddr>, missions: usize) -> u64 {
        if self.ends.len() > REMEMBERED + 2 * self.order.len() {
            self.ends.retain(|_, end| *end > self.now);
        }
        let end = self.ends.entry(client).or_default();
        let start = self.now.max(*end);
        *end = start.saturating_add(missions as u64);
        self.order.insert((start, caller_id));
        start
    }

    /// The caller that is published next.
    pub(super) fn first(&self) -> Option<u64> {
        self.order.first().map(|(_, caller_id)| *caller_id)
    }

    /// Takes the caller out that is published next.
    pub(super) fn take_first(&mut self) {
        if let Some((start, _)) = self.order.pop_first() {
            self.now = start;
        }
    }

    /// Takes this caller out of its place: it has left.
    pub(super) fn remove(&mut self, place: u64, caller_id: u64) {
        self.order.remove(&(place, caller_id));
    }

    /// How many callers there are.
    pub(super) fn len(&self) -> usize {
        self.order.len()
    }

    /// Takes all out.
    pub(super) fn clear(&mut self) {
        self.order.clear();
        self.ends.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn client(last: u8) -> Option<IpAddr> {
        Some(IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, last)))
    }

    /// The order in which they are published.
    fn order(turns: &mut Turns) -> Vec<u64> {
        let next = || {
            let first = turns.first();
            turns.take_first();
            first
        };
        std::iter::from_fn(next).collect()
    }

    #[test]
    fn clients_take_turns_and_each_keeps_its_order() {
        let mut turns = Turns::default();
        for caller_id in 0..4 {
            turns.add(caller_id, client(1), 1);
        }
        turns.add(4, client(2), 1);
        turns.add(5, client(2), 1);
        assert_eq!(turns.len(), 6);
        assert_eq!(order(&mut turns), [0, 4, 1, 5, 2, 3]);
    }

    #[test]
    fn a_list_waits_for_as_many_missions_as_it_has() {
        let mut turns = Turns::default();
        turns.add(0, client(1), 3);
        turns.add(1, client(1), 3);
        for caller_id in 2..7 {
            turns.add(caller_id, client(2), 1);
        }
        assert_eq!(order(&mut turns), [0, 2, 3, 4, 1, 5, 6]);
    }

    #[test]
    fn who_comes_later_is_not_served_for_the_time_before() {
        let mut turns = Turns::default();
        (0..10).for_each(|caller_id| _ = turns.add(caller_id, client(1), 1));
        (0..5).for_each(|_| turns.take_first());
        (10..14).for_each(|caller_id| _ = turns.add(caller_id, client(2), 1));
        assert_eq!(order(&mut turns), [10, 5, 11, 6, 12, 7, 13, 8, 9]);
    }

    #[test]
    fn who_has_left_is_not_published_and_clients_without_callers_are_forgotten() {
        let mut turns = Turns::default();
        for caller_id in 0..1_000_u32 {
            let place = turns.add(caller_id.into(), Some(caller_id.to_be_bytes().into()), 1);
            turns.remove(place, caller_id.into());
            turns.add(u64::from(caller_id) + 10_000, None, 1);
            turns.take_first();
        }
        assert_eq!(turns.len(), 0);
        assert!(turns.ends.len() <= REMEMBERED + 2, "{} clients", turns.ends.len());
    }

    /// So many clients ask for one mission each; all of them are published, and their time has passed.
    fn served(turns: &mut Turns, clients: u32) {
        for number in 0..clients {
            turns.add(number.into(), Some(number.to_be_bytes().into()), 1);
        }
        for caller_id in 0..3 {
            turns.add(1_000 + caller_id, None, 1);
        }
        while turns.first().is_some() {
            turns.take_first();
        }
    }

    #[test]
    fn who_was_served_is_forgotten_as_soon_as_few_wait() {
        let mut turns = Turns::default();
        served(&mut turns, 200);
        turns.add(2_000, client(1), 1);
        turns.add(2_001, client(1), 1);
        turns.add(2_002, client(1), 1);
        assert!(turns.ends.len() <= 3, "{} clients", turns.ends.len());
        served(&mut turns, 200);
        turns.order.extend([(u64::MAX - 1, 1), (u64::MAX, 2)]); // two that wait
        turns.add(3_000, client(2), 1);
        assert!(turns.ends.len() <= 3, "{} clients", turns.ends.len());
    }

    #[test]
    fn while_many_wait_a_look_at_all_clients_is_rare() {
        let mut turns = Turns::default();
        served(&mut turns, 170);
        turns.order.extend((0..100).map(|caller_id| (u64::MAX, caller_id)));
        turns.add(3_000, None, 1);
        assert_eq!(turns.ends.len(), 171);
    }

    #[test]
    fn who_has_asked_for_much_and_left_is_not_forgotten_before_its_time_has_passed() {
        let mut turns = Turns::default();
        let place = turns.add(0, client(1), 5);
        turns.remove(place, 0);
        for number in 1..=100_u32 {
            let place = turns.add(number.into(), Some(number.to_be_bytes().into()), 1);
            turns.remove(place, number.into());
        }
        assert_eq!(turns.add(200, client(1), 1), 5);
    }
}
