//! How many messages wait in a queue, and how many consumers it has.

/// A queue, as the broker shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Depth {
    /// Messages that wait; those that were delivered and are not settled do not count.
    pub messages: u64,
    /// Its consumers.
    pub consumers: u64,
}
