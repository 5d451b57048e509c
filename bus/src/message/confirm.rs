//! What the broker says to a confirmed publish.

/// What the broker said to a confirmed publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// It stands in at least one queue, on disk where the queue is durable.
    Taken,
    /// A queue was full, or could not store it: it does not stand. To be repeated later.
    Refused,
    /// No queue wanted it: it does not stand.
    Unroutable,
}
