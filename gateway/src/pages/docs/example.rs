//! An example of a body.

/// An example of a body.
pub(super) struct Example {
    pub(super) about: String,
    pub(super) text: String,
}
