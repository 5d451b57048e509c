//! Publishing.

use bus::{Broker, Confirmed, CopyTo, Deadline, Envelope};
use schemas::topology::{DECISION_QUEUE, DECISIONS, EVENTS, LETTER_QUEUE, NUMBER_QUEUE, PARTS};
use schemas::{ActionId, MessageType};

use super::session::{Session, publish_with};
use crate::support::time::soon;

pub(crate) async fn a_durable_message_that_no_queue_wants_is_unroutable(broker: Broker) {
    let link = broker.open_declared("publisher").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    let envelope = Envelope::default();
    for (exchange, confirmed) in [
        (EVENTS, Confirmed::Unroutable),
        (PARTS, Confirmed::Taken),
        (EVENTS, Confirmed::Unroutable),
    ] {
        let publishing = publisher.publish(exchange, &envelope, b"event");
        assert_eq!(publishing.await.unwrap(), confirmed);
    }
}

pub(crate) async fn a_transient_message_that_no_queue_wants_does_no_harm(broker: Broker) {
    let link = broker.open_declared("publisher").await.unwrap();
    let publisher = link.publisher().await.unwrap();
    let mut decisions = link.consume(DECISION_QUEUE, 1).await.unwrap();
    let envelope = Envelope::default();
    publisher.send(EVENTS, "created.malory", &envelope, b"event").await.unwrap();
    publisher.send(DECISIONS, "", &envelope, b"decision").await.unwrap();
    let decision = soon("a decision", decisions.next()).await.unwrap().unwrap();
    assert_eq!(&decision.body[..], b"decision");
}

pub(crate) async fn named_properties_arrive_as_they_were_sent(broker: Broker) {
    let envelope = Envelope {
        message_id: Some("7".to_owned()),
        reply_to: Some("caller".to_owned()),
        correlation_id: Some("c".to_owned()),
        kind: Some(MessageType::Stored),
        app_id: Some("gateway-1".to_owned()),
        expiration: Some("60000".to_owned()),
        content_encoding: Some("gzip".to_owned()),
        timestamp: Some(1_700_000_000),
        traceparent: Some("00-ab-cd-01".to_owned()),
        tracestate: Some("a=b".to_owned()),
        deadline: Some(Deadline::At(-1)),
        replay: Some(ActionId::from(uuid::Uuid::from_u128(7))),
        label: None,
        tries: 2,
        attempt: 3,
        copy_to: Some(CopyTo { address: "reply.gateway.7".to_owned(), correlation_id: None }),
        stamps: "number n.1 - 1 2 1, letter l.1 1 2 3 2".parse().unwrap(),
        links: Some("00-ab-cd-01,00-ef-01-01".to_owned()),
    };
    publish_with(&broker, &envelope, "").await;
    let unreadable =
        Envelope { deadline: Some(Deadline::Unreadable), kind: None, ..envelope.clone() };
    publish_with(&broker, &unreadable, "odd").await;
    publish_with(&broker, &Envelope::default(), "bare").await;
    let mut session = Session::begin(&broker, 3).await;
    assert_eq!(session.expect("", 0).await.envelope, envelope);
    assert_eq!(session.expect("odd", 0).await.envelope, unreadable);
    assert_eq!(session.expect("bare", 0).await.envelope, Envelope::default());
}

pub(crate) async fn a_message_of_many_frames_arrives_whole(broker: Broker) {
    let large: String = (0..40_000).map(|n| format!("{n:05}")).collect();
    for body in [&large, "", &large] {
        publish_with(&broker, &Envelope::default(), body).await;
    }
    let mut session = Session::begin(&broker, 3).await;
    for body in [&large, "", &large] {
        assert!(session.next().await.body == *body);
    }
}

pub(crate) async fn a_question_reaches_one_worker_of_either_kind(broker: Broker) {
    let link = broker.open_declared("decider").await.unwrap();
    let publisher = link.publisher().await.unwrap();
    for body in [b"1", b"2"] {
        publisher.send(PARTS, "", &Envelope::default(), body).await.unwrap();
    }
    for queue in [NUMBER_QUEUE, LETTER_QUEUE] {
        let mut one = link.consume(queue, 1).await.unwrap();
        let first = soon("a question", one.next()).await.unwrap().unwrap();
        let mut two = link.consume(queue, 1).await.unwrap();
        let second = soon("a question", two.next()).await.unwrap().unwrap();
        assert_eq!((&first.body[..], &second.body[..]), (&b"1"[..], &b"2"[..]));
    }
}
