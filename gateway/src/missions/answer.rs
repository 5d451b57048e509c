//! Answers: missions in the format that was asked for, and refusals.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::{Mission, Missions, Problem, ProblemKind};
use serde::Serialize;
use store::Filter;
use uuid::Uuid;

use super::negotiate::{Asked, Format};
use crate::pages;

/// Seconds after which a refused caller may come again.
pub(crate) const RETRY_AFTER: &str = "1";

/// A problem, and the headers that go with it.
pub(crate) struct Refusal {
    pub(crate) problem: Box<Problem>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let mut headers = Vec::new();
        let again = [ProblemKind::Unavailable, ProblemKind::Unconfirmed, ProblemKind::Conflict];
        if again.contains(&problem.kind()) {
            headers.push((header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER)));
        }
        Self { problem: Box::new(problem), headers }
    }
}

impl Refusal {
    /// The same refusal with one header more; a value that is no header is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl IntoResponse for Refusal {
    /// As JSON; `problems_as_asked` makes a page of it for whoever prefers one.
    fn into_response(self) -> Response {
        let Self { problem, headers } = self;
        let status = StatusCode::from_u16(problem.kind().status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let fields = [
            (header::CONTENT_TYPE, "application/problem+json"),
            (header::CACHE_CONTROL, "no-store"),
        ];
        let headers = axum::response::AppendHeaders(headers);
        let mut response = (status, fields, headers, json(&*problem)).into_response();
        response.extensions_mut().insert(*problem);
        response
    }
}

/// The database did not answer: retried by the caller.
pub(crate) fn database_away(error: &store::Error) -> Refusal {
    tracing::warn!(%error, "the database did not answer");
    let detail = "the database does not answer; repeat the request later";
    Problem::new(ProblemKind::Unavailable, detail).into()
}

/// Something that can be shown in every format.
pub(crate) trait Shown: Serialize {
    fn html(&self) -> String;
    fn text(&self) -> String;
}

/// A page of the list.
#[derive(Serialize)]
pub(crate) struct Page {
    pub(crate) missions: Vec<Mission>,
    /// The cursor of the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) next: Option<String>,
    /// The address of the next page.
    #[serde(skip)]
    pub(crate) next_page: Option<String>,
    /// The address of the first page, when this is another.
    #[serde(skip)]
    pub(crate) first_page: Option<String>,
    /// What it was filtered by.
    #[serde(skip)]
    pub(crate) filter: Filter,
}

/// The request stands, its missions do not yet.
#[derive(Serialize)]
pub(crate) struct Accepted {
    status: &'static str,
    /// Where they will be.
    pub(crate) location: String,
}

impl Accepted {
    pub(crate) fn at(location: String) -> Self {
        Self { status: "accepted", location }
    }
}

impl Shown for Mission {
    fn html(&self) -> String {
        pages::mission(self)
    }

    fn text(&self) -> String {
        let Self { objective, target, .. } = self;
        format!("Your mission, should you choose to accept it: {objective} {target}.\n")
    }
}

impl Shown for Missions {
    fn html(&self) -> String {
        pages::several(&self.missions)
    }

    fn text(&self) -> String {
        lines(&self.missions)
    }
}

impl Shown for Page {
    fn html(&self) -> String {
        pages::list(self)
    }

    fn text(&self) -> String {
        lines(&self.missions)
    }
}

impl Shown for Accepted {
    fn html(&self) -> String {
        pages::accepted(self)
    }

    fn text(&self) -> String {
        format!("Accepted. Your mission will be at {}\n", self.location)
    }
}

fn lines(missions: &[Mission]) -> String {
    let line = |m: &Mission| format!("{}  {}  {} {}\n", m.id, m.created_at, m.objective, m.target);
    missions.iter().map(line).collect()
}

/// An answer in the format that was asked for.
pub(crate) fn answer(
    asked: &Asked,
    status: StatusCode,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
    what: &impl Shown,
) -> Response {
    let mut response = (status, representation(asked.format, what)).into_response();
    let kind = HeaderValue::from_static(asked.format.media_type());
    response.headers_mut().insert(header::CONTENT_TYPE, kind);
    add(&mut response, headers);
    response
}

/// An answer to GET, or 304 for whoever has it already.
pub(crate) fn cached(
    asked: &Asked,
    cache: &'static str,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
    what: &impl Shown,
) -> Response {
    let body = representation(asked.format, what);
    let tag = format!("W/\"{}\"", Uuid::new_v5(&Uuid::NAMESPACE_OID, &body).simple());
    let mut response = if asked.has(&tag) {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let kind = HeaderValue::from_static(asked.format.media_type());
        ([(header::CONTENT_TYPE, kind)], body).into_response()
    };
    add(&mut response, [(header::ETAG, tag), (header::CACHE_CONTROL, cache.to_owned())]);
    add(&mut response, headers);
    response
}

fn representation(format: Format, what: &impl Shown) -> Vec<u8> {
    match format {
        Format::Json => json(what),
        Format::Html => what.html().into_bytes(),
        Format::Text => what.text().into_bytes(),
    }
}

/// One line of JSON, with a newline for terminals.
pub(crate) fn json(what: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(what).unwrap_or_default(); // our own types cannot fail
    bytes.push(b'\n');
    bytes
}

/// Adds headers; what is no header is left out.
pub(crate) fn add(
    response: &mut Response,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
) {
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
}
