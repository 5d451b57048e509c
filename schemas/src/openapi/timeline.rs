//! `GET /missions/{id}/timeline`.

use serde_json::{Value, json};

use super::bodies::body;
use super::component::component;
use super::headers::headers;
use super::responses::responses;
use crate::http::Timeline;
use crate::{ProblemKind, sample};

const DESCRIPTION: &str = "\
Who worked on the mission and when. A gateway remembers the last 1,000 batches that it asked for \
itself; of any other mission the answer is 404. A request that failed has the `reason` of its error \
reply, and those who had worked on it.

Times of one process are of one clock. Times of different processes are of different clocks when \
they run on different machines.";

pub(super) fn read() -> Value {
    let own = json!({ "200": {
        "description": "It is remembered.",
        "headers": headers(&[]),
        "content": { "application/json": {
            "schema": body::<Timeline>(), "example": example(),
        } },
    } });
    json!({
        "parameters": [component("parameters/id")],
        "get": {
            "operationId": "getTimeline",
            "tags": ["missions"],
            "summary": "See how a mission came to be",
            "description": DESCRIPTION,
            "parameters": [component("parameters/x-request-id")],
            "responses": responses(own, &[&[ProblemKind::Malformed, ProblemKind::NotFound]]),
        },
    })
}

fn example() -> Value {
    let at = |micros: u32| format!("2026-11-22T13:24:51.{micros:06}Z");
    json!({
        "mission": sample::ID, "missions": 1, "admitted": at(118_802),
        "attempts": [{ "published": at(118_911), "confirmed": at(120_030) }],
        "hops": [
            { "role": "decider", "instance": "decider.2c61", "attempt": 1,
              "received": at(119_702), "done": at(121_000) },
            { "role": "persister", "instance": "persister.7c9e", "attempt": 1,
              "asked": at(121_000), "received": at(121_404), "done": at(123_456) },
        ],
        "replied": at(124_610),
    })
}
