//! Answers: refusals by their kind, and what the operations make theirs of.

use serde_json::{Map, Value, json};

use super::bodies::{body, example};
use super::component::component;
use super::headers::{Headers, headers};
use crate::http::Accepted;
use crate::{Problem, ProblemKind, sample};

/// What any address may refuse.
pub(super) const ANY: &[ProblemKind] = &[
    ProblemKind::MethodNotAllowed,
    ProblemKind::NotAcceptable,
    ProblemKind::HeadTooLarge,
    ProblemKind::RateLimited,
    ProblemKind::Internal,
];

/// Kinds that share a status at one address; the first of each is never told alone.
const TOGETHER: [&[ProblemKind]; 2] = [
    &[ProblemKind::Unconfirmed, ProblemKind::Unavailable],
    &[ProblemKind::SetAside, ProblemKind::Internal],
];

/// The responses for all kinds of problem, as components.
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

/// The responses of an operation: these, and these refusals.
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

/// Problems that share a status.
fn refusal(kinds: &[ProblemKind]) -> Value {
    let says =
        |kind: &ProblemKind| format!("`{}`: {}. {}", kind.word(), kind.title(), kind.remedy());
    let example =
        |kind: &ProblemKind| (kind.word().to_owned(), json!({ "value": sample::problem(*kind) }));
    let own: Vec<Headers> = kinds.iter().map(|kind| own_headers(*kind)).collect();
    json!({
        "description": kinds.iter().map(says).collect::<Vec<_>>().join("\n\n"),
        "headers": headers(&own),
        "content": {
            "application/problem+json": {
                "schema": body::<Problem>(),
                "examples": kinds.iter().map(example).collect::<Map<_, _>>(),
            },
            "text/html": text("A page that says the same."),
            "text/plain": text("The same in lines."),
        },
    })
}

/// The headers that only this kind has.
fn own_headers(kind: ProblemKind) -> Headers {
    match kind {
        ProblemKind::MethodNotAllowed => &[("Allow", "allow")],
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

/// What an answer has that comes in several formats.
const VARY: Headers = &[("Vary", "vary")];

/// An answer in JSON, as a page and in lines.
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
            "text/html": text("A page that shows it."),
            "text/plain": text("The same in lines."),
        },
    })
}

/// 202: the request stands, its missions do not yet.
pub(super) fn accepted(own: Headers) -> Value {
    let location = format!("/missions/{}?accepted=1795353891", sample::ID);
    let example = example(&Accepted::at(location));
    let own = [own, &[("Location", "location"), ("Retry-After", "retry-after")]];
    let description = "The request stands; its missions do not yet. `Location` is where they will \
        be: ask there after `Retry-After` seconds.";
    negotiated(description, &own, &body::<Accepted>(), example)
}

/// 304: nothing is new.
pub(super) fn unchanged() -> Value {
    json!({
        "description": "What you have is what stands.",
        "headers": headers(&[&[("ETag", "etag")]]),
    })
}
