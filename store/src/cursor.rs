//! A position in the list of missions.

use std::fmt;
use std::str::FromStr;

use schemas::{CreatedAt, Mission, MissionId};
use uuid::Uuid;

/// A position in the list of missions: the list goes on behind this mission, which need not be stored
/// any longer. As text it may be part of a URL. Callers hand it back as they got it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// When the mission was stored.
    pub created_at: CreatedAt,
    /// Its id, which orders missions stored at the same time.
    pub id: MissionId,
}

impl From<&Mission> for Cursor {
    fn from(mission: &Mission) -> Self {
        Self { created_at: mission.created_at, id: mission.id }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}-{}", self.created_at.micros(), self.id.uuid().simple())
    }
}

/// The text is no cursor of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this is no cursor: copy it unchanged from the page before")]
pub struct ParseCursorError;

impl FromStr for Cursor {
    type Err = ParseCursorError;

    fn from_str(text: &str) -> Result<Self, ParseCursorError> {
        let read = || {
            let (micros, id) = text.split_once('-')?;
            let micros = u64::from_str_radix(micros, 16).ok()?.cast_signed();
            let created_at = CreatedAt::from_micros(micros)?;
            Some(Self { created_at, id: Uuid::try_parse(id).ok()?.into() })
        };
        // One position has one text: no other spelling of it is accepted.
        read().filter(|cursor| cursor.to_string() == text).ok_or(ParseCursorError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_reads_back_as_itself() {
        for (micros, id) in [(1_795_353_891_123_456, 7), (0, 0), (-1, u128::MAX)] {
            let created_at = CreatedAt::from_micros(micros).unwrap();
            let cursor = Cursor { created_at, id: Uuid::from_u128(id).into() };
            let text = cursor.to_string();
            assert_eq!(text.parse(), Ok(cursor));
            assert!(text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{text}");
        }
    }

    #[test]
    fn any_other_text_is_no_cursor() {
        let id = "00000000000000000000000000000007";
        for text in [
            "",
            "-",
            "7",
            &format!("7{id}"),
            &format!("-{id}"),
            &format!("07-{id}"),
            &format!("+7-{id}"),
            &format!("A-{id}"),
            &format!("7-{id}0"),
            &format!("7-{{{id}}}"),
            &format!("7-{id} "),
            &format!("7fffffffffffffff-{id}"),
            &format!("10000000000000000-{id}"),
            "7-00000000-0000-0000-0000-000000000007",
            "7-0000000000000000000000000000000é",
        ] {
            assert_eq!(text.parse::<Cursor>(), Err(ParseCursorError), "{text:?}");
        }
    }
}
