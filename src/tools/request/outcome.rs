//! How a request ends.

/// Why no more is requested.
pub(super) enum Outcome {
    /// Every mission has arrived or was refused.
    Answered,
    /// Nothing arrived for the longest wait.
    Silence,
    /// A signal came.
    Interrupted,
    /// The reader of our output has gone, or the output cannot be written.
    Closed,
    /// The request itself is wrong, for this reason; more of the same would be refused, too.
    Refused(String),
}
