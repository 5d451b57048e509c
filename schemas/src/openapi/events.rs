//! `GET /missions/events`.

use serde_json::{Value, json};

use super::bodies::body;
use super::component::component;
use super::headers::headers;
use super::responses::responses;
use crate::http::{CURSOR, MISSION_CREATED};
use crate::{Mission, ProblemKind as Problem, sample};

const DESCRIPTION: &str = "\
Server-sent events for new missions of all replicas: `id` is a cursor, `event` is \
`mission.created`, `data` is the mission. Lines that begin with `:` only keep the connection open. \
The stream ends after an hour, or after the time that the operator has set. A browser's \
`EventSource` then connects again with `Last-Event-ID`, so no mission is missed. A mission may be \
sent twice. A client that cannot send that header uses the parameter `lastEventId`.

```console
$ curl -N localhost:8080/missions/events
```";

pub(super) fn listen() -> Value {
    let event = json!({
        "id": sample::CURSOR,
        "event": MISSION_CREATED,
        "data": sample::mission().to_string(),
    });
    let own = json!({ "200": {
        "description": "The stream.",
        "headers": headers(&[]),
        "content": { "text/event-stream": {
            "schema": event_schema(),
            "example": event,
        } },
    } });
    let refusals = [Problem::Malformed, Problem::Invalid, Problem::Unavailable];
    let parameters = ["Last-Event-ID", "lastEventId", "x-request-id"];
    json!({ "get": {
        "operationId": "listenToMissions",
        "tags": ["missions"],
        "summary": "Listen to new missions",
        "description": DESCRIPTION,
        "parameters": parameters.map(|name| component(&format!("parameters/{name}"))),
        "responses": responses(own, &[&refusals]),
    } })
}

/// One event of the stream: its fields.
fn event_schema() -> Value {
    json!({
        "description": "One event of the stream.",
        "type": "object",
        "properties": {
            "id": {
                "description": "The position of the mission in the list; the value for `Last-Event-ID`.",
                "type": "string", "pattern": CURSOR,
            },
            "event": { "const": MISSION_CREATED },
            "data": {
                "description": "The mission, in one line.",
                "type": "string",
                "contentMediaType": "application/json",
                "contentSchema": body::<Mission>(),
            },
            "retry": {
                "description": "Milliseconds after which a client connects again.",
                "type": "integer", "minimum": 0,
            },
        },
    })
}
