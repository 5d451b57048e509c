//! From the queue into the table.

use std::os::unix::process::ExitStatusExt;

use lapin::BasicProperties;
use serde_json::json;
use uuid::Uuid;

use super::{late, listed};
use crate::amqp_callers::publish;
use crate::caller::Caller;
use crate::system::{System, eventually};

const QUEUE: &str = "mission.dead-letters";

#[tokio::test]
async fn a_letter_whose_persister_dies_between_row_and_acknowledgement_is_one_row() {
    let system = System::new().await;
    let _others = system.all_but(["persister"]);
    let caller = Caller::connect(&system).await;
    let mut doomed = system.worker_that_dies("persister", Some("letters.before-ack=*"));
    late(&caller, Uuid::new_v4()).await;
    assert_eq!(doomed.ended().await.signal(), Some(6));
    assert_eq!(system.dead_letters().await, 1);

    let _next = system.worker("persister");
    late(&caller, Uuid::new_v4()).await;
    eventually("the other letter", async || system.dead_letters().await >= 2).await;
    let vhost = system.vhost.as_ref().unwrap();
    eventually("an empty queue", async || {
        let queue = vhost.queue(QUEUE).unwrap();
        queue.messages_ready + queue.messages_unacked == 0
    })
    .await;
    assert_eq!(system.dead_letters().await, 2);
}

async fn rename(system: &System, from: &str, to: &str) {
    let sql = sqlx::AssertSqlSafe(format!("RENAME TABLE {from} TO {to}"));
    sqlx::query(sql).execute(&system.pool).await.unwrap();
}

#[tokio::test]
async fn letters_wait_in_their_queue_until_the_database_takes_them_and_missions_go_on() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    rename(&system, "dead_letters", "elsewhere").await;
    late(&caller, Uuid::new_v4()).await;
    let vhost = system.vhost.as_ref().unwrap();
    eventually("the letter in its queue", async || {
        let queue = vhost.queue(QUEUE).unwrap();
        queue.messages_ready + queue.messages_unacked == 1
    })
    .await;
    caller.request(&[Uuid::new_v4()]).await;
    system.stands(&caller.mission().await).await;
    rename(&system, "elsewhere", "dead_letters").await;
    eventually("the letter in the table", async || system.dead_letters().await == 1).await;
}

#[tokio::test]
async fn a_request_that_the_broker_sets_aside_is_a_row_with_the_brokers_reason() {
    let system = System::new().await;
    let caller = Caller::connect(&system).await;
    let id = Uuid::new_v4().to_string();
    let expiring =
        BasicProperties::default().with_message_id(id.as_str().into()).with_expiration("1".into());
    publish(&caller, b"{}", expiring).await;
    let _persister = system.worker("persister");
    eventually("the letter", async || system.dead_letters().await == 1).await;
    let letters = listed(&system, &["--role", "broker"]).await;
    assert_eq!(letters[0]["message_id"], id.as_str());
    assert!(letters[0]["reason"].as_str().unwrap().starts_with("expired: "), "{letters:?}");
}

/// RabbitMQ 4 drops a message of a quorum queue that was delivered so often; an older one is told to.
const LIMIT: usize = 20;

#[tokio::test]
async fn a_letter_that_is_delivered_more_often_than_rabbitmq_4_allows_is_not_dropped() {
    let system = System::new().await;
    let caller = Caller::connect(&system).await;
    let (vhost, decider) = (system.vhost.as_ref().unwrap(), system.worker("decider"));
    vhost.policy(&format!("^{QUEUE}$"), &json!({ "delivery-limit": LIMIT }));
    rename(&system, "dead_letters", "elsewhere").await;
    late(&caller, Uuid::new_v4()).await;
    for _ in 0..LIMIT + 5 {
        let mut persister = system.worker("persister");
        persister.says("dead letters wait in their queue for the database").await;
        persister.kill();
    }
    drop(decider);
    rename(&system, "elsewhere", "dead_letters").await;
    let _persister = system.worker("persister");
    eventually("the letter in the table", async || system.dead_letters().await == 1).await;
}
