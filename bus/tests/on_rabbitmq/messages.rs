//! What stands in RabbitMQ's queues.

use std::collections::BTreeMap;

use bus::dead_letter::{self, Label};
use bus::{Confirmed, Envelope, Requests, Taken};
use lapin::BasicProperties;
use lapin::types::{AMQPValue, ShortString};
use schemas::topology::{PARTS, REQUESTS};
use schemas::{LetterId, ProblemKind};

use crate::support::node::{manage, rabbit};
use crate::support::poll::eventually;
use crate::support::raw::{Raw, Value::Text, Value::Whole, table};
use crate::support::time::soon;

async fn next(requests: &mut Requests) -> Taken {
    soon("a request", requests.next()).await.unwrap().unwrap()
}

fn label(detail: &str, tries: u32, first_at: u64) -> Label {
    Label {
        id: Some(LetterId::of(&[b"7"])),
        reason: Label::reason(ProblemKind::Invalid, detail),
        role: "decider".to_owned(),
        tries,
        first_at,
        last_at: 1_700_000_009,
    }
}

/// How many headers are not RabbitMQ's count of deliveries.
fn own(headers: &BTreeMap<ShortString, AMQPValue>) -> usize {
    headers.keys().filter(|name| name.as_str() != "x-delivery-count").count()
}

#[tokio::test]
async fn a_dead_letter_says_why_it_was_set_aside() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("decider").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    let envelope = Envelope { message_id: Some("7".to_owned()), ..Envelope::default() };
    let label = label(&"x".repeat(600), 3, 1_700_000_000);
    let publishing = dead_letter::publish(&publisher, &envelope, b"\xff", label);
    assert_eq!(publishing.await.unwrap(), Confirmed::Taken);

    let dead = Raw::open(&vhost.amqp_url).await.get("mission.dead-letters").await.delivery;
    assert_eq!(dead.data, b"\xff");
    assert_eq!(dead.properties.message_id().as_ref().unwrap().as_str(), "7");
    assert_eq!(*dead.properties.delivery_mode(), Some(2));
    assert_eq!(*dead.properties.expiration(), None);
    let headers = dead.properties.headers().as_ref().unwrap().inner();
    let reason = format!("invalid: {}", "x".repeat(512 - "invalid: ".len()));
    for (name, value) in [
        ("reason", AMQPValue::LongString(reason.into())),
        ("role", AMQPValue::LongString("decider".into())),
        ("tries", AMQPValue::LongLongInt(3)),
        ("id", AMQPValue::LongString(LetterId::of(&[b"7"]).to_string().into())),
        ("first_at", AMQPValue::Timestamp(1_700_000_000)),
        ("last_at", AMQPValue::Timestamp(1_700_000_009)),
    ] {
        assert_eq!(headers.get(name), Some(&value));
    }
    assert_eq!(own(headers), 6);
}

#[tokio::test]
async fn durable_messages_are_persistent_and_transient_ones_are_not() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("publisher").await.unwrap();
    let (durable, transient) =
        (link.confirmed_publisher().await.unwrap(), link.publisher().await.unwrap());
    durable.publish(REQUESTS, &Envelope::default(), b"{}").await.unwrap();
    transient.send(PARTS, "", &Envelope::default(), b"{}").await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    for (queue, mode) in [("mission.requests", 2), ("mission.numbers", 1)] {
        let message = raw.get(queue).await.delivery;
        assert_eq!(*message.properties.delivery_mode(), Some(mode), "{queue}");
        assert_eq!(
            message.properties.content_type().as_ref().unwrap().as_str(),
            "application/json"
        );
    }
}

#[tokio::test]
async fn a_clients_own_headers_are_not_passed_on() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("decider").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    let headers = [("x-mine", Text("1")), ("x-match", Text("any")), ("traceparent", Text("00"))];
    let mut headers = table(&headers);
    let copies =
        AMQPValue::FieldArray(vec![AMQPValue::LongString("mission.letters".into())].into());
    headers.insert("CC".into(), copies.clone());
    headers.insert("BCC".into(), copies);
    let properties = BasicProperties::default().with_headers(headers).with_user_id("guest".into());
    raw.publish("mission.requests", properties, b"{}").await;

    let mut requests = Requests::take(&link, 1).await.unwrap();
    let taken = next(&mut requests).await;
    let label = label("", 1, 0);
    dead_letter::publish(&publisher, &taken.envelope, &taken.body, label).await.unwrap();
    requests.cancel().await.unwrap();
    publisher.publish(REQUESTS, &taken.envelope, &taken.body).await.unwrap();
    taken.ack().unwrap();

    for (queue, named) in [("mission.dead-letters", 7), ("mission.requests", 1)] {
        let message = raw.get(queue).await.delivery;
        let headers = message.properties.headers().as_ref().unwrap().inner();
        assert_eq!(headers.get("traceparent"), Some(&AMQPValue::LongString("00".into())));
        assert_eq!(own(headers), named, "{headers:?}");
        assert_eq!(*message.properties.user_id(), None);
    }
}

#[tokio::test]
async fn a_clients_own_count_of_deliveries_counts_only_what_the_broker_delivered() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("decider").await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    let mut requests = Requests::take(&link, 1).await.unwrap();
    for count in [-1, 2, 21, i64::MAX] {
        for name in ["x-delivery-count", "x-acquired-count"] {
            let headers = table(&[(name, Whole(count))]);
            let properties = BasicProperties::default().with_headers(headers);
            raw.publish("mission.requests", properties, b"{}").await;
            let mut taken = next(&mut requests).await;
            assert_eq!(taken.earlier, 0, "a first delivery that claims {name} {count}");
            if name == "x-delivery-count" {
                taken.release().unwrap();
                taken = next(&mut requests).await;
                assert_eq!(taken.earlier, 1, "RabbitMQ counts for itself");
            }
            taken.ack().unwrap();
        }
    }
}

#[tokio::test]
async fn a_full_request_queue_refuses_until_there_is_room() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("gateway").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    let publish = async || publisher.publish(REQUESTS, &Envelope::default(), b"{}").await.unwrap();
    let path = format!("/api/policies/{}/short", vhost.name());
    let policy = r#"{"pattern":"^mission\\.requests$","definition":{"max-length":5}}"#;
    manage("PUT", &path, policy);
    eventually("a refusal", async || (publish().await == Confirmed::Refused).then_some(())).await;
    let mut requests = Requests::take(&link, 10).await.unwrap();
    eventually("room", async || {
        next(&mut requests).await.ack().unwrap();
        (publish().await == Confirmed::Taken).then_some(())
    })
    .await;
}
