//! A mission that kills the persister that has it.

use bus::Delivery;
use schemas::MissionId;
use schemas::topology::DEAD_LETTER_QUEUE;

use crate::system::{Rows, SOON, System, ids, within};

/// What was set aside.
async fn dead_letters(system: &System) -> Vec<Delivery> {
    let mut consumer = system.link.consume(DEAD_LETTER_QUEUE, 100).await.unwrap();
    let mut all = Vec::new();
    while let Some(letter) = consumer.ready().unwrap() {
        all.push(letter);
    }
    all
}

/// Only the poison is set aside, with its reason.
async fn only_the_poison_is_set_aside(system: &System, poison: MissionId) {
    let letters = dead_letters(system).await;
    assert_eq!(letters.len(), 1, "{letters:?}");
    let letter = letters.first().unwrap();
    assert_eq!(letter.body, format!(r#"{{"missions":["{poison}"]}}"#));
    let reason = &letter.envelope.label.as_ref().unwrap().reason;
    assert!(reason.starts_with("set-aside: 10 times"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_mission_that_kills_persisters_is_set_aside_and_its_neighbours_are_stored() {
    let system = System::new().await;
    let [poison] = ids();
    let rows = Rows::poisoned_by(&[poison]);
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    system.request(&ids::<1>()).await; // the decider takes many at a time after this one
    within(SOON, "the first mission", || rows.count() == 1).await;
    for good in ids::<20>() {
        system.request(&[good]).await;
    }
    system.request(&[poison]).await;
    for good in ids::<20>() {
        system.request(&[good]).await;
    }
    within(60 * SOON, "the neighbours", || rows.count() == 41).await;
    tokio::time::sleep(60 * SOON).await;
    only_the_poison_is_set_aside(&system, poison).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_with_a_mission_that_kills_persisters_is_split_and_the_others_are_stored() {
    let system = System::new().await;
    let list = ids::<10>();
    let [.., poison] = list;
    let rows = Rows::poisoned_by(&[poison]);
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    system.request(&list).await;
    within(60 * SOON, "the others", || rows.count() == 9).await;
    tokio::time::sleep(60 * SOON).await;
    only_the_poison_is_set_aside(&system, poison).await;
}
