//! Which dead letters are meant, and a position among them.

use std::fmt;
use std::str::FromStr;

use schemas::dead_letter::State;
use schemas::{CreatedAt, DeadLetter};

use crate::cursor::{Cursor, ParseCursorError};

/// Which dead letters are meant: those that meet every condition that is set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LetterFilter {
    /// In one of these states; any state if there are none.
    pub states: Vec<State>,
    /// With this reason: its first word (`set-aside`) or the pattern of a group.
    pub reason: Option<String>,
    /// Set aside by this role.
    pub role: Option<String>,
    /// Set aside at this time or later.
    pub since: Option<CreatedAt>,
    /// Set aside before this time.
    pub until: Option<CreatedAt>,
    /// With this text in the reason, the message id or the body.
    pub text: Option<String>,
}

impl LetterFilter {
    /// Those about which somebody still has to do something.
    pub fn open() -> Self {
        Self { states: State::OPEN.to_vec(), ..Self::default() }
    }
}

/// A position in the list of dead letters: the list goes on behind this letter. As text it may be
/// part of a URL. Callers hand it back as they got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LetterCursor(pub(super) Cursor);

impl From<&DeadLetter> for LetterCursor {
    fn from(letter: &DeadLetter) -> Self {
        Self(Cursor { created_at: letter.last_at, id: letter.id.uuid().into() })
    }
}

impl fmt::Display for LetterCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for LetterCursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        text.parse().map(Self)
    }
}
