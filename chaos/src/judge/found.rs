//! What a check found.

/// How much it looked at, and what is wrong.
pub(super) type Found = (usize, Vec<String>);
