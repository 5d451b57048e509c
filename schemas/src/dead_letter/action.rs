//! What operators do about dead letters. Rows are only added: what was done is never rewritten.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::{ActionId, LetterId};
use super::letter::DeadLetter;
use crate::CreatedAt;
use crate::columns::{ColumnKind, Field, Raw, Value, columns, text};

/// One step of what was done about a letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// Somebody wants it published again. Recorded before it is published: if the process dies
    /// behind this, it is published later.
    Replay,
    /// It was published and the broker has it.
    Published,
    /// It was certainly not published; it waits again.
    Unsent,
    /// What was replayed is stored.
    Stored,
    /// What was replayed is a dead letter again.
    SetAside,
    /// Its body was corrected; the next replay publishes the new one.
    Edit,
    /// It is not wanted any more.
    Discard,
}

impl Step {
    /// Every step.
    pub const ALL: [Self; 7] = [
        Self::Replay,
        Self::Published,
        Self::Unsent,
        Self::Stored,
        Self::SetAside,
        Self::Edit,
        Self::Discard,
    ];

    /// Its word in the table.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Published => "published",
            Self::Unsent => "unsent",
            Self::Stored => "stored",
            Self::SetAside => "set-aside",
            Self::Edit => "edit",
            Self::Discard => "discard",
        }
    }

    /// How a letter stands after it.
    pub const fn state(self) -> State {
        match self {
            Self::Replay => State::Replaying,
            Self::Published => State::Replayed,
            Self::Stored => State::Stored,
            Self::SetAside => State::SetAsideAgain,
            Self::Unsent | Self::Edit => State::Waiting,
            Self::Discard => State::Discarded,
        }
    }
}

/// How a letter stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Nobody has done anything that counts.
    Waiting,
    /// Somebody is publishing it, or died while doing so.
    Replaying,
    /// It was published; what became of it is not known yet.
    Replayed,
    /// It was published and its missions are stored.
    Stored,
    /// It was published and is a dead letter again, under another id.
    SetAsideAgain,
    /// It is not wanted any more.
    Discarded,
}

impl State {
    /// Whether somebody still has to do something.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Replaying)
    }

    /// Its word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Replaying => "replaying",
            Self::Replayed => "replayed",
            Self::Stored => "stored",
            Self::SetAsideAgain => "set-aside-again",
            Self::Discarded => "discarded",
        }
    }
}

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

impl Field for Step {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self.word())
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let word = text(raw)?;
        let found = Self::ALL.into_iter().find(|step| step.word() == word);
        found.ok_or_else(|| format!("there is no step `{word}`"))
    }
}

/// Who did something: 1 to 63 characters, none of them a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Who(#[schemars(length(min = 1, max = 63))] String);

/// The text names nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a name has 1 to 63 characters, and no control character among them")]
pub struct WrongWho;

impl Who {
    /// Somebody whose name the system does not tell.
    pub fn unknown() -> Self {
        Self("unknown".to_owned())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Who {
    type Err = WrongWho;

    fn from_str(text: &str) -> Result<Self, WrongWho> {
        let name = text.trim();
        let fits = (1..=DeadLetter::MAX_NAME).contains(&name.chars().count());
        if fits && !name.chars().any(char::is_control) {
            Ok(Self(name.to_owned()))
        } else {
            Err(WrongWho)
        }
    }
}

impl TryFrom<String> for Who {
    type Error = WrongWho;

    fn try_from(text: String) -> Result<Self, WrongWho> {
        text.parse()
    }
}

impl From<Who> for String {
    fn from(who: Who) -> Self {
        who.0
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Field for Who {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(&self.0)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw)?.parse().map_err(|error: WrongWho| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_back_from_its_word() {
        for step in Step::ALL {
            assert_eq!(Step::read(Raw::Text(step.word())), Ok(step));
            assert_eq!(serde_json::to_value(step).unwrap(), step.word());
        }
        assert!(Step::read(Raw::Text("other")).is_err());
    }

    #[test]
    fn a_name_is_short_and_plain() {
        assert_eq!(" ada ".parse::<Who>().unwrap().as_str(), "ada");
        for wrong in ["", " ", "a\nb", &"x".repeat(64)] {
            assert_eq!(wrong.parse::<Who>(), Err(WrongWho), "{wrong:?}");
        }
    }
}
