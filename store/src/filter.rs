//! Which missions a list shows.

use schemas::{CreatedAt, Text};

/// Which missions a list shows: those that meet every condition that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Just this objective.
    pub objective: Option<Text>,
    /// Just this target.
    pub target: Option<Text>,
    /// Stored at this time or later.
    pub since: Option<CreatedAt>,
    /// Stored before this time.
    pub until: Option<CreatedAt>,
}
