//! A dead letter as operators see it: on the command line with `--format json`, and over HTTP.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::action::Action;
use super::ids::{ActionId, LetterId};
use super::letter::{DeadLetter, Properties};
use super::step::{State, Step};
use super::who::Who;
use crate::CreatedAt;

/// A dead letter, and what was done about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct LetterView {
    /// Its id.
    pub id: LetterId,
    /// How it stands.
    pub state: State,
    /// The number of the last step that was taken about it; 0 if there is none.
    pub number: u32,
    /// Why it was set aside: a word, a colon, and what exactly.
    pub reason: String,
    /// The reason without what differs from letter to letter: what its group has in common.
    pub group: String,
    /// Who set it aside.
    pub role: String,
    /// How often it had been delivered.
    pub tries: u32,
    /// When the message was first published, if anybody knows.
    pub first_at: Option<CreatedAt>,
    /// When it was set aside.
    pub last_at: CreatedAt,
    /// The message's id.
    pub message_id: Option<String>,
    /// The trace that it belongs to.
    pub trace_id: Option<String>,
    /// The replay that it is the end of.
    pub replay: Option<ActionId>,
    /// How many bytes it has.
    pub size: u32,
    /// Its bytes, of a large one the first 65,536; in a list the first 256 of them.
    pub body: BodyView,
    /// Its other properties; not in a list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub properties: Option<Properties>,
    /// What was done about it, the first step first; in a list the last step alone.
    pub actions: Vec<ActionView>,
}

/// Bytes as a person can read them. They are data: nothing in them is markup.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum BodyView {
    /// UTF-8 without control characters other than line ends and tabs.
    Text(String),
    /// Anything else, as hexadecimal digits.
    Hex(String),
}

/// A step that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ActionView {
    /// Its number.
    pub number: u32,
    /// What it belongs to: a replay and its outcome have the same id.
    pub id: ActionId,
    /// What was done.
    pub step: Step,
    /// Who did it.
    pub who: Who,
    /// When.
    pub at: CreatedAt,
    /// More about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The new body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<BodyView>,
}

impl LetterView {
    /// A letter with these steps.
    pub fn new<'a>(letter: &DeadLetter, actions: impl IntoIterator<Item = &'a Action>) -> Self {
        let actions: Vec<_> = actions.into_iter().map(ActionView::from).collect();
        let last = actions.last();
        Self {
            id: letter.id,
            state: last.map_or(State::Waiting, |last| last.step.state()),
            number: last.map_or(0, |last| last.number),
            reason: letter.reason.clone(),
            group: letter.pattern.clone(),
            role: letter.role.clone(),
            tries: letter.tries,
            first_at: letter.first_at,
            last_at: letter.last_at,
            message_id: letter.message_id.clone(),
            trace_id: letter.trace_id.clone(),
            replay: letter.replay,
            size: letter.size,
            body: BodyView::from(letter.body.as_slice()),
            properties: None,
            actions,
        }
    }

    /// The same with the letter's other properties.
    #[must_use]
    pub fn with_properties(self, letter: &DeadLetter) -> Self {
        Self { properties: Some(letter.properties()), ..self }
    }
}

impl From<&Action> for ActionView {
    fn from(action: &Action) -> Self {
        let Action { number, id, step, ref who, at, ref detail, ref body, letter: _ } = *action;
        let body = body.as_deref().map(BodyView::from);
        Self { number, id, step, who: who.clone(), at, detail: detail.clone(), body }
    }
}

impl BodyView {
    /// The most bytes that are shown.
    pub const MOST: usize = 64 * 1024;
}

impl From<&[u8]> for BodyView {
    /// Of many bytes the first [`MOST`](Self::MOST); a character that is cut there is left out.
    fn from(bytes: &[u8]) -> Self {
        let cut = bytes.get(..Self::MOST).unwrap_or(bytes);
        let bytes = match std::str::from_utf8(cut) {
            Err(error) if cut.len() < bytes.len() && error.error_len().is_none() => {
                cut.get(..error.valid_up_to()).unwrap_or(cut)
            }
            _ => cut,
        };
        let plain = |c: char| !c.is_control() || matches!(c, '\n' | '\r' | '\t');
        match std::str::from_utf8(bytes) {
            Ok(text) if text.chars().all(plain) => Self::Text(text.to_owned()),
            _ => Self::Hex(bytes.iter().map(|byte| format!("{byte:02x}")).collect()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_many_bytes_the_first_64_kib_are_shown_and_no_character_is_halved() {
        let long = "x".to_owned() + &"ä".repeat(BodyView::MOST);
        let BodyView::Text(text) = BodyView::from(long.as_bytes()) else { panic!("no text") };
        assert_eq!(text.len(), BodyView::MOST - 1);
        let BodyView::Hex(hex) = BodyView::from(vec![0xff; 1 << 20].as_slice()) else {
            panic!("no hex")
        };
        assert_eq!(hex.len(), 2 * BodyView::MOST);
        assert_eq!(BodyView::from("ä".as_bytes()), BodyView::Text("ä".to_owned()));
        assert_eq!(BodyView::from(&b"\xc3"[..]), BodyView::Hex("c3".to_owned()));
    }

    #[test]
    fn bytes_are_shown_as_text_only_if_they_are_plain_text() {
        let shown = |bytes: &[u8]| BodyView::from(bytes);
        assert_eq!(shown("{\"ä\":\n1}".as_bytes()), BodyView::Text("{\"ä\":\n1}".to_owned()));
        for (bytes, hex) in [(&b"\xff\x00"[..], "ff00"), (b"\x1b[31m", "1b5b33316d"), (b"\0", "00")]
        {
            assert_eq!(shown(bytes), BodyView::Hex(hex.to_owned()));
        }
    }
}
