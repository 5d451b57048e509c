//! The ids of dead letters and of what is done about them.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
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
    fn the_same_parts_make_the_same_id_and_a_boundary_between_them_counts() {
        assert_eq!(LetterId::of(&[b"ab", b"c"]), LetterId::of(&[b"ab", b"c"]));
        assert_ne!(LetterId::of(&[b"ab", b"c"]), LetterId::of(&[b"a", b"bc"]));
    }
}
