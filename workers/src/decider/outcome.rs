//! What became of the missions of a request.

use bytes::Bytes;
use schemas::{Problem, Stamps};

/// The missions of a request as a persister has stored them.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Stored {
    /// The persister's words, which are the reply to the caller.
    pub(super) body: Bytes,
    /// Who has worked on them.
    pub(super) stamps: Stamps,
    /// Whether the persister has sent the caller a copy: then the caller has its reply.
    pub(super) told: bool,
}

/// Why the missions of a request are not stored.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Failed {
    pub(super) problem: Problem,
    /// Who had worked on them.
    pub(super) stamps: Stamps,
}

/// A problem that was found before anybody else has worked on the request.
impl From<Problem> for Failed {
    fn from(problem: Problem) -> Self {
        Self { problem, stamps: Stamps::default() }
    }
}
