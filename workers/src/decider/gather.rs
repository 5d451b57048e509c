//! Makes of the answers to an ask what is wanted; an answer that cannot be right is counted and
//! passed over.

use bus::{Dropped, Reply, Why};
use bytes::Bytes;
use schemas::{
    LetterParts, Letters, MessageType, MissionId, Missions, NumberParts, Numbers, Problem,
};
use serde::de::DeserializeOwned;

/// Gathers both parts; the first of each kind counts.
pub(super) struct Parts<'a> {
    count: usize,
    numbers: Option<Vec<Numbers>>,
    letters: Option<Vec<Letters>>,
    dropped: &'a Dropped,
}

impl<'a> Parts<'a> {
    /// The parts of a request for this many missions.
    pub(super) fn of(count: usize, dropped: &'a Dropped) -> Self {
        Self { count, numbers: None, letters: None, dropped }
    }

    pub(super) fn take(&mut self, answer: Reply) -> Option<(Vec<Numbers>, Vec<Letters>)> {
        match answer.kind {
            MessageType::Numbers if self.numbers.is_none() => {
                let parts = read::<NumberParts>(&answer, self.dropped)?.numbers;
                self.numbers = self.as_many(parts);
            }
            MessageType::Letters if self.letters.is_none() => {
                let parts = read::<LetterParts>(&answer, self.dropped)?.letters;
                self.letters = self.as_many(parts);
            }
            MessageType::Numbers | MessageType::Letters => {
                self.dropped.count(Why::Late, "a part came before it")
            }
            _ => self.dropped.count(Why::Malformed, "no part"),
        }
        if self.numbers.is_some() && self.letters.is_some() {
            return self.numbers.take().zip(self.letters.take());
        }
        None
    }

    /// The parts, if there is one for each mission.
    fn as_many<T>(&self, parts: Vec<T>) -> Option<Vec<T>> {
        if parts.len() == self.count {
            return Some(parts);
        }
        self.dropped.count(Why::Malformed, "parts for another number of missions");
        None
    }
}

/// Takes the persister's answer, if it is about just these missions.
pub(super) struct StoredAnswer<'a> {
    ids: &'a [MissionId],
    dropped: &'a Dropped,
}

impl<'a> StoredAnswer<'a> {
    pub(super) fn of(ids: &'a [MissionId], dropped: &'a Dropped) -> Self {
        Self { ids, dropped }
    }

    /// The answer as it came: its body is the reply to the caller, word for word.
    pub(super) fn take(&self, answer: Reply) -> Option<Result<Bytes, Problem>> {
        match answer.kind {
            MessageType::Stored => {
                let stored = read::<Missions>(&answer, self.dropped)?.missions;
                if stored.iter().map(|mission| &mission.id).eq(self.ids) {
                    return Some(Ok(answer.body));
                }
                self.dropped.count(Why::Malformed, "it is about other missions");
            }
            MessageType::Problem => return read::<Problem>(&answer, self.dropped).map(Err),
            _ => self.dropped.count(Why::Malformed, "no answer of a persister"),
        }
        None
    }
}

fn read<T: DeserializeOwned>(answer: &Reply, dropped: &Dropped) -> Option<T> {
    let read = serde_json::from_slice(&answer.body);
    read.inspect_err(|error| dropped.count(Why::Malformed, &error.to_string())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(kind: MessageType, body: &str) -> Reply {
        Reply { kind, body: Bytes::copy_from_slice(body.as_bytes()) }
    }

    fn numbers(first: u8) -> Reply {
        answer(MessageType::Numbers, &format!(r#"{{"numbers":[[{first},4,7,0,12,3]]}}"#))
    }

    #[test]
    fn parts_are_complete_when_one_of_each_kind_has_come() {
        let dropped = Dropped::new("test");
        let mut parts = Parts::of(1, &dropped);
        assert!(parts.take(numbers(19)).is_none());
        let letters = answer(MessageType::Letters, r#"{"letters":["zakbqm"]}"#);
        assert!(parts.take(letters).is_some());
    }

    #[test]
    fn the_first_part_of_each_kind_counts() {
        let dropped = Dropped::new("test");
        let mut parts = Parts::of(1, &dropped);
        parts.take(numbers(19));
        parts.take(numbers(1));
        let (numbers, _) =
            parts.take(answer(MessageType::Letters, r#"{"letters":["zakbqm"]}"#)).unwrap();
        assert_eq!(numbers[0].first().get(), 19);
        assert_eq!((dropped.so_far(Why::Late), dropped.so_far(Why::Malformed)), (1, 0));
    }

    #[test]
    fn a_part_that_cannot_be_right_is_passed_over() {
        let dropped = Dropped::new("test");
        let mut parts = Parts::of(1, &dropped);
        for wrong in ["", "{}", r#"{"numbers":[]}"#, r#"{"numbers":[[20,4,7,0,12,3]]}"#] {
            assert!(parts.take(answer(MessageType::Numbers, wrong)).is_none());
        }
        parts.take(answer(MessageType::Stored, r#"{"missions":[]}"#));
        assert_eq!((dropped.so_far(Why::Late), dropped.so_far(Why::Malformed)), (0, 5));
        parts.take(numbers(7));
        assert!(parts.take(answer(MessageType::Letters, r#"{"letters":["zakbqm"]}"#)).is_some());
    }

    #[test]
    fn an_answer_about_other_missions_is_passed_over() {
        let id = |n: u8| format!("019abc00-1111-7222-8333-4444555566{n:02x}");
        let mission = |n| {
            format!(
                r#"{{"id":"{}","dossier":"19 z 4 a 7 k 0 b 12 q 3 m","objective":"Follow","target":"Duchess","casebook":"malory","created_at":"2026-11-22T13:24:51.123456Z"}}"#,
                id(n)
            )
        };
        let asked = [id(1).parse().unwrap()];
        let dropped = Dropped::new("test");
        let stored = StoredAnswer::of(&asked, &dropped);
        let body = |missions: &str| format!(r#"{{"missions":[{missions}]}}"#);
        assert!(stored.take(answer(MessageType::Stored, &body(&mission(2)))).is_none());
        assert!(stored.take(answer(MessageType::Stored, &body(""))).is_none());
        assert!(stored.take(answer(MessageType::Numbers, "{}")).is_none());
        assert!(stored.take(answer(MessageType::Problem, "{}")).is_none());
        assert_eq!((dropped.so_far(Why::Late), dropped.so_far(Why::Malformed)), (0, 4));
        assert!(stored.take(answer(MessageType::Stored, &body(&mission(1)))).is_some());
    }
}
