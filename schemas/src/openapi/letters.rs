//! `/operations/dead-letters`: looking at dead letters.

use serde_json::{Value, json};

use super::bodies::{body, example};
use super::component::component;
use super::headers::{Headers, headers};
use super::operations::REFUSALS;
use super::responses::{responses, text};
use crate::ProblemKind as Problem;
use crate::dead_letter::LetterView;
use crate::http::{BatchRecord, DeadLetters, LetterGroups};
use crate::sample;

/// The tag of these addresses.
pub(super) const TAG: &str = "dead letters";

const FILTER: [&str; 6] =
    ["reason", "role", "set-aside-since", "set-aside-until", "text", "letter-state"];

/// The problems of reading.
const READING: &[Problem] = &[Problem::Malformed, Problem::Invalid, Problem::Unavailable];

const DESCRIPTION: &str = "\
Dead letters, the newest first, each with the beginning of its body and the last step that was taken \
about it. Without `state` those that wait for a decision.

```console
$ curl 'localhost:8080/operations/dead-letters?reason=set-aside&limit=50'
```";

/// `GET /operations/dead-letters`.
pub(super) fn list() -> Value {
    let parameters = FILTER.into_iter().chain(["limit", "letters-cursor"]);
    let schema = body::<DeadLetters>();
    let example = json!({ "letters": [sample::letter()], "unreadable": 0 });
    let own = own("The letters.", &schema, &example, &[("Link", "link")]);
    get(("listDeadLetters", "List dead letters", DESCRIPTION), parameters, own)
}

/// `GET /operations/dead-letters/groups`.
pub(super) fn groups() -> Value {
    let example = json!({ "groups": [sample::group()] });
    let own = json!({ "200": {
        "description": "The groups.",
        "headers": headers(&[]),
        "content": { "application/json": { "schema": body::<LetterGroups>(), "example": example } },
    } });
    let about = (
        "groupDeadLetters",
        "Count dead letters by what they have in common",
        "By their reason, but for numbers and ids, and by their role; the largest group first.",
    );
    get(about, FILTER, own)
}

/// `GET /operations/dead-letters/preview`.
pub(super) fn preview() -> Value {
    let parameters = ["do", "letter-or-filter"].into_iter().chain(FILTER).chain(["limit"]);
    let about = (
        "previewDeadLetters",
        "See exactly which letters an action would be about",
        "A page for browsers; tools use `dry_run`. The letters are one, or the newest that pass the \
        filter.",
    );
    let mut path = get(about, parameters, page("The page."));
    with_404(&mut path);
    path
}

/// `GET /operations/dead-letters/{letter}`.
pub(super) fn letter() -> Value {
    let own = own("The letter.", &body::<LetterView>(), &sample::letter(), &[]);
    let about = (
        "getDeadLetter",
        "Read one dead letter",
        "Why it was set aside, its bytes and properties, and every step that was taken about it.",
    );
    of_letter(get(about, [], own))
}

/// `GET /operations/dead-letters/{letter}/edit`.
pub(super) fn edit() -> Value {
    let about = ("editDeadLetter", "See the form that corrects a dead letter", "For browsers.");
    of_letter(get(about, [], page("The form.")))
}

/// `GET /operations/dead-letters/actions/{batch}`.
pub(super) fn record() -> Value {
    let record = BatchRecord::example();
    let own = own("The record.", &body::<BatchRecord>(), &example(&record), &[]);
    let about = (
        "getDeadLetterRecord",
        "Follow a replay",
        "What became of each letter: rows, or another dead letter. `Location` of a replay, a \
        correction and a discard has this address. Any gateway answers it from the table; only the \
        one that carries out a replay knows which letters it left alone.",
    );
    let mut path = get(about, ["letters-count"], own);
    if let Value::Object(path) = &mut path {
        path.insert("parameters".to_owned(), json!([component("parameters/batch")]));
    }
    with_404(&mut path);
    path
}

fn of_letter(mut path: Value) -> Value {
    if let Value::Object(path) = &mut path {
        path.insert("parameters".to_owned(), json!([component("parameters/letter")]));
    }
    with_404(&mut path);
    path
}

fn with_404(path: &mut Value) {
    if let Some(Value::Object(responses)) = path.pointer_mut("/get/responses") {
        responses.insert("404".to_owned(), component("responses/not-found"));
    }
}

fn page(description: &str) -> Value {
    json!({ "200": {
        "description": description,
        "headers": headers(&[]),
        "content": { "text/html": text("It works without a script.") },
    } })
}

fn own(description: &str, schema: &Value, example: &Value, more: Headers) -> Value {
    json!({
        "200": {
            "description": description,
            "headers": headers(&[more]),
            "content": {
                "application/json": { "schema": schema, "example": example },
                "text/html": text("The same as a page."),
            },
        },
    })
}

fn get(
    (id, summary, description): (&str, &str, &str),
    parameters: impl IntoIterator<Item = &'static str>,
    own: Value,
) -> Value {
    let named = |name: &str| component(&format!("parameters/{name}"));
    let parameters: Vec<_> = parameters.into_iter().chain(["x-request-id"]).map(named).collect();
    json!({ "get": {
        "operationId": id,
        "tags": [TAG],
        "summary": summary,
        "description": description,
        "security": [{}, { "operator": [] }],
        "parameters": parameters,
        "responses": responses(own, &[REFUSALS, READING]),
    } })
}
