//! A dead letter as it stands in the table.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::ids::{ActionId, LetterId};
use super::pattern::pattern;
use crate::CreatedAt;
use crate::columns::{ColumnKind, Field, Raw, Value, columns};

/// A dead letter: a message that was set aside, byte for byte, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeadLetter {
    /// Its id: storing it twice is storing it once.
    pub id: LetterId,
    /// When it was set aside.
    pub last_at: CreatedAt,
    /// When the message was first published, if anybody knows.
    pub first_at: Option<CreatedAt>,
    /// Why: the word of a [`ProblemKind`](crate::ProblemKind), a colon, and what exactly; at most
    /// [`MAX_REASON`](Self::MAX_REASON) characters.
    pub reason: String,
    /// What letters of one group have in common: the reason without numbers, ids and quotations.
    pub pattern: String,
    /// Who set it aside: a role, or `broker`.
    pub role: String,
    /// How often it had been delivered.
    pub tries: u32,
    /// The message's id, if it had one.
    pub message_id: Option<String>,
    /// The trace that it belongs to (W3C Trace Context, 32 hexadecimal digits), if it has one.
    pub trace_id: Option<String>,
    /// The replay that it is the end of, if it was replayed.
    pub replay: Option<ActionId>,
    /// Its other properties, as the JSON of [`Properties`].
    pub properties: String,
    /// How many bytes the message had.
    pub size: u32,
    /// Its bytes; of a message that is larger than [`MAX_BODY`](Self::MAX_BODY) the first so many.
    pub body: Vec<u8>,
}

columns! {
    DeadLetter in "dead_letters":
    id: LetterId,
    last_at: CreatedAt,
    first_at: Option<CreatedAt>,
    reason: String,
    pattern: String,
    role: String,
    tries: u32,
    message_id: Option<String>,
    trace_id: Option<String>,
    replay: Option<ActionId>,
    properties: String,
    size: u32,
    body: Vec<u8>,
}

impl DeadLetter {
    /// The most bytes of a body that are kept. No request is that large; a statement of the
    /// database holds it twice.
    pub const MAX_BODY: usize = 1 << 20;
    /// The most characters of a reason.
    pub const MAX_REASON: usize = 512;
    /// The most characters of a role's name, and of who did something.
    pub const MAX_NAME: usize = 63;
    /// The most letters that one statement writes, and that one page lists.
    pub const BATCH: u16 = 256;

    /// The pattern of this reason.
    pub fn pattern_of(reason: &str) -> String {
        pattern(reason)
    }

    /// The word that begins the reason: `invalid`, `set-aside`.
    pub fn word(&self) -> &str {
        self.reason.split_once(':').map_or(self.reason.as_str(), |(word, _)| word)
    }

    /// Its other properties; none if the row holds something else.
    pub fn properties(&self) -> Properties {
        serde_json::from_str(&self.properties).unwrap_or_default()
    }

    /// The same death as a letter of its own. Its message had died before, and its first letter was
    /// handled.
    #[must_use]
    pub fn again(self) -> Self {
        let at = self.last_at.micros().to_be_bytes();
        Self { id: LetterId::of(&[self.id.uuid().as_bytes(), &at]), ..self }
    }

    /// Whether all its bytes are kept.
    pub fn is_whole(&self) -> bool {
        usize::try_from(self.size).is_ok_and(|size| size == self.body.len())
    }
}

impl Field for Vec<u8> {
    const KIND: ColumnKind = ColumnKind::Bytes;

    fn value(&self) -> Value<'_> {
        Value::Bytes(self)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        match raw {
            Raw::Bytes(bytes) => Ok(bytes.to_owned()),
            Raw::Text(_) | Raw::Whole(_) | Raw::Null => Err("it is not bytes".to_owned()),
        }
    }
}

/// The named properties of a message, as far as it had them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Properties {
    /// The return address.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<String>,
    /// What matches a reply to its request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub correlation_id: Option<String>,
    /// The AMQP property `type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// The instance that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub app_id: Option<String>,
    /// Unix seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub timestamp: Option<u64>,
    /// Header `deadline`, in Unix milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deadline: Option<i64>,
    /// Header `traceparent` (W3C Trace Context).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// Header `tracestate` (W3C Trace Context).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tracestate: Option<String>,
}

impl Properties {
    /// Their JSON, as the row holds it.
    pub fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default() // text and numbers always make JSON
    }

    /// The trace that the message belongs to.
    pub fn trace_id(&self) -> Option<String> {
        let id = self.traceparent.as_deref()?.split('-').nth(1)?;
        let is_id = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| id.to_owned())
    }
}
