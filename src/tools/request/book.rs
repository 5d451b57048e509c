//! The book of an order over AMQP: which missions were asked for and have not come. It holds at
//! most a window of them, however large the order is.

use std::collections::{BTreeSet, HashMap, VecDeque};

use schemas::{CallerRequest, MissionId, MissionIds};

use super::order::Order;

/// Lists that are asked for and not yet answered: 4,096 missions.
const WINDOW: usize = 16;

pub(super) struct Book<'a> {
    order: &'a Order,
    next: u32,
    open: HashMap<CallerRequest, BTreeSet<MissionId>>,
    /// Of the open ones, those to be published once more.
    again: VecDeque<CallerRequest>,
}

impl<'a> Book<'a> {
    pub(super) fn new(order: &'a Order) -> Self {
        Self { order, next: 0, open: HashMap::new(), again: VecDeque::new() }
    }

    /// What is to be published next: all of a list that is new, or what is missing of one that is
    /// to be published again. `None` while the window is full, and at the end.
    pub(super) fn next(&mut self) -> Option<(CallerRequest, MissionIds)> {
        while let Some(request) = self.again.pop_front() {
            let missing: Vec<_> = self.open.get(&request).into_iter().flatten().copied().collect();
            if let Ok(missing) = MissionIds::try_from(missing) {
                return Some((request, missing));
            }
        }
        if self.open.len() >= WINDOW {
            return None;
        }
        let list = self.order.list(self.next)?;
        self.next += 1;
        let ids: Vec<_> = list.request.missions(list.count).collect();
        self.open.insert(list.request, ids.iter().copied().collect());
        Some((list.request, MissionIds::try_from(ids).ok()?))
    }

    /// Notes that this list was not taken: it is to be published again.
    pub(super) fn not_taken(&mut self, request: CallerRequest) {
        self.again.push_front(request);
    }

    /// Notes that everything that is missing is to be published again.
    pub(super) fn all_again(&mut self) {
        self.again = self.open.keys().copied().collect();
    }

    /// Notes that a mission has come; whether it was still missing.
    pub(super) fn came(&mut self, id: MissionId) -> bool {
        let request = id.caller_request();
        let Some(missing) = self.open.get_mut(&request) else { return false };
        let was_missing = missing.remove(&id);
        if missing.is_empty() {
            self.open.remove(&request);
        }
        was_missing
    }

    /// Closes a list; how many missions were missing.
    pub(super) fn close(&mut self, request: CallerRequest) -> usize {
        self.open.remove(&request).map_or(0, |missing| missing.len())
    }

    /// How many missions were asked for until now.
    pub(super) fn asked(&self) -> usize {
        let (lists, count) = (self.next as usize, self.order.count() as usize);
        (lists * MissionIds::MAX).min(count)
    }

    /// Whether everything was asked for, and nothing is missing.
    pub(super) fn is_done(&self) -> bool {
        self.open.is_empty() && self.order.list(self.next).is_none()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(count: u32) -> Order {
        Order::new(count, "order".to_owned()).unwrap()
    }

    #[test]
    fn a_mission_comes_once() {
        let order = order(2);
        let mut book = Book::new(&order);
        assert!(!book.came(order.list(0).unwrap().request.mission(0)), "it was not asked for");
        let (_, ids) = book.next().unwrap();
        let twice = ids.as_slice().iter().flat_map(|id| [*id, *id]);
        let comes: Vec<bool> = twice.map(|id| book.came(id)).collect();
        assert_eq!(comes, [true, false, true, false]);
        assert!(book.is_done());
    }

    #[test]
    fn a_window_bounds_what_is_asked_for_at_a_time() {
        let order = order(100_000);
        let mut book = Book::new(&order);
        let asked: Vec<_> = std::iter::from_fn(|| book.next()).collect();
        assert_eq!((asked.len(), book.asked()), (WINDOW, 4_096));
        assert_eq!(book.close(asked[3].0), 256);
        assert!(book.next().is_some());
        assert!(book.next().is_none() && !book.is_done());
    }

    #[test]
    fn only_what_is_missing_is_published_again() {
        let order = order(300);
        let mut book = Book::new(&order);
        let (first, ids) = book.next().unwrap();
        let (second, _) = book.next().unwrap();
        for id in &ids.as_slice()[1..] {
            assert!(book.came(*id));
        }
        assert_eq!(book.next(), None);
        book.all_again();
        let again: HashMap<_, _> = std::iter::from_fn(|| book.next()).collect();
        assert_eq!(again.len(), 2);
        assert_eq!(again[&first].as_slice(), &ids.as_slice()[..1]);
        assert_eq!(again[&second].len(), 44);
        book.not_taken(first);
        assert!(book.came(ids.as_slice()[0]));
        assert_eq!(book.next(), None, "it has come in the meantime");
        assert_eq!(book.close(second), 44);
        assert!(book.is_done());
    }
}
