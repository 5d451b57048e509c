//! Time and ids of a simulation: both follow from its runtime and its seed.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use ::time::OffsetDateTime;
use seams::chance;
use tokio::time::Instant;
use uuid::Uuid;

thread_local! {
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
    static ISSUED: RefCell<Vec<Uuid>> = const { RefCell::new(Vec::new()) };
}

/// When simulated time begins, in Unix seconds.
const BEGINNING: i64 = 1_790_000_000;

/// Begins the time of this thread's simulation.
pub(crate) fn begin() {
    BEGAN.set(Some(Instant::now()));
    ISSUED.with_borrow_mut(Vec::clear);
}

/// How long it has lasted.
pub(crate) fn now() -> Duration {
    BEGAN.get().map(|began| began.elapsed()).unwrap_or_default()
}

/// What the clock of every process shows.
pub(crate) fn clock() -> OffsetDateTime {
    let beginning = OffsetDateTime::from_unix_timestamp(BEGINNING);
    beginning.unwrap_or(OffsetDateTime::UNIX_EPOCH) + now()
}

/// A new id for a request.
pub(crate) fn new_id() -> Uuid {
    let id = chance::uuid();
    ISSUED.with_borrow_mut(|issued| issued.push(id));
    id
}

/// Every id that was made.
pub(crate) fn issued() -> Vec<Uuid> {
    ISSUED.with_borrow(Vec::clone)
}
