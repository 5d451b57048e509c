//! Processes that die at the worst places. What they leave is one mission, and the same reply.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt;

use serde_json::Value;
use uuid::Uuid;

use crate::agents::Agent;
use crate::caller::Caller;
use crate::ground::{Ground, ask, id};

const ABORTED: Option<i32> = Some(6);

const DECIDER: [&str; 4] = ["before-parts", "after-parts", "before-reply", "before-ack"];
const PERSISTER: [&str; 2] = ["before-commit", "after-commit"];

/// A worker of this role that dies at this place, on this mission or on any.
fn doomed(ground: &Ground, role: &str, place: &str, mission: &str) -> Agent {
    ground.worker_that_dies(role, Some(&format!("{role}.{place}={mission}")))
}

/// The worker dies on a mission; the next one of its role brings that to its end.
async fn dies_and_is_followed(role: &str, place: &str, writes: bool, replies: usize) {
    let ground = Ground::new().await;
    let mut others: Vec<_> = ["number", "letter", "decider", "persister"].into();
    others.retain(|other| *other != role);
    let _others: Vec<_> = others.iter().map(|other| ground.worker(other)).collect();
    let mut caller = Caller::connect(&ground).await;
    let mission = Uuid::new_v4();
    let mut doomed = doomed(&ground, role, place, &mission.to_string());
    caller.request(&[mission]).await;
    assert_eq!(doomed.ended().await.signal(), ABORTED);
    let written = ground.missions().await;
    assert_eq!(written.len(), usize::from(writes), "{place}");

    let _next = ground.worker(role);
    for _ in 0..replies {
        let told = caller.mission().await;
        // A request that is done again draws other parts: the first row stands.
        assert!(written.is_empty() || written.get(&mission) == Some(&told), "{place}: {told}");
        ground.stands(&told).await;
    }
    ground.all_settled().await;
    assert_eq!(ground.rows().await, 1, "{place}");
    assert!(caller.dead_letters().await.is_empty(), "{place}");
}

#[tokio::test]
async fn a_decider_that_dies_before_it_asks_for_parts_is_followed_by_another() {
    dies_and_is_followed("decider", "before-parts", false, 1).await;
}

#[tokio::test]
async fn a_decider_that_dies_with_the_parts_in_its_hands_is_followed_by_another() {
    dies_and_is_followed("decider", "after-parts", false, 1).await;
}

#[tokio::test]
async fn a_decider_that_dies_before_its_reply_leaves_the_row_that_the_next_one_replies() {
    dies_and_is_followed("decider", "before-reply", true, 1).await;
}

#[tokio::test]
async fn a_decider_that_dies_before_it_acknowledges_is_followed_by_the_same_reply_again() {
    dies_and_is_followed("decider", "before-ack", true, 2).await;
}

#[tokio::test]
async fn a_persister_that_dies_before_its_commit_is_followed_by_another() {
    dies_and_is_followed("persister", "before-commit", false, 1).await;
}

#[tokio::test]
async fn a_persister_that_dies_after_its_commit_leaves_the_row_that_the_next_one_answers() {
    dies_and_is_followed("persister", "after-commit", true, 1).await;
}

#[tokio::test]
async fn whoever_dies_is_replaced_at_once_by_another_that_runs() {
    let ground = Ground::new().await;
    let _workers = ground.all_workers();
    let mut caller = Caller::connect(&ground).await;
    let mut told = HashMap::new();
    let places = DECIDER.map(|place| ("decider", place));
    for (role, place) in places.into_iter().chain(PERSISTER.map(|place| ("persister", place))) {
        let mut doomed = doomed(&ground, role, place, "*");
        doomed.says(if role == "decider" { "taking requests" } else { "consuming" }).await;
        let (until, before) = (told.len() + 100, told.len());
        while doomed.runs() {
            assert!(told.len() < until, "nothing dies at {place}");
            let mission = Uuid::new_v4();
            caller.request(&[mission]).await;
            hear(&mut caller, &mut told, mission).await;
        }
        assert_eq!(doomed.ended().await.signal(), ABORTED);
        assert!(told.len() > before);
    }
    ground.all_settled().await;
    assert_eq!(ground.missions().await, told);
    assert!(caller.dead_letters().await.is_empty());
}

/// Reads replies up to the one about this mission. One that comes again must say the same.
async fn hear(caller: &mut Caller, told: &mut HashMap<Uuid, Value>, mission: Uuid) {
    while !told.contains_key(&mission) {
        let reply = caller.mission().await;
        if let Some(before) = told.insert(id(&reply), reply.clone()) {
            assert_eq!(before, reply);
        }
    }
}

#[tokio::test]
async fn a_mission_that_killed_nine_deciders_is_done_by_the_tenth() {
    let ground = Ground::new().await;
    let _workers = ground.workers(["number", "letter", "persister"]);
    let mut caller = Caller::connect(&ground).await;
    let mission = Uuid::new_v4();
    caller.request(&[mission]).await;
    for _ in 0..9 {
        let mut doomed = doomed(&ground, "decider", "before-parts", &mission.to_string());
        assert_eq!(doomed.ended().await.signal(), ABORTED);
    }
    let _tenth = ground.worker("decider");
    ground.stands(&caller.mission().await).await;
    ground.all_settled().await;
    assert!(caller.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_gateway_that_dies_leaves_each_mission_that_it_published_and_no_other() {
    let ground = Ground::new().await;
    let _workers = ground.all_workers();
    for (place, rows) in [("before-publish", 0), ("after-publish", 1)] {
        let failpoint = format!("gateway.{place}=*");
        let mut doomed = ground.gateway_with(&[], Some(&failpoint)).await;
        let post = reqwest::Client::new().post(format!("{}/missions", ground.gateway));
        assert!(post.send().await.is_err(), "a gateway that died has no answer");
        assert_eq!(doomed.ended().await.signal(), ABORTED);
        ground.await_rows(rows).await;
    }
    let _next = ground.gateway().await;
    ground.stands(&ask(&ground.gateway).await).await;
    ground.all_settled().await;
    assert_eq!(ground.rows().await, 2);
}
