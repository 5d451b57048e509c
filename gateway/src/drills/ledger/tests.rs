//! Facts about what is counted.

use uuid::Uuid;

use super::*;

const LATER: Duration = Duration::from_secs(89);

fn id(n: u128) -> MissionId {
    MissionId::from(Uuid::from_u128(n))
}

fn mission(n: u128) -> Mission {
    Mission { id: id(n), ..Mission::example() }
}

fn begun() -> Ledger {
    let mut ledger = Ledger::default();
    ledger.begin(CreatedAt::from_micros(0).unwrap());
    ledger
}

fn lost_and_doubled(ledger: &Ledger) -> (Option<u64>, Option<u64>) {
    let counts = ledger.counts().unwrap();
    (counts.lost, counts.doubled)
}

#[test]
fn nothing_is_called_lost_or_doubled_before_every_caller_and_row_is_known() {
    let (mut ledger, now) = (begun(), Instant::now());
    ledger.requested(&[id(1), id(2)]);
    ledger.accepted(&[id(1)]);
    ledger.found(&[mission(1)], 1);
    ledger.note(true, now);
    assert_eq!(lost_and_doubled(&ledger), (None, None), "the drill lasts");
    ledger.note(false, now);
    let later = now + AFTERWARDS;
    ledger.note(false, later);
    assert_eq!(lost_and_doubled(&ledger), (None, None), "one waits");
    ledger.found(&[mission(2)], 1);
    ledger.note(false, later - Duration::from_millis(1));
    assert_eq!(lost_and_doubled(&ledger), (None, None), "more may be requested");
    ledger.note(false, later);
    assert_eq!(lost_and_doubled(&ledger), (Some(0), Some(0)));
    ledger.accepted(&[id(2)]);
    assert_eq!(ledger.counts().map(|counts| (counts.accepted, counts.stored)), Some((2, 2)));
}

#[test]
fn an_accepted_mission_without_a_row_is_lost_when_its_time_is_over() {
    let (mut ledger, now) = (begun(), Instant::now());
    ledger.requested(&[id(1), id(2), id(3)]);
    ledger.accepted(&[id(1)]);
    ledger.refused(&[id(2)]);
    ledger.note(false, now);
    ledger.note(false, now + LATER);
    assert_eq!(lost_and_doubled(&ledger), (None, None));
    ledger.note(false, now + SETTLES);
    assert_eq!(lost_and_doubled(&ledger), (Some(1), Some(0)), "nobody was told of the others");
}

#[test]
fn a_second_row_and_two_missions_of_one_id_are_doubled_but_the_same_announced_twice_is_not() {
    let (mut ledger, now) = (begun(), Instant::now());
    ledger.requested(&[id(1), id(2)]);
    ledger.accepted(&[id(1), id(2)]);
    for n in [1, 1, 2, 3, 3] {
        ledger.announced(&mission(n));
    }
    let other = Mission { created_at: CreatedAt::from_micros(7).unwrap(), ..mission(2) };
    ledger.found(&[mission(1), other], 3);
    ledger.note(false, now);
    ledger.note(false, now + AFTERWARDS);
    assert_eq!(lost_and_doubled(&ledger), (Some(0), Some(2)));
}

#[test]
fn no_more_missions_are_counted_than_fit_and_that_is_known() {
    let mut ledger = begun();
    for n in 0..=MOST as u128 {
        ledger.requested(&[id(n)]);
    }
    assert!(ledger.is_full && ledger.missions.len() == MOST);
    let now = Instant::now();
    ledger.note(false, now);
    ledger.note(false, now + SETTLES);
    ledger.begin(CreatedAt::from_micros(1).unwrap());
    assert!(!ledger.is_full, "the next drill begins anew");
}
