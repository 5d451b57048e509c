//! What ends a run early.

/// Anything that can go wrong; it is only printed.
pub type Failure = Box<dyn std::error::Error>;
