//! Dead letters in groups.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{CreatedAt, LetterId};

/// Dead letters with the same reason, but for numbers and ids, and the same role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LetterGroup {
    /// What their reasons have in common; a value for the parameter `reason`.
    pub group: String,
    /// Who set them aside.
    pub role: String,
    /// How many there are.
    pub count: u64,
    /// About how many of them somebody has to decide.
    pub open: u64,
    /// When the first of them was set aside.
    pub first_at: CreatedAt,
    /// When the last of them was set aside.
    pub last_at: CreatedAt,
    /// One of them.
    pub example: LetterId,
}
