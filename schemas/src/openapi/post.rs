//! `POST /missions`.

use serde_json::{Value, json};

use super::bodies::body;
use super::component::component;
use super::headers::{Headers, headers};
use super::responses::{accepted, negotiated, responses};
use crate::http::MissionCount;
use crate::{Mission, Missions, ProblemKind as Problem, sample};

const REFUSALS: &[Problem] = &[
    Problem::Malformed,
    Problem::CrossSite,
    Problem::RequestTimeout,
    Problem::Conflict,
    Problem::TooLarge,
    Problem::UnsupportedMediaType,
    Problem::Invalid,
    Problem::SetAside,
    Problem::Unconfirmed,
    Problem::Unavailable,
    Problem::Expired,
];

const DESCRIPTION: &str = "\
With no body, or with `{}`: one mission. With `{\"count\": 3}`: a list of three.

```console
$ curl -X POST localhost:8080/missions
$ curl localhost:8080/missions --json '{\"count\": 3}'
$ curl -X POST localhost:8080/missions -H 'Idempotency-Key: order-4711'
$ curl -X POST localhost:8080/missions -H 'Prefer: respond-async'
```

201 is sent after the commit. If the missions are not stored in time, the response is 202. It is sent \
only after the broker has confirmed the request: nothing is lost, and the missions will be at \
`Location`. A browser that accepts `text/html` gets a 303 to that address.";

/// The headers that say how the request was handled.
const TAKEN: Headers = &[
    ("Idempotency-Replayed", "idempotency-replayed"),
    ("Preference-Applied", "preference-applied"),
];

pub(super) fn post() -> Value {
    let parameters = ["Idempotency-Key", "Prefer", "traceparent", "tracestate", "x-request-id"];
    let own = json!({
        "201": created(),
        "202": accepted(TAKEN),
        "303": {
            "description": "For a browser: the missions are or will be at `Location`.",
            "headers": headers(&[TAKEN, &[("Location", "location")]]),
        },
    });
    json!({
        "operationId": "requestMissions",
        "tags": ["missions"],
        "summary": "Request one mission, or several",
        "description": DESCRIPTION,
        "parameters": parameters.map(|name| component(&format!("parameters/{name}"))),
        "requestBody": {
            "description": "Optional. Without it: one mission.",
            "required": false,
            "content": { "application/json": {
                "schema": body::<MissionCount>(),
                "examples": {
                    "one": { "summary": "One mission", "value": {} },
                    "three": { "summary": "A list of three", "value": { "count": 3 } },
                },
            }, FORM: form() },
        },
        "responses": responses(own, &[REFUSALS]),
    })
}

/// What a form of HTML sends.
const FORM: &str = "application/x-www-form-urlencoded";

/// The fields of a form.
fn form() -> Value {
    let empty = json!({ "type": "object", "maxProperties": 0 });
    let fields = json!({
        "type": "object",
        "properties": {
            "count": { "type": "integer", "minimum": 1, "maximum": crate::MissionIds::MAX },
            "key": { "type": "string", "pattern": "^[!-~]{1,200}$" },
        },
        "required": ["key"],
        "additionalProperties": false,
    });
    json!({
        "schema": {
            "description": "For a form of a page. `key` is what `Idempotency-Key` is elsewhere, \
                one for each `count`. An empty one asks for one mission.",
            "anyOf": [fields, empty],
        },
        "example": { "count": 1, "key": sample::KEY },
    })
}

fn created() -> Value {
    let schema = json!({ "oneOf": [body::<Mission>(), body::<Missions>()] });
    let own = [TAKEN, &[("Location", "location")]];
    let mut created = negotiated("The missions are stored.", &own, &schema, Value::Null);
    if let Some(content) = created.pointer_mut("/content/application~1json") {
        *content = json!({
            "schema": schema,
            "examples": {
                "one": { "summary": "One mission", "value": sample::mission() },
                "list": { "summary": "A list", "value": sample::missions() },
            },
        });
    }
    if let Value::Object(created) = &mut created {
        created.insert("links".to_owned(), links());
    }
    created
}

/// Where the missions of a response can be read again.
fn links() -> Value {
    json!({
        "mission": {
            "operationId": "getMission",
            "description": "The requested mission.",
            "parameters": { "id": "$response.body#/id" },
        },
        "list": {
            "operationId": "listMissions",
            "description": "The requested list.",
            "parameters": {
                "request": "$response.body#/missions/0/id",
                "count": "$request.body#/count",
            },
        },
        "firstOfTheList": {
            "operationId": "getMission",
            "description": "The first mission of the list.",
            "parameters": { "id": "$response.body#/missions/0/id" },
        },
    })
}
