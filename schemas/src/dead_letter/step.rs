//! The steps of what operators do about dead letters, and how a letter stands after them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::columns::{ColumnKind, Field, Raw, Value, text};

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

    /// What somebody did who took it, behind a name.
    pub const fn told(self) -> &'static str {
        match self {
            Self::Replay => "wants it replayed",
            Self::Published => "published it",
            Self::Unsent => "could not publish it",
            Self::Stored => "saw that it is stored",
            Self::SetAside => "saw that it was set aside again",
            Self::Edit => "corrected it",
            Self::Discard => "discarded it",
        }
    }

    /// The step with this word.
    ///
    /// # Errors
    /// There is none.
    pub fn parse(word: &str) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|step| step.word() == word);
        found.ok_or_else(|| format!("there is no step `{word}`"))
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
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Waiting,
        Self::Replaying,
        Self::Replayed,
        Self::Stored,
        Self::SetAsideAgain,
        Self::Discarded,
    ];
    /// Those in which somebody still has to do something.
    pub const OPEN: [Self; 2] = [Self::Waiting, Self::Replaying];

    /// Whether somebody still has to do something.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Replaying)
    }

    /// The states that a filter names with this word: `open`, `all` (then there are none, which
    /// means any), or the word of one.
    pub fn named(word: &str) -> Option<Vec<Self>> {
        match word {
            Self::NAMED_OPEN => Some(Self::OPEN.to_vec()),
            Self::NAMED_ALL => Some(Vec::new()),
            word => Self::ALL.into_iter().find(|state| state.word() == word).map(|one| vec![one]),
        }
    }

    /// The word for [`OPEN`](Self::OPEN).
    pub const NAMED_OPEN: &str = "open";
    /// The word for any state.
    pub const NAMED_ALL: &str = "all";

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

impl Field for Step {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self.word())
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        Self::parse(text(raw)?)
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
}
