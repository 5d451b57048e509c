//! Workers that do not answer.

use std::time::Duration;

use schemas::Part;
use schemas::topology::REQUEST_QUEUE;

use crate::system::{Rows, SOON, System, ids, within};

/// What the decider's readiness shows when the letter worker is silent.
const LETTER: &str = r#"Degraded("waiting for: letter")"#;

#[tokio::test(start_paused = true)]
async fn a_silent_worker_is_named_by_a_narrow_decider() {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers_but(Part::Letter), system.persister(&rows));
    let _decider = system.decider();
    system.request(&ids::<1>()).await;
    let state = || format!("{:?}", system.health.state());
    within(3 * SOON, "the letter worker to be named", || state() == LETTER).await;
    let _letter = system.worker(Part::Letter);
    within(5 * SOON, "the mission", || rows.count() == 1).await;
    within(SOON, "the decider to be up", || state() == "Up").await;
}

#[tokio::test(start_paused = true)]
async fn a_silent_worker_is_named_by_a_wide_decider_which_takes_no_more_until_it_answers() {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers_but(Part::Letter), system.persister(&rows));
    let letter = system.worker(Part::Letter);
    let _decider = system.decider();
    system.request(&ids::<1>()).await;
    within(SOON, "the first mission", || rows.count() == 1).await;
    drop(letter);
    tokio::time::sleep(SOON).await;
    for id in ids::<10>() {
        system.request(&[id]).await;
    }
    let state = || format!("{:?}", system.health.state());
    within(3 * SOON, "the letter worker to be named", || state() == LETTER).await;
    for id in ids::<7>() {
        system.request(&[id]).await;
    }
    tokio::time::sleep(Duration::from_secs(10)).await;
    let mut others = system.link.consume(REQUEST_QUEUE, 100).await.unwrap();
    let mut ready = 0;
    while others.ready().unwrap().is_some() {
        ready += 1;
    }
    assert_eq!(ready, 7, "it holds the ten that it had taken");
    drop(others); // they go back to the queue

    let _letter = system.worker(Part::Letter);
    within(40 * SOON, "all missions", || rows.count() == 18).await;
    assert_eq!(state(), "Up");
}
