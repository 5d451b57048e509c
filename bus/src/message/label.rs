//! What a dead letter says about itself.

use schemas::ProblemKind;

/// What a dead letter says about itself, in its headers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Why it was set aside: the word of a [`ProblemKind`], then what exactly.
    pub reason: String,
    /// Which role did it.
    pub role: String,
    /// How often it had been delivered.
    pub tries: u32,
    /// When it was first published, in Unix seconds; 0 when nobody knows.
    pub first_at: u64,
}

/// The longest reason that is carried, in characters.
const LONGEST_REASON: usize = 512;

impl Label {
    /// A label; the reason is cut at 512 characters.
    pub fn new(kind: ProblemKind, detail: &str, role: &str, tries: u32, first_at: u64) -> Self {
        let reason = format!("{}: {detail}", kind.word()).chars().take(LONGEST_REASON).collect();
        Self { reason, role: role.to_owned(), tries, first_at }
    }
}
