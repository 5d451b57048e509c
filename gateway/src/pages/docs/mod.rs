//! The documentation page. It is made from the OpenAPI and the AsyncAPI document, so it says the same
//! as they do, and it loads nothing from other servers.

mod amqp;
mod example;
mod http;
mod node;
mod prose;
mod schema;
#[cfg(test)]
mod tests;

use askama::Template;
use schemas::ProblemKind;
use serde_json::Value;

use super::html::html;
use node::Node;
use schema::Schema;

/// Complete clients, which the tests run: file, command, text.
const CLIENTS: [(&str, &str, &str); 4] = [
    (
        "ask.py",
        "pip install pika && python3 ask.py",
        include_str!("../../../../schemas/examples/ask.py"),
    ),
    (
        "ask.js",
        "npm install amqplib && node ask.js",
        include_str!("../../../../schemas/examples/ask.js"),
    ),
    ("ask.rs", "cargo run --example ask", include_str!("../../../../schemas/examples/ask.rs")),
    ("ask.sh", "sh ask.sh", include_str!("../../../../schemas/examples/ask.sh")),
];

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs<'a> {
    version: &'a str,
    http: http::Interface,
    amqp: amqp::Interface,
    schemas: Vec<Schema>,
    clients: [(&'a str, &'a str, &'a str); 4],
}

/// The page of these two documents.
pub(crate) fn docs(openapi: &Value, asyncapi: &Value) -> String {
    let (http, amqp) = (Node::root(openapi), Node::root(asyncapi));
    html(&Docs {
        version: http.get("info").text_of("version"),
        http: http::Interface::of(http),
        amqp: amqp::Interface::of(amqp),
        schemas: schemas_of([http, amqp]),
        clients: CLIENTS,
    })
}

/// The schemas of the documents, each name once: both are made from the same types.
fn schemas_of<const N: usize>(documents: [Node<'_>; N]) -> Vec<Schema> {
    let all = documents
        .into_iter()
        .flat_map(|document| document.get("components").get("schemas").members());
    let mut schemas: Vec<_> = all.map(|(name, schema)| Schema::of(name, schema)).collect();
    schemas.sort_by(|a, b| a.name.cmp(&b.name));
    schemas.dedup_by(|a, b| a.name == b.name);
    schemas
}
