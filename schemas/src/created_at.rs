//! When a mission was stored.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::as_text::as_text;
use crate::columns::{ColumnKind, Field, Raw, Value};
use crate::instant;

/// When a mission was stored: UTC, in whole microseconds, so that a reply and its row agree.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CreatedAt(OffsetDateTime);

as_text!(CreatedAt);

impl CreatedAt {
    /// This instant, truncated to microseconds.
    pub fn truncated(now: OffsetDateTime) -> Self {
        Self(now.to_utc().truncate_to_microsecond().into())
    }

    /// The instant from microseconds since 1970, if its year is at most 9999.
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
        instant::write(self.0, f)
    }
}

impl Field for CreatedAt {
    const KIND: ColumnKind = ColumnKind::Time;

    fn value(&self) -> Value<'_> {
        Value::Time(self.0)
    }

    fn read(raw: Raw<'_>) -> Result<Self, String> {
        let Raw::Whole(micros) = raw else { return Err("it is not a time".to_owned()) };
        Self::from_micros(micros).ok_or_else(|| "it is outside the calendar".to_owned())
    }
}

impl FromStr for CreatedAt {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parsed = OffsetDateTime::parse(text, &Rfc3339);
        parsed.map(Self::truncated).map_err(|error| format!("it is not an RFC 3339 time: {error}"))
    }
}

impl JsonSchema for CreatedAt {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
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
}
