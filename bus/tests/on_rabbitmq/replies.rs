//! Replies to callers that RabbitMQ makes an address for, or that forge one.

use bus::{Broker, Envelope, ForeignReplies, Link, Requests, ReturnAddress, Why};
use bytes::Bytes;
use futures_util::StreamExt;
use lapin::options::BasicConsumeOptions;
use lapin::types::FieldTable;
use lapin::{BasicProperties, Consumer};
use schemas::Role;
use tokio_util::sync::CancellationToken;

use crate::support::node::{close_connections, rabbit};
use crate::support::raw::Raw;
use crate::support::time::soon;

fn begin(broker: &Broker) -> ForeignReplies {
    let (replies, sending) = ForeignReplies::open(broker.clone(), CancellationToken::new());
    tokio::spawn(sending);
    replies
}

/// Sends a reply; the future ends when it has left.
fn send(replies: &ForeignReplies, address: &str, id: &str) -> impl Future<Output = ()> + use<> {
    let envelope = Envelope { correlation_id: Some(id.to_owned()), ..Envelope::default() };
    replies.send(address.to_owned(), envelope, Bytes::from_static(b"{}"))
}

fn reply(replies: &ForeignReplies, address: &str, id: &str) {
    drop(send(replies, address, id));
}

/// A caller without a queue, and the address that RabbitMQ made for it.
struct Caller {
    raw: Raw,
    replies: Consumer,
    address: String,
}

impl Caller {
    async fn ask(url: &str, link: &Link) -> Self {
        let raw = Raw::open(url).await;
        let (name, none) = ("amq.rabbitmq.reply-to", FieldTable::default());
        let options = BasicConsumeOptions { no_ack: true, ..Default::default() };
        let replies = raw.channel.basic_consume(name.into(), "".into(), options, none);
        let replies = replies.await.unwrap();
        let properties = BasicProperties::default().with_reply_to(name.into());
        raw.publish("mission.requests", properties, b"{}").await;
        let mut requests = Requests::take(link, 1).await.unwrap();
        let taken = soon("its request", requests.next()).await.unwrap().unwrap();
        taken.ack().unwrap();
        let address = taken.envelope.reply_to.clone().unwrap();
        let foreign = ReturnAddress::parse(Some(&address)).unwrap().unwrap();
        assert_eq!(foreign, ReturnAddress::Foreign(address.clone()));
        Self { raw, replies, address }
    }

    async fn expect(&mut self, id: &str) {
        let reply = soon("a reply", self.replies.next()).await.unwrap().unwrap();
        assert_eq!(reply.properties.correlation_id().as_ref().unwrap().as_str(), id);
    }
}

#[tokio::test]
async fn a_direct_reply_reaches_its_caller() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("decider").await.unwrap();
    let mut caller = Caller::ask(&vhost.amqp_url, &link).await;
    let replies = begin(&broker);
    for id in ["1", "2"] {
        reply(&replies, &caller.address, id);
        caller.expect(id).await;
    }
}

/// On RabbitMQ 3.10 a forged one closes the connection that it is answered on.
#[tokio::test]
async fn a_dead_or_forged_direct_address_costs_no_other_reply() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("decider").await.unwrap();
    let gone = Caller::ask(&vhost.amqp_url, &link).await;
    gone.raw.connection.close(200, "bye".into()).await.unwrap();
    let mut caller = Caller::ask(&vhost.amqp_url, &link).await;
    let replies = begin(&broker);
    let addresses = ["nobody", "AAAA.x", "g1h2.x", "g1h2!.x"];
    let forged = addresses.map(|address| format!("amq.rabbitmq.reply-to.{address}"));
    for (n, dead) in forged.iter().chain([&gone.address]).enumerate() {
        reply(&replies, dead, "lost");
        reply(&replies, &caller.address, &n.to_string());
        caller.expect(&n.to_string()).await;
    }
}

#[tokio::test]
async fn a_reply_after_its_idle_connection_was_closed_still_arrives() {
    let (vhost, broker) = rabbit();
    let raw = Raw::open(&vhost.amqp_url).await;
    raw.declare("caller", &[]).await;
    let replies = begin(&broker);
    reply(&replies, "caller", "1");
    raw.get("caller").await;
    close_connections(&vhost, 2).await;
    let raw = Raw::open(&vhost.amqp_url).await;
    reply(&replies, "caller", "2");
    let second = raw.get("caller").await.delivery;
    assert_eq!(second.properties.correlation_id().as_ref().unwrap().as_str(), "2");
}

#[tokio::test]
async fn a_reply_to_a_callers_own_queue_is_transient() {
    let (vhost, broker) = rabbit();
    let raw = Raw::open(&vhost.amqp_url).await;
    raw.declare("caller", &[]).await;
    reply(&begin(&broker), "caller", "1");
    assert_eq!(*raw.get("caller").await.delivery.properties.delivery_mode(), Some(1));
}

#[tokio::test]
async fn replies_that_cannot_be_sent_are_dropped_and_counted_and_only_the_first_is_waited_for() {
    let nobody_listens = "amqp://127.0.0.1:1".parse().unwrap();
    let replies = begin(&Broker::new(nobody_listens));
    let begun = tokio::time::Instant::now();
    for n in 0..2_000 {
        send(&replies, "caller", &n.to_string()).await;
    }
    assert!(begun.elapsed() < std::time::Duration::from_secs(5));
    let [full, failed] = [Why::TooMany, Why::Failed].map(|why| replies.dropped().so_far(why));
    assert!(full > 1_000 && failed > 0, "{full} {failed}");
    assert_eq!(replies.dropped().so_far(Why::Unroutable), 0);
    let metric = &telemetry::of(Role::Decider).replies_dropped;
    assert!(metric.of(Why::TooMany).get() >= full && metric.of(Why::Failed).get() >= failed);
}
