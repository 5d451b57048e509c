//! The AMQP contract on expiration, deadline, trace headers and stray replies.

use std::collections::HashMap;

use futures_util::StreamExt;
use lapin::message::Delivery;
use lapin::options::{QueueBindOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, ShortString};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::amqp_callers::{asking, publish};
use crate::caller::{Caller, consume};
use crate::http::get;
use crate::system::{DEADLINE, System, ask, eventually};

const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const STATE: &str = "congo=t61rcWkgMzE";

fn traced(properties: BasicProperties) -> BasicProperties {
    let mut headers = FieldTable::default();
    for (name, value) in [("traceparent", PARENT), ("tracestate", STATE)] {
        headers.insert(name.into(), AMQPValue::LongString(value.into()));
    }
    properties.with_headers(headers)
}

fn header<'a>(message: &'a Delivery, name: &str) -> Option<&'a AMQPValue> {
    message.properties.headers().as_ref()?.inner().get(name)
}

fn assert_traced(message: &Delivery) {
    for (name, value) in [("traceparent", PARENT), ("tracestate", STATE)] {
        let expected = AMQPValue::LongString(value.into());
        let place = (&message.exchange, message.properties.kind());
        assert_eq!(header(message, name), Some(&expected), "{place:?}");
    }
}

fn text(property: &Option<ShortString>) -> String {
    property.as_ref().map(ToString::to_string).unwrap_or_default()
}

async fn next(what: &str, consumer: &mut Consumer) -> Delivery {
    let waiting = tokio::time::timeout(DEADLINE, consumer.next());
    waiting.await.unwrap_or_else(|_| panic!("no {what} in time")).unwrap().unwrap()
}

/// A queue that gets a copy of what others are sent.
struct Eavesdropper(Channel);

impl Eavesdropper {
    async fn connect(system: &System) -> Self {
        let connecting = Connection::connect(&system.amqp, ConnectionProperties::default());
        Self(connecting.await.unwrap().create_channel().await.unwrap())
    }

    async fn copies(&self, exchange: &str, key: &str) -> Consumer {
        let own = QueueDeclareOptions { exclusive: true, ..Default::default() };
        let queue = self.0.queue_declare("".into(), own, FieldTable::default()).await.unwrap();
        let (name, options) = (queue.name().clone(), QueueBindOptions::default());
        let none = FieldTable::default();
        let binding = self.0.queue_bind(name.clone(), exchange.into(), key.into(), options, none);
        binding.await.unwrap();
        consume(&self.0, name.as_str()).await
    }
}

#[tokio::test]
async fn trace_headers_go_along_with_every_message_from_request_to_reply_and_event() {
    let system = System::new().await;
    let caller = Caller::connect(&system).await;
    let listening = Eavesdropper::connect(&system).await;
    let mut questions = listening.copies("mission.halves", "").await;
    let mut decisions = listening.copies("mission.decisions", "").await;
    let mut events = listening.copies("mission.events", "created.malory").await;
    let mut reply = caller.consume("amq.rabbitmq.reply-to").await;
    let _first = system.workers(["decider", "persister"]);
    let mission = Uuid::new_v4().to_string();
    let asked = traced(asking(&mission, "amq.rabbitmq.reply-to"));
    publish(&caller, b"{}", asked).await;

    let question = next("question", &mut questions).await;
    assert_traced(&question);
    // The workers have not started yet, so no reply is missed.
    let address = text(question.properties.reply_to());
    let mut answers = listening.copies("mission.replies", &address).await;
    let _then = system.all_but(["decider", "persister"]);
    let mut kinds = Vec::new();
    while !kinds.contains(&"missions.stored".to_owned()) {
        let answer = next("answer", &mut answers).await;
        assert_traced(&answer);
        kinds.push(text(answer.properties.kind()));
    }
    assert!(["numbers", "letters"].iter().all(|kind| kinds.contains(&(*kind).to_owned())));
    assert_traced(&next("decision", &mut decisions).await);
    let reply = next("reply", &mut reply).await;
    assert_traced(&reply);
    let event = next("event", &mut events).await;
    assert_traced(&event);
    let replied: Value = serde_json::from_slice(&reply.data).unwrap();
    let told: Value = serde_json::from_slice(&event.data).unwrap();
    assert_eq!(told, replied, "the event is the mission as it stands");
    assert_eq!(text(event.properties.kind()), "missions.created");
    assert_eq!(*event.properties.delivery_mode(), Some(1));
}

#[tokio::test]
async fn trace_headers_go_along_with_an_error_reply_and_a_dead_letter() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let caller = Caller::connect(&system).await;
    let mut replies = caller.consume("amq.rabbitmq.reply-to").await;
    let mut letters = caller.dead_letter_copies().await;
    let asked = traced(asking("no UUID", "amq.rabbitmq.reply-to"));
    publish(&caller, b"{}", asked).await;
    let reply = next("reply", &mut replies).await;
    assert_eq!(text(reply.properties.kind()), "problem");
    assert_traced(&reply);
    assert_traced(&next("dead letter", &mut letters).await);
}

