//! The access log: one line for each request, at level `debug`.

use std::time::Instant;

use axum::extract::Request;
use axum::http::{Method, StatusCode};
use tracing::{Level, Span};

use super::client::{Client, Proxies};

/// The longest path that is logged, so that callers do not fill the log.
const LONGEST: usize = 256;

/// What is known of a line when the request begins.
pub(super) struct Line {
    began: Instant,
    method: Method,
    path: String,
    client: Client,
}

impl Line {
    /// The line of this request; `None` if such lines are not logged.
    pub(super) fn of(request: &Request, proxies: &Proxies) -> Option<Self> {
        if !tracing::enabled!(Level::DEBUG) {
            return None;
        }
        let path = format!("{:.LONGEST$}", request.uri().path());
        let (method, client) = (request.method().clone(), Client::of(request, proxies));
        Some(Self { began: Instant::now(), method, path, client })
    }

    /// Writes the line.
    pub(super) fn write(&self, status: StatusCode, span: &Span) {
        let Self { began, method, path, client } = self;
        let (status, ms) = (status.as_u16(), began.elapsed().as_secs_f64() * 1e3);
        span.in_scope(|| tracing::debug!(%method, path, status, ms, %client, "answered"));
    }
}
