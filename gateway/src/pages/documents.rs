//! The documentation, `/docs` and the pages below it, and the documents about both interfaces,
//! `/openapi.json` and `/asyncapi.json`. Each is made once, and does not change until the next release.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use schemas::{Problem, ProblemKind};
use serde_json::Value;
use uuid::Uuid;

use super::about;
use super::docs::{Offer, address, site};
use crate::representation::{Accept, Format, Refusal};

static OPENAPI: LazyLock<Document> = LazyLock::new(|| Document::json(&schemas::openapi()));
static ASYNCAPI: LazyLock<Document> = LazyLock::new(|| Document::json(&schemas::asyncapi()));
static SITE: LazyLock<BTreeMap<&'static str, Document>> = LazyLock::new(|| {
    let offer = Offer { amqp: about::has_amqp(), send: about::sends() };
    let pages = site(&schemas::openapi(), &schemas::asyncapi(), offer);
    pages.into_iter().map(|(name, page)| (name, Document::new(page))).collect()
});

/// `GET /openapi.json`.
pub(crate) async fn openapi(headers: HeaderMap) -> Response {
    OPENAPI.served(&headers, named(&headers, "application/vnd.oai.openapi+json"))
}

/// `GET /asyncapi.json`.
pub(crate) async fn asyncapi(headers: HeaderMap) -> Response {
    ASYNCAPI.served(&headers, named(&headers, "application/vnd.aai.asyncapi+json"))
}

/// `GET /docs`.
pub(crate) async fn docs(headers: HeaderMap) -> Result<Response, Refusal> {
    page_of("", &headers)
}

/// `GET /docs/{page}`.
pub(crate) async fn page(
    name: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    page_of(&name.map(|Path(name)| name).unwrap_or_default(), &headers)
}

fn page_of(name: &str, headers: &HeaderMap) -> Result<Response, Refusal> {
    let page = SITE.get(name).ok_or_else(|| {
        let names: Vec<_> = SITE.keys().map(|name| format!("`{}`", address(name))).collect();
        let detail = format!("the pages of the documentation are {}", names.join(", "));
        Refusal::from(Problem::new(ProblemKind::NotFound, detail))
    })?;
    Ok(page.served(headers, Format::Html.media_type()))
}

/// The document's own media type for a client that accepts it by name, else JSON.
fn named(headers: &HeaderMap, own: &'static str) -> &'static str {
    let accepts = headers.get_all(header::ACCEPT).iter().filter_map(|value| value.to_str().ok());
    let asked = accepts.flat_map(|value| value.split([',', ';'])).any(|range| range.trim() == own);
    if asked { own } else { Format::Json.media_type() }
}

struct Document {
    content: Bytes,
    tag: String,
}

impl Document {
    fn json(value: &Value) -> Self {
        Self::new(value.to_string() + "\n")
    }

    fn new(content: String) -> Self {
        let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, content.as_bytes()).simple();
        Self { content: content.into(), tag: format!("W/\"{hash}\"") }
    }

    fn served(&self, headers: &HeaderMap, media_type: &str) -> Response {
        // Browsers keep it and ask each time whether it is still the same.
        let about = [(header::ETAG, self.tag.as_str()), (header::CACHE_CONTROL, "no-cache")];
        if Accept::new(headers, Format::Json).has(&self.tag) {
            return (StatusCode::NOT_MODIFIED, about).into_response();
        }
        (about, [(header::CONTENT_TYPE, media_type)], self.content.clone()).into_response()
    }
}
