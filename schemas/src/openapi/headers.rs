//! The headers of answers.

use serde_json::{Map, Value, json};

use super::component::component;
use crate::sample;

/// Which headers an answer has: the name on the wire and that of its component.
pub(super) type Headers = &'static [(&'static str, &'static str)];

/// What every answer has.
pub(super) const ALWAYS: Headers = &[("x-request-id", "request-id")];
/// What an answer has where the number of requests is limited.
pub(super) const LIMITED: Headers =
    &[("RateLimit", "rate-limit"), ("RateLimit-Policy", "rate-limit-policy")];

/// References to these headers, and to those that every answer has.
pub(super) fn headers(named: &[Headers]) -> Value {
    let of_all = named.iter().copied().chain([ALWAYS, LIMITED]).flatten();
    let reference =
        |(name, key): &(&str, &str)| ((*name).to_owned(), component(&format!("headers/{key}")));
    of_all.map(reference).collect::<Map<_, _>>().into()
}

/// Every header, as components.
pub(super) fn all() -> Value {
    let location = "Where the missions stand, or will stand.";
    json!({
        "allow": header(true, "The methods of this address.", "GET, HEAD, OPTIONS, POST"),
        "cache-control": header(false, "How long it may be kept without asking again.", "public, max-age=3600"),
        "expected": header(false, "Where the missions will stand, if the request does.",
            &format!("/missions/{}?accepted=1795353891", sample::ID)),
        "etag": header(true, "Send it back in `If-None-Match`: 304 when nothing is new.", "W/\"1a2b\""),
        "idempotency-replayed":
            header(false, "`true` when the missions stood already.", "true"),
        "link": header(false, "The next page.",
            &format!("</missions?limit=20&cursor={}>; rel=\"next\"", sample::CURSOR)),
        "location": header(true, location, &format!("/missions/{}", sample::ID)),
        "preference-applied": header(false, "What of `Prefer` was heeded.", "respond-async"),
        "rate-limit": header(false, "How many requests are left, and for how many seconds.",
            "\"client\";r=9;t=1"),
        "rate-limit-policy":
            header(false, "How many requests a client has, in how many seconds. Both are there \
                where the operator has set a limit.", "\"client\";q=10;w=1"),
        "request-id": header(true, "The caller's, or a new one.", sample::ID),
        "retry-after": {
            "description": "Come again after so many seconds.",
            "required": true,
            "schema": { "type": "integer", "minimum": 1 },
            "example": 1,
        },
        "vary": header(false, "The answer depends on this.", "Accept"),
    })
}

fn header(required: bool, description: &str, example: &str) -> Value {
    json!({
        "description": description,
        "required": required,
        "schema": { "type": "string" },
        "example": example,
    })
}
