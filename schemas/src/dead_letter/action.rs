//! What operators do about dead letters. Rows are only added: what was done is never rewritten.

use super::ids::{ActionId, LetterId};
use super::step::Step;
use super::who::Who;
use crate::CreatedAt;
use crate::columns::columns;

/// A step that was taken: who, when, what. The rows of one letter are numbered from 1 without a gap;
/// of two operators who take the same step at once, one finds its number taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// The letter.
    pub letter: LetterId,
    /// The number of the step for this letter.
    pub number: u32,
    /// What it belongs to: a replay and its outcome have the same id.
    pub id: ActionId,
    /// What was done.
    pub step: Step,
    /// Who did it.
    pub who: Who,
    /// When, by the database's clock.
    pub at: CreatedAt,
    /// More about it: why it was not sent.
    pub detail: Option<String>,
    /// The new body, if it is an edit.
    pub body: Option<Vec<u8>>,
}

columns! {
    Action in "dead_letter_actions":
    letter: LetterId,
    number: u32,
    id: ActionId,
    step: Step,
    who: Who,
    at: CreatedAt,
    detail: Option<String>,
    body: Option<Vec<u8>>,
}

impl Action {
    /// The most characters of a detail.
    pub const MAX_DETAIL: usize = 512;
}
