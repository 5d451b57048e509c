//! What a response to a request for missions is about, for the logs.

use std::fmt;

use schemas::{Mission, MissionId};

/// The missions of a response; the response carries it as an extension.
#[derive(Debug, Clone)]
pub(crate) struct Summary {
    pub(crate) first: MissionId,
    pub(crate) count: usize,
    text: String,
}

impl Summary {
    /// `None` for no missions.
    pub(crate) fn of(missions: &[Mission]) -> Option<Self> {
        let first = missions.first()?;
        let text = match missions {
            [only] => format!("{} {}", only.objective, only.target),
            several => format!("{} missions", several.len()),
        };
        Some(Self { first: first.id, count: missions.len(), text })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.8}…", self.text, self.first.to_string())
    }
}
