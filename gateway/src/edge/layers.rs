//! What lies around every answer, from the outside in: its name in answer and logs, the leave of
//! other origins' pages, compression, the format of problems, a net for panics, the client's rate.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, Method, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use futures_util::FutureExt;
use schemas::{Problem, ProblemKind};
use tokio_util::sync::CancellationToken;
use tower_http::CompressionLevel;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tracing::{Instrument, Level, Span};
use uuid::Uuid;

use super::client::{Client, Proxies};
use super::rate::Limiter;
use super::request_id::{self, REQUEST_ID};
use super::{coding, cors, rate};
use crate::pages::guard::guarded;
use crate::representation::Refusal;
use crate::{Config, routes};

/// A smaller body is not worth compressing: it fits one packet as it is.
const WORTH: u64 = 1024;

/// The router, and all that lies around it.
pub(crate) fn around(mut router: Router, config: &Config, stop: &CancellationToken) -> Router {
    let limits = &config.limits;
    if let Some(rate) = limits.rate {
        let limiter = Arc::new(Limiter::new(rate, limits.proxies.clone(), Instant::now()));
        router = router.layer(middleware::from_fn_with_state(limiter, rate::limit));
    }
    let worth = SizeAbove::new(WORTH).and(NotForContentType::SSE);
    let compression = CompressionLayer::new().quality(CompressionLevel::Fastest);
    router = router
        .layer(middleware::from_fn(routes::as_asked))
        .layer(middleware::map_response(guarded))
        .layer(compression.compress_when(worth));
    if let Some(origins) = &limits.origins {
        router = cors::around(router, origins);
    }
    let proxies = limits.proxies.clone();
    let door = Door { new_id: config.new_id, proxies, stop: stop.clone() };
    router.layer(middleware::from_fn_with_state(door, pass))
}

/// What every request passes.
#[derive(Clone)]
struct Door {
    new_id: fn() -> Uuid,
    proxies: Proxies,
    stop: CancellationToken,
}

async fn pass(State(door): State<Door>, request: Request, next: Next) -> Response {
    let id = request_id::of(request.headers(), door.new_id);
    let span = tracing::info_span!("request", request_id = id.to_str().unwrap_or_default());
    let line = tracing::enabled!(Level::DEBUG).then(|| Line::of(&request, &door.proxies));
    let mut response = next.run(request).instrument(span.clone()).await;
    response.headers_mut().insert(REQUEST_ID, id);
    if door.stop.is_cancelled() {
        response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    }
    if let Some(line) = line {
        line.write(&response, &span);
    }
    response
}

/// The answer, be it that a handler panicked.
pub(crate) async fn whatever_happens(request: Request, next: Next) -> Response {
    if !coding::is_there_any(request.headers()) {
        let detail = "`Accept-Encoding` leaves no coding: accept identity or gzip";
        return Refusal::from(Problem::new(ProblemKind::NotAcceptable, detail)).into_response();
    }
    let answered = AssertUnwindSafe(next.run(request)).catch_unwind().await;
    answered.unwrap_or_else(|panic| panicked(&*panic).into_response())
}

/// A defect of ours. What was panicked about is for the log alone.
fn panicked(panic: &(dyn Any + Send)) -> Refusal {
    let said = panic.downcast_ref::<&str>().copied();
    let said = said.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    tracing::error!(panic = said.unwrap_or_default(), "a request met a defect");
    let detail = "this request met a defect of the gateway, which has logged it";
    Problem::new(ProblemKind::Internal, detail).into()
}

/// A line of the access log.
struct Line {
    began: Instant,
    method: Method,
    path: String,
    client: Client,
}

impl Line {
    fn of(request: &Request, proxies: &Proxies) -> Self {
        let path = format!("{:.256}", request.uri().path()); // logs are not filled by callers
        let (method, client) = (request.method().clone(), Client::of(request, proxies));
        Self { began: Instant::now(), method, path, client }
    }

    fn write(&self, response: &Response, span: &Span) {
        let Self { began, method, path, client } = self;
        let (status, ms) = (response.status().as_u16(), began.elapsed().as_secs_f64() * 1e3);
        span.in_scope(|| tracing::debug!(%method, path, status, ms, %client, "answered"));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use axum::body::Body;
    use axum::http::{HeaderName, StatusCode};
    use axum::routing::get;
    use http_body_util::BodyExt;
    use hyper::service::Service;
    use hyper_util::service::TowerToHyperService;
    use time::OffsetDateTime;

    use super::*;
    use crate::Limits;

    fn config(limits: Limits) -> Config {
        let (wait, drain) = (Duration::from_secs(1), Duration::ZERO);
        let clock = || OffsetDateTime::UNIX_EPOCH;
        Config { batch: 1, wait, drain, stream: wait, clock, new_id: Uuid::new_v4, limits }
    }

    const EVENTS: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/event-stream")];

    async fn ask(limits: Limits, headers: &[(&str, &str)], method: &str, path: &str) -> Response {
        let router = Router::new()
            .route("/short", get(|| async { "x".repeat(1023) }))
            .route("/long", get(|| async { "x".repeat(1024) }))
            .route("/panic", get(|| async { panic!("boom") as () }))
            .route("/livez", get(|| async {}))
            .route("/events", get(|| async { (EVENTS, "x".repeat(2048)) }))
            .fallback(|method: Method| async move { (StatusCode::NOT_FOUND, method.to_string()) });
        let router = around(router, &config(limits), &CancellationToken::new());
        let mut request = Request::builder().method(method).uri(path);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).unwrap();
        TowerToHyperService::new(router).call(request).await.unwrap()
    }

