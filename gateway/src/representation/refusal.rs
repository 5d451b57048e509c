//! A request that is refused: a problem object (RFC 9457) and its headers.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::{Problem, ProblemKind};

use super::json::json;

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
    /// As JSON. The edge rewrites it as a page or as text for a client that prefers one.
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

/// Refuses when one of the rows that were found cannot be read.
pub(crate) fn readable(found: &store::Found) -> Result<(), Refusal> {
    let Some(row) = found.unreadable.first() else { return Ok(()) };
    tracing::warn!(%row, "a stored row was requested");
    Err(Problem::new(ProblemKind::Internal, row.to_string()).into())
}
