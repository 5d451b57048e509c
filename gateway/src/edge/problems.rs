//! Problems in the format that the client prefers, and the problem of a panic.

use std::any::Any;

use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{HeaderValue, Method, Uri, header};
use axum::response::Response;
use schemas::{Problem, ProblemKind, Sent};

use crate::missions::key::IDEMPOTENCY_KEY;
use crate::pages::{self, Around};
use crate::representation::{Format, Refusal, json};

/// What a problem has to know of its request.
pub(super) struct Asked {
    /// What the client prefers; JSON if it accepts nothing that there is.
    format: Option<Format>,
    sent: Sent,
    /// The address, for a link that asks again.
    address: Option<Uri>,
}

impl Asked {
    pub(super) fn of(request: &Request) -> Self {
        let (format, sent) =
            (Format::preferred(request.headers(), &Format::OF_MISSIONS), sent(request));
        let again = format == Some(Format::Html) && sent == Sent::Reading;
        Self { format, sent, address: again.then(|| request.uri().clone()) }
    }
}

fn sent(request: &Request) -> Sent {
    match *request.method() {
        Method::GET | Method::HEAD | Method::OPTIONS => Sent::Reading,
        _ if request.headers().contains_key(IDEMPOTENCY_KEY) => Sent::WithKey,
        _ => Sent::WithoutKey,
    }
}

/// Says that responses differ by `Accept`. If the response is a problem, writes it in the format
/// that the client prefers. `id` is the request's.
pub(super) fn write(asked: &Asked, id: &HeaderValue, response: &mut Response) {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return };
    let known = problem.repeat().is_some(); // a form has its key in its body
    let problem = if known { problem } else { problem.of_request(asked.sent) };
    let seconds = response.headers().get(header::RETRY_AFTER).and_then(|after| after.to_str().ok());
    let (media_type, body) = match asked.format {
        Some(Format::Html) => {
            let again = asked.address.as_ref().and_then(Uri::path_and_query);
            let id = id.to_str().unwrap_or_default();
            let again = again.map(PathAndQuery::as_str);
            (Format::Html.media_type(), pages::problem(&problem, &Around { seconds, again, id }))
        }
        Some(Format::Text) => (Format::Text.media_type(), text(&problem)),
        Some(Format::Json | Format::Csv) | None => (
            "application/problem+json",
            String::from_utf8(json(&problem)).unwrap_or_default(), // JSON is UTF-8
        ),
    };
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = body.into();
}

fn text(problem: &Problem) -> String {
    let (title, repeat) = (problem.kind().title(), problem.repeat().unwrap_or_default());
    format!("{title}\n{}\n{repeat}\n", problem.detail())
}

/// The problem of a request whose handler panicked. Only the log says what the panic was.
pub(super) fn of_panic(panic: &(dyn Any + Send)) -> Refusal {
    let message = panic.downcast_ref::<&str>().copied();
    let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = message.unwrap_or_default(), "a request met a defect");
    let detail = "this request met a defect of the gateway, which has logged it";
    Problem::new(ProblemKind::Internal, detail).into()
}
