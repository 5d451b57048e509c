//! A mission: what the casebook made of a dossier, and when it was stored.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::{StaticFormatDescription, well_known::Rfc3339};
use time::macros::format_description;

use crate::{Dossier, MissionId};

/// What the decider made of the two halves of one mission; not yet stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Decision {
    /// The mission that is decided.
    pub id: MissionId,
    /// Both halves.
    pub dossier: Dossier,
    /// What to do, chosen by the first number: "Steal the DB_URI from".
    pub objective: Text,
    /// To whom, chosen by the first letter: "the flask developer".
    pub target: Text,
    /// The name of the casebook that chose.
    pub casebook: Text,
}

impl Decision {
    /// The mission that this decision becomes when it is stored at this time.
    pub fn stored(self, created_at: CreatedAt) -> Mission {
        let Self { id, dossier, objective, target, casebook } = self;
        Mission { id, dossier, objective, target, casebook, created_at }
    }
}

/// A mission as it stands in the table. It reads `objective target`: "Steal the DB_URI from the
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

/// A text of a mission: 1 to 63 characters, none of them a control character, no space around it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Text(Arc<str>);

impl Text {
    /// The most characters of a text; the columns are as wide.
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
            Err(format!("the text has {length} characters: at most {} fit", Self::MAX))
        } else if text.trim() != text || text.chars().any(char::is_control) {
            Err("the text has control characters, or spaces around it".to_owned())
        } else {
            Ok(Self(text.into()))
        }
    }
}

impl TryFrom<String> for Text {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Text> for String {
    fn from(text: Text) -> Self {
        text.0.as_ref().to_owned()
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

/// When a mission was stored: UTC, in whole microseconds, so that a reply and its row agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "std::borrow::Cow<'_, str>", into = "String")]
pub struct CreatedAt(OffsetDateTime);

/// RFC 3339 with always six digits, so that texts sort as times do.
const MICROSECONDS: StaticFormatDescription = format_description!(
    version = 2,
    "[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:6]Z"
);

impl CreatedAt {
    /// This instant, truncated to microseconds.
    pub fn truncated(now: OffsetDateTime) -> Self {
        Self(now.to_utc().truncate_to_microsecond().into())
    }

    /// The instant from microseconds since 1970, if the calendar reaches that far.
    pub fn from_micros(micros: i64) -> Option<Self> {
        let nanos = i128::from(micros) * 1_000;
        OffsetDateTime::from_unix_timestamp_nanos(nanos).ok().map(Self)
    }

    /// Microseconds since 1970.
    pub fn micros(self) -> i64 {
        let micros = self.0.unix_timestamp_nanos() / 1_000;
        i64::try_from(micros).unwrap_or(i64::MAX) // the calendar ends with the year 9999
    }

    /// The instant, in UTC.
    pub fn utc(self) -> OffsetDateTime {
        self.0
    }
}

impl fmt::Display for CreatedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.format(MICROSECONDS).map_err(|_| fmt::Error)?)
    }
}

impl From<CreatedAt> for String {
    fn from(at: CreatedAt) -> Self {
        at.to_string()
    }
}

impl TryFrom<std::borrow::Cow<'_, str>> for CreatedAt {
    type Error = String;

    fn try_from(text: std::borrow::Cow<'_, str>) -> Result<Self, String> {
        let parsed = OffsetDateTime::parse(&text, &Rfc3339);
        parsed.map(Self::truncated).map_err(|error| format!("no RFC 3339 time: {error}"))
    }
}

impl JsonSchema for CreatedAt {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CreatedAt".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "When it was stored: RFC 3339, UTC, six digits.",
            "type": "string", "format": "date-time",
            "examples": ["2026-11-22T13:24:51.123456Z"],
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    #[test]
    fn a_time_is_utc_with_six_digits_and_reads_back() {
        let at = CreatedAt::truncated(datetime!(2026-11-22 13:24:51.120_456_789 +1));
        assert_eq!(at.to_string(), "2026-11-22T12:24:51.120456Z");
        let json = serde_json::to_string(&at).unwrap();
        assert_eq!(serde_json::from_str::<CreatedAt>(&json).unwrap(), at);
        assert_eq!(CreatedAt::from_micros(at.micros()), Some(at));
    }

    #[test]
    fn a_text_fits_its_column() {
        assert!("ä".repeat(63).parse::<Text>().is_ok());
        for text in ["", " x", "x ", "a\nb", &"x".repeat(64)] {
            assert!(text.parse::<Text>().is_err(), "{text:?}");
        }
    }
}
