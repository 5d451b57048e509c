//! Where RabbitMQ is not as the table says.

use bus::{Broker, Fault, Severity};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Confirmation, ExchangeKind};
use schemas::topology::{EXCHANGES, QUEUES};

use crate::support::node::rabbit;
use crate::support::raw::{Raw, Value::Text, Value::Whole};

/// Nobody can work with this broker, and is told why.
async fn assert_fatal(broker: &Broker, name: &str) {
    let Err(Fault::Topology(why)) = broker.open_declared("test").await else {
        panic!("{name} is not as it has to be, and nobody minds")
    };
    assert!(why.contains(name), "{why}");
    let differences = bus::probe::compare(broker).await.unwrap().differences;
    let difference = differences.iter().find(|difference| difference.name == name).unwrap();
    assert_eq!(difference.severity, Severity::Fatal, "{difference}");
}

#[tokio::test]
async fn a_queue_of_another_type_is_fatal() {
    for queue in ["mission.requests", "mission.dead-letters"] {
        let (vhost, broker) = rabbit();
        Raw::open(&vhost.amqp_url).await.declare(queue, &[("x-queue-type", Text("classic"))]).await;
        assert_fatal(&broker, queue).await;
    }
}

#[tokio::test]
async fn a_queue_that_drops_what_does_not_fit_is_fatal() {
    let (vhost, broker) = rabbit();
    let arguments = [("x-queue-type", Text("quorum")), ("x-max-length", Whole(100))];
    Raw::open(&vhost.amqp_url).await.declare("mission.dead-letters", &arguments).await;
    assert_fatal(&broker, "mission.dead-letters").await;
}

#[tokio::test]
async fn an_exchange_of_another_type_is_fatal() {
    let (vhost, broker) = rabbit();
    let raw = Raw::open(&vhost.amqp_url).await;
    raw.declare_exchange("mission.halves", ExchangeKind::Direct).await;
    assert_fatal(&broker, "mission.halves").await;
}

#[tokio::test]
async fn another_limit_is_tolerable() {
    let (vhost, broker) = rabbit();
    let arguments = [
        ("x-queue-type", Text("quorum")),
        ("x-max-length", Whole(5)),
        ("x-max-length-bytes", Whole(6)),
        ("x-overflow", Text("reject-publish")),
    ];
    Raw::open(&vhost.amqp_url).await.declare("mission.dead-letters", &arguments).await;
    broker.open_declared("test").await.unwrap();
    let differences = bus::probe::compare(&broker).await.unwrap().differences;
    assert_eq!(differences.len(), 1, "{differences:?}");
    assert_eq!(differences[0].name, "mission.dead-letters");
    assert_eq!(differences[0].severity, Severity::Tolerable);
}

#[tokio::test]
async fn to_look_for_differences_names_each_missing_thing_and_declares_none() {
    let (vhost, broker) = rabbit();
    let mut missing: Vec<&str> = EXCHANGES.map(|exchange| exchange.name).into();
    missing.extend(QUEUES.map(|queue| queue.name));
    for _ in 0..2 {
        let differences = bus::probe::compare(&broker).await.unwrap().differences;
        let names: Vec<&str> = differences.iter().map(|difference| difference.name).collect();
        assert_eq!(names, missing);
        for difference in &differences {
            assert_eq!(difference.severity, Severity::Fatal);
            assert!(difference.to_string().contains("missing"), "{difference}");
        }
    }
    let mut raw = Raw::open(&vhost.amqp_url).await;
    for queue in QUEUES {
        assert!(!raw.has_queue(queue.name).await, "{}", queue.name);
    }
}

#[tokio::test]
async fn to_look_for_differences_binds_nothing() {
    let (vhost, broker) = rabbit();
    broker.open_declared("test").await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    let (queue, none) = ("mission.requests", FieldTable::default());
    raw.channel.queue_unbind(queue.into(), queue.into(), "".into(), none).await.unwrap();
    bus::probe::compare(&broker).await.unwrap();
    let options = BasicPublishOptions { mandatory: true, ..Default::default() };
    raw.channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    let properties = BasicProperties::default();
    let publishing = raw.channel.basic_publish(queue.into(), "".into(), options, b"1", properties);
    let confirmed = publishing.await.unwrap().await.unwrap();
    assert!(matches!(confirmed, Confirmation::Ack(Some(_))), "{confirmed:?}");
}
