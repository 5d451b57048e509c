//! From the queue into the table.

use std::os::unix::process::ExitStatusExt;

use lapin::BasicProperties;
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

#[tokio::test]
async fn letters_wait_in_their_queue_until_the_database_takes_them_and_missions_go_on() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    let rename = |from: &'static str, to: &'static str| {
        let sql = sqlx::AssertSqlSafe(format!("RENAME TABLE {from} TO {to}"));
        async { sqlx::query(sql).execute(&system.pool).await.unwrap() }
    };
    rename("dead_letters", "elsewhere").await;
    late(&caller, Uuid::new_v4()).await;
    let vhost = system.vhost.as_ref().unwrap();
    eventually("the letter in its queue", async || {
        let queue = vhost.queue(QUEUE).unwrap();
        queue.messages_ready + queue.messages_unacked == 1
    })
    .await;
    caller.request(&[Uuid::new_v4()]).await;
    system.stands(&caller.mission().await).await;
    rename("elsewhere", "dead_letters").await;
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
