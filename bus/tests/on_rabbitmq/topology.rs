//! What is declared.

use bus::{Confirmed, Envelope, Requests};
use lapin::ExchangeKind;
use schemas::topology::REQUESTS;

use crate::support::node::rabbit;
use crate::support::raw::{Raw, Value::Text, Value::Whole};
use crate::support::time::soon;

#[tokio::test]
async fn what_the_table_says_is_there() {
    let (vhost, broker) = rabbit();
    broker.open_declared("test").await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    raw.declare_exchange("mission.replies", ExchangeKind::Direct).await;
    raw.declare_exchange("mission.events", ExchangeKind::Topic).await;
    for fanout in
        ["mission.requests", "mission.halves", "mission.decisions", "mission.dead-letters"]
    {
        raw.declare_exchange(fanout, ExchangeKind::Fanout).await;
    }
    let requests = [
        ("x-queue-type", Text("quorum")),
        ("x-max-length", Whole(10_000)),
        ("x-max-length-bytes", Whole(64 << 20)),
        ("x-overflow", Text("reject-publish")),
        ("x-delivery-limit", Whole(20)),
        ("x-dead-letter-exchange", Text("mission.dead-letters")),
        ("x-dead-letter-strategy", Text("at-least-once")),
    ];
    raw.declare("mission.requests", &requests).await;
    let dead_letters = [
        ("x-queue-type", Text("quorum")),
        ("x-max-length", Whole(100_000)),
        ("x-max-length-bytes", Whole(1 << 30)),
        ("x-overflow", Text("reject-publish")),
    ];
    raw.declare("mission.dead-letters", &dead_letters).await;
    for transient in ["mission.numbers", "mission.letters", "mission.decisions"] {
        let arguments = [("x-queue-type", Text("classic")), ("x-message-ttl", Whole(30_000))];
        raw.declare(transient, &arguments).await;
    }
}

#[tokio::test]
async fn every_queue_is_fed_by_its_exchange() {
    let (vhost, broker) = rabbit();
    broker.open_declared("test").await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    for (exchange, queues) in [
        ("mission.requests", &["mission.requests"][..]),
        ("mission.halves", &["mission.numbers", "mission.letters"]),
        ("mission.decisions", &["mission.decisions"]),
        ("mission.dead-letters", &["mission.dead-letters"]),
    ] {
        raw.publish(exchange, lapin::BasicProperties::default(), exchange.as_bytes()).await;
        for queue in queues {
            assert_eq!(raw.get(queue).await.delivery.data, exchange.as_bytes());
        }
    }
}

#[tokio::test]
async fn declaring_twice_changes_nothing() {
    let (_vhost, broker) = rabbit();
    let link = broker.open_declared("first").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    let published = publisher.publish(REQUESTS, &Envelope::default(), b"1").await;
    assert_eq!(published.unwrap(), Confirmed::Taken);
    let again = broker.open_declared("second").await.unwrap();
    assert_eq!(bus::probe::compare(&broker).await.unwrap().differences, []);
    let mut requests = Requests::take(&again, 1).await.unwrap();
    let request = soon("the request", requests.next()).await.unwrap().unwrap();
    assert_eq!(&request.body[..], b"1");
}

#[tokio::test]
async fn many_may_declare_at_once() {
    let (_vhost, broker) = rabbit();
    let declaring = (0..5).map(|_| broker.open_declared("agent"));
    futures_util::future::try_join_all(declaring).await.unwrap();
    assert_eq!(bus::probe::compare(&broker).await.unwrap().differences, []);
}
