//! What the broker says to a confirmed publish.

/// What the broker said to a confirmed publish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Confirmed {
    /// At least one queue has it, on disk if the queue is durable.
    Taken,
    /// A queue was full or could not store it. Repeat it later.
    Refused,
    /// No queue is bound for it.
    Unroutable,
}
