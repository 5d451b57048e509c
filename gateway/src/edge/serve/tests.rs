//! What every request passes, whatever is behind it.

use std::time::Duration;

use axum::http::{HeaderName, StatusCode};
use axum::routing::get;
use http_body_util::BodyExt;
use time::OffsetDateTime;

use super::*;
use crate::Limits;

fn config(limits: Limits) -> Config {
    let (wait, drain) = (Duration::from_secs(1), Duration::ZERO);
    let clock = || OffsetDateTime::UNIX_EPOCH;
    Config { batch: 1, wait, drain, stream: wait, clock, new_id: Uuid::new_v4, limits }
}

const EVENTS: [(HeaderName, &str); 1] = [(header::CONTENT_TYPE, "text/event-stream")];

async fn ask(
    limits: Limits,
    headers: &[(&str, &str)],
    method: &str,
    path: &str,
) -> Response<Compressed> {
    let router = Router::new()
        .route("/short", get(|| async { "x".repeat(1023) }))
        .route("/long", get(|| async { "x".repeat(1024) }))
        .route("/panic", get(|| async { panic!("boom") as () }))
        .route("/livez", get(|| async {}))
        .route("/events", get(|| async { (EVENTS, "x".repeat(2048)) }))
        .fallback(|method: Method| async move { (StatusCode::NOT_FOUND, method.to_string()) });
    let edge = Edge::new(router, &config(limits), &CancellationToken::new());
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let request = request.body(Body::empty()).unwrap();
    edge.serve(request).await
}

async fn get_it(headers: &[(&str, &str)], path: &str) -> Response<Compressed> {
    ask(Limits::default(), headers, "GET", path).await
}

fn vary(response: &Response<Compressed>) -> String {
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
    let edge = Edge::new(router, &config(limits), &CancellationToken::new());
    let ask = async |path: &str| {
        let request = Request::get(path).header("origin", "https://app.example");
        edge.serve(request.body(Body::empty()).unwrap()).await
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
