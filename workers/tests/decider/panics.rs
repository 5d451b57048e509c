//! A defect of ours is a fault of the session, not the end of the role.

use std::sync::atomic::{AtomicU32, Ordering};

use schemas::topology::DEAD_LETTER_QUEUE;
use time::OffsetDateTime;
use tokio::time::timeout;

use crate::system::{Rows, SOON, System, ids, now, within};

static CALLS: AtomicU32 = AtomicU32::new(0);

/// Tells the time, but for the first three times.
fn broken_clock() -> OffsetDateTime {
    assert!(CALLS.fetch_add(1, Ordering::Relaxed) >= 3, "a defect");
    now()
}

#[tokio::test(start_paused = true)]
async fn a_panic_in_a_narrow_decider_is_a_fault_and_its_request_is_done_after_all() {
    let system = System::new().await;
    let rows = Rows::refusing(&[]);
    let _roles = (system.workers(), system.persister(&rows));
    system.request(&ids::<1>()).await;
    let decider = system.decider_with(broken_clock);
    within(20 * SOON, "the mission", || rows.count() == 1).await;
    assert!(!decider.is_finished());
    let mut dead_letters = system.link.consume(DEAD_LETTER_QUEUE, 1).await.unwrap();
    assert!(timeout(SOON, dead_letters.next()).await.is_err(), "it is no dead letter");
}
