//! The body of `POST /missions`.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer};

use crate::{MissionIds, Problem, ProblemKind, body};

/// How many missions a caller requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MissionCount {
    /// One mission, returned as an object.
    One,
    /// 1 to 256 missions, returned as a list.
    List(u16),
}

/// How many missions are requested: one mission, or a list of `count` missions.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Body {
    /// The length of the list. Without it the response is one mission, and not a list.
    // Skipped, so that its schema has no default, which would be `null`.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "not_missing")]
    #[schemars(with = "u16", range(min = 1, max = MissionIds::MAX), extend("examples" = [3]))]
    count: Option<serde_json::Value>,
}

/// Reads a member that is there. `null` is there, and is wrong.
fn not_missing<'de, D>(deserializer: D) -> Result<Option<serde_json::Value>, D::Error>
where
    D: Deserializer<'de>,
{
    serde_json::Value::deserialize(deserializer).map(Some)
}

impl MissionCount {
    /// Reads a body. No body, and `{}`, mean one mission.
    ///
    /// # Errors
    /// A problem that names the field and the fix.
    pub fn parse(body: &[u8]) -> Result<Self, Problem> {
        if body::is_empty(body) {
            return Ok(Self::One);
        }
        let body: Body = body::object(body, "the body may hold `count` and nothing else")?;
        let Some(count) = body.count else { return Ok(Self::One) };
        // JSON has one type of number: 3.0 is a whole number as well.
        let is = |whole: &u16| count.as_f64() == Some(f64::from(*whole));
        let max = u16::try_from(MissionIds::MAX).unwrap_or(u16::MAX);
        (1..=max).find(is).map(Self::List).ok_or_else(|| {
            let shown: String = count.to_string().chars().take(32).collect();
            let detail = format!("`count` is {shown}: it must be a whole number from 1 to {max}");
            Problem::new(ProblemKind::Invalid, detail)
        })
    }
}

impl JsonSchema for MissionCount {
    fn schema_name() -> Cow<'static, str> {
        "MissionCount".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Body::json_schema(generator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_byte_order_mark_before_the_body_is_skipped() {
        let count = MissionCount::parse;
        assert_eq!(count(b"\xef\xbb\xbf{\"count\":3}"), Ok(MissionCount::List(3)));
        assert_eq!(count(b"\xef\xbb\xbf"), Ok(MissionCount::One));
        assert!(count(b"{\xef\xbb\xbf}").is_err(), "only at the beginning");
    }

    #[test]
    fn no_body_and_an_empty_object_request_one_mission() {
        assert_eq!(MissionCount::parse(b""), Ok(MissionCount::One));
        assert_eq!(MissionCount::parse(b"{}"), Ok(MissionCount::One));
    }

    #[test]
    fn a_count_from_1_to_256_requests_a_list() {
        for (count, written) in [(1, "1"), (2, "2.0"), (256, "256"), (30, "3e1")] {
            let body = format!("{{\"count\":{written}}}");
            assert_eq!(MissionCount::parse(body.as_bytes()), Ok(MissionCount::List(count)));
        }
    }

    #[test]
    fn a_wrong_body_is_refused_and_the_field_named() {
        let deep = format!("{{\"count\":{}{}}}", "[".repeat(500), "]".repeat(500));
        for (body, status, word) in [
            (r#"{"count":0}"#, 422, "`count` is 0"),
            (r#"{"count":257}"#, 422, "`count` is 257"),
            (r#"{"count":-1}"#, 422, "`count` is -1"),
            (r#"{"count":1.5}"#, 422, "`count` is 1.5"),
            (r#"{"count":null}"#, 422, "`count` is null"),
            (r#"{"count":"x"}"#, 422, "`count` is \"x\""),
            (r#"{"count":1e99}"#, 422, "`count`"),
            (r#"{"count":1,"count":2}"#, 422, "count"),
            (r#"{"number":1}"#, 422, "number"),
            ("[]", 422, "object"),
            ("null", 422, "object"),
            ("3", 422, "object"),
            ("{", 400, "JSON"),
            ("mission", 400, "JSON"),
            ("{} {}", 400, "JSON"),
            (&deep, 422, "`count`"),
        ] {
            let problem = MissionCount::parse(body.as_bytes()).unwrap_err();
            assert_eq!(problem.kind().status(), status, "{body}: {problem}");
            assert!(problem.detail().contains(word), "{problem}");
        }
        let not_utf8 = MissionCount::parse(b"{\"\xff\":1}").unwrap_err();
        assert_eq!(not_utf8.kind(), ProblemKind::Malformed);
    }
}
