//! The values that stand as examples in the documents: one mission, told everywhere.

use serde_json::{Value, json};

use crate::{Problem, ProblemKind};

/// The id of the example's request, and of its first mission.
pub(crate) const ID: &str = "019abc00-1111-7222-8333-444455556600";
/// The cursor behind the example's mission.
pub(crate) const CURSOR: &str = "660dd66ed3100-019abc00111172228333444455556600";
/// An `Idempotency-Key`.
pub(crate) const KEY: &str = "order-4711";
/// A `traceparent` of W3C Trace Context.
pub(crate) const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// What the decider made of the parts.
pub(crate) fn decision() -> Value {
    json!({
        "id": ID,
        "dossier": "19 z 4 a 7 k 0 b 12 q 3 m",
        "objective": "Steal the DB_URI from",
        "target": "the flask developer",
        "casebook": "malory",
    })
}

/// The mission, as it stands.
pub(crate) fn mission() -> Value {
    let mut mission = decision();
    if let Some(members) = mission.as_object_mut() {
        members.insert("created_at".to_owned(), "2026-11-22T13:24:51.123456Z".into());
    }
    mission
}

/// A list of it.
pub(crate) fn missions() -> Value {
    json!({ "missions": [mission()] })
}

/// A problem of this kind; the detail is what a caller might be told.
pub(crate) fn problem(kind: ProblemKind) -> Value {
    let detail = match kind {
        ProblemKind::Malformed => "parameter `limit`: write a whole number from 1 to 256",
        ProblemKind::Invalid => "`count` is 257: it must be a whole number from 1 to 256",
        ProblemKind::NotFound => "unknown, or not yet stored",
        ProblemKind::MethodNotAllowed => "DELETE is not for this address: use GET, HEAD, POST",
        ProblemKind::NotAcceptable => "missions come as application/json: accept that",
        ProblemKind::UnsupportedMediaType => {
            "the body must be JSON and say so: add -H 'Content-Type: application/json'"
        }
        ProblemKind::TooLarge => "the body has more than 16384 bytes",
        ProblemKind::Unavailable => "RabbitMQ is away; nothing was published",
        other => other.remedy(),
    };
    serde_json::to_value(Problem::new(kind, detail)).unwrap_or_default() // it cannot fail
}
