//! Return addresses that do not exist: only the reply is lost.

use std::net::Ipv4Addr;

use futures_util::StreamExt;
use lapin::options::{BasicPublishOptions, QueueBindOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use testkit::servers::Port;
use uuid::Uuid;

use crate::amqp_callers::{asking, next, publish};
use crate::caller::{Caller, consume};
use crate::process::Process;
use crate::scrapes::text;
use crate::system::{DEADLINE, System, eventually};

#[tokio::test]
async fn a_return_address_that_does_not_exist_loses_only_the_reply() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    let gone = address_of_a_caller_that_has_gone(&system).await;
    let dead = [
        "nobody's-queue",
        "reply.gateway.00000000-0000-0000-0000-000000000000",
        "amq.rabbitmq.reply-to.g1h2",
        "amq.rabbitmq.reply-to.g1h2AA5yZXBseUA1NzYyMzU4NAAALz8AAAAAZV+K2w==.mZ8bq3T8FLuJlBv7GqRkVQ==",
        "amq.rabbitmq.reply-to.\u{1f575}",
        &gone,
    ];
    for address in dead {
        publish(&caller, b"{}", asking(&Uuid::new_v4().to_string(), address)).await;
        publish(&caller, b"{}", asking(&Uuid::new_v4().to_string(), &caller.queue)).await;
        assert_eq!(caller.mission().await["casebook"], "malory", "after {address}");
    }
    system.await_rows(13).await;
    system.all_settled().await;
    assert!(caller.dead_letters().await.is_empty(), "their missions are good");
}

#[tokio::test]
async fn a_lost_reply_is_counted_by_its_reason_and_described() {
    let (system, port) = (System::new().await, Port::free().unwrap());
    let status = format!("{}:{}", Ipv4Addr::LOCALHOST, port.number());
    let flags = ["worker", "decider", "--broker", &system.amqp, "--status", &status];
    let _decider = Process::start(&flags, None);
    let _others = system.all_but(["decider"]);
    let caller = Caller::connect(&system).await;
    for _ in 0..2 {
        publish(&caller, b"{}", asking(&Uuid::new_v4().to_string(), "nobody's-queue")).await;
    }
    let series = |reason: &str, count: u8| {
        format!(
            "spymission_replies_dropped_total{{role=\"decider\",reason=\"{reason}\"}} {count}\n"
        )
    };
    eventually("both to be counted", async || {
        text(&status).await.is_some_and(|text| text.contains(&series("unroutable", 2)))
    })
    .await;
    let text = text(&status).await.unwrap();
    assert!(text.contains(&series("too_many", 0)) && text.contains(&series("failed", 0)), "{text}");
    assert!(text.contains("# HELP spymission_replies_dropped Replies that were dropped"), "{text}");
}

/// A direct reply-to address as the broker writes it, read from a copy of a request. Its caller then
/// disconnects.
async fn address_of_a_caller_that_has_gone(system: &System) -> String {
    let connecting = Connection::connect(&system.amqp, ConnectionProperties::default());
    let connection = connecting.await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let own = QueueDeclareOptions { exclusive: true, ..Default::default() };
    let declaring = channel.queue_declare("copies".into(), own, FieldTable::default());
    declaring.await.unwrap();
    let (none, options) = (FieldTable::default(), QueueBindOptions::default());
    let exchange = "mission.requests".into();
    channel.queue_bind("copies".into(), exchange, "".into(), options, none).await.unwrap();
    let mut replies = consume(&channel, "amq.rabbitmq.reply-to").await;
    let mut copies = consume(&channel, "copies").await;
    let asked = asking(&Uuid::new_v4().to_string(), "amq.rabbitmq.reply-to");
    let (exchange, options) = ("mission.requests".into(), BasicPublishOptions::default());
    channel.basic_publish(exchange, "".into(), options, b"{}", asked).await.unwrap();
    let copy = tokio::time::timeout(DEADLINE, copies.next()).await.expect("a copy");
    let address = copy.unwrap().unwrap().properties.reply_to().as_ref().unwrap().to_string();
    assert!(address.starts_with("amq.rabbitmq.reply-to.g"), "{address}");
    next(&mut replies).await;
    connection.close(200, "gone".into()).await.unwrap();
    address
}
