//! CORS: which web pages of other origins may call the gateway and read its responses.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use axum::http::uri::{Authority, Scheme};
use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::request_id::REQUEST_ID;

/// How long a browser may keep the answer to a preflight.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);

/// The origins whose pages may call the gateway.
///
/// Read from `*`, or from a list as `https://app.example,http://localhost:3000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origins {
    /// All origins.
    Any,
    /// These origins.
    These(Vec<HeaderValue>),
}

impl FromStr for Origins {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.trim() == "*" {
            return Ok(Self::Any);
        }
        text.split(',').map(|word| origin(word.trim())).collect::<Result<_, _>>().map(Self::These)
    }
}

impl fmt::Display for Origins {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => f.write_str("*"),
            Self::These(origins) => {
                let shown: Vec<_> = origins.iter().filter_map(|one| one.to_str().ok()).collect();
                f.write_str(&shown.join(","))
            }
        }
    }
}

/// Reads an origin. The result is exactly what browsers send, because origins are compared byte by
/// byte.
fn origin(word: &str) -> Result<HeaderValue, String> {
    let wrong = |fix: &str| format!("`{word}` is no origin: {fix}");
    if word == "*" {
        return Err(wrong("write * alone, or the origins alone"));
    }
    let form = "write scheme, host and port if it is not the usual one, as https://app.example";
    let (scheme, rest) = word.split_once("://").ok_or_else(|| wrong(form))?;
    if rest.contains(['/', '?', '#']) {
        return Err(wrong("leave out what follows the host and port"));
    }
    let scheme = scheme.to_ascii_lowercase();
    let host: Authority = rest.parse().map_err(|_| wrong(form))?;
    let usual = match scheme.as_str() {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    };
    if scheme.parse::<Scheme>().is_err() || host.host().is_empty() || rest.contains(['@', '*']) {
        return Err(wrong(form));
    }
    if rest.ends_with(':') || (host.port().is_some() && host.port_u16() == usual) {
        return Err(wrong("leave out the port: browsers do not write the usual one"));
    }
    let written = format!("{scheme}://{}", host.as_str().to_ascii_lowercase());
    HeaderValue::try_from(written).map_err(|_| wrong(form))
}

/// Answers preflights, and tells browsers what a page may read. It adds `Vary: origin` where the
/// response depends on the origin.
pub(super) fn layer(origins: &Origins) -> CorsLayer {
    let allowed = match origins {
        Origins::Any => AllowOrigin::any(),
        Origins::These(origins) => AllowOrigin::list(origins.clone()),
    };
    CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::HEAD, Method::POST, Method::OPTIONS])
        .allow_headers(request_headers())
        .expose_headers(response_headers())
        .max_age(MAX_AGE)
}

/// What a page of another origin may send.
fn request_headers() -> [HeaderName; 8] {
    let word = HeaderName::from_static;
    [
        header::CONTENT_TYPE,
        header::IF_NONE_MATCH,
        word("idempotency-key"),
        word("prefer"),
        word("last-event-id"),
        word("traceparent"),
        word("tracestate"),
        REQUEST_ID,
    ]
}

/// What a page of another origin may read.
fn response_headers() -> [HeaderName; 10] {
    let word = HeaderName::from_static;
    [
        header::ALLOW,
        header::LOCATION,
        header::LINK,
        header::ETAG,
        header::RETRY_AFTER,
        word("idempotency-replayed"),
        word("preference-applied"),
        word("ratelimit"),
        word("ratelimit-policy"),
        REQUEST_ID,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins_are_read_as_browsers_write_them() {
        for (text, read) in [
            ("*", "*"),
            ("https://app.example", "https://app.example"),
            (
                "HTTPS://App.Example, http://localhost:3000",
                "https://app.example,http://localhost:3000",
            ),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("moz-extension://3c08", "moz-extension://3c08"),
        ] {
            assert_eq!(text.parse::<Origins>().unwrap().to_string(), read);
        }
    }

    #[test]
    fn an_origin_that_no_browser_sends_is_refused_with_the_fix() {
        for (wrong, fix) in [
            ("", "as https://app.example"),
            ("app.example", "as https://app.example"),
            ("null", "as https://app.example"),
            ("https://", "as https://app.example"),
            ("https://a b", "as https://app.example"),
            ("https://user@app.example", "as https://app.example"),
            ("https://*.app.example", "as https://app.example"),
            ("https://app.example/", "leave out what follows"),
            ("https://app.example?x", "leave out what follows"),
            ("https://app.example:443", "leave out the port"),
            ("http://app.example:", "leave out the port"),
            ("*,https://app.example", "write * alone"),
            ("https://app.example,", "as https://app.example"),
        ] {
            let said = wrong.parse::<Origins>().unwrap_err();
            assert!(said.contains(fix), "{wrong}: {said}");
        }
    }
}
