//! Content codings. A request has none; a response has identity or gzip.

use axum::http::{HeaderMap, header};
use schemas::{Problem, ProblemKind};

use crate::representation::Refusal;

/// The refusal of a request whose body is coded, or whose response could have no coding that the
/// client accepts. tower-http would find out the second only when the work is done.
pub(super) fn refusal(headers: &HeaderMap) -> Option<Refusal> {
    if !is_there_any(headers) {
        let detail = "`Accept-Encoding` leaves no coding: accept identity or gzip";
        return Some(Problem::new(ProblemKind::NotAcceptable, detail).into());
    }
    let codings = headers.get_all(header::CONTENT_ENCODING).iter();
    let is_coded =
        |coding: &&axum::http::HeaderValue| !coding.as_bytes().eq_ignore_ascii_case(b"identity");
    let coding = codings.into_iter().find(is_coded)?;
    let shown: String = String::from_utf8_lossy(coding.as_bytes()).chars().take(32).collect();
    let detail = format!("`Content-Encoding` is {shown}: send the body without a coding");
    let problem = Problem::new(ProblemKind::UnsupportedMediaType, detail);
    Some(Refusal::from(problem).with(header::ACCEPT_ENCODING, "identity"))
}

/// Whether `Accept-Encoding` leaves identity or gzip.
fn is_there_any(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(header::ACCEPT_ENCODING).iter();
    let words = lines.filter_map(|line| line.to_str().ok()).flat_map(|line| line.split(','));
    let (mut identity, mut gzip, mut rest) = (None, None, None);
    for word in words {
        let mut parts = word.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default();
        let is = |name: &str| coding.eq_ignore_ascii_case(name);
        let said = match coding {
            "*" => &mut rest,
            _ if is("identity") => &mut identity,
            _ if is("gzip") || is("x-gzip") => &mut gzip,
            _ => continue,
        };
        *said = Some(said.unwrap_or(true) && !parts.any(is_zero));
    }
    // What is not mentioned is what `*` says; and identity needs no mention.
    identity.or(rest).unwrap_or(true) || gzip.or(rest).unwrap_or(false)
}

/// `q=0`, `q=0.0`, …
fn is_zero(parameter: &str) -> bool {
    let value = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q="));
    value.is_some_and(|value| value.parse() == Ok(0.0_f32))
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    #[test]
    fn only_who_refuses_identity_and_gzip_cannot_be_answered() {
        let is_there_any = |text: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_str(text).unwrap());
            is_there_any(&headers)
        };
        for some in [
            "",
            "gzip",
            "br",
            "br;q=1.0, gzip;q=0.8, *;q=0.1",
            "gzip;q=0",
            "identity;q=0, gzip",
            "*;q=0, gzip;q=0.001",
            "*;q=0, identity",
            "identity;q=0, *",
        ] {
            assert!(is_there_any(some), "{some}");
        }
        for none in ["identity;q=0", "*;q=0", "br, *; q=0.0", "gzip;q=0, identity;q=0, *"] {
            assert!(!is_there_any(none), "{none}");
        }
    }
}
