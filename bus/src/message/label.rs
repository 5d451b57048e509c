//! What a dead letter says about itself.

use schemas::{DeadLetter, LetterId, ProblemKind};

/// The role that a dead letter names when the broker itself made it.
pub(crate) const BROKER: &str = "broker";

/// What a dead letter says about itself, in its headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The letter's own id; `None` when the broker itself made it.
    pub id: Option<LetterId>,
    /// Why it was set aside: the word of a [`ProblemKind`], then what exactly.
    pub reason: String,
    /// Which role did it.
    pub role: String,
    /// How often it had been delivered.
    pub tries: u32,
    /// When it was first published, in Unix seconds; 0 when nobody knows.
    pub first_at: u64,
    /// When it was set aside, in Unix seconds; 0 when nobody knows.
    pub last_at: u64,
}

impl Label {
    /// A reason, cut at 512 characters.
    pub fn reason(kind: ProblemKind, detail: &str) -> String {
        let reason = format!("{}: {detail}", kind.word());
        reason.chars().take(DeadLetter::MAX_REASON).collect()
    }
}
