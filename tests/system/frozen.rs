//! One of two replicas hangs: it costs its own share, and no more.

use std::time::{Duration, Instant};

use load::{Load, Running, Stop};

use crate::outages::PATIENT;
use crate::system::{DEADLINE, System, begins};

/// So many missions are measured.
const MISSIONS: u64 = 3_000;
/// How long the others may take to go around a replica that hangs.
const NOTICED: Duration = Duration::from_secs(3);
/// So often it is tried. What else the machine does can only make it slower, so the fastest time counts.
const TIMES: usize = 3;

/// How long the next missions take.
async fn time_of_the_next(load: &Running) -> Duration {
    let began = Instant::now();
    load.await_more(MISSIONS, DEADLINE).await.unwrap();
    began.elapsed()
}

fn noticed(frozen: Duration, alone: Duration) -> bool {
    frozen <= NOTICED + alone * 5 / 4
}

/// Within 3 s the rate is at least 80 % of what one healthy replica reaches alone.
async fn goes_on_beside_a_frozen(role: &str) {
    let system = System::new().await;
    let _gateway = system.gateway_with(&PATIENT, None).await;
    let _workers = system.all_workers();
    let load = load::start(Load::new(system.address(), 64), Stop::Told);
    time_of_the_next(&load).await; // everything is at work
    let alone = time_of_the_next(&load).await;
    let second = system.worker(role);
    second.says(begins(role)).await;
    let mut frozen = Vec::new();
    while frozen.len() < TIMES && frozen.last().is_none_or(|time| !noticed(*time, alone)) {
        time_of_the_next(&load).await; // both are at work
        second.signal("STOP");
        frozen.push(time_of_the_next(&load).await);
        second.signal("CONT");
    }
    eprintln!("{role}: {MISSIONS} missions in {alone:?} with one, {frozen:?} with a frozen second");
    assert!(
        frozen.last().is_some_and(|time| noticed(*time, alone)),
        "{role}: {alone:?}, and then {frozen:?}"
    );
    let report = load.stop().await;
    assert_eq!(report.failures(), 0, "{:?}", report.first_failure);
}

#[tokio::test]
async fn a_frozen_letter_worker_costs_three_seconds_at_most() {
    goes_on_beside_a_frozen("letter").await;
}

#[tokio::test]
async fn a_frozen_persister_costs_three_seconds_at_most() {
    goes_on_beside_a_frozen("persister").await;
}
