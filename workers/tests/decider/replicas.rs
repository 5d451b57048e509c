//! A replica that has stopped answering costs its own share and no more.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use schemas::Part;
use schemas::topology::{DECISION_QUEUE, Queue, part_queue};

use tokio::task::JoinSet;
use tokio::time::sleep;
use tokio_util::task::AbortOnDropHandle;

use crate::system::{Rows, SOON, System, ids, within};

/// All missions are stored although one of two readers of this queue takes and never answers.
async fn goes_on_beside_a_frozen_reader_of(queue: Queue) {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    system.request(&ids::<1>()).await;
    within(SOON, "the first mission", || rows.count() == 1).await;
    let mut frozen = system.link.consume(queue, bus::MOST_QUESTIONS).await.unwrap();
    let taking = async { while frozen.next().await.is_ok() {} };
    let working = async {
        for id in ids::<2_000>() {
            system.request(&[id]).await;
        }
        within(3 * SOON, "all missions", || rows.count() == 2_001).await;
    };
    tokio::select! {
        () = taking => panic!("the consumer ended"),
        () = working => {}
    }
}

#[tokio::test(start_paused = true)]
async fn a_frozen_letter_worker_stops_deciders_for_no_more_than_three_seconds() {
    goes_on_beside_a_frozen_reader_of(part_queue(Part::Letter)).await;
}

#[tokio::test(start_paused = true)]
async fn a_frozen_persister_stops_deciders_for_no_more_than_three_seconds() {
    goes_on_beside_a_frozen_reader_of(DECISION_QUEUE).await;
}

/// Four callers, each with one list at a time, as a gateway publishes them.
fn callers(system: &Arc<System>, rows: &Rows) -> (JoinSet<()>, Arc<AtomicU32>) {
    let (mut callers, done) = (JoinSet::new(), Arc::new(AtomicU32::new(0)));
    for _ in 0..4 {
        let (system, rows, done) = (Arc::clone(system), rows.clone(), Arc::clone(&done));
        callers.spawn(async move {
            loop {
                let list = ids::<16>();
                system.request(&list).await;
                within(60 * SOON, "a list", || rows.has(list.first().copied().unwrap())).await;
                done.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    (callers, done)
}

#[tokio::test(start_paused = true)]
async fn a_frozen_persister_gets_a_few_lists_and_after_three_seconds_the_rate_is_that_of_the_other()
{
    let system = Arc::new(System::new().await);
    let mut rows = Rows::refusing(&[]);
    rows.work = Duration::from_millis(5);
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    let (_callers, done) = callers(&system, &rows);
    let in_three_seconds = async || {
        let before = done.load(Ordering::Relaxed);
        sleep(3 * SOON).await;
        done.load(Ordering::Relaxed) - before
    };
    in_three_seconds().await;
    let healthy = in_three_seconds().await;
    let mut frozen = system.link.consume(DECISION_QUEUE, bus::FEWEST_QUESTIONS).await.unwrap();
    let freezing = async move { while frozen.next().await.is_ok() {} };
    let _frozen = AbortOnDropHandle::new(tokio::spawn(freezing));
    let first = in_three_seconds().await;
    let then = in_three_seconds().await;
    assert!(then * 10 >= healthy * 8, "{healthy} lists in 3 s, then {first}, then {then}");
}
