//! A replica that has stopped answering costs its own share and no more.

use schemas::Part;
use schemas::topology::{DECISION_QUEUE, Queue, part_queue};

use crate::system::{Rows, SOON, System, ids, within};

/// All missions are stored although one of two readers of this queue takes and never answers.
async fn goes_on_beside_a_frozen_reader_of(queue: Queue) {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers(), system.persister(&rows));
    let _decider = system.decider();
    system.request(&ids::<1>()).await;
    within(SOON, "the first mission", || rows.count() == 1).await;
    let mut frozen = system.link.consume(queue, bus::QUESTIONS).await.unwrap();
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
