//! A gateway or a broker that ends in the middle of a replay over HTTP.

use std::os::unix::process::ExitStatusExt;

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bad, PATH, meant};
use crate::caller::Caller;
use crate::http::{Said, get, send};
use crate::judge::conforms;
use crate::letters::many::{LETTERS, each_is_stored_once, fill, published, some_are_published};
use crate::letters::{MIDWAY, STORED, late, letter_of, steps};
use crate::outages::on_own_broker;
use crate::system::{System, eventually};

const ALL_STORED: &str = "40 of 40 stored; 0 set aside again";

/// An order to replay letters. It may be sent again.
struct Order {
    body: Value,
    record: String,
}

impl Order {
    /// Its id is the one that the gateway makes.
    async fn of(bad: &Bad, letters: &[String]) -> Self {
        let mut body = json!({ "letters": meant(letters), "rate": 20, "dry_run": true });
        body["id"] = send(bad.post("/replay", &body)).await.json()["id"].take();
        body["dry_run"] = false.into();
        let (id, count) = (body["id"].as_str().unwrap().to_owned(), letters.len());
        Self { body, record: format!("{PATH}/actions/{id}?count={count}") }
    }

    async fn send(&self, bad: &Bad) -> Said {
        let said = send(bad.post("/replay", &self.body)).await;
        conforms("POST", "/operations/dead-letters/replay", &said);
        said
    }

    async fn begin(&self, bad: &Bad) -> Said {
        let begun = self.send(bad).await;
        assert_eq!((begun.status, begun.header("location")), (202, &*self.record), "{begun:?}");
        begun
    }

    /// The record as it is now.
    async fn so_far(&self, bad: &Bad) -> Value {
        get(&format!("{}{}", bad.system.gateway, self.record)).await.json()
    }
}

/// Many letters, which are stored when they are replayed.
async fn many(system: System) -> Bad {
    let bad = Bad::on(system).await;
    let missions = fill(&bad.system).await;
    bad.with(missions).await
}

#[tokio::test]
async fn a_gateway_that_is_killed_midway_leaves_an_order_that_is_finished_when_it_is_repeated() {
    let mut bad = many(System::new().await).await;
    let order = Order::of(&bad, &bad.letters).await;
    order.begin(&bad).await;
    some_are_published(&bad.system).await;
    bad.gateway.kill();
    assert!(published(&bad.system).await < LETTERS, "the replay was over before the kill");
    bad.gateway = bad.system.gateway().await;
    let left = order.so_far(&bad).await;
    assert_eq!((&left["count"], &left["ended"]), (&json!(LETTERS), &json!(false)), "{left}");
    for _ in 0..2 {
        let record = bad.record(&order.begin(&bad).await).await;
        assert_eq!((&record["summary"], &record["left"]), (&json!(ALL_STORED), &json!([])));
    }
    each_is_stored_once(&bad.system).await;
}

#[tokio::test]
async fn a_gateway_that_dies_at_a_publish_leaves_an_open_intent_and_its_repetition_is_one_replay() {
    let mut bad = Bad::day(0).await;
    let caller = Caller::connect(&bad.system).await;
    for (place, all) in MIDWAY.into_iter().zip(1..) {
        let mission = Uuid::new_v4();
        late(&caller, mission).await;
        eventually("the letter", async || bad.system.dead_letters().await == all).await;
        let letters = [letter_of(&bad.system, &mission.to_string()).await];
        let order = Order::of(&bad, &letters).await;
        bad.gateway.kill();
        bad.gateway = bad.system.gateway_with(&[], Some(place)).await;
        let _ = bad.post("/replay", &order.body).send().await; // it may die before it has answered
        assert_eq!(bad.gateway.ended().await.signal(), Some(6), "{}", bad.gateway.log());
        assert_eq!(steps(&bad.system, &letters[0]).await, ["replay"], "{place}");
        bad.gateway = bad.system.gateway().await;
        let open = order.so_far(&bad).await;
        assert_eq!(
            (&open["letters"][0]["state"], &open["ended"]),
            (&json!("replaying"), &json!(false))
        );
        let record = bad.record(&order.begin(&bad).await).await;
        assert_eq!(record["summary"], "1 of 1 stored; 0 set aside again", "{record}");
        assert_eq!(steps(&bad.system, &letters[0]).await, STORED, "{place}");
    }
    bad.system.await_rows(2).await;
    assert_eq!(bad.system.dead_letters().await, 2, "no other letter came of it");
}

#[tokio::test]
async fn a_replay_goes_on_when_rabbitmq_returns_and_its_record_says_what_it_waits_for() {
    let (mut rabbit, _database, system) = on_own_broker().await;
    let bad = many(system).await;
    rabbit.settle();
    let order = Order::of(&bad, &bad.letters).await;
    let begun = order.begin(&bad).await;
    some_are_published(&bad.system).await;
    rabbit.kill();
    eventually("the record to say what it waits for", async || {
        order.so_far(&bad).await["waits"] == "RabbitMQ is away"
    })
    .await;
    assert!(published(&bad.system).await < LETTERS, "the replay was over before the kill");
    eventually("the gateway to notice", async || {
        get(&format!("{}/readyz", bad.system.gateway)).await.status == 503
    })
    .await;
    let refused = Order::of(&bad, &bad.letters).await.send(&bad).await;
    assert_eq!((refused.status, refused.problem().as_str()), (503, "unavailable"));
    assert!(refused.detail().contains("repeat the order"), "{refused:?}");
    assert!(!refused.header("retry-after").is_empty(), "{refused:?}");
    let _rabbit =
        tokio::task::spawn_blocking(move || rabbit.restart().map(|()| rabbit)).await.unwrap();
    let record = bad.record(&begun).await;
    assert_eq!((&record["summary"], &record["waits"]), (&json!(ALL_STORED), &Value::Null));
    for letter in record["letters"].as_array().unwrap() {
        assert_eq!((&letter["state"], &letter["detail"]), (&json!("stored"), &Value::Null));
    }
    each_is_stored_once(&bad.system).await;
}
