//! `/operations/dead-letters`: acting on dead letters.

use serde_json::{Value, json};

use super::bodies::{body, example};
use super::component::component;
use super::headers::{Headers, headers};
use super::letters::TAG;
use super::operations::REFUSALS;
use super::responses::{responses, text};
use crate::ProblemKind as Problem;
use crate::http::{Begun, Correction, Order};
use crate::sample;

/// The problems of acting.
const ACTING: &[Problem] = &[
    Problem::Malformed,
    Problem::RequestTimeout,
    Problem::TooLarge,
    Problem::UnsupportedMediaType,
    Problem::Invalid,
    Problem::Unavailable,
];

const LOCATION: Headers = &[("Location", "location")];

const REPLAY: &str = "\
Publishes the requests of these letters again, and no others: name them as the list shows them, with \
their `number`, and a letter about which somebody has done something meanwhile is left alone. Each \
replay is recorded before it is published. The answer comes at once; `Location` says what became of \
each letter. The same order with the same `id` does nothing twice.

```console
$ curl localhost:8080/operations/dead-letters/replay \\
    --json '{\"letters\": [{\"id\": \"0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de\", \"number\": 0}], \"rate\": 50}'
```";

/// `POST /operations/dead-letters/replay`.
pub(super) fn replay() -> Value {
    let about = ("replayDeadLetters", "Replay dead letters", REPLAY);
    post(about, order(), ("202", "It is begun."), false)
}

/// `POST /operations/dead-letters/discard`.
pub(super) fn discard() -> Value {
    let text = "Nobody is asked to decide about them any more. They stay in the table until they \
        are pruned.";
    post(
        ("discardDeadLetters", "Discard dead letters", text),
        order(),
        ("200", "It is done."),
        false,
    )
}

/// `POST /operations/dead-letters/{letter}/edit`.
pub(super) fn correct() -> Value {
    let text = "The new body must be a request. The original stays as it is.";
    let about = ("correctDeadLetter", "Correct a dead letter and replay it", text);
    let body = json!({ "schema": body::<Correction>(), "example": sample::correction() });
    let form = json!({
        "type": "object",
        "required": ["body"],
        "properties": {
            "body": { "type": "string" },
            "number": { "type": "integer", "minimum": 0 },
            "id": { "type": "string" },
            "who": { "type": "string" },
        },
    });
    post(
        about,
        json!({ "application/json": body, FORM: { "schema": form } }),
        ("202", "It is begun."),
        true,
    )
}

const FORM: &str = "application/x-www-form-urlencoded";

fn order() -> Value {
    let form = json!({
        "description": "What the page sends: each letter is its id, a dot and its number.",
        "type": "object",
        "required": ["letter"],
        "properties": {
            "letter": { "type": "array", "items": { "type": "string" } },
            "rate": { "type": "integer", "minimum": 1, "maximum": Order::FASTEST },
            "id": { "type": "string" },
            "who": { "type": "string" },
        },
    });
    let json = json!({ "schema": body::<Order>(), "example": sample::order() });
    json!({ "application/json": json, FORM: { "schema": form } })
}

fn post(
    (id, summary, description): (&str, &str, &str),
    content: Value,
    (status, done): (&str, &str),
    of_letter: bool,
) -> Value {
    let begun = |description: &str, headers: Value| {
        let example = example(&Begun::example());
        json!({
            "description": description,
            "headers": headers,
            "content": { "application/json": { "schema": body::<Begun>(), "example": example } },
        })
    };
    let mut own = json!({
        "200": begun("A dry run: nothing was done.", headers(&[])),
        "303": { "description": "For a browser: to the record.", "headers": headers(&[LOCATION]) },
    });
    if let Value::Object(own) = &mut own {
        let at_once: &[Headers] = if status == "200" { &[] } else { &[LOCATION] };
        own.insert(status.to_owned(), begun(done, headers(at_once)));
    }
    let mut responses = responses(own, &[REFUSALS, ACTING]);
    if let Value::Object(responses) = &mut responses
        && of_letter
    {
        let wrong = json!({
            "description": "The correction is no request: `detail` names the field and the fix.",
            "headers": headers(&[]),
            "content": {
                "application/problem+json": { "schema": body::<crate::Problem>() },
                "text/html": text("The form once more."),
                "text/plain": text("The same as plain text."),
            },
        });
        responses.insert("422".to_owned(), wrong);
    }
    json!({ "post": {
        "operationId": id,
        "tags": [TAG],
        "summary": summary,
        "description": description,
        "security": [{}, { "operator": [] }],
        "parameters": [component("parameters/x-request-id")],
        "requestBody": { "required": true, "content": content },
        "responses": responses,
    } })
}
