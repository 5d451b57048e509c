//! Responses: one component for each problem, and what the operations share.

use serde_json::{Map, Value, json};

use super::bodies::{body, example};
use super::component::component;
use super::headers::{Headers, headers};
use crate::http::Accepted;
use crate::{Problem, ProblemKind, Sent, sample};

/// The problems of every address.
pub(super) const ANY: &[ProblemKind] = &[
    ProblemKind::MethodNotAllowed,
    ProblemKind::NotAcceptable,
    ProblemKind::HeadTooLarge,
    ProblemKind::RateLimited,
    ProblemKind::Internal,
];

/// Problems that share a status at one address. The first of each group never occurs alone.
const TOGETHER: [&[ProblemKind]; 2] = [
    &[ProblemKind::Unconfirmed, ProblemKind::Unavailable],
    &[ProblemKind::SetAside, ProblemKind::Internal],
];

/// The responses of all problems, as components.
pub(super) fn all() -> Value {
    let never_alone = |kind: &ProblemKind| TOGETHER.iter().any(|kinds| kinds.first() == Some(kind));
    let alone = ProblemKind::ALL.into_iter().filter(|kind| !never_alone(kind));
    let alone = alone.map(|kind| (kind.word().to_owned(), refusal(&[kind])));
    let together = TOGETHER.map(|kinds| (name(kinds), refusal(kinds)));
    alone.chain(together).collect::<Map<_, _>>().into()
}

fn name(kinds: &[ProblemKind]) -> String {
    kinds.iter().map(|kind| kind.word()).collect::<Vec<_>>().join("-or-")
}

/// The responses of an operation: its own, and these problems.
pub(super) fn responses(own: Value, refusals: &[&[ProblemKind]]) -> Value {
    let kinds: Vec<_> = refusals.iter().copied().chain([ANY]).flatten().copied().collect();
    let Value::Object(mut responses) = own else { return own };
    for kind in &kinds {
        let same = |other: &&ProblemKind| other.status() == kind.status();
        let of_status: Vec<_> = kinds.iter().filter(same).copied().collect();
        let response = component(&format!("responses/{}", name(&of_status)));
        responses.insert(kind.status().to_string(), response);
    }
    responses.into()
}

/// The response of problems that share a status.
fn refusal(kinds: &[ProblemKind]) -> Value {
    let says =
        |kind: &ProblemKind| format!("`{}`: {}. {}", kind.word(), kind.title(), kind.remedy());
    let example = |kind: &ProblemKind| (kind.word().to_owned(), json!({ "value": told(*kind) }));
    let own: Vec<Headers> = kinds.iter().map(|kind| own_headers(*kind)).collect();
    json!({
        "description": kinds.iter().map(says).collect::<Vec<_>>().join("\n\n"),
        "headers": headers(&own),
        "content": {
            "application/problem+json": {
                "schema": body::<Problem>(),
                "examples": kinds.iter().map(example).collect::<Map<_, _>>(),
            },
            "text/html": text("The same as a page."),
            "text/plain": text("The same as plain text."),
        },
    })
}

/// A problem as a caller without a key gets it.
fn told(kind: ProblemKind) -> Value {
    let mut problem = sample::problem(kind);
    if let Some(members) = problem.as_object_mut() {
        members.insert("repeat".to_owned(), Sent::WithoutKey.repeat(kind).into());
    }
    problem
}

/// The headers that only this problem has.
fn own_headers(kind: ProblemKind) -> Headers {
    match kind {
        ProblemKind::MethodNotAllowed => &[("Allow", "allow")],
        ProblemKind::Unauthorized => &[("WWW-Authenticate", "www-authenticate")],
        ProblemKind::Unconfirmed => &[("Location", "expected")],
        ProblemKind::RateLimited | ProblemKind::Unavailable | ProblemKind::Conflict => {
            &[("Retry-After", "retry-after")]
        }
        _ => &[],
    }
}

/// A body of text.
pub(super) fn text(description: &str) -> Value {
    json!({ "schema": { "type": "string", "description": description } })
}

/// The header of a response that has several formats.
const VARY: Headers = &[("Vary", "vary")];

/// A response in JSON, as a page and as plain text.
pub(super) fn negotiated(
    description: &str,
    own: &[Headers],
    schema: &Value,
    example: Value,
) -> Value {
    json!({
        "description": description,
        "headers": headers(&[own, &[VARY]].concat()),
        "content": {
            "application/json": { "schema": schema, "example": example },
            "text/html": text("The same as a page."),
            "text/plain": text("The same as plain text."),
        },
    })
}

/// 202: the request is confirmed, its missions are not stored yet.
pub(super) fn accepted(own: Headers) -> Value {
    let location = format!("/missions/{}?accepted={}", sample::ID, sample::ACCEPTED);
    let example = example(&Accepted::at(location));
    let own = [own, &[("Location", "location"), ("Retry-After", "retry-after")]];
    let description = "The request is confirmed; its missions are not stored yet. They will be at \
        `Location`: read it after `Retry-After` seconds.";
    negotiated(description, &own, &body::<Accepted>(), example)
}

/// 304: nothing has changed.
pub(super) fn unchanged() -> Value {
    json!({
        "description": "Nothing has changed.",
        "headers": headers(&[&[("ETag", "etag")]]),
    })
}
