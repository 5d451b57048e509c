//! The headers of responses.

use serde_json::{Map, Value, json};

use super::component::component;
use crate::sample;

/// The headers of a response: the name of each on the wire, and the name of its component.
pub(super) type Headers = &'static [(&'static str, &'static str)];

/// The headers that every response has.
pub(super) const ALWAYS: Headers = &[("x-request-id", "request-id")];
/// The headers of responses where the number of requests is limited.
pub(super) const LIMITED: Headers =
    &[("RateLimit", "rate-limit"), ("RateLimit-Policy", "rate-limit-policy")];

/// References to these headers, and to those that every response has.
pub(super) fn headers(named: &[Headers]) -> Value {
    let of_all = named.iter().copied().chain([ALWAYS, LIMITED]).flatten();
    let reference =
        |(name, key): &(&str, &str)| ((*name).to_owned(), component(&format!("headers/{key}")));
    of_all.map(reference).collect::<Map<_, _>>().into()
}

/// Every header, as components.
pub(super) fn all() -> Value {
    let location = "Where the missions are, or will be.";
    json!({
        "allow": header(true, "The methods that this address allows.", "GET, HEAD, OPTIONS, POST"),
        "cache-control": header(false, "How long the response may be reused.", "public, max-age=3600"),
        "expected": header(false, "Where the missions will be, if the request was taken.",
            &format!("/missions/{}?accepted={}", sample::ID, sample::ACCEPTED)),
        "etag": header(true, "For `If-None-Match`: the response is 304 when nothing has changed.", "W/\"1a2b\""),
        "idempotency-replayed":
            header(false, "`true` when the missions were stored before.", "true"),
        "link": header(false, "The next page.",
            &format!("</missions?limit=20&cursor={}>; rel=\"next\"", sample::CURSOR)),
        "links": header(false, "The next page (`rel=\"next\"`) and the page before (`rel=\"prev\"`).",
            &format!("</missions?limit=20&cursor={}>; rel=\"next\", \
                </missions?limit=20&cursor={}>; rel=\"prev\"", sample::CURSOR, sample::NEWER)),
        "location": header(true, location, &format!("/missions/{}", sample::ID)),
        "preference-applied": header(false, "The preferences in `Prefer` that were applied.", "respond-async"),
        "rate-limit": header(false, "How many requests are left, and in how many seconds there are more.",
            "\"client\";r=9;t=1"),
        "rate-limit-policy":
            header(false, "How many requests a client may send, in how many seconds. Both \
                headers are there if the operator has set a limit.", "\"client\";q=10;w=1"),
        "request-id": header(true, "The value of the request, or a new one.", sample::ID),
        "retry-after": {
            "description": "Seconds after which the request can be repeated.",
            "required": true,
            "schema": { "type": "integer", "minimum": 1 },
            "example": 1,
        },
        "set-cookie": header(true, "The login, or its end.",
            "spymission-operator=; Path=/operations; Max-Age=0; HttpOnly; SameSite=Strict"),
        "www-authenticate": header(true, "How to show the token.", "Bearer"),
        "vary": header(false, "The response depends on these headers of the request.", "Accept"),
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
