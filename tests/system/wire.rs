//! Every message on the wire is described by the AsyncAPI document, and every response of the gateway
//! by the OpenAPI document.

use std::collections::BTreeSet;

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::amqp_callers::{asking, next, publish};
use crate::caller::Caller;
use crate::http::{get, request, send};
use crate::judge::{Judge, Published, conforms};
use crate::process::Process;
use crate::system::System;
use crate::tap::Tap;

const PARENT: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The beginning of the id of a request that is wrong on purpose.
const WRONG: &str = "wrong on purpose";
/// The correlation id of the last message.
const LAST: &str = "the last";

#[tokio::test]
async fn every_message_on_the_wire_is_described_by_the_document() {
    let system = System::new().await;
    let mut tap = Tap::open(&system).await;
    let _others = system.all_but(["persister"]);
    let _persister = after_one_that_dies(&system).await;
    let _gateway = system.gateway().await;
    over_http(&system.gateway).await;
    over_amqp(&system).await;
    system.all_settled().await;
    let seen = judged(&system, &mut tap).await;
    let missing: Vec<_> = Judge::names().filter(|name| !seen.contains(name)).collect();
    assert!(missing.is_empty(), "nobody sent {missing:?}");
}

/// A persister to which the question of one that died is delivered; it returns it.
async fn after_one_that_dies(system: &System) -> Process {
    let (mut caller, mission) = (Caller::connect(system).await, Uuid::new_v4());
    let failpoint = format!("persister.before-commit={mission}");
    let mut doomed = system.worker_that_dies("persister", Some(&failpoint));
    caller.request(&[mission]).await;
    assert!(!doomed.ended().await.success());
    let next = system.worker("persister");
    caller.mission().await;
    next
}

/// Checks all that was published so far; returns the names of the messages.
async fn judged(system: &System, tap: &mut Tap) -> BTreeSet<String> {
    // The copies are in the order in which the messages were published.
    let (caller, judge) = (Caller::connect(system).await, Judge::new());
    let last = BasicProperties::default().with_correlation_id(LAST.into());
    assert!(caller.send("", &caller.queue, last, b"").await.await.unwrap().is_ack());
    let mut seen = BTreeSet::new();
    loop {
        let message = tap.next().await;
        if text(&message, "correlation_id") == LAST {
            return seen;
        }
        let name =
            judge.name(&message).unwrap_or_else(|| panic!("of no kind: {}", shown(&message)));
        let errors = judge.errors(&name, &message);
        let wrong = text(&message, "correlation_id").starts_with(WRONG) && name == "request";
        assert_eq!(errors.is_empty(), !wrong, "{name}: {errors:?}: {}", shown(&message));
        seen.insert(name);
    }
}

fn shown(message: &Published) -> String {
    let Published { exchange, properties, headers, body } = message;
    format!("{exchange}: {properties} {headers} {}", String::from_utf8_lossy(body))
}

fn text<'a>(message: &'a Published, property: &str) -> &'a str {
    message.properties[property].as_str().unwrap_or_default()
}

/// One mission, lists, and a trace.
async fn over_http(gateway: &str) {
    for body in [None, Some(json!({})), Some(json!({ "count": 3 })), Some(json!({ "count": 256 }))]
    {
        let post = request("POST", &format!("{gateway}/missions")).header("traceparent", PARENT);
        let said = send(match &body {
            Some(body) => post.json(body),
            None => post,
        })
        .await;
        assert_eq!(said.status, 201, "{said:?}");
        conforms("POST", "/missions", &said);
        let location = said.header("location");
        let path = if location.contains('?') { "/missions" } else { "/missions/{id}" };
        conforms("GET", path, &get(&format!("{gateway}{location}")).await);
    }
}

/// Good requests with an own queue and with direct reply-to, and wrong ones that get a problem.
async fn over_amqp(system: &System) {
    let mut caller = Caller::connect(system).await;
    let mut direct = caller.consume("amq.rabbitmq.reply-to").await;
    let new = || Uuid::new_v4().to_string();
    let traced = |deadline: i64| {
        let mut headers = FieldTable::default();
        headers.insert("deadline".into(), AMQPValue::LongLongInt(deadline));
        headers.insert("traceparent".into(), AMQPValue::LongString(PARENT.into()));
        headers.insert("theirs".into(), AMQPValue::Boolean(true));
        headers
    };
    let in_2100 = traced(4_102_444_800_000);
    publish(&caller, b"{}", asking(&new(), &caller.queue).with_headers(in_2100)).await;
    caller.mission().await;
    let ids: Vec<_> = (0..5).map(|_| Uuid::new_v4()).collect();
    caller.request(&ids).await;
    assert_eq!(caller.missions().await.len(), 5);
    publish(&caller, b"{}", asking(&new(), "amq.rabbitmq.reply-to").with_timestamp(7)).await;
    assert_eq!(next(&mut direct).await.kind, "missions");

    let late = asking(&new(), &caller.queue).with_headers(traced(1_000));
    publish(&caller, b"{}", late).await;
    assert_eq!(caller.reply().await.body["type"], "/problems/expired");
    for (i, body) in [&b"{"[..], b"[]", b"{\"count\":3}", b"\xff"].into_iter().enumerate() {
        let properties = asking(&new(), &caller.queue);
        let properties = properties.with_correlation_id(format!("{WRONG} {i}").into());
        publish(&caller, body, properties).await;
        assert_eq!(caller.reply().await.kind, "problem");
    }
}

#[tokio::test]
async fn a_message_that_the_document_does_not_describe_is_found() {
    let system = System::new().await;
    let caller = Caller::connect(&system).await;
    let mut tap = Tap::open(&system).await;
    let judge = Judge::new();
    let part = json!({ "numbers": [[19, 4, 7, 0, 12, 20]] }).to_string();
    let stranger = BasicProperties::default().with_type("gossip".into());
    let number = BasicProperties::default()
        .with_type("numbers".into())
        .with_content_type("application/json".into())
        .with_delivery_mode(1)
        .with_app_id("me".into());
    for properties in [stranger, number] {
        let sent = caller.send("mission.replies", "reply.nobody", properties, part.as_bytes());
        drop(sent.await.await);
    }
    assert_eq!(judge.name(&tap.next().await), None);
    let wrong = tap.next().await;
    let name = judge.name(&wrong).unwrap();
    let errors: Vec<Value> = judge.errors(&name, &wrong).into_iter().map(Value::from).collect();
    let all = Value::from(errors).to_string();
    assert!(all.contains("payload: 20") && all.contains("correlation_id"), "{all}");
}
