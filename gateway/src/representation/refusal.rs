//! A request that is refused: a problem object (RFC 9457) and its headers.

use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use schemas::{Problem, ProblemKind, Sent};

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
    /// The same refusal, of a request with a key.
    pub(crate) fn with_key(mut self) -> Self {
        *self.problem = self.problem.clone().of_request(Sent::WithKey);
        self
    }

    /// The same refusal with one header more; a value that is no header is left out.
    pub(crate) fn with(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.push((name, value));
        }
        self
    }
}

impl IntoResponse for Refusal {
    /// Without a body: the edge knows the format that the client prefers, and writes it.
    fn into_response(self) -> Response {
        let Self { problem, headers } = self;
        let status = StatusCode::from_u16(problem.kind().status())
            .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let fields = [(header::CACHE_CONTROL, "no-store")];
        let headers = axum::response::AppendHeaders(headers);
        let mut response = (status, fields, headers).into_response();
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
