//! What the operating system provides: the clock, new ids and randomness. Everything else takes
//! them as arguments.

use rand::rngs::StdRng;

/// The current time in UTC.
#[expect(clippy::disallowed_methods, reason = "the one place where the clock comes in")]
pub(crate) fn clock() -> time::OffsetDateTime {
    time::OffsetDateTime::now_utc()
}

/// A new UUIDv7. Ids that are made one after the other are neighbours in the table.
#[expect(clippy::disallowed_methods, reason = "the one place where ids come in")]
pub(crate) fn new_id() -> uuid::Uuid {
    uuid::Uuid::now_v7()
}

/// A random number generator that the operating system seeds.
pub(crate) fn rng() -> StdRng {
    rand::make_rng()
}

/// A unique name for this instance of a role, as in `number.<uuid>`.
pub(crate) fn instance(role: &str) -> String {
    format!("{role}.{}", uuid::Uuid::new_v4())
}
