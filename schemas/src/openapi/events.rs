//! `GET /missions/events`.

use serde_json::{Value, json};

use super::component;
use super::headers::headers;
use super::responses::responses;
use crate::ProblemKind as Problem;
use crate::{Kind, sample};

const DESCRIPTION: &str = "\
New missions as they are stored, from all replicas, as server-sent events: `id` is a cursor, \
`event` is `mission.created`, `data` is the mission. Lines that begin with `:` only keep the \
connection open. The stream ends after a while (an hour, unless the operator says otherwise) and a \
browser's `EventSource` comes again by itself, with `Last-Event-ID`: none is missed. One may be \
told twice.

```console
$ curl -N localhost:8080/missions/events
```";

pub(super) fn listen() -> Value {
    let example = format!(
        "id: {}\nevent: {}\ndata: {}\n\n",
        sample::CURSOR,
        Kind::Created.as_str(),
        sample::mission()
    );
    let own = json!({ "200": {
        "description": "The stream.",
        "headers": headers(&[]),
        "content": { "text/event-stream": {
            "schema": { "type": "string" },
            "example": example,
        } },
    } });
    let refusals =
        [Problem::Malformed, Problem::NotAcceptable, Problem::Invalid, Problem::Unavailable];
    let parameters = ["Last-Event-ID", "x-request-id"];
    json!({ "get": {
        "operationId": "listenToMissions",
        "tags": ["missions"],
        "summary": "Hear of new missions",
        "description": DESCRIPTION,
        "parameters": parameters.map(|name| component(&format!("parameters/{name}"))),
        "responses": responses(own, &[&refusals]),
    } })
}
