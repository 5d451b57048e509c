//! Every response of the gateway, in every format and with every status, is described by its document.

use reqwest::RequestBuilder;

use crate::http::{get, request, send};
use crate::judge::conforms;
use crate::system::{Embedded, ask};

/// A method, a path as the document writes it, the actual path, a header, and the status.
type Asked = (&'static str, &'static str, String, (&'static str, &'static str), u16);

/// A header without a meaning.
const NONE: (&str, &str) = ("x-none", "0");
const HTML: (&str, &str) = ("accept", "text/html");
const TEXT: (&str, &str) = ("accept", "text/plain");

fn asked(id: &str) -> Vec<Asked> {
    let (one, request) = ("/missions/{id}", "019abc00-1111-7222-8333-444455556600");
    let mission = |query: &str| format!("/missions/{id}{query}");
    let mut all: Vec<Asked> = vec![
        ("GET", one, mission(""), NONE, 200),
        ("GET", one, mission(""), HTML, 200),
        ("GET", one, mission(""), TEXT, 200),
        ("GET", one, mission(""), ("if-none-match", "*"), 304),
        ("GET", one, mission("?page=2"), NONE, 400),
        ("GET", one, "/missions/bond".into(), NONE, 400),
        ("GET", one, "/missions/bond".into(), HTML, 400),
        ("GET", one, format!("/missions/{request}"), NONE, 404),
        ("GET", one, format!("/missions/{request}"), TEXT, 404),
        ("GET", one, mission(""), ("accept", "image/png"), 406),
        ("GET", "/missions", "/missions".into(), ("if-none-match", "*"), 304),
        ("GET", "/missions", format!("/missions?request={request}&count=1"), NONE, 404),
        ("GET", "/missions", "/missions?limit=257".into(), NONE, 422),
        ("GET", "/missions", "/missions?since=then".into(), NONE, 400),
        ("POST", "/missions", "/missions".into(), HTML, 303),
        ("POST", "/missions", "/missions".into(), TEXT, 201),
        ("POST", "/missions", "/missions".into(), ("idempotency-key", "a b"), 400),
        ("POST", "/missions", "/missions".into(), ("idempotency-key", "once"), 201),
        ("POST", "/missions", "/missions".into(), ("idempotency-key", "once"), 201),
        ("GET", "/missions/events", "/missions/events".into(), ("last-event-id", "x"), 400),
        ("GET", "/operations", "/operations".into(), NONE, 200),
        ("GET", "/operations", "/operations".into(), HTML, 200),
        ("GET", "/operations", "/operations".into(), TEXT, 406),
        ("GET", "/operations", "/operations".into(), ("sec-fetch-site", "cross-site"), 403),
        ("GET", "/operations", "/operations".into(), ("x-forwarded-for", "10.0.0.9"), 404),
        ("POST", "/operations/login", "/operations/login".into(), NONE, 422),
        ("POST", "/operations/logout", "/operations/logout".into(), NONE, 303),
        ("GET", "/problems/{word}", "/problems/invalid".into(), HTML, 200),
        ("GET", "/casebook", "/casebook?dossier=19+z".into(), NONE, 422),
        ("GET", "/casebook", "/casebook?dossier=19+z".into(), HTML, 422),
        ("GET", "/casebook", "/casebook?rule=1".into(), NONE, 400),
        ("GET", "/problems/{word}", "/problems/none".into(), NONE, 404),
        ("GET", "/docs/{page}", "/docs/http".into(), HTML, 200),
        ("GET", "/docs/{page}", "/docs/none".into(), NONE, 404),
    ];
    for path in [
        "/",
        "/missions",
        "/casebook",
        "/docs",
        "/livez",
        "/readyz",
        "/openapi.json",
        "/asyncapi.json",
    ] {
        all.push(("GET", path, path.into(), NONE, 200));
    }
    all
}

#[tokio::test]
async fn every_response_is_described_by_the_document() {
    let embedded = Embedded::start().await;
    let url = |path: &str| format!("{}{path}", embedded.gateway);
    let id = ask(&embedded.gateway).await["id"].as_str().unwrap().to_owned();
    for (method, path, asked, (name, value), status) in asked(&id) {
        let said = send(plain(method, &url(&asked)).header(name, value)).await;
        assert_eq!(said.status, status, "{method} {asked} {name}: {said:?}");
        conforms(method, path, &said);
    }
    let wrong_body = |media, body: &'static str| {
        plain("POST", &url("/missions")).header("content-type", media).body(body)
    };
    let huge: &'static str = " ".repeat(20_000).leak();
    for (media, body, status) in [
        ("application/json", "{", 400),
        ("application/json", huge, 413),
        ("text/plain", "{}", 415),
        ("application/json", "{\"count\":0}", 422),
    ] {
        let said = send(wrong_body(media, body)).await;
        assert_eq!(said.status, status, "{said:?}");
        conforms("POST", "/missions", &said);
    }
}

/// A request whose redirection is not followed.
fn plain(method: &str, url: &str) -> RequestBuilder {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    client.build().unwrap().request(method, url)
}

/// Sent with a method that the document describes, so that the response can be compared with it.
#[tokio::test]
async fn the_response_to_a_wrong_method_is_described_by_the_document() {
    let embedded = Embedded::start().await;
    for path in [
        "/",
        "/missions",
        "/docs",
        "/livez",
        "/readyz",
        "/openapi.json",
        "/missions/events",
        "/operations",
        "/operations/events",
    ] {
        let said = send(request("DELETE", &format!("{}{path}", embedded.gateway))).await;
        assert_eq!(said.status, 405);
        conforms("GET", path, &said);
    }
}

#[tokio::test]
async fn the_documents_that_are_served_are_the_committed_ones() {
    let embedded = Embedded::start().await;
    for (path, committed) in [
        ("/openapi.json", include_str!("../../schemas/openapi.json")),
        ("/asyncapi.json", include_str!("../../schemas/asyncapi.json")),
    ] {
        let committed: serde_json::Value = serde_json::from_str(committed).unwrap();
        let served = get(&format!("{}{path}", embedded.gateway)).await.json();
        let [committed, served] = [committed, served].map(|document| format!("{document:#}"));
        let remedy = "`cargo xtask generate` writes the document anew";
        testkit::drift::assert_same(path, &committed, &served, remedy);
    }
}
