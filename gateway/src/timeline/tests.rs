//! Facts about what is remembered.

use schemas::{MissionIds, Stamps};
use serde_json::{Value, json};

use super::*;

fn id(n: usize) -> MissionId {
    Uuid::from_u128(n as u128).into()
}

fn batch(message: usize, missions: &[usize], published: u64) -> Record {
    let ids: Vec<_> = missions.iter().copied().map(id).collect();
    let admitted = vec![(0, published - 2), (1, published - 1)];
    let message = Uuid::from_u128(message as u128);
    Record::new(message, &MissionIds::try_from(ids).unwrap(), admitted, published)
}

fn stamps() -> Stamps {
    "decider d.1 - 30 60 1, number n.1 31 32 33 2".parse().unwrap()
}

fn replied(timelines: &Timelines, message: usize, missions: &[usize], at: u64) {
    answered(timelines, message, missions, Answer { at, stamps: stamps(), reason: None });
}

fn answered(timelines: &Timelines, message: usize, missions: &[usize], answer: Answer) {
    let missions: Vec<_> = missions.iter().copied().map(id).collect();
    timelines.replied(Uuid::from_u128(message as u128), &missions, answer);
}

fn shown(timelines: &Timelines, mission: usize) -> Value {
    serde_json::to_value(timelines.of(id(mission)).unwrap()).unwrap()
}

fn at(micros: u64) -> String {
    format!("1970-01-01T00:00:00.{micros:06}Z")
}

#[test]
fn a_batch_is_remembered_with_each_caller_and_the_stamps_of_its_reply() {
    let timelines = Timelines::default();
    timelines.published(batch(1, &[7, 8, 9], 20));
    timelines.confirmed(Uuid::from_u128(1), 25);
    replied(&timelines, 1, &[7, 8, 9], 70);
    let expected = json!({
        "mission": id(9), "missions": 3, "admitted": at(19),
        "attempts": [{ "published": at(20), "confirmed": at(25) }],
        "hops": [
            { "role": "decider", "instance": "d.1", "attempt": 1, "received": at(30), "done": at(60) },
            { "role": "number", "instance": "n.1", "attempt": 2, "asked": at(31),
              "received": at(32), "done": at(33) },
        ],
        "replied": at(70),
    });
    assert_eq!(shown(&timelines, 9), expected);
    assert_eq!(shown(&timelines, 7)["admitted"], at(18));
    assert!(timelines.of(id(10)).is_none());
}

#[test]
fn a_mission_that_is_published_again_has_both_attempts_and_the_first_reply() {
    let timelines = Timelines::default();
    timelines.published(batch(1, &[7], 20));
    timelines.published(batch(2, &[7, 8], 40));
    replied(&timelines, 2, &[7, 8], 70);
    replied(&timelines, 2, &[7, 8], 90);
    replied(&timelines, 3, &[7], 95);
    timelines.published(batch(4, &[7], 99));
    let shown = shown(&timelines, 7);
    assert_eq!(shown["attempts"], json!([{ "published": at(20) }, { "published": at(40) }]));
    assert_eq!((&shown["admitted"], &shown["replied"]), (&json!(at(18)), &json!(at(70))));
}

#[test]
fn a_batch_that_was_split_has_a_reply_for_each_part() {
    let timelines = Timelines::default();
    timelines.published(batch(1, &[7, 8], 20));
    replied(&timelines, 1, &[8], 70);
    replied(&timelines, 1, &[99], 75);
    replied(&timelines, 1, &[7], 80);
    for (mission, admitted, reply) in [(7, 18, 80), (8, 19, 70)] {
        let shown = shown(&timelines, mission);
        assert_eq!(shown["attempts"], json!([{ "published": at(20) }]), "{shown}");
        assert_eq!(
            (&shown["admitted"], &shown["replied"]),
            (&json!(at(admitted)), &json!(at(reply)))
        );
        assert_eq!(shown["missions"], 1);
    }
}

#[test]
fn an_error_reply_tells_why_and_a_later_reply_takes_its_place() {
    let timelines = Timelines::default();
    timelines.published(batch(1, &[7, 8], 20));
    let reason = Some("set-aside: it is out of order".to_owned());
    answered(&timelines, 1, &[7], Answer { at: 70, stamps: stamps(), reason });
    replied(&timelines, 1, &[8], 75);
    let failed = shown(&timelines, 7);
    assert_eq!((&failed["replied"], failed["hops"].as_array().unwrap().len()), (&json!(at(70)), 2));
    assert_eq!(failed["reason"], "set-aside: it is out of order");
    assert!(shown(&timelines, 8).get("reason").is_none());
    timelines.published(batch(2, &[7], 80));
    let again = shown(&timelines, 7);
    assert_eq!((again.get("reason"), again["hops"].as_array().unwrap().len()), (None, 0));
    replied(&timelines, 2, &[7], 90);
    let stored = shown(&timelines, 7);
    assert_eq!((stored.get("reason"), &stored["replied"]), (None, &json!(at(90))));
    assert_eq!(stored["attempts"].as_array().unwrap().len(), 2);
}

#[test]
fn no_more_batches_are_remembered_than_there_is_room_for() {
    let timelines = Timelines::default();
    for n in 0..=REMEMBERED {
        timelines.published(batch(n, &[n], 20));
    }
    assert!(timelines.of(id(0)).is_none());
    assert!(timelines.of(id(1)).is_some());
    assert_eq!(timelines.batches().len(), REMEMBERED);
}
