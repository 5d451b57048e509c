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
    Config {
        batch: 1,
        wait,
        drain,
        stream: wait,
        clock,
        new_id: Uuid::new_v4,
        announce: false,
        limits,
        operators: crate::Operators::Local,
        sends: true,
        drills: None,
        database: String::new(),
    }
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
    if !headers.iter().any(|(name, _)| *name == "host") {
        request = request.header("host", "x");
    }
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
async fn a_refusal_of_the_rate_can_be_read_by_a_page_and_probes_and_assets_are_not_counted() {
    let limits =
        Limits { rate: "1/60".parse().ok(), origins: "*".parse().ok(), ..Limits::default() };
    let router = Router::new().route("/livez", get(|| async {})).route("/", get(|| async {}));
    let router = router.route("/assets/{name}", get(|| async {}));
    let edge = Edge::new(router, &config(limits), &CancellationToken::new());
    let ask = async |path: &str| {
        let request = Request::get(path).header("host", "x");
        let request = request.header("origin", "https://app.example");
        edge.serve(request.body(Body::empty()).unwrap()).await
    };
    assert_eq!(ask("/").await.status(), 200);
    let refused = ask("/").await;
    assert_eq!(refused.status(), 429);
    assert_eq!(refused.headers()["access-control-allow-origin"], "*");
    assert_eq!(refused.headers()["ratelimit"], "\"client\";r=0;t=60");
    for free in ["/livez", "/assets/style.css"] {
        let passed = ask(free).await;
        assert_eq!(passed.status(), 200, "{free}");
        assert!(passed.headers().get("ratelimit").is_none(), "{free}");
    }
}

/// The status of a POST with these header fields.
async fn post_with(limits: Limits, headers: &[(&str, &str)]) -> u16 {
    ask(limits, headers, "POST", "/nowhere").await.status().as_u16()
}

#[tokio::test]
async fn a_post_from_a_page_of_another_site_is_refused_unless_its_origin_is_listed() {
    let (host, foreign) = (("host", "missions.example"), ("origin", "https://evil.example"));
    let site = |site| ("sec-fetch-site", site);
    for cross_site in [
        &[host, site("cross-site")][..],
        &[host, site("same-site")],
        &[host, site("cross-site"), foreign],
        &[host, foreign],
        &[host, ("origin", "null")],
        &[host, ("origin", "https://missions.example:444")],
        &[host, ("origin", "https://missions.example.evil")],
    ] {
        assert_eq!(post_with(Limits::default(), cross_site).await, 403, "{cross_site:?}");
    }
    for own in [
        &[host][..],
        &[host, site("same-origin"), ("origin", "https://missions.example")],
        &[host, site("none")],
        &[host, ("origin", "http://missions.example")],
    ] {
        assert_eq!(post_with(Limits::default(), own).await, 404, "{own:?}: it reached the router");
    }
    for origins in ["*", "https://evil.example"] {
        let limits = Limits { origins: origins.parse().ok(), ..Limits::default() };
        assert_eq!(post_with(limits.clone(), &[host, foreign, site("cross-site")]).await, 404);
        let other = [host, ("origin", "https://other.example")];
        assert_eq!(post_with(limits, &other).await, if origins == "*" { 404 } else { 403 });
    }
    let read = get_it(&[host, foreign, site("cross-site")], "/short").await;
    assert_eq!(read.status(), 200, "a GET changes nothing");
}

#[tokio::test]
async fn a_content_coding_of_a_request_is_refused_and_named() {
    for coding in ["gzip", "br", "x-mission", "gzip, identity"] {
        let said = ask(Limits::default(), &[("content-encoding", coding)], "POST", "/short").await;
        assert_eq!(said.status(), 415, "{coding}");
        assert_eq!(said.headers()["accept-encoding"], "identity");
        let body = said.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains(coding), "{coding}: {body:?}");
    }
    assert_eq!(post_with(Limits::default(), &[("content-encoding", "Identity")]).await, 404);
}

#[tokio::test]
async fn a_response_that_does_not_say_how_long_it_may_be_kept_is_not_kept() {
    for (method, path) in [("GET", "/livez"), ("POST", "/nowhere"), ("GET", "/panic")] {
        let said = ask(Limits::default(), &[], method, path).await;
        assert_eq!(said.headers()["cache-control"], "no-store", "{method} {path}");
    }
}

#[tokio::test]
async fn a_page_of_a_listed_origin_may_send_and_read_what_clients_need() {
    let limits = Limits { origins: "*".parse().ok(), ..Limits::default() };
    let origin = ("origin", "https://app.example");
    let preflight = [
        origin,
        ("access-control-request-method", "GET"),
        ("access-control-request-headers", "if-none-match"),
    ];
    let said = ask(limits.clone(), &preflight, "OPTIONS", "/missions").await;
    let allowed = said.headers()["access-control-allow-headers"].to_str().unwrap().to_owned();
    assert!(allowed.contains("if-none-match"), "{allowed}");
    let said = ask(limits, &[origin], "GET", "/short").await;
    let exposed = said.headers()["access-control-expose-headers"].to_str().unwrap().to_owned();
    for name in [
        "allow",
        "etag",
        "idempotency-replayed",
        "link",
        "location",
        "preference-applied",
        "ratelimit",
        "ratelimit-policy",
        "retry-after",
        "x-request-id",
    ] {
        assert!(exposed.split(',').any(|one| one == name), "{name}: {exposed}");
    }
}
