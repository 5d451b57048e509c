//! The ids of dead letters and of what is done about them.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use uuid::{Uuid, uuid};

use crate::columns::{ColumnKind, Field, Raw, Value, id};

/// Declares an id.
macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            JsonSchema,
        )]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// The UUID.
            pub fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                Uuid::try_parse(text).map(Self).map_err(|_| "this is no UUID".to_owned())
            }
        }

        impl Field for $name {
            const KIND: ColumnKind = ColumnKind::Id;

            fn value(&self) -> Value<'_> {
                Value::Id(self.0)
            }

            fn read(raw: Raw<'_>) -> Result<Self, String> {
                id(raw).map(Self)
            }
        }
    };
}

id! {
    /// The id of a dead letter.
    LetterId
}

id! {
    /// The id of an action: what one operator did about one dead letter. A replayed request carries
    /// it in its header `replay`, and so does the dead letter that it may become.
    ActionId
}

/// The id of what one operator did about several letters at once: a UUID whose last byte is zero. The
/// action about the i-th letter (0..=255) has that id with last byte i, so that no table is needed to
/// know which actions belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct BatchId(Uuid);

impl BatchId {
    /// The most letters of a batch.
    pub const MOST: usize = 256;
    /// How its text looks.
    pub const PATTERN: &str = "^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{10}00$";

    /// A new batch: the given UUIDv7 with its last byte cleared.
    pub fn new(v7: Uuid) -> Self {
        Self(Uuid::from_u128(v7.as_u128() & !0xff))
    }

    /// The id of the action about the i-th letter.
    pub fn action(self, i: u8) -> ActionId {
        ActionId(Uuid::from_u128(self.0.as_u128() | u128::from(i)))
    }

    /// The ids of its actions, in order; at most [`MOST`](Self::MOST).
    pub fn actions(self) -> impl Iterator<Item = ActionId> {
        (0..=u8::MAX).map(move |i| self.action(i))
    }

    /// Whether this action belongs to it.
    pub fn has(self, action: ActionId) -> bool {
        Self::new(action.0) == self
    }

    /// When it was made, in Unix milliseconds, if its id tells.
    pub fn made_at(self) -> Option<u64> {
        let (seconds, nanos) = self.0.get_timestamp()?.to_unix();
        Some(seconds.saturating_mul(1_000).saturating_add(u64::from(nanos) / 1_000_000))
    }
}

impl fmt::Display for BatchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BatchId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let id = Uuid::try_parse(text).map_err(|_| "this is no UUID".to_owned())?;
        let batch = Self::new(id);
        let fits = batch.0 == id;
        fits.then_some(batch).ok_or_else(|| "the id of a batch ends in 00".to_owned())
    }
}

impl TryFrom<String> for BatchId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<BatchId> for String {
    fn from(id: BatchId) -> Self {
        id.to_string()
    }
}

impl JsonSchema for BatchId {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "BatchId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": "uuid", "pattern": Self::PATTERN })
    }
}

/// The namespace of the ids that are made of a message.
const NAMESPACE: Uuid = uuid!("5c3f0a52-9b0e-5f5c-8d0e-6f1f4a7c2b11");

impl LetterId {
    /// The id of the letter that these parts tell from any other. The same parts always make the
    /// same id, so that a message that is set aside twice, because a process died between two
    /// steps, is one row.
    pub fn of(parts: &[&[u8]]) -> Self {
        let mut all = Vec::with_capacity(parts.iter().map(|part| part.len() + 8).sum());
        for part in parts {
            all.extend_from_slice(&(part.len() as u64).to_be_bytes());
            all.extend_from_slice(part);
        }
        Self(Uuid::new_v5(&NAMESPACE, &all))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_actions_of_a_batch_are_known_by_its_id() {
        let v7 = uuid!("019abc00-1111-7222-8333-4444555566ff");
        let batch = BatchId::new(v7);
        assert_eq!(batch.to_string().parse(), Ok(batch));
        assert_eq!(batch.action(255).uuid(), v7);
        assert_eq!(batch.actions().count(), BatchId::MOST);
        assert!(v7.to_string().parse::<BatchId>().unwrap_err().contains("00"));
    }

    #[test]
    fn the_same_parts_make_the_same_id_and_a_boundary_between_them_counts() {
        assert_eq!(LetterId::of(&[b"ab", b"c"]), LetterId::of(&[b"ab", b"c"]));
        assert_ne!(LetterId::of(&[b"ab", b"c"]), LetterId::of(&[b"a", b"bc"]));
    }
}
