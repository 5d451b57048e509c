//! Answers: missions as JSON, and refusals.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::{Problem, ProblemKind};
use serde::Serialize;

/// Seconds after which a refused caller may come again.
pub(super) const RETRY_AFTER: &str = "1";

/// A problem, and the headers that go with it.
pub(super) struct Refusal {
    pub(super) problem: Box<Problem>,
    pub(super) headers: Vec<(HeaderName, HeaderValue)>,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let mut headers = Vec::new();
        if matches!(problem.kind(), ProblemKind::Unavailable | ProblemKind::Unconfirmed) {
            headers.push((header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER)));
        }
        Self { problem: Box::new(problem), headers }
    }
}

impl Refusal {
    /// The same refusal with one header more; a value that is no header is left out.
    pub(super) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

/// The database did not answer: retried by the caller.
pub(super) fn database_away(error: &store::Error) -> Refusal {
    tracing::warn!(%error, "the database did not answer");
    let detail = "the database does not answer; repeat the request later";
    Problem::new(ProblemKind::Unavailable, detail).into()
}

/// A JSON answer, with a newline for terminals.
pub(super) fn json(
    status: StatusCode,
    headers: impl IntoIterator<Item = (HeaderName, String)>,
    body: &impl Serialize,
) -> Response {
    let mut bytes = serde_json::to_vec(body).unwrap_or_default(); // our own types cannot fail
    bytes.push(b'\n');
    let mut response = (status, bytes).into_response();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    for (name, value) in headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
    response
}
