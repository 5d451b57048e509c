//! A row that is no mission.

use std::fmt;

use schemas::MissionId;

/// A row that is stored and cannot be read as a mission, because somebody else wrote or changed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// Its id, if that can be read.
    pub id: Option<MissionId>,
    /// The column that is wrong, and why.
    pub reason: String,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id {
            Some(id) => write!(f, "the row {id} cannot be read: {}", self.reason),
            None => write!(f, "a row cannot be read: {}", self.reason),
        }
    }
}
