//! `/operations`: for whoever runs it.

use serde_json::{Map, Value, json};

use super::bodies::{body, example};
use super::component::component;
use super::headers::{Headers, headers};
use super::responses::{responses, text};
use crate::ProblemKind as Problem;
use crate::operations::Operations;

/// What an operator may be refused.
pub(super) const REFUSALS: &[Problem] =
    &[Problem::Unauthorized, Problem::CrossSite, Problem::NotFound];

const DESCRIPTION: &str = "\
Every role with its processes, every queue, what is wrong in words, and what went wrong lately. It \
is for operators: on a loopback address it is open; elsewhere it is off until the gateway has \
`--operator-token-file`, and then the token is needed, as a bearer token or by a login.

```console
$ curl localhost:8080/operations
$ spymission top
```";

/// The schemes of the tokens.
pub(super) fn schemes() -> Value {
    json!({ "operator": {
        "type": "http", "scheme": "bearer",
        "description": "The operator's token, where the gateway has one.",
    } })
}

/// `GET /operations`.
pub(super) fn state() -> Value {
    let (schema, example) = (body::<Operations>(), example(&Operations::example()));
    let own = json!({ "200": {
        "description": "How the system does.",
        "headers": headers(&[]),
        "content": {
            "application/json": { "schema": schema, "example": example },
            "text/html": text("The page."),
        },
    } });
    get("getOperations", "See how the whole system does", DESCRIPTION, own)
}

/// `GET /operations/events`.
pub(super) fn events() -> Value {
    let event = json!({
        "type": "object",
        "properties": {
            "event": { "const": "operations" },
            "data": { "description": "The changing part of the page.", "type": "string" },
            "retry": {
                "description": "After so many milliseconds a client comes again.",
                "type": "integer", "minimum": 0,
            },
        },
    });
    let example = json!({ "event": "operations", "data": "<section id=\"verdict\">…" });
    let own = json!({ "200": {
        "description": "The stream.",
        "headers": headers(&[]),
        "content": { "text/event-stream": { "schema": event, "example": example } },
    } });
    let mut path = get(
        "listenToOperations",
        "See it change",
        "Once a second the part of the page that changes, as server-sent events. The number of \
        listeners is bounded.",
        own,
    );
    if let Some(Value::Object(responses)) = path.pointer_mut("/get/responses") {
        responses.insert("503".to_owned(), component("responses/unavailable"));
    }
    path
}

/// `POST /operations/login`.
pub(super) fn log_in() -> Value {
    let form = json!({
        "required": true,
        "content": { "application/x-www-form-urlencoded": {
            "schema": {
                "type": "object",
                "required": ["token"],
                "properties": { "token": { "type": "string", "maxLength": 256 } },
            },
            "example": { "token": "correct horse battery staple" },
        } },
    });
    let refusals =
        [Problem::Malformed, Problem::RequestTimeout, Problem::TooLarge, Problem::Invalid];
    let about = ("logIn", "Log in as an operator", "With the operator's token; for browsers.");
    post(about, Some(form), &refusals)
}

/// `POST /operations/logout`.
pub(super) fn log_out() -> Value {
    post(("logOut", "Log out", "Ends the login of this browser."), None, &[])
}

fn get(id: &str, summary: &str, description: &str, own: Value) -> Value {
    json!({ "get": {
        "operationId": id,
        "tags": ["health"],
        "summary": summary,
        "description": description,
        "security": [{}, { "operator": [] }],
        "parameters": [component("parameters/x-request-id")],
        "responses": responses(own, &[REFUSALS]),
    } })
}

fn post(
    (id, summary, description): (&str, &str, &str),
    body: Option<Value>,
    more: &[Problem],
) -> Value {
    const OWN: Headers = &[("Location", "location"), ("Set-Cookie", "set-cookie")];
    let own = json!({ "303": { "description": "To the page.", "headers": headers(&[OWN]) } });
    let mut operation = Map::from_iter([
        ("operationId".to_owned(), id.into()),
        ("tags".to_owned(), json!(["health"])),
        ("summary".to_owned(), summary.into()),
        ("description".to_owned(), description.into()),
        ("parameters".to_owned(), json!([component("parameters/x-request-id")])),
        ("responses".to_owned(), responses(own, &[REFUSALS, more])),
    ]);
    operation.extend(body.map(|body| ("requestBody".to_owned(), body)));
    json!({ "post": operation })
}
