//! Makes of the answers to an ask what is wanted; an answer that cannot be right is counted and
//! passed over.

use bus::{Dropped, Reply, Why};
use schemas::parts::{Gathered, WrongReply};
use schemas::{Drawn, MessageType, MissionId, Missions, Problem, Role, Stamps};
use serde::de::DeserializeOwned;

use super::outcome::{Failed, Stored};

/// Gathers all parts of a request's missions; the first reply for each part counts.
pub(super) struct Parts<'a> {
    gathered: Gathered,
    /// When they were asked for, in Unix microseconds.
    asked: u64,
    /// The stamps of the replies that count.
    stamps: Stamps,
    dropped: &'a Dropped,
}

impl<'a> Parts<'a> {
    /// The parts of a request for this many missions, asked for at this time.
    pub(super) fn of(count: usize, asked: u64, dropped: &'a Dropped) -> Self {
        Self { gathered: Gathered::of(count), asked, stamps: Stamps::default(), dropped }
    }

    /// Takes a reply. Gives all parts of each mission, once all have come.
    pub(super) fn take(&mut self, answer: Reply) -> Option<Vec<Drawn>> {
        let MessageType::Part(part) = answer.kind else {
            self.dropped.count(Why::Malformed, "no part");
            return None;
        };
        match self.gathered.take(part, &answer.body) {
            Ok(()) => {
                self.stamps.extend(answer.stamps.asked(self.asked, answer.attempt));
                return self.gathered.complete();
            }
            Err(late @ WrongReply::Late) => self.dropped.count(Why::Late, &late.to_string()),
            Err(wrong) => self.dropped.count(Why::Malformed, &wrong.to_string()),
        }
        None
    }

    /// Who has drawn them so far.
    pub(super) fn stamps(&self) -> &Stamps {
        &self.stamps
    }

    /// Who has drawn them.
    pub(super) fn into_stamps(self) -> Stamps {
        self.stamps
    }

    /// The workers that have not answered yet.
    pub(super) fn missing(&self) -> String {
        let missing = self.gathered.missing();
        let roles: Vec<_> = missing.into_iter().map(|part| Role::Part(part).name()).collect();
        roles.join(", ")
    }
}

/// Takes the persister's answer, if it is about just these missions.
pub(super) struct StoredAnswer<'a> {
    ids: &'a [MissionId],
    /// When it was asked for, in Unix microseconds.
    asked: u64,
    dropped: &'a Dropped,
}

impl<'a> StoredAnswer<'a> {
    pub(super) fn of(ids: &'a [MissionId], asked: u64, dropped: &'a Dropped) -> Self {
        Self { ids, asked, dropped }
    }

    /// The answer as it came: its body is the reply to the caller, word for word.
    pub(super) fn take(&self, answer: Reply) -> Option<Result<Stored, Failed>> {
        match answer.kind {
            // Of the latter type is a reply that the caller has as well.
            MessageType::Stored | MessageType::Missions => {
                let stored = read::<Missions>(&answer, self.dropped)?.missions;
                if stored.iter().map(|mission| &mission.id).eq(self.ids) {
                    let stamps = answer.stamps.asked(self.asked, answer.attempt);
                    let told = answer.copied;
                    return Some(Ok(Stored { body: answer.body, stamps, told }));
                }
                self.dropped.count(Why::Malformed, "it is about other missions");
            }
            MessageType::Problem => {
                let problem = read::<Problem>(&answer, self.dropped)?;
                let stamps = answer.stamps.asked(self.asked, answer.attempt);
                return Some(Err(Failed { problem, stamps }));
            }
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
    use schemas::{Draw, Part};

    fn answer(kind: MessageType, body: &str) -> Reply {
        let stamps = "number n.1 - 5 6 1".parse().unwrap();
        let body = bytes::Bytes::copy_from_slice(body.as_bytes());
        Reply { kind, body, stamps, attempt: 2, copied: false }
    }

    /// A worker's reply for one mission.
    fn reply(part: Part) -> Reply {
        answer(MessageType::Part(part), &part.sample().to_string())
    }

    #[test]
    fn parts_are_complete_when_each_has_come() {
        let dropped = Dropped::new("test");
        let mut parts = Parts::of(1, 3, &dropped);
        let (last, others) = Part::ALL.split_last().unwrap();
        for part in others {
            assert!(parts.take(reply(*part)).is_none());
        }
        assert_eq!(parts.gathered.missing(), [*last]);
        assert_eq!(parts.take(reply(*last)).unwrap(), [Drawn::sample()]);
        let stamps = parts.into_stamps();
        assert_eq!(stamps.as_slice().len(), Part::ALL.len());
        assert!(stamps.to_string().starts_with("number n.1 3 5 6 2, "), "{stamps}");
    }

    #[test]
    fn the_first_reply_for_each_part_counts() {
        let dropped = Dropped::new("test");
        let mut parts = Parts::of(1, 3, &dropped);
        let again = MessageType::Part(Part::Number);
        parts.take(reply(Part::Number));
        parts.take(answer(again, r#"{"numbers":[[1,4,7,0,12,3]]}"#));
        assert!(!parts.gathered.missing().contains(&Part::Number));
        let complete = Part::ALL.into_iter().find_map(|part| parts.take(reply(part))).unwrap();
        assert_eq!(complete, [Drawn::sample()]);
        assert_eq!((dropped.so_far(Why::Late), dropped.so_far(Why::Malformed)), (2, 0));
    }

    #[test]
    fn a_part_that_cannot_be_right_is_passed_over() {
        let dropped = Dropped::new("test");
        let mut parts = Parts::of(1, 3, &dropped);
        for wrong in ["", "{}", r#"{"numbers":[]}"#, r#"{"numbers":[[20,4,7,0,12,3]]}"#] {
            assert!(parts.take(answer(MessageType::Part(Part::Number), wrong)).is_none());
        }
        parts.take(answer(MessageType::Stored, r#"{"missions":[]}"#));
        assert_eq!((dropped.so_far(Why::Late), dropped.so_far(Why::Malformed)), (0, 5));
        assert_eq!(parts.gathered.missing(), Part::ALL);
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
        let stored = StoredAnswer::of(&asked, 3, &dropped);
        let body = |missions: &str| format!(r#"{{"missions":[{missions}]}}"#);
        assert!(stored.take(answer(MessageType::Stored, &body(&mission(2)))).is_none());
        assert!(stored.take(answer(MessageType::Stored, &body(""))).is_none());
        assert!(stored.take(answer(MessageType::Part(Part::Number), "{}")).is_none());
        assert!(stored.take(answer(MessageType::Problem, "{}")).is_none());
        assert_eq!((dropped.so_far(Why::Late), dropped.so_far(Why::Malformed)), (0, 4));
        assert!(stored.take(answer(MessageType::Stored, &body(&mission(1)))).is_some());
    }
}