#[tokio::test]
async fn a_request_that_expired_in_its_queue_is_not_worked_on_and_is_set_aside_with_the_reason() {
    let system = System::new().await;
    let mut caller = Caller::connect(&system).await;
    let mut letters = caller.dead_letter_copies().await;
    let late = Uuid::new_v4().to_string();
    let asked = traced(asking(&late, &caller.queue)).with_expiration("100".into());
    publish(&caller, b"{}", asked).await;
    let letter = next("dead letter", &mut letters).await;
    assert_eq!((text(letter.properties.message_id()), &letter.data[..]), (late, &b"{}"[..]));
    assert_eq!(death(&letter), ("expired".to_owned(), "mission.requests".to_owned()));
    assert_traced(&letter);

    let _workers = system.all_workers();
    let patient =
        asking(&Uuid::new_v4().to_string(), &caller.queue).with_expiration("60000".into());
    publish(&caller, b"{}", patient).await;
    system.stands(&caller.mission().await).await;
    system.all_settled().await;
    assert_eq!(system.rows().await, 1, "the expired one was not worked on");
}

/// Why and from which queue the broker dead-lettered this message.
fn death(letter: &Delivery) -> (String, String) {
    let Some(AMQPValue::FieldArray(deaths)) = header(letter, "x-death") else {
        panic!("no x-death: {:?}", letter.properties)
    };
    let Some(AMQPValue::FieldTable(death)) = deaths.as_slice().first() else { panic!("no death") };
    let text = |name: &str| match death.inner().get(name) {
        Some(AMQPValue::LongString(text)) => text.to_string(),
        other => panic!("{name}: {other:?}"),
    };
    (text("reason"), text("queue"))
}

#[tokio::test]
async fn a_request_whose_deadline_has_passed_is_not_worked_on() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    let (late, in_time) = (Uuid::new_v4(), Uuid::new_v4());
    for (id, deadline) in [(late, 1_000_000_000_000), (in_time, 4_102_444_800_000)] {
        let mut headers = FieldTable::default();
        headers.insert("deadline".into(), AMQPValue::LongLongInt(deadline));
        let asked = asking(&id.to_string(), &caller.queue).with_headers(headers);
        publish(&caller, b"{}", asked).await;
    }
    let mut replies = HashMap::new();
    for _ in 0..2 {
        let reply = caller.reply().await;
        replies.insert(reply.correlation_id, (reply.kind, reply.body));
    }
    let (kind, problem) = &replies[&format!("about {late}")];
    assert_eq!((&**kind, &problem["type"]), ("problem", &json!("/problems/expired")));
    assert_eq!(problem["missions"], json!([late]));
    assert_eq!(replies[&format!("about {in_time}")].0, "missions");
    let letters = caller.await_dead_letters(1).await;
    assert!(letters[0].reason.starts_with("expired: "));
    assert_eq!(system.rows().await, 1);
}

#[tokio::test]
async fn stray_replies_to_a_gateway_are_counted_and_have_no_effect() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let gateway = system.gateway().await;
    let caller = Caller::connect(&system).await;
    let log = gateway.log();
    let begun = log.lines().find(|line| line.contains("publishing requests")).unwrap();
    let begun: Value = serde_json::from_str(begun).unwrap();
    let address = begun["reply_queue"].as_str().unwrap();
    let stranger = json!({"missions": [{
        "id": Uuid::new_v4(), "dossier": "19 z 4 a 7 k 0 b 12 q 3 m", "objective": "Follow",
        "target": "Duchess", "casebook": "malory", "created_at": "2026-11-22T13:24:51.123456Z",
    }]});
    let stranger = stranger.to_string();
    for (kind, body) in [
        ("missions", stranger.as_str()),
        ("missions", "no JSON"),
        ("no such kind", &stranger),
        ("missions.created", &stranger),
    ] {
        let properties = BasicProperties::default().with_type(kind.into());
        let sending = caller.send("mission.replies", address, properties, body.as_bytes());
        assert!(sending.await.await.unwrap().is_ack());
    }
    eventually("them to be counted", async || {
        let ready = get(&format!("{}/readyz", system.gateway)).await.json();
        ready["replies_dropped"] == json!({ "late": 1, "malformed": 3 })
    })
    .await;
    system.stands(&ask(&system.gateway).await).await;
    assert_eq!(system.rows().await, 1);
}

#[tokio::test]
async fn a_mission_of_a_persister_that_dies_before_it_announces_is_replied_and_stored_once() {
    let system = System::new().await;
    let _others = system.all_but(["persister"]);
    let mut caller = Caller::connect(&system).await;
    let mission = Uuid::new_v4();
    let failpoint = format!("serve.before-events={mission}");
    let mut doomed = system.worker_that_dies("persister", Some(&failpoint));
    caller.request(&[mission]).await;
    assert!(!doomed.ended().await.success());
    // The row was committed. The reply may have left or not: it was handed to the connection.
    assert_eq!(system.rows().await, 1);
    let _next = system.worker("persister");
    let told = caller.mission().await;
    system.all_settled().await;
    system.stands(&told).await;
    assert_eq!(system.rows().await, 1);
}
