//! Requests that two servers might read differently: refused, so that no proxy before us and we ever
//! disagree about where a request ends or for whom it is.

use axum::extract::Request;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, Version, header};
use schemas::{Problem, ProblemKind};

/// What is wrong with `Host` or `Transfer-Encoding`.
pub(super) fn fault(request: &Request) -> Option<Problem> {
    let detail = host(request.headers(), request.version())
        .or_else(|| transfer_encoding(request.headers()))?;
    Some(Problem::new(ProblemKind::Malformed, detail))
}

/// RFC 9112 section 3.2: exactly one; an HTTP/1.0 request may have none.
fn host(headers: &HeaderMap, version: Version) -> Option<&'static str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (None, _) if version < Version::HTTP_11 => None,
        (None, _) => Some("header `Host`: it is missing"),
        (Some(_), Some(_)) => Some("header `Host`: it is there twice"),
        (Some(host), None) => {
            let host = host.to_str().unwrap_or(" ");
            let valid = host.is_empty() || host.parse::<Authority>().is_ok();
            (!valid || host.contains('@')).then_some("header `Host`: write a host and a port")
        }
    }
}

/// The only coding that we know is `chunked`, once.
fn transfer_encoding(headers: &HeaderMap) -> Option<&'static str> {
    let mut codings = headers.get_all(header::TRANSFER_ENCODING).iter();
    match (codings.next(), codings.next()) {
        (None, _) => None,
        (Some(coding), None) if coding.as_bytes().eq_ignore_ascii_case(b"chunked") => None,
        _ => Some("header `Transfer-Encoding`: the only coding is `chunked`, once"),
    }
}
