//! HTTP and AMQP agree: the same id gives the same mission, the same wrong bytes give the same problem.
//!
//! `detail` is not compared where it names what only one of them has: the member `count` or `missions`.
//! An empty body is not compared either: over HTTP it means one mission; over AMQP it is an error, and
//! `{}` means one mission.

use lapin::BasicProperties;
use schemas::{CallerRequest, IdempotencyKey, MissionId};
use serde_json::{Value, json};

use crate::amqp_callers::{asking, publish};
use crate::caller::Caller;
use crate::http::{Said, request, send};
use crate::system::{System, id};

/// What is wrong over HTTP and over AMQP, and the problem.
fn wrong() -> Vec<(Vec<u8>, u16, &'static str)> {
    let (malformed, invalid, large) = ((400, "malformed"), (422, "invalid"), (413, "too-large"));
    let mut all = Vec::new();
    let mut add = |bytes: &[u8], (status, word)| all.push((bytes.to_owned(), status, word));
    for text in
        ["{", "}", "mission", "{} {}", "{\"a\":", "{\"a\":1", "[", "[[[", "{]", " ", "{\"a\":NaN}"]
    {
        add(text.as_bytes(), malformed);
    }
    add(b"\xff", malformed);
    add(b"{\"\xff\":1}", malformed);
    add(&b"[".repeat(10_000), malformed);
    add(&[b"{\"a\":".as_slice(), &b"[".repeat(10_000)].concat(), malformed);
    add(&[b"[".repeat(1_000), b"]".repeat(1_000)].concat(), invalid);
    for text in ["[]", "[[]]", "[{}]", "[1]", "null", "true", "3", "3.5", "-1", "\"x\""] {
        add(text.as_bytes(), invalid);
    }
    for text in ["{\"a\":1}", "{\"\":null}", "{\"a\":1,\"a\":2}", "{\"id\":\"seven\"}"] {
        add(text.as_bytes(), invalid);
    }
    add(&b" ".repeat(16 * 1024 + 1), large);
    add(&b"{".repeat(17 * 1024), large);
    add(&b"\xff".repeat(17 * 1024), large);
    all
}

#[tokio::test]
async fn the_same_wrong_bytes_are_the_same_problem_over_http_and_amqp() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    let mut caller = Caller::connect(&system).await;
    for (bytes, status, word) in wrong() {
        let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        let over_http = post(&system, None, &bytes).await.json();
        let properties = asking(&uuid::Uuid::new_v4().to_string(), &caller.queue);
        publish(&caller, &bytes, properties).await;
        let over_amqp = caller.reply().await;
        assert_eq!(over_amqp.kind, "problem", "{shown}");
        for (door, problem) in [("HTTP", &over_http), ("AMQP", &over_amqp.body)] {
            let told = (&problem["type"], &problem["status"]);
            let right = (&json!(format!("/problems/{word}")), &json!(status));
            assert_eq!(told, right, "{door}: {shown}: {problem}");
        }
        assert_eq!(over_http["title"], over_amqp.body["title"], "{shown}");
    }
    system.all_settled().await;
    assert_eq!(system.rows().await, 0);
}

/// Sends these bytes as JSON, with or without a key.
async fn post(system: &System, key: Option<&str>, body: &[u8]) -> Said {
    let post = request("POST", &format!("{}/missions", system.gateway));
    let post = post.header("content-type", "application/json").body(body.to_owned());
    send(match key {
        Some(key) => post.header("idempotency-key", key),
        None => post,
    })
    .await
}

/// The id that a key means.
fn keyed(key: &str, count: usize) -> Vec<MissionId> {
    let key: IdempotencyKey = key.parse().unwrap();
    CallerRequest::keyed(&key).missions(count).collect()
}

#[tokio::test]
async fn the_same_id_is_the_same_mission_over_http_and_amqp_in_either_order() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    let mut caller = Caller::connect(&system).await;
    for (key, http_first) in [("first-over-http", true), ("first-over-amqp", false)] {
        let wanted = keyed(key, 1)[0];
        let mut told = Vec::new();
        for over_http in [http_first, !http_first, http_first] {
            told.push(if over_http {
                let said = post(&system, Some(key), b"{}").await;
                assert_eq!(said.status, 201, "{said:?}");
                let replayed = if told.is_empty() { "" } else { "true" };
                assert_eq!(said.header("idempotency-replayed"), replayed, "{said:?}");
                said.json()
            } else {
                let properties = asking(&wanted.to_string(), &caller.queue);
                publish(&caller, b"{}", properties).await;
                caller.mission().await
            });
        }
        assert_eq!(id(&told[0]), wanted.uuid());
        assert!(told.iter().all(|mission| *mission == told[0]), "{told:?}");
        system.stands(&told[0]).await;
    }
    assert_eq!(system.rows().await, 2);
}

#[tokio::test]
async fn the_same_ids_are_the_same_list_over_http_and_amqp() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    let mut caller = Caller::connect(&system).await;
    let (key, body) = ("a-list", json!({ "missions": keyed("a-list", 3) }).to_string());
    let over_http = post(&system, Some(key), b"{\"count\":3}").await;
    publish(&caller, body.as_bytes(), asking("not needed", &caller.queue)).await;
    let over_amqp = Value::from(caller.missions().await);
    assert_eq!(over_http.json()["missions"], over_amqp);
    let more = json!({ "missions": keyed("another", 2) }).to_string();
    let properties = BasicProperties::default().with_reply_to(caller.queue.as_str().into());
    publish(&caller, more.as_bytes(), properties).await;
    let over_amqp = Value::from(caller.missions().await);
    let over_http = post(&system, Some("another"), b"{\"count\":2}").await;
    assert_eq!(over_http.header("idempotency-replayed"), "true", "{over_http:?}");
    assert_eq!(over_http.json()["missions"], over_amqp);
    assert_eq!(system.rows().await, 5);
}
