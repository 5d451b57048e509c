//! A mission: what the casebook made from a dossier, and when it was stored.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use time::macros::datetime;
use uuid::{Uuid, uuid};

use crate::as_text::as_text;
use crate::columns::{ColumnKind, Field, Raw, Value, columns, text};
use crate::{CreatedAt, Dossier, Draw, Drawn, MissionId};

/// What the decider made from the parts of one mission. It is not stored yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decision {
    /// The id of the mission.
    pub id: MissionId,
    /// Six numbers and six letters, as the workers drew them.
    pub dossier: Dossier,
    /// What to do, chosen by the first number: "Steal the DB_URI from".
    pub objective: Text,
    /// To whom, chosen by the first letter: "the flask developer".
    pub target: Text,
    /// The name of the casebook that chose.
    pub casebook: Text,
}

/// What a casebook chose for a mission.
pub(crate) struct Chosen {
    pub(crate) objective: Text,
    pub(crate) target: Text,
    pub(crate) casebook: Text,
}

impl Decision {
    /// The mission that these parts make, with what the casebook chose for it. If a part is left out
    /// here, this does not compile.
    pub(crate) fn new(id: MissionId, parts: &Drawn, chosen: Chosen) -> Self {
        let Drawn { numbers, letters } = parts;
        let dossier = Dossier { numbers: *numbers, letters: *letters };
        let Chosen { objective, target, casebook } = chosen;
        Self { id, dossier, objective, target, casebook }
    }

    /// The decision of the mission that is the example in all documents.
    pub fn example() -> Self {
        let text = |text: &str| Text(text.into());
        let chosen = Chosen {
            objective: text("Steal the DB_URI from"),
            target: text("the flask developer"),
            casebook: text("malory"),
        };
        Self::new(MissionId::from(Self::EXAMPLE), &Drawn::sample(), chosen)
    }

    /// The id of the example.
    pub(crate) const EXAMPLE: Uuid = uuid!("019abc00-1111-7222-8333-444455556600");

    /// The mission that this decision becomes when it is stored at this time.
    pub fn stored(self, created_at: CreatedAt) -> Mission {
        let Self { id, dossier, objective, target, casebook } = self;
        Mission { id, dossier, objective, target, casebook, created_at }
    }
}

/// A stored mission. It reads `objective target`: "Steal the DB_URI from the
/// flask developer".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mission {
    /// The mission's id.
    pub id: MissionId,
    /// Six numbers and six letters, as the workers drew them.
    pub dossier: Dossier,
    /// What to do.
    pub objective: Text,
    /// To whom.
    pub target: Text,
    /// The name of the casebook that chose objective and target.
    pub casebook: Text,
    /// When it was stored.
    pub created_at: CreatedAt,
}

impl Mission {
    /// The most missions that one statement of the database writes or reads, and that a persister
    /// takes at once.
    pub const BATCH: u16 = 1_024;

    /// The mission that is the example in all documents.
    pub fn example() -> Self {
        Decision::example().stored(CreatedAt::truncated(datetime!(2026-11-22 13:24:51.123456 UTC)))
    }
}

/// A text of a mission: 1 to 63 characters, without control characters, without spaces around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Text(Arc<str>);

as_text!(Text);

impl Text {
    /// The most characters of a text. The columns have the same width.
    pub const MAX: usize = 63;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Text {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let length = text.chars().count();
        if text.is_empty() {
            Err("the text is empty".to_owned())
        } else if length > Self::MAX {
            Err(format!("the text has {length} characters, and at most {} are allowed", Self::MAX))
        } else if text.trim() != text || text.chars().any(char::is_control) {
            Err("the text has control characters, or spaces around it".to_owned())
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl JsonSchema for Text {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Text".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "maxLength": Self::MAX })
    }
}

impl Field for Text {
    const KIND: ColumnKind = ColumnKind::Text;

    fn value(&self) -> Value<'_> {
        Value::Text(self.as_str())
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        text(raw)?.parse()
    }
}

columns! {
    Mission in "missions":
    id: MissionId,
    dossier: Dossier,
    objective: Text,
    target: Text,
    casebook: Text,
    created_at: CreatedAt,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_fits_its_column() {
        assert!("ä".repeat(63).parse::<Text>().is_ok());
        for text in ["", " x", "x ", "a\nb", &"x".repeat(64)] {
            assert!(text.parse::<Text>().is_err(), "{text:?}");
        }
    }
}
