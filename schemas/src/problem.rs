//! What went wrong: an RFC 9457 problem object, the same over HTTP and in AMQP error replies.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

use crate::MissionId;

/// The kinds of problem. Each has a stable `type`, which is also the address of its page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProblemKind {
    /// It cannot be read: no JSON, no UTF-8, a wrong parameter.
    Malformed,
    /// It can be read and is wrong.
    Invalid,
    /// A page of another site sent it.
    CrossSite,
    /// There is nothing at this address.
    NotFound,
    /// The address does not know this method.
    MethodNotAllowed,
    /// None of the formats that the caller accepts.
    NotAcceptable,
    /// Another request with this key is still running.
    Conflict,
    /// The caller took too long to send its request.
    RequestTimeout,
    /// More bytes than are read.
    TooLarge,
    /// More bytes before the body than are read.
    HeadTooLarge,
    /// The content type is not the one that is needed.
    UnsupportedMediaType,
    /// The caller has asked more often than it may.
    RateLimited,
    /// Its deadline had passed before it was begun.
    Expired,
    /// It was tried as often as a request is tried, and failed.
    SetAside,
    /// A defect of ours.
    Internal,
    /// Nothing was published; to be repeated later.
    Unavailable,
    /// It was published and never confirmed; repeating with the same key is safe.
    Unconfirmed,
}

impl ProblemKind {
    /// Every kind.
    pub const ALL: [Self; 17] = [
        Self::Malformed,
        Self::Invalid,
        Self::CrossSite,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::NotAcceptable,
        Self::Conflict,
        Self::RequestTimeout,
        Self::TooLarge,
        Self::HeadTooLarge,
        Self::UnsupportedMediaType,
        Self::RateLimited,
        Self::Expired,
        Self::SetAside,
        Self::Internal,
        Self::Unavailable,
        Self::Unconfirmed,
    ];

    /// The path of every `type`; the word follows.
    pub const PATH: &str = "/problems/";

    /// Its word, HTTP status, title, and what a caller does about it.
    #[rustfmt::skip] // one line each: it is a table
    const fn row(self) -> (&'static str, u16, &'static str, &'static str) {
        match self {
            Self::Malformed => ("malformed", 400, "The request cannot be read", "Correct it as `detail` says."),
            Self::Invalid => ("invalid", 422, "The request asks for something that cannot be", "Correct it as `detail` says."),
            Self::CrossSite => ("cross-site", 403, "A page of another site may not request missions", "Use a page of this gateway, or have its operator list the origin with `--cors`."),
            Self::NotFound => ("not-found", 404, "There is nothing here", "Check the address; `detail` says what may stand behind it."),
            Self::MethodNotAllowed => ("method-not-allowed", 405, "The address does not know this method", "Use a method of the `Allow` header."),
            Self::NotAcceptable => ("not-acceptable", 406, "There is no such format", "Accept one of the formats that `detail` names."),
            Self::Conflict => ("conflict", 409, "A request with this key is still running", "Wait for it, or use another key."),
            Self::RequestTimeout => ("request-timeout", 408, "The request did not arrive in time", "Send it again, faster."),
            Self::TooLarge => ("too-large", 413, "The request is too large", "Send several smaller ones."),
            Self::HeadTooLarge => ("head-too-large", 431, "The address and the header fields are too large", "Send fewer or shorter header fields, or a shorter address."),
            Self::UnsupportedMediaType => ("unsupported-media-type", 415, "The request has the wrong content type", "Send the header that `detail` names."),
            Self::RateLimited => ("rate-limited", 429, "Too many requests from this client", "Wait as long as `Retry-After` says."),
            Self::Expired => ("expired", 504, "The deadline had passed before the work was begun", "Ask again, with a later deadline."),
            Self::SetAside => ("set-aside", 500, "The request failed as often as it is tried", "An operator finds it among the dead letters."),
            Self::Internal => ("internal", 500, "The request met a defect", "Report it with the answer's `x-request-id`. It may have been published: repeat it with the same `Idempotency-Key`."),
            Self::Unavailable => ("unavailable", 503, "The request was not taken", "Nothing was published. Repeat it after `Retry-After` seconds."),
            Self::Unconfirmed => ("unconfirmed", 503, "The request may or may not have been taken", "Repeat it with the same `Idempotency-Key`, or look at `Location` later."),
        }
    }

