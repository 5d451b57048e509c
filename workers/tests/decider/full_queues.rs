//! A full queue stops nobody but the request that needs it.

use std::time::Duration;

use bus::Confirmed;
use schemas::topology::DEAD_LETTER_QUEUE;
use tokio::time::timeout;

use crate::system::{Rows, SOON, System, ids, within};

#[tokio::test(start_paused = true)]
async fn a_failed_mission_that_the_dead_letter_queue_has_no_room_for_stops_no_narrow_decider() {
    let system = System::new().await;
    let [bad] = ids();
    let rows = Rows::refusing(&[bad]);
    let _roles = (system.workers(), system.persister(&rows));
    system.fill_dead_letters().await;
    system.request(&[bad]).await;
    for good in ids::<5>() {
        system.request(&[good]).await;
    }
    let _decider = system.decider();
    within(SOON, "the good missions", || rows.count() == 5).await;

    let state = || format!("{:?}", system.health.state());
    assert!(state().contains("dead letter queue"), "{}", state());
    let mut dead_letters = system.link.consume(DEAD_LETTER_QUEUE, 2).await.unwrap();
    let first = dead_letters.next().await.unwrap().unwrap();
    dead_letters.settler().ack(first.tag).unwrap(); // an operator makes room
    within(3 * SOON, "the decider to be up", || state() == "Up").await;
    assert!(!rows.has(bad));
}

#[tokio::test(start_paused = true)]
async fn a_hundred_failed_missions_without_room_for_dead_letters_stop_no_wide_decider() {
    let system = System::new().await;
    let bad = ids::<100>();
    let rows = Rows::refusing(&bad);
    let _roles = (system.workers(), system.persister(&rows));
    system.fill_dead_letters().await;
    let _decider = system.decider();
    system.request(&ids::<1>()).await; // it widens after this one
    within(SOON, "the first mission", || rows.count() == 1).await;
    for bad in bad {
        system.request(&[bad]).await;
    }
    for good in ids::<200>() {
        system.request(&[good]).await;
    }
    within(10 * SOON, "the good missions", || rows.count() == 201).await;
}

#[tokio::test(start_paused = true)]
async fn bad_input_is_dropped_while_the_dead_letter_queue_is_full() {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers(), system.persister(&rows));
    system.fill_dead_letters().await;
    for _ in 0..100 {
        let envelope = bus::Envelope::default();
        let publishing = system.durable.publish(schemas::topology::REQUESTS, &envelope, b"bad");
        publishing.await.unwrap();
    }
    system.request(&ids::<1>()).await;
    let _decider = system.decider();
    within(SOON, "the good mission", || rows.count() == 1).await;
}

#[tokio::test(start_paused = true)]
async fn a_decider_drains_although_a_failed_mission_waits_for_room_in_the_dead_letter_queue() {
    let system = System::new().await;
    let [bad, good] = ids();
    let rows = Rows::refusing(&[bad]);
    let _roles = (system.workers(), system.persister(&rows));
    system.fill_dead_letters().await;
    let decider = system.decider();
    system.request(&[bad]).await;
    system.request(&[good]).await;
    within(SOON, "the good mission", || rows.count() == 1).await;
    system.stop.cancel();
    timeout(Duration::from_secs(15), decider).await.expect("the drain ends").unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_list_with_a_refused_row_waits_for_room_in_the_request_queue_and_only_that_row_fails() {
    let system = System::new().await;
    let list = ids::<256>();
    let rows = Rows::refusing(&list[7..8]);
    let _roles = (system.workers(), system.persister(&rows));
    let closed = rows.gate.acquire().await.unwrap();
    let _decider = system.decider();
    system.request(&list).await;
    tokio::time::sleep(SOON).await; // the decider has it
    let mut good = 0;
    while system.request(&ids::<1>()).await == Confirmed::Taken {
        good += 1;
    }
    drop(closed);
    within(60 * SOON, "all but the refused row", || rows.count() == 255 + good).await;
    let mut dead_letters = system.link.consume(DEAD_LETTER_QUEUE, 9).await.unwrap();
    let letter = timeout(SOON, dead_letters.next()).await.unwrap().unwrap().unwrap();
    let id = list[7].to_string();
    assert_eq!(letter.body, format!(r#"{{"missions":["{id}"]}}"#));
    tokio::time::sleep(SOON).await;
    assert!(dead_letters.ready().unwrap().is_none(), "a neighbour was set aside");
}
