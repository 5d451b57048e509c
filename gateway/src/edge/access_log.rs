//! The access log: one line for each request, at level `debug`; and short lines about requests for
//! missions, for whoever watches a terminal.

use std::time::Instant;

use axum::extract::Request;
use axum::http::Method;
use axum::response::Response;
use tracing::{Level, Span};

use super::announce::Announcer;
use super::client::{Client, Proxies};
use crate::summary::Summary;

/// The longest path that is logged, so that callers do not fill the log.
const LONGEST: usize = 256;

/// What is known of a line when the request begins.
pub(super) struct Line {
    began: Instant,
    /// For the access log.
    access: Option<Access>,
    /// For a terminal.
    announcer: Option<Announcer>,
}

struct Access {
    method: Method,
    path: String,
    client: Client,
}

impl Line {
    /// The line of this request; `None` if such lines are not logged.
    pub(super) fn of(
        request: &Request,
        proxies: &Proxies,
        announcer: Option<&Announcer>,
    ) -> Option<Self> {
        let access = tracing::enabled!(Level::DEBUG).then(|| Access {
            method: request.method().clone(),
            path: format!("{:.LONGEST$}", request.uri().path()),
            client: Client::of(request, proxies),
        });
        let asks = request.method() == Method::POST && request.uri().path() == "/missions";
        let announcer = announcer.filter(|_| asks).cloned();
        let wanted = access.is_some() || announcer.is_some();
        wanted.then(|| Self { began: Instant::now(), access, announcer })
    }

    /// Writes the line.
    pub(super) fn write<B>(&self, response: &Response<B>, span: &Span) {
        let (status, took) = (response.status(), self.began.elapsed());
        let summary = response.extensions().get::<Summary>();
        if let Some(announcer) = &self.announcer {
            announcer.tell(status, took, summary);
        }
        let Some(Access { method, path, client }) = &self.access else { return };
        let (status, ms) = (status.as_u16(), took.as_secs_f64() * 1e3);
        let mission = summary.map(|summary| tracing::field::display(summary.first));
        let missions = summary.map(|summary| summary.count).filter(|count| *count > 1);
        span.in_scope(|| {
            tracing::debug!(%method, path, status, ms, %client, mission, missions, "answered");
        });
    }
}
