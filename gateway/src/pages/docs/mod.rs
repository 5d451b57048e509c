//! The documentation: a small site. Its texts are those of README, ARCHITECTURE and `docs/`, and what is
//! said about each request and message is made of the OpenAPI and the AsyncAPI document. It loads nothing
//! from other servers.

mod address;
mod amqp;
mod answers;
mod article;
mod example;
mod examples;
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
pub(crate) use address::address;
use address::{FILES, MADE, SCHEMAS};
use article::Article;
use examples::Request;
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
const README: &str = include_str!("../../../../README.md");
const ARCHITECTURE: &str = include_str!("../../../../ARCHITECTURE.md");
const HTTP: &str = include_str!("../../../../docs/http.md");
const AMQP: &str = include_str!("../../../../docs/amqp.md");

/// The sections of README that a reader of a running gateway needs.
const START: [&str; 4] =
    ["a-request-over-http", "a-request-over-amqp", "in-containers", "where-to-read-on"];
/// The sections of ARCHITECTURE that come first.
const HOW: [&str; 3] = ["the-idea", "the-way-of-a-mission", "if-a-process-dies"];
/// With more sections than this, a page shows their headings only.
const OPEN_SECTIONS: usize = 2;
/// How many sections are open: none, or all.
const FOLDED: usize = 0;
const ALL_OPEN: usize = usize::MAX;

/// What every page has: its own name, its title, and the sections that its contents list.
struct Frame {
    name: &'static str,
    title: String,
    contents: Vec<(String, String)>,
}

impl Frame {
    fn of(name: &'static str, contents: Vec<(String, String)>) -> Self {
        let found = address::topics().find(|(topic, _)| *topic == name);
        let title = found.map_or(name, |(_, title)| title).to_owned();
        Self { name, title, contents }
    }

    /// Every page.
    fn topics(&self) -> Vec<(&'static str, &'static str)> {
        address::topics().collect()
    }
}

/// What this gateway lets its callers do beside HTTP.
#[derive(Clone, Copy)]
pub(crate) struct Offer {
    /// They can come over AMQP.
    pub(crate) amqp: bool,
    /// The page about HTTP sends requests.
    pub(crate) send: bool,
}

/// Every page with its name.
pub(crate) fn site(openapi: &Value, asyncapi: &Value, offer: Offer) -> Vec<(&'static str, String)> {
    let (http, amqp) = (Node::root(openapi), Node::root(asyncapi));
    let made =
        [start(http), of_http(http, offer.send), of_amqp(amqp, offer.amqp), problems(), how()];
    let made = MADE.into_iter().map(|(name, _)| name).zip(made);
    let files = FILES.into_iter().map(|(name, _, text)| (name, of_file(name, text)));
    made.chain(files).chain([(SCHEMAS.0, schemas([http, amqp]))]).collect()
}

fn start(document: Node<'_>) -> String {
    #[derive(Template)]
    #[template(path = "docs/start.html")]
    struct Start<'a> {
        frame: Frame,
        article: Article,
        examples: Vec<(&'static str, String)>,
        clients: [(&'a str, &'a str, &'a str); 4],
        version: &'a str,
    }
    let article = Article::of(README).only(&START);
    let mut contents = vec![("minute".to_owned(), "In one minute".to_owned())];
    contents.extend(article.contents());
    contents.push(("clients".to_owned(), "Whole clients".to_owned()));
    let request = Request { method: "post", path: "/missions".to_owned(), body: None };
    html(&Start {
        frame: Frame::of("", contents),
        article,
        examples: request.in_each_language(),
        clients: CLIENTS,
        version: document.get("info").text_of("version"),
    })
}

fn of_http(document: Node<'_>, sends: bool) -> String {
    #[derive(Template)]
    #[template(path = "docs/http.html")]
    struct Http {
        frame: Frame,
        article: Article,
        http: http::Interface,
        sends: bool,
    }
    let (article, http) = (Article::of(HTTP), http::Interface::of(document));
    let groups = http.groups.iter().map(|group| (group.id(), group.title()));
    let mut contents: Vec<_> = groups.collect();
    contents.push(("answers".to_owned(), "Answers of many requests".to_owned()));
    contents.push(("headers".to_owned(), "Headers of answers".to_owned()));
    contents.extend(article.contents());
    html(&Http { frame: Frame::of("http", contents), article, http, sends })
}

/// The Rust that the page about HTTP shows, as one file that compiles: `examples/http/shown.rs`.
pub fn shown_rust() -> String {
    let document = schemas::openapi();
    let http = http::Interface::of(Node::root(&document));
    let operations = http.groups.iter().flat_map(|group| &group.operations);
    examples::rust_file(operations.flat_map(|operation| {
        let rust = operation.examples.iter().filter(|(language, _)| *language == "Rust");
        rust.map(|(_, code)| (operation.id.as_str(), code.as_str()))
    }))
}

fn of_amqp(document: Node<'_>, has_door: bool) -> String {
    #[derive(Template)]
    #[template(path = "docs/amqp.html")]
    struct Amqp {
        frame: Frame,
        article: Article,
        amqp: amqp::Interface,
        has_door: bool,
    }
    let (article, amqp) = (Article::of(AMQP), amqp::Interface::of(document));
    let groups = amqp.groups.iter();
    let mut contents: Vec<_> =
        groups.map(|group| (group.id().to_owned(), group.title().to_owned())).collect();
    contents.extend(article.contents());
    html(&Amqp { frame: Frame::of("amqp", contents), article, amqp, has_door })
}

fn problems() -> String {
    #[derive(Template)]
    #[template(path = "docs/problems.html")]
    struct Problems {
        frame: Frame,
    }
    html(&Problems { frame: Frame::of("problems", Vec::new()) })
}

/// ARCHITECTURE. What it is, the way of a mission, and what happens when a process dies, come first and
/// are open.
fn how() -> String {
    html(&OfText::new("how", Article::of(ARCHITECTURE).first(&HOW), HOW.len()))
}

/// A page of a file. If it is long, its sections are folded.
fn of_file(name: &'static str, text: &str) -> String {
    let article = Article::of(text);
    let open = if article.sections.len() > OPEN_SECTIONS { FOLDED } else { ALL_OPEN };
    html(&OfText::new(name, article, open))
}

/// A page that is only text.
#[derive(Template)]
#[template(path = "docs/article.html")]
struct OfText {
    frame: Frame,
    article: Article,
    /// How many of its sections are open.
    open: usize,
}

impl OfText {
    fn new(name: &'static str, article: Article, open: usize) -> Self {
        let mut frame = Frame::of(name, article.contents());
        frame.title.clone_from(&article.title);
        Self { frame, article, open }
    }
}

/// The schemas of the documents, each name once: both are made from the same types.
fn schemas<const N: usize>(documents: [Node<'_>; N]) -> String {
    #[derive(Template)]
    #[template(path = "docs/schemas.html")]
    struct Schemas {
        frame: Frame,
        schemas: Vec<Schema>,
    }
    let all = documents
        .into_iter()
        .flat_map(|document| document.get("components").get("schemas").members());
    let mut schemas: Vec<_> = all.map(|(name, schema)| Schema::of(name, schema)).collect();
    schemas.sort_by(|a, b| a.name.cmp(&b.name));
    schemas.dedup_by(|a, b| a.name == b.name);
    html(&Schemas { frame: Frame::of(SCHEMAS.0, Vec::new()), schemas })
}
