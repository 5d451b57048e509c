//! What is read by people, by whoever watches the gateway, and by tools.

use serde_json::{Value, json};

use super::component;
use super::headers::headers;
use super::responses::{responses, text};
use crate::ProblemKind as Problem;

/// `GET /`.
pub(super) fn home() -> Value {
    let content = json!({
        "text/html": text("One button that asks for a mission."),
        "text/plain": text("What to type."),
    });
    let own = answers("The page.", &content);
    get(
        "getHome",
        "pages",
        ("Begin here", "A page with one button; for curl, what to type."),
        &responses(own, &[&[Problem::NotAcceptable]]),
    )
}

/// `GET /docs`.
pub(super) fn docs() -> Value {
    let own = answers("The page.", &json!({ "text/html": text("Needs no internet.") }));
    get("getDocs", "pages", ("Read about it", "Both documents, for people."), &responses(own, &[]))
}

/// `GET /problems/{word}`.
pub(super) fn problem() -> Value {
    let content = json!({
        "text/html": text("What it means, and what to do about it."),
        "text/plain": text("The same in lines."),
    });
    let own = answers("The page.", &content);
    let refusals = [Problem::NotFound, Problem::NotAcceptable];
    let about = ("Read about a problem", "The page behind the `type` of a problem object.");
    let mut path = get("getProblem", "pages", about, &responses(own, &[&refusals]));
    if let Value::Object(path) = &mut path {
        path.insert("parameters".to_owned(), json!([component("parameters/word")]));
    }
    path
}

/// `GET /livez`.
pub(super) fn live() -> Value {
    let own = answers("It does.", &json!({ "text/plain": text("live") }));
    get(
        "getLiveness",
        "health",
        ("Ask whether it lives", "Whoever answers lives."),
        &responses(own, &[]),
    )
}

/// `GET /readyz`.
pub(super) fn ready() -> Value {
    let content = |status: &str, broker: &str| {
        let example = json!({
            "status": status, "broker": broker, "workers": "answering", "database": "up",
        });
        let schema = component("schemas/Readiness");
        json!({ "application/json": { "schema": schema, "example": example } })
    };
    let own = json!({
        "200": answer("It can.", &content("ready", "up")),
        "503": answer("It cannot: `broker` says why.", &content("not ready", "connecting")),
    });
    let about = (
        "Ask whether it takes requests",
        "Ready while the broker takes requests. Silent workers or a silent database are shown as \
        `degraded`: requests are kept, and done when they are back.",
    );
    get("getReadiness", "health", about, &responses(own, &[]))
}

/// A document of a public standard.
pub(super) fn document(id: &str, summary: &str, standard: &str) -> Value {
    let schema = json!({
        "type": "object",
        "required": [standard, "info"],
        "properties": { standard: { "type": "string" }, "info": { "type": "object" } },
    });
    let own = answers("The document.", &json!({ "application/json": { "schema": schema } }));
    let about = (summary, "For generators of clients, and for pages.");
    get(id, "pages", about, &responses(own, &[]))
}

fn answers(description: &str, content: &Value) -> Value {
    json!({ "200": answer(description, content) })
}

fn answer(description: &str, content: &Value) -> Value {
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
