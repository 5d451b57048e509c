//! Errors: RFC 9457 problem objects, the same over HTTP and in AMQP error replies.

mod kind;
mod repeat;

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Serialize};

pub use kind::ProblemKind;
pub use repeat::Sent;

use crate::MissionId;

/// A problem object (RFC 9457): `type`, `title`, `status`, `detail`, the missions it is about, and
/// whether its request may be repeated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Read", into = "Written")]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    missions: Vec<MissionId>,
    repeat: Option<String>,
}

impl Problem {
    /// A problem of this kind; `detail` names the field and the fix.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), missions: Vec::new(), repeat: None }
    }

    /// The same problem, about these missions.
    #[must_use]
    pub fn about(mut self, missions: impl IntoIterator<Item = MissionId>) -> Self {
        self.missions = missions.into_iter().collect();
        self
    }

    /// The same problem, which says whether a request that was sent like this may be repeated.
    #[must_use]
    pub fn of_request(mut self, sent: Sent) -> Self {
        self.repeat = Some(sent.repeat(self.kind).to_owned());
        self
    }

    /// Its kind.
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// What is wrong, and the fix.
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// The missions it is about; often none.
    pub fn missions(&self) -> &[MissionId] {
        &self.missions
    }

    /// Whether its request is safe to repeat, and how, if the problem says so.
    pub fn repeat(&self) -> Option<&str> {
        self.repeat.as_deref()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.kind.word(), self.detail)
    }
}

impl std::error::Error for Problem {}

/// A problem in JSON, as it is written.
#[derive(Serialize, JsonSchema)]
struct Written {
    /// Stable; the address of its page.
    #[schemars(extend("enum" = ProblemKind::ALL.map(ProblemKind::url)))]
    r#type: String,
    /// One sentence that is the same for every problem of this type.
    title: &'static str,
    /// The HTTP status.
    #[schemars(range(min = 400, max = 599))]
    status: u16,
    /// Names the field and the fix.
    detail: String,
    /// The missions it is about. Absent if there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schemars(default)]
    missions: Vec<MissionId>,
    /// Whether the request is safe to repeat, and how. Absent over AMQP: there a request names its
    /// ids, and the same id always means the same mission.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String", default)]
    repeat: Option<String>,
}

impl From<Problem> for Written {
    fn from(Problem { kind, detail, missions, repeat }: Problem) -> Self {
        let (r#type, title, status) = (kind.url(), kind.title(), kind.status());
        Self { r#type, title, status, detail, missions, repeat }
    }
}

/// A problem in JSON, as it is read. Members may be missing, because other programs and newer
/// versions write problems, too.
#[derive(Deserialize)]
struct Read {
    r#type: String,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    missions: Vec<MissionId>,
    #[serde(default)]
    repeat: Option<String>,
}

impl TryFrom<Read> for Problem {
    type Error = String;

    fn try_from(read: Read) -> Result<Self, String> {
        let word = read.r#type.strip_prefix(ProblemKind::PATH);
        let word = word.ok_or_else(|| format!("`type` must begin with {}", ProblemKind::PATH))?;
        let kind = ProblemKind::parse(word).unwrap_or_else(|| ProblemKind::nearest(read.status));
        Ok(Self { kind, detail: read.detail, missions: read.missions, repeat: read.repeat })
    }
}

impl JsonSchema for Problem {
    fn schema_name() -> Cow<'static, str> {
        "Problem".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = Written::json_schema(generator);
        schema.insert("description".to_owned(), "An error: an RFC 9457 problem object.".into());
        schema
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
        assert!(json.get("missions").is_none() && json.get("repeat").is_none());
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), problem);
        let told = problem.of_request(Sent::WithKey);
        let json = serde_json::to_value(&told).unwrap();
        assert_eq!(json["repeat"], "Safe to repeat once it is corrected: nothing was done.");
        assert_eq!(serde_json::from_value::<Problem>(json).unwrap(), told);
    }
}