    async fn get_it(headers: &[(&str, &str)], path: &str) -> Response {
        ask(Limits::default(), headers, "GET", path).await
    }

    fn vary(response: &Response) -> String {
        let values = response.headers().get_all("vary").iter();
        values.map(|value| value.to_str().unwrap()).collect::<Vec<_>>().join(", ")
    }

    #[tokio::test]
    async fn a_panic_is_a_500_with_its_problem_and_its_request_id() {
        let said = get_it(&[("x-request-id", "seven")], "/panic").await;
        assert_eq!(said.status(), 500);
        assert_eq!(said.headers()["content-type"], "application/problem+json");
        assert_eq!(said.headers()["x-request-id"], "seven");
        let body = said.into_body().collect().await.unwrap().to_bytes();
        let text = std::str::from_utf8(&body).unwrap();
        assert!(text.contains("/problems/internal") && !text.contains("boom"), "{text}");
        let page = get_it(&[("accept", "text/html")], "/panic").await;
        assert_eq!(page.headers()["content-type"], "text/html; charset=utf-8");
    }

    #[tokio::test]
    async fn a_body_of_a_kibibyte_is_compressed_for_who_accepts_it_and_no_shorter_one() {
        let gzip = [("accept-encoding", "br, gzip;q=0.8")];
        let long = get_it(&gzip, "/long").await;
        assert_eq!(long.headers()["content-encoding"], "gzip");
        assert_eq!(vary(&long), "accept, accept-encoding");
        let plain = get_it(&[], "/long").await;
        assert!(plain.headers().get("content-encoding").is_none());
        assert_eq!(vary(&plain), "accept, accept-encoding", "a cache must know");
        assert_eq!(plain.headers()["content-length"], "1024");
        let short = get_it(&gzip, "/short").await;
        assert!(short.headers().get("content-encoding").is_none());
        assert_eq!(vary(&short), "accept", "it is the same in every coding");
        assert_eq!(short.headers()["content-length"], "1023");
        let events = get_it(&gzip, "/events").await;
        assert!(events.headers().get("content-encoding").is_none(), "each goes out at once");
    }

    #[tokio::test]
    async fn who_accepts_no_coding_is_told_before_anything_is_done() {
        let none = [("accept-encoding", "identity;q=0")];
        let said = get_it(&none, "/panic").await;
        assert_eq!(said.status(), 406);
        let body = said.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(b"{\"type\":\"/problems/not-acceptable\""), "{body:?}");
    }

    #[tokio::test]
    async fn other_origins_are_not_mentioned_unless_they_are_let_in() {
        let origin = ("origin", "https://app.example");
        let said = get_it(&[origin], "/short").await;
        assert!(said.headers().get("access-control-allow-origin").is_none());
        assert_eq!(vary(&said), "accept");
        let limits = |origins: &str| Limits { origins: origins.parse().ok(), ..Limits::default() };
        let said = ask(limits("https://app.example"), &[origin], "GET", "/short").await;
        assert_eq!(said.headers()["access-control-allow-origin"], "https://app.example");
        assert_eq!(vary(&said), "accept, origin");
        let said = ask(limits("https://other.example"), &[origin], "GET", "/short").await;
        assert!(said.headers().get("access-control-allow-origin").is_none());
        let said = ask(limits("*"), &[origin], "GET", "/short").await;
        assert_eq!(said.headers()["access-control-allow-origin"], "*");
        assert_eq!(vary(&said), "accept");
    }

    #[tokio::test]
    async fn a_preflight_is_answered_and_another_options_passes() {
        let limits = || Limits { origins: "*".parse().ok(), ..Limits::default() };
        let origin = ("origin", "https://app.example");
        let preflight = [origin, ("access-control-request-method", "POST")];
        let said = ask(limits(), &preflight, "OPTIONS", "/nowhere").await;
        assert_eq!(said.status(), 200);
        assert_eq!(said.headers()["access-control-allow-methods"], "GET,HEAD,POST,OPTIONS");
        assert_eq!(said.headers()["access-control-max-age"], "3600");
        assert!(said.headers().contains_key("x-request-id"));
        let said = ask(limits(), &[origin], "OPTIONS", "/nowhere").await;
        assert_eq!(said.status(), 404);
        assert_eq!(said.headers()["access-control-allow-origin"], "*");
        let body = said.into_body().collect().await.unwrap().to_bytes();
        assert_eq!(body, "OPTIONS", "the router saw what was asked");
    }

    #[tokio::test]
    async fn a_refusal_of_the_rate_can_be_read_by_a_page_and_probes_are_not_counted() {
        let limits =
            Limits { rate: "1/60".parse().ok(), origins: "*".parse().ok(), ..Limits::default() };
        let router = Router::new().route("/livez", get(|| async {})).route("/", get(|| async {}));
        let router = around(router, &config(limits), &CancellationToken::new());
        let service = TowerToHyperService::new(router);
        let ask = async |path: &str| {
            let request = Request::get(path).header("origin", "https://app.example");
            service.call(request.body(Body::empty()).unwrap()).await.unwrap()
        };
        assert_eq!(ask("/").await.status(), 200);
        let refused = ask("/").await;
        assert_eq!(refused.status(), 429);
        assert_eq!(refused.headers()["access-control-allow-origin"], "*");
        assert_eq!(refused.headers()["ratelimit"], "\"client\";r=0;t=60");
        let probe = ask("/livez").await;
        assert_eq!(probe.status(), 200);
        assert!(probe.headers().get("ratelimit").is_none());
    }
}