    /// The word that ends its `type`.
    pub const fn word(self) -> &'static str {
        self.row().0
    }

    /// The HTTP status.
    pub const fn status(self) -> u16 {
        self.row().1
    }

    /// One sentence that is the same for every problem of this kind.
    pub const fn title(self) -> &'static str {
        self.row().2
    }

    /// What a caller does about it.
    pub const fn remedy(self) -> &'static str {
        self.row().3
    }

    /// The kind that says most about a problem of which only the HTTP status is known: one of a
    /// newer version.
    fn nearest(status: u16) -> Self {
        let others = if (400..500).contains(&status) { Self::Malformed } else { Self::Internal };
        Self::ALL.into_iter().find(|kind| kind.status() == status).unwrap_or(others)
    }

    /// The kind that this word names.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.word() == word)
    }
}

/// A problem object (RFC 9457): `type`, `title`, `status`, `detail`, and the missions it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Wire<'_>", into = "Wire<'static>")]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    missions: Vec<MissionId>,
}

impl Problem {
    /// A problem of this kind; `detail` names the field and the fix.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), missions: Vec::new() }
    }

    /// The same problem, about these missions.
    #[must_use]
    pub fn about(mut self, missions: impl IntoIterator<Item = MissionId>) -> Self {
        self.missions = missions.into_iter().collect();
        self
    }

    /// Its kind.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// What is wrong, and how to mend it.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The missions it is about, if it is about any.
    pub fn missions(&self) -> &[MissionId] {
        &self.missions
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.word(), self.detail)
    }
}

impl std::error::Error for Problem {}

/// The JSON of a problem.
#[derive(Serialize, Deserialize)]
struct Wire<'a> {
    r#type: Cow<'a, str>,
    #[serde(default)]
    title: Cow<'a, str>,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    detail: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    missions: Vec<MissionId>,
}

impl From<Problem> for Wire<'static> {
    fn from(problem: Problem) -> Self {
        let kind = problem.kind;
        Self {
            r#type: format!("{}{}", ProblemKind::PATH, kind.word()).into(),
            title: kind.title().into(),
            status: kind.status(),
            detail: problem.detail.into(),
            missions: problem.missions,
        }
    }
}

impl TryFrom<Wire<'_>> for Problem {
    type Error = String;

    fn try_from(wire: Wire<'_>) -> Result<Self, String> {
        let word = wire.r#type.strip_prefix(ProblemKind::PATH);
        let word = word.ok_or_else(|| format!("`type` must begin with {}", ProblemKind::PATH))?;
        let kind = ProblemKind::parse(word).unwrap_or_else(|| ProblemKind::nearest(wire.status));
        Ok(Self { kind, detail: wire.detail.into_owned(), missions: wire.missions })
    }
}

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        "Problem".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let types: Vec<_> =
            ProblemKind::ALL.map(|kind| format!("{}{}", ProblemKind::PATH, kind.word())).into();
        let missions = generator.subschema_for::<Vec<MissionId>>();
        json_schema!({
            "description": "What went wrong: an RFC 9457 problem object.",
            "type": "object",
            "required": ["type", "title", "status", "detail"],
            "properties": {
                "type": { "enum": types, "description": "Stable; the address of its page." },
                "title": { "type": "string" },
                "status": { "type": "integer", "minimum": 400, "maximum": 599 },
                "detail": { "type": "string", "description": "Names the field and the fix." },
                "missions": missions,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_has_the_members_of_rfc_9457_and_reads_back() {
        let problem = Problem::new(ProblemKind::Invalid, "`count` is 257: 1 to 256");
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(json["type"], "/problems/invalid");
        assert_eq!(json["status"], 422);
        assert_eq!(json["detail"], "`count` is 257: 1 to 256");
        assert!(json.get("missions").is_none());
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
    }

    #[test]
    fn every_kind_has_a_word_of_its_own() {
        for kind in ProblemKind::ALL {
            assert_eq!(ProblemKind::parse(kind.word()), Some(kind));
        }
    }
}
