//! The values of the examples in the documents. All are about the same mission.

use serde_json::{Value, json};

use crate::{Decision, Mission, Problem, ProblemKind, Status};

/// The id of the example's request, and of its first mission.
pub(crate) const ID: &str = "019abc00-1111-7222-8333-444455556600";
/// The cursor of the example's mission.
pub(crate) const CURSOR: &str = "660dd66ed3100-019abc00111172228333444455556600";
/// The cursor of the page before it.
pub(crate) const NEWER: &str = "660dd66ed3100-019abc00111172228333444455556600-newer";
/// When the example's request was accepted, signed.
pub(crate) const ACCEPTED: &str = "1795353891-6f0b8a1c2d3e4f5061728394";
/// An `Idempotency-Key`.
pub(crate) const KEY: &str = "order-4711";
/// A `traceparent` of W3C Trace Context.
pub(crate) const TRACEPARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The stamps of a reply.
pub(crate) const STAMPS: &str =
    "persister persister.7c9e6679 1795353891121000 1795353891122004 1795353891123456 1";

/// The id of the example's dead letter.
pub(crate) const LETTER: &str = "0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de";

/// A dead letter.
pub(crate) fn letter() -> Value {
    let (at, reason) = ("2026-11-22T13:24:51.000000Z", "expired: the deadline 1000 had passed");
    json!({
        "id": LETTER, "state": "waiting", "number": 0, "reason": reason,
        "group": "expired: the deadline … had passed", "role": "decider", "tries": 1,
        "first_at": at, "last_at": at, "message_id": ID, "trace_id": null, "replay": null,
        "size": 2, "body": { "text": "{}" }, "actions": [],
    })
}

/// A group of dead letters.
pub(crate) fn group() -> Value {
    let at = "2026-11-22T13:24:51.000000Z";
    json!({
        "group": "expired: the deadline … had passed", "role": "decider", "count": 12, "open": 12,
        "first_at": at, "last_at": at, "example": LETTER,
    })
}

/// An order of an operator.
pub(crate) fn order() -> Value {
    json!({ "letters": [{ "id": LETTER, "number": 0 }], "rate": 50, "who": "ada" })
}

/// A correction.
pub(crate) fn correction() -> Value {
    json!({ "body": format!("{{\"missions\":[\"{ID}\"]}}"), "number": 0, "who": "ada" })
}

/// The decision of the example's mission.
pub(crate) fn decision() -> Value {
    serde_json::to_value(Decision::example()).unwrap_or_default() // it cannot fail
}

/// The stored mission.
pub(crate) fn mission() -> Value {
    serde_json::to_value(Mission::example()).unwrap_or_default() // it cannot fail
}

/// A list with this mission.
pub(crate) fn missions() -> Value {
    json!({ "missions": [mission()] })
}

/// The status of a process.
pub(crate) fn status() -> Value {
    serde_json::to_value(Status::example()).unwrap_or_default() // it cannot fail
}

/// A problem of this kind, with a typical detail.
pub(crate) fn problem(kind: ProblemKind) -> Value {
    let detail = match kind {
        ProblemKind::Malformed => "parameter `limit`: write a whole number from 1 to 256",
        ProblemKind::Invalid => "`count` is 257: it must be a whole number from 1 to 256",
        ProblemKind::NotFound => "the mission is unknown or not yet stored",
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
