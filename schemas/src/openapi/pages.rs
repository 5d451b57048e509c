//! Pages for people, probes for orchestrators, and documents for tools.

use serde_json::{Value, json};

use super::bodies::{body, example};
use super::component::component;
use super::headers::{Headers, headers};
use super::responses::{responses, text, unchanged};
use crate::ProblemKind as Problem;
use crate::http::{Readiness, RepliesDropped, Status, Workers};

/// `GET /`.
pub(super) fn home() -> Value {
    let content = json!({
        "text/html": text("One button that requests a mission."),
        "text/plain": text("The commands to type."),
    });
    let own = ok("The page.", &content);
    get(
        "getHome",
        "pages",
        ("Begin here", "A page with one button; for curl, the commands to type."),
        &responses(own, &[]),
    )
}

/// A dossier as people type it, with any spaces; an empty field is none.
const TYPED: &str = r"^\s*((1?[0-9]\s+[a-z]\s+){5}1?[0-9]\s+[a-z]\s*)?$";

/// `GET /casebook`.
pub(super) fn casebook() -> Value {
    let content = json!({
        "text/html": text("Every rule with its line, and a form to try a dossier."),
        "text/plain": text("What the dossier means; without one, the casebook."),
    });
    let own = ok("The page.", &content);
    let refusals = [Problem::Malformed, Problem::Invalid];
    let about = (
        "Read the casebook",
        "The rules of the built-in casebook, and what they make of a dossier.",
    );
    let mut path = get("getCasebook", "pages", about, &responses(own, &[&refusals]));
    if let Some(Value::Array(parameters)) = path.pointer_mut("/get/parameters") {
        parameters.push(json!({
            "name": "dossier",
            "in": "query",
            "description": "A dossier to decide.",
            "schema": { "type": "string", "maxLength": 63, "pattern": TYPED },
            "example": "19 z 4 a 7 k 0 b 12 q 3 m",
        }));
    }
    path
}

/// `GET /docs`.
pub(super) fn docs() -> Value {
    let own =
        kept("The page.", &json!({ "text/html": text("It loads nothing from other servers.") }));
    let about = ("Read the documentation", "Both documents, for people.");
    unless_unchanged(get("getDocs", "pages", about, &responses(own, &[])))
}

/// `GET /docs/{page}`.
pub(super) fn docs_page() -> Value {
    let own =
        kept("The page.", &json!({ "text/html": text("It loads nothing from other servers.") }));
    let about =
        ("Read a page of the documentation", "One topic: `http`, `amqp`, `how`, `operate`.");
    let refusals = [Problem::NotFound];
    let mut path = get("getDocsPage", "pages", about, &responses(own, &[&refusals]));
    if let Some(Value::Array(parameters)) = path.pointer_mut("/get/parameters") {
        parameters.push(json!({
            "name": "page",
            "in": "path",
            "required": true,
            "description": "The name of the page.",
            "schema": { "type": "string", "pattern": "^[a-z-]+$", "maxLength": 63 },
            "example": "http",
        }));
    }
    unless_unchanged(path)
}

/// `GET /problems/{word}`.
pub(super) fn problem() -> Value {
    let content = json!({
        "text/html": text("What the problem means, and what to do about it."),
        "text/plain": text("The same as plain text."),
    });
    let own = ok("The page.", &content);
    let refusals = [Problem::NotFound];
    let about = ("Read about a problem", "The page at the `type` of a problem object.");
    let mut path = get("getProblem", "pages", about, &responses(own, &[&refusals]));
    if let Value::Object(path) = &mut path {
        path.insert("parameters".to_owned(), json!([component("parameters/word")]));
    }
    path
}

/// `GET /livez`.
pub(super) fn live() -> Value {
    let own = ok("It is alive.", &json!({ "text/plain": text("live") }));
    get(
        "getLiveness",
        "health",
        ("Check whether the process is alive", "Any response means yes."),
        &responses(own, &[]),
    )
}

/// `GET /readyz`.
pub(super) fn ready() -> Value {
    let content = |status: Status, broker: &'static str| {
        let example = example(&Readiness {
            why: None,
            status,
            broker: broker.into(),
            workers: Workers::Answering,
            database: "up".into(),
            replies_dropped: RepliesDropped { late: 0, malformed: 0 },
        });
        let schema = body::<Readiness>();
        json!({ "application/json": { "schema": schema, "example": example } })
    };
    let own = json!({
        "200": response("The gateway takes requests.", &content(Status::Ready, "up")),
        "503": response("The gateway takes no requests: `broker` says why.", &content(Status::NotReady, "connecting")),
    });
    let about = (
        "Check whether the gateway takes requests",
        "It does while the broker takes messages. If workers or database do not answer, the status \
        is `degraded`: requests are kept, and are done when both are back.",
    );
    get("getReadiness", "health", about, &responses(own, &[]))
}

/// A document of a public standard.
pub(super) fn document(id: &str, summary: &str, (standard, own_type): (&str, &str)) -> Value {
    let schema = json!({
        "type": "object",
        "required": [standard, "info"],
        "properties": { standard: { "type": "string" }, "info": { "type": "object" } },
    });
    let content = json!({
        "application/json": { "schema": schema },
        own_type: { "schema": schema },
    });
    let own = kept("The document.", &content);
    let about = (summary, "For tools, such as generators of clients.");
    unless_unchanged(get(id, "pages", about, &responses(own, &[])))
}

/// The responses of what stays the same until the next release.
fn kept(description: &str, content: &Value) -> Value {
    let own: &[Headers] = &[&[("Cache-Control", "cache-control"), ("ETag", "etag")]];
    json!({
        "200": { "description": description, "headers": headers(own), "content": content },
        "304": unchanged(),
    })
}

/// The same operation with `If-None-Match`.
fn unless_unchanged(mut path: Value) -> Value {
    if let Some(Value::Array(parameters)) = path.pointer_mut("/get/parameters") {
        parameters.push(component("parameters/If-None-Match"));
    }
    path
}

fn ok(description: &str, content: &Value) -> Value {
    json!({ "200": response(description, content) })
}

fn response(description: &str, content: &Value) -> Value {
    json!({ "description": description, "headers": headers(&[]), "content": content })
}

fn get(id: &str, tag: &str, (summary, description): (&str, &str), responses: &Value) -> Value {
    json!({ "get": {
        "operationId": id,
        "tags": [tag],
        "summary": summary,
        "description": description,
        "parameters": [component("parameters/x-request-id")],
        "responses": responses,
    } })
}
