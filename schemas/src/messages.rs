//! The messages between our processes that are not about one part. All bodies are JSON.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::{Decision, Mission, MissionId, MissionIds, Problem, ProblemKind, body};

/// A request for missions as our own processes write it: `{"missions":["<uuid>", …]}`. They ignore
/// members that a newer version adds; [`Request::parse`] reads requests of callers and is strict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub struct Request {
    /// 1 to 256 distinct UUIDs.
    pub missions: MissionIds,
}

impl Request {
    /// The largest body that is read, in bytes. 256 ids need 10 KB.
    pub const MAX_BODY: usize = 16 * 1024;

    /// Reads a request of any client: a list, or `{}`, which requests one mission whose id is the
    /// property `message_id`.
    ///
    /// # Errors
    /// A problem that names the field and the fix.
    pub fn parse(body: &[u8], message_id: Option<&str>) -> Result<Self, Problem> {
        let invalid = |detail: String| Problem::new(ProblemKind::Invalid, detail);
        if body.len() > Self::MAX_BODY {
            let detail =
                format!("the body has {} bytes; at most {} are read", body.len(), Self::MAX_BODY);
            return Err(Problem::new(ProblemKind::TooLarge, detail));
        }
        let outside: Outside = body::object(body, "the body is not a request")?;
        let missions = match (outside.missions, message_id) {
            (Some(ids), _) => {
                let ids = ids.iter().map(|id| id.parse()).collect::<Result<Vec<MissionId>, _>>();
                let ids = ids.map_err(|e| invalid(format!("`missions`: {e}")))?;
                MissionIds::try_from(ids).map_err(|e| invalid(e.to_string()))?
            }
            (None, Some(id)) => {
                let id = id.parse().map_err(|e| invalid(format!("`message_id`: {e}")))?;
                MissionIds::one(id)
            }
            (None, None) => {
                let detail =
                    "`message_id` is missing: with the body {} it must be the UUID of the mission";
                return Err(invalid(detail.to_owned()));
            }
        };
        Ok(Self { missions })
    }
}

/// A request from outside. Its ids are parsed one by one, so that the error names the wrong one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Outside<'a> {
    #[serde(borrow, default, deserialize_with = "body::not_null")]
    missions: Option<Vec<std::borrow::Cow<'a, str>>>,
}

/// What the persister shall store, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Decisions {
    /// 1 to 256 decisions.
    #[schemars(length(min = 1, max = 256))]
    pub missions: Vec<Decision>,
}

/// Stored missions: the reply of the persister, the reply to the caller, and the event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Missions {
    /// In the request's order; in an event in the order in which they were stored.
    pub missions: Vec<Mission>,
}

impl Missions {
    /// The most missions in one message.
    pub const MAX: usize = MissionIds::MAX;
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "019abc00-1111-7222-8333-444455556600";

    #[test]
    fn an_empty_object_requests_the_mission_of_the_message_id() {
        let request = Request::parse(b"{}", Some(ID)).unwrap();
        assert_eq!(request.missions, MissionIds::one(ID.parse().unwrap()));
    }

    #[test]
    fn a_byte_order_mark_before_a_request_is_skipped() {
        let request = Request::parse("\u{feff}{}".as_bytes(), Some(ID)).unwrap();
        assert_eq!(request.missions, MissionIds::one(ID.parse().unwrap()));
    }

    #[test]
    fn a_list_needs_no_message_id_and_is_kept_in_order() {
        let body = format!(r#"{{"missions":["{}","{ID}"]}}"#, "f".repeat(32));
        let request = Request::parse(body.as_bytes(), None).unwrap();
        assert_eq!(request.missions.as_slice()[1].to_string(), ID);
    }

    #[test]
    fn bad_requests_get_a_problem_that_names_the_field() {
        let list = |n: usize| {
            let ids: Vec<_> = (0..n).map(|i| format!("\"{i:032x}\"")).collect();
            format!(r#"{{"missions":[{}]}}"#, ids.join(","))
        };
        let twice = format!(r#"{{"missions":["{ID}","{ID}"]}}"#);
        let nested = format!("{}{}", "[".repeat(6000), "]".repeat(6000));
        let large = " ".repeat(64 * 1024);
        for (body, id, kind, word) in [
            ("{}".as_bytes(), None, ProblemKind::Invalid, "message_id"),
            (b"{}", Some("seven"), ProblemKind::Invalid, "message_id"),
            (br#"{"missions":["seven"]}"#, None, ProblemKind::Invalid, "missions"),
            (br#"{"missions":[7]}"#, None, ProblemKind::Invalid, "request"),
            (list(0).as_bytes(), Some(ID), ProblemKind::Invalid, "missions"),
            (list(257).as_bytes(), Some(ID), ProblemKind::Invalid, "257"),
            (twice.as_bytes(), None, ProblemKind::Invalid, "twice"),
            (br#"{"mission":[]}"#, Some(ID), ProblemKind::Invalid, "mission"),
            (b"[]", Some(ID), ProblemKind::Invalid, "request"),
            (br#"[["019abc00-1111-7222-8333-444455556600"]]"#, None, ProblemKind::Invalid, "array"),
            (br#"{"missions":null}"#, Some(ID), ProblemKind::Invalid, "request"),
            (b"null", Some(ID), ProblemKind::Invalid, "request"),
            (b"", Some(ID), ProblemKind::Malformed, "JSON"),
            (b"{", Some(ID), ProblemKind::Malformed, "JSON"),
            (b"mission please", Some(ID), ProblemKind::Malformed, "JSON"),
            (b"{} {}", Some(ID), ProblemKind::Malformed, "JSON"),
            (b"\xff\xfe", Some(ID), ProblemKind::Malformed, "UTF-8"),
            (nested.as_bytes(), Some(ID), ProblemKind::Invalid, "array"),
            (b"[[[", Some(ID), ProblemKind::Malformed, "JSON"),
            (br#"{"count":"#, Some(ID), ProblemKind::Malformed, "JSON"),
            (large.as_bytes(), Some(ID), ProblemKind::TooLarge, "65536"),
        ] {
            let problem = Request::parse(body, id).unwrap_err();
            assert_eq!(problem.kind(), kind, "{problem}");
            assert!(problem.detail().contains(word), "{problem}");
        }
    }
}
