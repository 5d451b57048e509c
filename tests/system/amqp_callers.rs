//! Callers that publish straight to the request exchange.

use std::process::Command;

use futures_util::StreamExt;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Consumer};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::caller::{Caller, Reply};
use crate::process::Process;
use crate::rules::assert_follows_the_rules;
use crate::system::{DEADLINE, System, id};

/// The next reply to this consumer.
pub async fn next(consumer: &mut Consumer) -> Reply {
    let waiting = tokio::time::timeout(DEADLINE, consumer.next());
    let message = waiting.await.expect("a message in time").unwrap().unwrap();
    let (kind, asked) = (message.properties.kind(), message.properties.correlation_id());
    let [kind, correlation_id] = [kind, asked].map(|text| text.as_ref().unwrap().to_string());
    Reply { kind, correlation_id, body: serde_json::from_slice(&message.data).unwrap() }
}

/// Publishes a request as any caller may, and returns when it is confirmed.
pub async fn publish(caller: &Caller, body: &[u8], properties: BasicProperties) {
    let properties = properties.with_delivery_mode(2);
    let confirmed = caller.send("mission.requests", "", properties, body).await.await.unwrap();
    assert!(confirmed.is_ack());
}

/// A request of this id, answered to this address.
pub fn asking(id: &str, reply_to: &str) -> BasicProperties {
    BasicProperties::default()
        .with_message_id(id.into())
        .with_correlation_id(format!("about {id}").into())
        .with_reply_to(reply_to.into())
}

#[tokio::test]
async fn a_caller_gets_its_mission_at_its_return_address_and_without_one_the_mission_is_only_stored()
 {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    let mut direct = caller.consume("amq.rabbitmq.reply-to").await;
    let own = caller.queue.clone();
    for address in [&*own, "amq.rabbitmq.reply-to"].repeat(2) {
        let wanted = Uuid::new_v4().to_string();
        publish(&caller, b"{}", asking(&wanted, address)).await;
        let Reply { kind, correlation_id, body } =
            if address == own { caller.reply().await } else { next(&mut direct).await };
        assert_eq!((&*kind, correlation_id), ("missions", format!("about {wanted}")));
        assert_follows_the_rules(&body["missions"][0]);
        assert_eq!(body["missions"][0]["id"], wanted);
        system.stands(&body["missions"][0]).await;
    }
    let unsaid = Uuid::new_v4();
    let mut headers = FieldTable::default();
    headers.insert("deadline".into(), AMQPValue::LongLongInt(4_102_444_800_000)); // in 2100
    let properties = BasicProperties::default().with_message_id(unsaid.to_string().into());
    let properties = properties.with_headers(headers);
    publish(&caller, b"{}", properties).await;
    system.await_rows(5).await;
    assert!(system.row(unsaid).await.is_some());
}

#[tokio::test]
async fn a_list_is_answered_in_its_order_and_an_id_means_one_mission_for_all_who_ask() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    let ids: Vec<Uuid> = (0..256).map(|_| Uuid::new_v4()).collect(); // in random order
    let mut earlier: Vec<Value> = Vec::new();
    for asked in [&ids[..3], &ids[..], &ids[2..3]] {
        let body = json!({ "missions": asked }).to_string();
        publish(&caller, body.as_bytes(), asking("not needed", &caller.queue)).await;
        let missions = caller.missions().await;
        assert_eq!(missions.iter().map(id).collect::<Vec<_>>(), asked);
        let again = |told: &&Value| missions.iter().any(|mission| mission["id"] == told["id"]);
        assert!(earlier.iter().filter(again).all(|told| missions.contains(told)));
        earlier = missions;
    }
    system.stands(&earlier[0]).await;
    assert_eq!(system.rows().await, 256);
}

#[tokio::test]
async fn one_id_in_two_requests_at_once_is_one_mission() {
    let system = System::new().await;
    let mut caller = Caller::connect(&system).await;
    let wanted = Uuid::new_v4().to_string();
    publish(&caller, b"{}", asking(&wanted, &caller.queue)).await;
    publish(&caller, b"{}", asking(&wanted, &caller.queue)).await;
    let _workers = system.all_workers();
    let _more = system.all_workers();
    let (first, second) = (caller.mission().await, caller.mission().await);
    assert_eq!(first, second);
    system.stands(&first).await;
    system.await_rows(1).await;
}

#[tokio::test]
async fn a_python_client_of_twenty_lines_gets_its_mission() {
    let Some(python) = testkit::process::python_with("pika") else {
        return say_skipped("the Python client: no python3 can import pika: pip install pika");
    };
    let system = System::new().await;
    let _workers = system.all_workers();
    let _topology = Caller::connect(&system).await;
    let mut command = Command::new(python);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/examples/ask.py");
    command.args([script, &system.amqp]);
    let mut client = Process::spawn(command);
    assert!(client.ended().await.success());
    let told: Value = serde_json::from_str(&client.log()).unwrap();
    assert_follows_the_rules(&told["missions"][0]);
    system.stands(&told["missions"][0]).await;
}

/// Written directly to standard error, because the test harness would hide it.
fn say_skipped(what: &str) {
    use std::io::Write;
    let line = format!("\n=== SKIPPED: {what} ===\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}
