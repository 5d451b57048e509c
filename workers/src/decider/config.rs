//! What a decider needs from outside.

use schemas::Casebook;
use time::OffsetDateTime;

/// What a decider needs from outside.
#[derive(Clone)]
pub struct Config {
    /// The rules.
    pub casebook: Casebook,
    /// Tells the time, for deadlines and stamps.
    pub clock: fn() -> OffsetDateTime,
    /// The name of this decider, in its stamps.
    pub instance: String,
}
