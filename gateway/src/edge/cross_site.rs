//! Requests that a page of another site has its visitor's browser send.
//!
//! The same rules as tower-http's `CsrfLayer` (and Go's `CrossOriginProtection`), which is not used
//! for one reason: it cannot trust origins of browser extensions, which `--cors` may list.

use axum::extract::Request;
use axum::http::{HeaderMap, Method, header};
use schemas::{Problem, ProblemKind};

use super::cors::Origins;

/// The refusal of a request that another site's page sent, unless its origin is listed. Browsers say
/// it in `Sec-Fetch-Site`, older ones in `Origin` only; other clients send neither, and pass.
pub(super) fn fault(request: &Request, listed: Option<&Origins>) -> Option<Problem> {
    let headers = request.headers();
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if safe || is_listed(headers, listed) || !is_foreign(headers) {
        return None;
    }
    let detail = "a page of another site sent this, and its origin is not listed";
    Some(Problem::new(ProblemKind::CrossSite, detail))
}

fn is_listed(headers: &HeaderMap, listed: Option<&Origins>) -> bool {
    match (listed, headers.get(header::ORIGIN)) {
        (Some(Origins::Any), _) => true,
        (Some(Origins::These(origins)), Some(origin)) => origins.contains(origin),
        (Some(Origins::These(_)), None) | (None, _) => false,
    }
}

/// Whether a page of another site sent this.
pub(crate) fn is_foreign(headers: &HeaderMap) -> bool {
    if let Some(site) = headers.get("sec-fetch-site") {
        return site != "same-origin" && site != "none";
    }
    let Some(origin) = headers.get(header::ORIGIN) else { return false };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let from = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    match (host, from) {
        (Some(host), Some((_, from))) => !host.eq_ignore_ascii_case(from),
        _ => true,
    }
}
