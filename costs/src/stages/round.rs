//! A round of a stage, and how what it costs is counted.

/// Runs the work that it is given, and counts what that costs. What a stage does outside of it is not
/// counted.
pub type Count<'a> = dyn FnMut(&mut dyn FnMut()) + 'a;

/// A running stage. Each call is one round: one request through the role. Its first rounds warm up.
pub type Round = Box<dyn FnMut(&mut Count<'_>)>;
