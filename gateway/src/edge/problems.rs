//! Problems in the format that the client prefers, and the problem of a panic.

use std::any::Any;

use axum::http::{HeaderValue, header};
use axum::response::Response;
use schemas::{Problem, ProblemKind};

use crate::pages;
use crate::representation::{Format, Refusal};

/// Says that responses differ by `Accept`. If the response is a problem, rewrites it as a page or as
/// text for a client that prefers one.
pub(super) fn write_as(format: Option<Format>, response: &mut Response) {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("accept"));
    let Some(problem) = response.extensions_mut().remove::<Problem>() else { return };
    let (format, body) = match format {
        Some(Format::Html) => (Format::Html, pages::problem(&problem)),
        Some(Format::Text) => {
            (Format::Text, format!("{}\n{}\n", problem.kind().title(), problem.detail()))
        }
        Some(Format::Json) | None => return,
    };
    let media_type = HeaderValue::from_static(format.media_type());
    response.headers_mut().insert(header::CONTENT_TYPE, media_type);
    response.headers_mut().remove(header::CONTENT_LENGTH);
    *response.body_mut() = body.into();
}

/// The problem of a request whose handler panicked. Only the log says what the panic was.
pub(super) fn of_panic(panic: &(dyn Any + Send)) -> Refusal {
    let message = panic.downcast_ref::<&str>().copied();
    let message = message.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = message.unwrap_or_default(), "a request met a defect");
    let detail = "this request met a defect of the gateway, which has logged it";
    Problem::new(ProblemKind::Internal, detail).into()
}
