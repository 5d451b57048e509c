//! Sessions when an operator interferes.

use bus::Fault;
use lapin::options::QueueDeleteOptions;
use schemas::Role;
use schemas::topology::NUMBER_QUEUE;

use crate::support::client::Client;
use crate::support::node::{close_connections, rabbit};
use crate::support::poll::eventually;
use crate::support::raw::Raw;
use crate::support::responders::Server;
use crate::support::time::soon;

#[tokio::test]
async fn a_lost_connection_is_told_to_all_who_wait_for_that() {
    let (vhost, broker) = rabbit();
    let link = broker.open("test").await.unwrap();
    tokio::join!(close_connections(&vhost, 1), async {
        let (one, two) = soon("the loss", async { tokio::join!(link.lost(), link.lost()) }).await;
        assert!(one.to_string().contains("connection"), "{one}");
        assert!(two.to_string().contains("connection"), "{two}");
    });
    soon("the loss, when one asks later", link.lost()).await;
}

#[tokio::test]
async fn everything_on_a_lost_connection_is_a_fault() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("test").await.unwrap();
    let mut requests = bus::Requests::take(&link, 1).await.unwrap();
    let publisher = link.publisher().await.unwrap();
    let durable = link.confirmed_publisher().await.unwrap();
    let (envelope, exchange) = (bus::Envelope::default(), schemas::topology::REQUESTS);
    durable.publish(exchange, &envelope, b"1").await.unwrap();
    let taken = soon("a request", requests.next()).await.unwrap().unwrap();
    close_connections(&vhost, 1).await;
    soon("the loss", link.lost()).await;
    assert!(soon("the consumer's end", requests.next()).await.is_err());
    assert!(taken.ack().is_err());
    assert!(taken.release().is_err());
    assert!(publisher.send(exchange, "", &envelope, b"2").await.is_err());
    assert!(durable.publish(exchange, &envelope, b"2").await.is_err());
    assert!(bus::Requests::take(&link, 1).await.is_err());
}

#[tokio::test]
async fn a_server_whose_connection_was_closed_comes_back_by_itself() {
    let (vhost, broker) = rabbit();
    let server = Server::numbers(&broker).await;
    close_connections(&vhost, 1).await;
    let client = Client::open(&broker).await;
    assert_eq!(client.ask("still there?").await, "still there?");
    server.stop().await;
}

#[tokio::test]
async fn an_ask_whose_connection_was_closed_ends_at_once() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("test").await.unwrap();
    let publisher = link.publisher().await.unwrap();
    let (requester, replies) = bus::Requester::open(Role::Decider, &link, publisher).await.unwrap();
    let about = bus::Envelope::default();
    let session = async {
        tokio::select! {
            _ = requester.ask(schemas::topology::PARTS, &about, None, b"\"?\"", Some) => None,
            ended = replies.run() => ended.err(),
            fault = link.lost() => Some(fault),
        }
    };
    let (fault, ()) = tokio::join!(soon("the end", session), close_connections(&vhost, 1));
    assert!(fault.is_some());
}

#[tokio::test]
async fn a_consumer_whose_queue_is_deleted_is_a_fault() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("test").await.unwrap();
    let mut numbers = link.consume(NUMBER_QUEUE, 1).await.unwrap();
    let raw = Raw::open(&vhost.amqp_url).await;
    let name = NUMBER_QUEUE.name;
    raw.channel.queue_delete(name.into(), QueueDeleteOptions::default()).await.unwrap();
    let fault = soon("the end of the consumer", numbers.next()).await.unwrap_err();
    assert_eq!(fault, Fault::Cancelled(name.to_owned()));
}

#[tokio::test]
async fn a_server_whose_queue_is_deleted_declares_it_and_goes_on() {
    let (vhost, broker) = rabbit();
    let server = Server::numbers(&broker).await;
    let raw = Raw::open(&vhost.amqp_url).await;
    let name = NUMBER_QUEUE.name;
    raw.channel.queue_delete(name.into(), QueueDeleteOptions::default()).await.unwrap();
    server.waits().await;
    server.up().await;
    assert_eq!(Client::open(&broker).await.ask("again?").await, "again?");
}

#[tokio::test]
async fn a_reply_queue_is_gone_with_its_connection() {
    let (vhost, broker) = rabbit();
    let link = broker.open_declared("test").await.unwrap();
    let own = link.consume_own("reply.test.1", 1).await.unwrap();
    let mut raw = Raw::open(&vhost.amqp_url).await;
    assert!(!raw.has_queue("reply.test.1").await, "it is exclusive: nobody else may look at it");
    drop((own, link));
    let other = broker.open("test").await.unwrap();
    eventually("the name", async || other.consume_own("reply.test.1", 1).await.ok()).await;
}
