//! Facts about the addresses that need neither a broker nor a database.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::response::Response;
use http_body_util::BodyExt;
use store::Store;
use telemetry::{Label, Route};
use tokio::time::Instant;

use super::router;
use crate::edge::serve::{Compressed, Edge};
use crate::shared::Shared;
use crate::shutdown::LAST;

/// A gateway whose database is away.
fn gateway() -> Arc<Shared> {
    Shared::for_tests(Store::new(&"sqlite:no-such-folder/never-opened".parse().unwrap()))
}

async fn send(shared: &Arc<Shared>, request: Request) -> Response<Compressed> {
    Edge::new(router(Arc::clone(shared)), &shared.config, &shared.stop).serve(request).await
}

fn post(path: &str, body: Body) -> Request {
    let request = Request::post(path).header("host", "x");
    request.header("content-type", "application/json").body(body).unwrap()
}

#[tokio::test]
async fn an_unknown_parameter_of_a_post_is_refused_and_named() {
    for (path, name) in [("/missions?count=3", "`count`"), ("/missions?a=1&b=2", "`a`")] {
        let response = send(&gateway(), post(path, Body::empty())).await;
        assert_eq!(response.status(), 400, "{path}");
        let body = response.into_body().collect().await.unwrap().to_bytes();
        assert!(String::from_utf8_lossy(&body).contains(name), "{body:?}");
    }
}

/// The slowest caller: its body takes long, its key is looked up, its missions never come.
#[tokio::test(start_paused = true)]
async fn the_slowest_caller_is_answered_before_the_connections_are_given_up() {
    let shared = gateway();
    shared.stop.cancel();
    shared.correlator.session_begins();
    let slow = futures_util::stream::once(async {
        tokio::time::sleep(Duration::from_millis(4_900)).await;
        Ok::<_, std::io::Error>("{}")
    });
    let began = Instant::now();
    let confirm = async {
        loop {
            let batch = shared.correlator.next_batch().await;
            shared.correlator.confirmed(&batch);
        }
    };
    let response = tokio::select! {
        response = send(&shared, post("/missions", Body::from_stream(slow))) => response,
        () = confirm => unreachable!(),
    };
    assert_eq!(response.status(), 202);
    assert!(began.elapsed() + Duration::from_secs(1) <= LAST, "{:?} of {LAST:?}", began.elapsed());
}

#[tokio::test]
async fn every_address_that_a_404_lists_is_one_of_the_router() {
    let shared = gateway();
    let nowhere = Request::get("/nowhere").header("host", "x").body(Body::empty()).unwrap();
    let body = send(&shared, nowhere).await.into_body().collect().await.unwrap().to_bytes();
    let problem: schemas::Problem = serde_json::from_slice(&body).unwrap();
    assert_eq!(problem.repeat(), Some("Safe to repeat once it is corrected: nothing was done."));
    let listed: Vec<_> = problem.detail().split('`').skip(1).step_by(2).collect();
    assert_eq!(listed.len(), Route::ALL.len() - 1, "{listed:?}");
    for pattern in listed {
        let path = pattern.replace('{', "a").replace('}', "");
        let options = Request::options(&path).header("host", "x").body(Body::empty()).unwrap();
        assert_eq!(send(&shared, options).await.status(), 204, "{path} of {pattern}");
    }
}

#[tokio::test]
async fn a_slash_at_the_end_leads_to_the_address_without_it_and_never_to_another_host() {
    for (path, leads) in [
        ("/missions/", Some("/missions")),
        ("/missions/?limit=3", Some("/missions?limit=3")),
        ("/docs//", Some("/docs")),
        ("/nowhere/", None),
        ("//evil.example/", None),
        ("//missions/", None),
    ] {
        let response = send(&gateway(), post(path, Body::empty())).await;
        let location = response.headers().get("location").map(|to| to.to_str().unwrap());
        assert_eq!((response.status() == 308, location), (leads.is_some(), leads), "{path}");
    }
}

#[test]
fn every_address_is_declared_by_the_route_that_its_requests_are_counted_under() {
    assert!(!include_str!("../routes.rs").contains(".route(\""), "declare it in telemetry::Route");
}
