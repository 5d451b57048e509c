//! The bodies of `/operations/dead-letters`: what is listed, and what became of it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::CURSOR;
use crate::dead_letter::{BatchId, LetterGroup, LetterView, State};
use crate::{DeadLetter, LetterId, MissionId, sample};

/// Dead letters, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeadLetters {
    /// The letters of this page.
    #[schemars(length(max = DeadLetter::BATCH))]
    pub letters: Vec<LetterView>,
    /// How many rows of this page cannot be read.
    pub unreadable: usize,
    /// The cursor of the next page. Absent on the last page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", regex(pattern = CURSOR), extend("examples" = [sample::CURSOR]))]
    pub next: Option<String>,
}

/// Dead letters by what their reasons have in common, the largest group first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LetterGroups {
    /// The groups.
    #[schemars(length(max = DeadLetter::BATCH))]
    pub groups: Vec<LetterGroup>,
}

/// What was begun.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Begun {
    /// What names it: the same request with this `id` does nothing twice.
    pub id: BatchId,
    /// The letters that something is done about, or would be, in a dry run.
    #[schemars(length(max = BatchId::MOST))]
    pub letters: Vec<LetterId>,
    /// The letters that are left alone.
    #[schemars(length(max = BatchId::MOST))]
    pub left: Vec<Left>,
    /// Where it says what became of each; absent in a dry run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub location: Option<String>,
}

/// A letter that is left alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Left {
    /// The letter.
    pub id: LetterId,
    /// Why, and what can be done.
    pub why: String,
}

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BatchRecord {
    /// What names it.
    pub id: BatchId,
    /// In words: `12 of 12 stored; 0 set aside again`.
    pub summary: String,
    /// Whether nothing more is to be expected.
    pub ended: bool,
    /// How many letters it is about.
    pub count: usize,
    /// How many of them are stored.
    pub stored: usize,
    /// How many of them are dead letters again.
    pub set_aside_again: usize,
    /// How many of them were discarded.
    pub discarded: usize,
    /// Each letter about which something was done.
    #[schemars(length(max = BatchId::MOST))]
    pub letters: Vec<LetterRecord>,
    /// The letters that were left alone, as far as this gateway knows.
    #[schemars(length(max = BatchId::MOST))]
    pub left: Vec<Left>,
    /// What it waits for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub waits: Option<String>,
}

/// What became of one letter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LetterRecord {
    /// The letter.
    pub id: LetterId,
    /// How it stands.
    pub state: State,
    /// The missions of its request.
    #[schemars(length(max = 256))]
    pub missions: Vec<MissionId>,
    /// The dead letter that it has become.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "LetterId")]
    pub next: Option<LetterId>,
    /// More about it: why it was not sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub detail: Option<String>,
}

impl Begun {
    /// The example of the documents.
    pub(crate) fn example() -> Self {
        let id = BatchRecord::example().id;
        let location = Some(format!("/operations/dead-letters/actions/{id}?count=1"));
        let letters = BatchRecord::example().letters.iter().map(|letter| letter.id).collect();
        Self { id, letters, left: Vec::new(), location }
    }
}

impl BatchRecord {
    /// The example of the documents: one letter, which is stored.
    pub(crate) fn example() -> Self {
        let mission = crate::Mission::example().id;
        let letter = LetterRecord {
            id: LetterId::of(&[]),
            state: State::Stored,
            missions: vec![mission],
            next: None,
            detail: None,
        };
        Self {
            id: BatchId::new(mission.uuid()),
            summary: "1 of 1 stored; 0 set aside again".to_owned(),
            ended: true,
            count: 1,
            stored: 1,
            set_aside_again: 0,
            discarded: 0,
            letters: vec![letter],
            left: Vec::new(),
            waits: None,
        }
    }
}
