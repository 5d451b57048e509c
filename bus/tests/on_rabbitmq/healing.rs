//! Exchanges, queues and bindings that somebody deletes under a running system come back.

use std::time::Duration;

use bus::{Broker, Confirmed, Envelope, Fault, Health, Requester, supervise};
use lapin::options::{ExchangeDeleteOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use schemas::Role;
use schemas::topology::{
    DEAD_LETTER_QUEUE, EVENTS, Exchange, NUMBER_QUEUE, PARTS, Queue, REPLIES, REQUEST_QUEUE,
    REQUESTS,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::support::node::rabbit;
use crate::support::poll::eventually;
use crate::support::raw::Raw;
use crate::support::responders::Server;
use crate::support::time::soon;

/// How long the system may take to be back.
const BACK: Duration = Duration::from_secs(5);

async fn delete_exchange(raw: &Raw, exchange: Exchange) {
    let options = ExchangeDeleteOptions::default();
    raw.channel.exchange_delete(exchange.name.into(), options).await.unwrap();
}

async fn delete_queue(raw: &Raw, queue: Queue) {
    raw.channel.queue_delete(queue.name.into(), QueueDeleteOptions::default()).await.unwrap();
}

async fn unbind(raw: &Raw, queue: Queue) {
    let (name, source) = (queue.name.into(), queue.source.name.into());
    raw.channel.queue_unbind(name, source, "".into(), FieldTable::default()).await.unwrap();
}

/// One session of a requester: it asks once.
async fn ask(broker: &Broker) -> Result<(), Fault> {
    let link = broker.open_declared("test").await?;
    let publisher = link.publisher().await?;
    let (requester, replies) = Requester::open(Role::Decider, &link, publisher).await?;
    let about = Envelope::default();
    tokio::select! {
        asked = requester.ask(PARTS, &about, None, b"\"?\"", Some) => asked.map(drop),
        ended = replies.run() => ended,
        fault = link.lost() => Err(fault),
    }
}

#[tokio::test]
async fn requests_and_replies_flow_again_after_each_part_of_their_way_was_deleted() {
    let (vhost, broker) = rabbit();
    let _server = Server::numbers(&broker).await;
    let raw = Raw::open(&vhost.amqp_url).await;
    for part in ["nothing", "the exchange", "the binding", "the queue", "the way back"] {
        match part {
            "the exchange" => delete_exchange(&raw, PARTS).await,
            "the binding" => unbind(&raw, NUMBER_QUEUE).await,
            "the queue" => delete_queue(&raw, NUMBER_QUEUE).await,
            "the way back" => delete_exchange(&raw, REPLIES).await,
            _ => {}
        }
        let begun = Instant::now();
        let (health, stop) = (Health::default(), CancellationToken::new());
        soon(part, supervise("test", &health, &stop, || ask(&broker))).await;
        assert!(begun.elapsed() < BACK, "{part}: {:?}", begun.elapsed());
    }
}

/// A requester that stays connected: nobody opens a session, and so nobody declares.
#[tokio::test]
async fn a_requester_that_stays_connected_is_answered_again() {
    let (vhost, broker) = rabbit();
    let _server = Server::numbers(&broker).await;
    let raw = Raw::open(&vhost.amqp_url).await;
    let link = broker.open_declared("test").await.unwrap();
    let publisher = link.publisher().await.unwrap();
    let (requester, replies) = Requester::open(Role::Decider, &link, publisher).await.unwrap();
    let replies = tokio::spawn(replies.run());
    let about = Envelope::default();
    for part in ["the binding", "the way back"] {
        if part == "the binding" {
            unbind(&raw, NUMBER_QUEUE).await;
        } else {
            delete_exchange(&raw, REPLIES).await;
        }
        let begun = Instant::now();
        soon(part, requester.ask(PARTS, &about, None, b"\"?\"", Some)).await.unwrap();
        assert!(begun.elapsed() < BACK, "{part}: {:?}", begun.elapsed());
    }
    replies.abort();
}

/// Nobody consumes, so only the publisher can notice.
#[tokio::test]
async fn a_request_that_no_queue_wants_is_taken_after_its_queue_was_declared_again() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("gateway").await.unwrap();
    let publisher = link.confirmed_publisher().await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    for deleted in ["the queue", "the binding"] {
        if deleted == "the queue" {
            delete_queue(&raw, REQUEST_QUEUE).await;
        } else {
            unbind(&raw, REQUEST_QUEUE).await;
        }
        eventually("a request that is taken", async || {
            let published = publisher.publish(REQUESTS, &Envelope::default(), b"{}").await;
            (published.unwrap() == Confirmed::Taken).then_some(())
        })
        .await;
    }
}

#[tokio::test]
async fn a_publisher_whose_exchange_is_gone_loses_its_session_at_once() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("decider").await.unwrap();
    let publisher = link.publisher().await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    delete_exchange(&raw, PARTS).await;
    publisher.send(PARTS, "", &Envelope::default(), b"\"?\"").await.unwrap();
    let fault = soon("the end of the session", link.lost()).await;
    assert!(fault.to_string().contains(PARTS.name), "{fault}");
}

/// In a new virtual host declarations were refused before, on other channels of the same connection.
#[tokio::test]
async fn a_session_names_the_error_that_closed_its_channel() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("decider").await.unwrap();
    let publisher = link.publisher().await.unwrap();
    delete_exchange(&Raw::open(&vhost.amqp_url).await, PARTS).await;
    eventually("a channel that is closed", async || {
        publisher.send(PARTS, "", &Envelope::default(), b"\"?\"").await.err()
    })
    .await;
    let fault = soon("the end of the session", link.lost()).await;
    assert!(fault.to_string().contains(PARTS.name), "{fault}");
}

#[tokio::test]
async fn a_listener_hears_events_again_after_their_exchange_was_deleted() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("gateway").await.unwrap();
    let mut events = link.listen("events.test.1", 10).await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    delete_exchange(&raw, EVENTS).await;
    let begun = Instant::now();
    eventually("an event", async || {
        // On a link of its own: a missing exchange closes the channel.
        let link = broker.open("persister").await.unwrap();
        let publisher = link.publisher().await.unwrap();
        let _ = publisher.send(EVENTS, "created.malory", &Envelope::default(), b"1").await;
        events.ready().unwrap()
    })
    .await;
    assert!(begun.elapsed() < BACK, "{:?}", begun.elapsed());
}

/// RabbitMQ 3.10 attaches the consumer of a deleted queue to a new one of the same name if that is
/// there before it has ended the consumer, and delivers nothing to it, without end.
#[tokio::test]
async fn a_deleted_queue_is_made_again_after_its_consumers_were_ended() {
    let (vhost, broker) = rabbit();
    let raw = Raw::open(&vhost.amqp_url).await;
    for queue in [REQUEST_QUEUE, DEAD_LETTER_QUEUE].repeat(3) {
        let link = broker.open_declared("consumer").await.unwrap();
        let mut consumer = link.consume(queue, 10).await.unwrap();
        delete_queue(&raw, queue).await;
        let _others = broker.open_declared("another").await.unwrap();
        let ended = soon("the end of the consumer", consumer.next()).await;
        assert!(matches!(ended, Err(Fault::Cancelled(_))), "{ended:?}");
    }
}
