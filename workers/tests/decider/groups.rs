//! Requests for one mission each are worked on together.

use std::time::Duration;

use bus::MOST_QUESTIONS;
use schemas::topology::{DEAD_LETTER_QUEUE, DECISIONS};
use schemas::{MissionId, Role};
use telemetry::{Ask, Destination};

use crate::system::{Rows, SOON, System, ids, within};

/// Questions to persisters so far.
fn asked() -> u64 {
    telemetry::of(Role::Decider).asks.of(Destination::exchange(DECISIONS.name), Ask::First).get()
}

/// A hundred requests come at once to a decider that takes many at a time. All of their missions but
/// these are stored. Returns how many questions that took.
async fn stored(system: &System, refused: &[MissionId]) -> u64 {
    let mut rows = Rows::refusing(refused);
    rows.work = Duration::from_millis(5);
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    system.request(&ids::<1>()).await;
    within(SOON, "the first mission", || rows.count() == 1).await;
    let before = asked();
    let good = ids::<100>();
    for id in refused.iter().chain(&good) {
        system.request(&[*id]).await;
    }
    within(3 * SOON, "the other missions", || rows.count() == 101).await;
    asked() - before
}

#[tokio::test(start_paused = true)]
async fn requests_that_come_together_share_their_questions() {
    let asked = stored(&System::new().await, &[]).await;
    assert!(asked <= 20, "{asked} questions");
}

#[tokio::test(start_paused = true)]
async fn a_mission_that_is_refused_takes_no_other_of_its_group_with_it() {
    let (system, [refused]) = (System::new().await, ids());
    stored(&system, &[refused]).await;
    let mut letters = system.link.consume(DEAD_LETTER_QUEUE, MOST_QUESTIONS).await.unwrap();
    let letter = letters.next().await.unwrap().unwrap();
    assert_eq!(letter.body, format!(r#"{{"missions":["{refused}"]}}"#));
    assert!(letters.ready().unwrap().is_none());
}
