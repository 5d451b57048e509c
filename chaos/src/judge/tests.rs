//! Each corruption of a right history is found by exactly the invariant that it breaks.

use uuid::Uuid;

use super::judge;
use crate::evidence::{Evidence, Letter, PartAtRest, Probe, QueueAtRest, Replay};
use crate::history::{Mission, Outcome, Told, Way};

fn id(number: u128) -> Uuid {
    Uuid::from_u128(number << 8)
}

fn mission(id: Uuid) -> Mission {
    let text = str::to_owned;
    Mission {
        id,
        dossier: text("19 z 4 a 7 k 0 b 12 q 3 m"),
        objective: text("Steal the DB_URI from"),
        target: text("the flask developer"),
        casebook: text("malory"),
        created_at: text("2026-11-27T00:00:00.000000Z"),
    }
}

fn told(caller: u32, key: Option<&str>, ids: Vec<Uuid>, outcome: Outcome) -> Told {
    let (way, key) = (Way::Http, key.map(str::to_owned));
    let (began, ended, count, read_back) = (caller.into(), 1_000, 1, None);
    Told { caller, way, began, ended, ids, count, key, outcome, read_back }
}

/// One mission told, one accepted, one set aside, one key that was refused.
fn right() -> Evidence {
    let stored = Outcome::Stored(vec![mission(id(1))]);
    Evidence {
        told: vec![
            told(1, None, vec![], stored),
            told(2, None, vec![], Outcome::Accepted(vec![id(2)])),
            told(3, None, vec![], Outcome::Accepted(vec![id(3)])),
            told(4, Some("a"), vec![id(4)], Outcome::Refused("/problems/unavailable".into())),
        ],
        rows: vec![mission(id(1)), mission(id(2))],
        earlier: vec![mission(id(2))],
        letters: vec![Letter {
            reason: "expired".into(),
            role: "decider".into(),
            tries: 1,
            missions: vec![id(3)],
        }],
        queues: vec![QueueAtRest { name: "mission.requests".into(), messages: 0 }],
        parts: vec![PartAtRest { name: "gateway 0".into(), peak: 40_000, held: 0.0 }],
        probes: vec![Probe { gateway: "g".into(), ready: true, stored: true, millis: 9 }],
        replays: vec![Replay {
            before: vec![mission(id(1))],
            after: Outcome::Stored(vec![mission(id(1))]),
        }],
        ..Evidence::default()
    }
}

/// The invariants that this corruption breaks.
fn broken_by(corrupt: impl FnOnce(&mut Evidence)) -> Vec<&'static str> {
    let mut evidence = right();
    corrupt(&mut evidence);
    let broken = judge(&evidence, false).into_iter().filter(|verdict| !verdict.wrong.is_empty());
    broken.map(|verdict| verdict.id).collect()
}

#[test]
fn a_right_history_breaks_nothing() {
    assert!(broken_by(|_| {}).is_empty());
}

#[test]
fn a_lost_a_doubled_an_unasked_and_a_refused_mission_are_found_each_by_its_invariant() {
    assert_eq!(broken_by(|all| all.letters.clear()), ["I1"]);
    assert_eq!(broken_by(|all| all.rows.push(mission(id(2)))), ["I2"]);
    assert_eq!(
        broken_by(|all| all.told.push(told(9, None, vec![], Outcome::Accepted(vec![id(2)])))),
        ["I2"]
    );
    assert_eq!(broken_by(|all| all.rows.push(mission(id(7)))), ["I3"]);
    assert_eq!(broken_by(|all| drop(all.rows.remove(0))), ["I5"]);
    assert_eq!(broken_by(|all| all.told[0].read_back = Some(404)), ["I5"]);
    assert_eq!(broken_by(|all| all.rows.push(mission(id(4)))), ["I9"]);
}

#[test]
fn a_mission_told_otherwise_crossed_unsound_or_changed_is_found_by_its_invariant() {
    let other = |mission: &mut Mission| mission.created_at.push('x');
    assert_eq!(broken_by(|all| other(&mut all.rows[0])), ["I4"]);
    assert_eq!(broken_by(|all| all.told[0].ids = vec![id(8)]), ["I6"]);
    assert_eq!(broken_by(|all| all.told[0].count = 2), ["I6"]);
    let unsound = |all: &mut Evidence| {
        all.earlier.clear();
        all.rows[1].target = "Duchess".into();
    };
    assert_eq!(broken_by(unsound), ["I7"]);
    assert_eq!(broken_by(|all| other(&mut all.earlier[0])), ["I8"]);
}

#[test]
fn a_poor_end_is_found_by_its_invariant() {
    assert_eq!(broken_by(|all| all.queues[0].messages = 1), ["I10"]);
    assert_eq!(broken_by(|all| all.letters[0].tries = 21), ["I11"]);
    assert_eq!(broken_by(|all| all.letters[0].reason.clear()), ["I11"]);
    assert_eq!(broken_by(|all| all.parts[0].held = 1.0), ["I12"]);
    assert_eq!(broken_by(|all| all.parts[0].peak = 1_000_000), ["I12"]);
    assert_eq!(broken_by(|all| all.probes[0].millis = 5_001), ["I13"]);
    assert_eq!(broken_by(|all| all.probes[0].ready = false), ["I13"]);
    assert_eq!(broken_by(|all| all.replayed_rows = 1), ["I14"]);
    let another = |all: &mut Evidence| all.replays[0].after = Outcome::Stored(vec![mission(id(2))]);
    assert_eq!(broken_by(another), ["I14"]);
    assert_eq!(broken_by(|all| all.canary = 1), ["I15"]);
    assert_eq!(broken_by(|all| all.leaks.push("s3cret-1".into())), ["I16"]);
}

#[test]
fn what_was_in_a_queue_that_was_deleted_is_no_loss_and_everything_else_is() {
    let fault = |began| crate::faults::Fault {
        name: "queue deleted".into(),
        began,
        ended: began + 10,
        served: None,
        destroys: true,
        longest: None,
        trouble: None,
    };
    let gone = |all: &mut Evidence| all.letters.clear();
    let broken = |began| broken_by(|all| (gone(all), all.faults.push(fault(began))).0);
    assert!(broken(500).is_empty());
    assert_eq!(broken(50_000), ["I1"], "it had been done long before");
}

#[test]
fn a_request_that_failed_is_found_where_none_may_fail() {
    let failed = |outcome: Outcome, count| {
        let mut evidence = Evidence { told: vec![told(1, None, vec![], outcome)], ..right() };
        evidence.told[0].count = count;
        let all = judge(&evidence, true);
        all.iter().find(|verdict| verdict.id == "R").unwrap().wrong.len()
    };
    let refused = |why: &str| Outcome::Refused(why.to_owned());
    assert_eq!(failed(Outcome::Unknown("reset".into()), 1), 1);
    assert_eq!(failed(Outcome::SetAside("problem".into()), 1), 1);
    assert_eq!(failed(refused("/problems/unavailable"), 1), 1);
    assert_eq!(failed(refused(crate::history::NO_CONNECTION), 1), 0, "another gateway serves");
    assert_eq!(failed(refused("/problems/invalid"), 257), 0, "it was wrong on purpose");
    assert_eq!(failed(Outcome::Accepted(vec![id(1)]), 1), 0);
}
