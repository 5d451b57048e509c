//! `Idempotency-Key`: the same key means the same missions at every gateway, however often it is sent.

use futures_util::future::join_all;
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::system::{Embedded, System};

/// Sends a request with a key; `body` is `{}` or `{"count": n}`.
async fn ask(gateway: &str, key: &str, body: &Value) -> Response {
    let asking = Client::new().post(format!("{gateway}/missions")).header("Idempotency-Key", key);
    asking.json(body).send().await.unwrap()
}

fn replayed(answer: &Response) -> bool {
    answer.headers().get("idempotency-replayed").is_some_and(|value| value == "true")
}

/// Two gateways of one system; the second listens elsewhere.
async fn two_gateways(system: &System) -> (Vec<crate::process::Process>, System) {
    let other = System::on(system.amqp.clone(), system.mysql.clone()).await;
    (vec![system.gateway().await, other.gateway().await], other)
}

#[tokio::test]
async fn fifty_callers_with_one_key_at_two_gateways_get_one_mission_also_after_a_restart() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let (gateways, other) = two_gateways(&system).await;
    let key = Uuid::new_v4().to_string();
    let ask_fifty = async || {
        let one = json!({});
        let places = [&system.gateway, &other.gateway].into_iter().cycle().take(50);
        let answers = join_all(places.map(|gateway| ask(gateway, &key, &one))).await;
        assert!(answers.iter().all(|answer| answer.status() == StatusCode::CREATED));
        let all_replayed = answers.iter().all(replayed);
        let bodies = join_all(answers.into_iter().map(Response::text)).await;
        let bodies: Vec<_> = bodies.into_iter().map(Result::unwrap).collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "{bodies:?}");
        (bodies[0].clone(), all_replayed)
    };
    let (first, _) = ask_fifty().await;
    drop(gateways);
    let _gateways = [system.gateway().await, other.gateway().await]; // at the same addresses
    let (again, all_replayed) = ask_fifty().await;
    assert_eq!(again, first);
    assert!(all_replayed);
    assert_eq!(system.rows().await, 1);
}

#[tokio::test]
async fn a_key_that_was_used_for_another_count_is_refused() {
    let embedded = Embedded::start().await;
    let asked = async |key: &'static str, body| ask(&embedded.gateway, key, &body).await;
    assert_eq!(asked("two", json!({"count": 2})).await.status(), StatusCode::CREATED);
    let (smaller, larger) = (StatusCode::UNPROCESSABLE_ENTITY, StatusCode::CONFLICT);
    for (wrong, status) in [
        (json!({"count": 1}), smaller),
        (json!({}), smaller),
        (json!({"count": 3}), larger), // two of three are stored: the third might be on its way
        (json!({"count": 256}), larger),
    ] {
        let answer = asked("two", wrong).await;
        assert_eq!(answer.status(), status);
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("`count`"), "{problem}");
    }
    let again = asked("two", json!({"count": 2})).await;
    assert!(again.status() == StatusCode::CREATED && replayed(&again));
    assert_eq!(asked("all", json!({"count": 256})).await.status(), StatusCode::CREATED);
    assert!(replayed(&asked("all", json!({"count": 256})).await));
}

#[tokio::test]
async fn a_key_that_is_still_running_for_another_count_is_a_conflict() {
    let system = System::new().await;
    let (_gateway, _workers) = (system.gateway().await, system.all_but(["letter", "persister"]));
    let asking = Client::new().post(format!("{}/missions", system.gateway));
    let accepted = asking.header("Idempotency-Key", "\"k\"").header("Prefer", "respond-async");
    assert_eq!(accepted.send().await.unwrap().status(), StatusCode::ACCEPTED);
    // The caller has its reply, and the request still runs.
    let conflict = ask(&system.gateway, "k", &json!({"count": 2})).await;
    assert_eq!(conflict.status(), StatusCode::CONFLICT);
    assert!(conflict.headers().contains_key("retry-after"));
    let waiting = tokio::spawn({
        let gateway = system.gateway.clone();
        async move { ask(&gateway, "k", &json!({})).await.status() }
    });
    let _rest = system.workers(["letter", "persister"]);
    assert_eq!(waiting.await.unwrap(), StatusCode::CREATED);
    let conflict = ask(&system.gateway, "k", &json!({"count": 2})).await;
    assert_eq!(conflict.status(), StatusCode::CONFLICT, "a part of two is stored");
    assert_eq!(system.rows().await, 1);
}

#[tokio::test]
async fn a_wrong_key_is_named() {
    let embedded = Embedded::start().await;
    for wrong in ["", "a b", "\"open", &"x".repeat(256)] {
        let answer = ask(&embedded.gateway, wrong, &json!({})).await;
        assert_eq!(answer.status(), StatusCode::BAD_REQUEST, "{wrong:?}");
        let problem: Value = answer.json().await.unwrap();
        assert!(problem["detail"].as_str().unwrap().contains("`Idempotency-Key`"), "{problem}");
    }
}
