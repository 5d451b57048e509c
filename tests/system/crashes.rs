//! Processes that die at the worst moments. One mission is stored, and the reply is the same.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt;

use serde_json::Value;
use uuid::Uuid;

use crate::caller::Caller;
use crate::process::Process;
use crate::system::{System, ask, begins, id};

const ABORTED: Option<i32> = Some(6);

const DECIDER: [&str; 4] = ["before-parts", "after-parts", "before-reply", "before-ack"];
const PERSISTER: [&str; 2] = ["before-commit", "after-commit"];

/// A worker of this role that dies at this failpoint, on this mission or on any.
fn doomed(system: &System, role: &str, place: &str, mission: &str) -> Process {
    system.worker_that_dies(role, Some(&format!("{role}.{place}={mission}")))
}

/// The worker dies on a mission; the next worker of its role finishes that mission.
async fn dies_and_is_followed(role: &str, place: &str, writes: bool, replies: usize) {
    let system = System::new().await;
    let _others = system.all_but([role]);
    let mut caller = Caller::connect(&system).await;
    let mission = Uuid::new_v4();
    let mut doomed = doomed(&system, role, place, &mission.to_string());
    caller.request(&[mission]).await;
    assert_eq!(doomed.ended().await.signal(), ABORTED);
    let written = system.missions().await;
    assert_eq!(written.len(), usize::from(writes), "{place}");

    let _next = system.worker(role);
    for _ in 0..replies {
        let told = caller.mission().await;
        // A request that is done again draws other parts; the first row is kept.
        assert!(written.is_empty() || written.get(&mission) == Some(&told), "{place}: {told}");
        system.stands(&told).await;
    }
    system.all_settled().await;
    assert_eq!(system.rows().await, 1, "{place}");
    assert!(caller.dead_letters().await.is_empty(), "{place}");
}

#[tokio::test]
async fn a_decider_that_dies_before_it_asks_for_parts_is_followed_by_another() {
    dies_and_is_followed("decider", "before-parts", false, 1).await;
}

#[tokio::test]
async fn a_decider_that_dies_after_it_has_the_parts_is_followed_by_another() {
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
async fn a_process_that_dies_is_replaced_at_once_by_another_that_runs() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    let mut told = HashMap::new();
    let places = DECIDER.map(|place| ("decider", place));
    for (role, place) in places.into_iter().chain(PERSISTER.map(|place| ("persister", place))) {
        let mut doomed = doomed(&system, role, place, "*");
        doomed.says(begins(role)).await;
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
    system.all_settled().await;
    assert_eq!(system.missions().await, told);
    assert!(caller.dead_letters().await.is_empty());
}

/// Reads replies up to the one about this mission. A repeated reply must be the same.
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
    let system = System::new().await;
    let _workers = system.all_but(["decider"]);
    let mut caller = Caller::connect(&system).await;
    let mission = Uuid::new_v4();
    caller.request(&[mission]).await;
    for _ in 0..9 {
        let mut doomed = doomed(&system, "decider", "before-parts", &mission.to_string());
        assert_eq!(doomed.ended().await.signal(), ABORTED);
    }
    let _tenth = system.worker("decider");
    system.stands(&caller.mission().await).await;
    system.all_settled().await;
    assert!(caller.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_gateway_that_dies_leaves_each_mission_that_it_published_and_no_other() {
    let system = System::new().await;
    let _workers = system.all_workers();
    for (place, rows) in [("before-publish", 0), ("after-publish", 1)] {
        let failpoint = format!("gateway.{place}=*");
        let mut doomed = system.gateway_with(&[], Some(&failpoint)).await;
        let post = reqwest::Client::new().post(format!("{}/missions", system.gateway));
        assert!(post.send().await.is_err(), "a gateway that died has no answer");
        assert_eq!(doomed.ended().await.signal(), ABORTED);
        system.await_rows(rows).await;
    }
    let _next = system.gateway().await;
    system.stands(&ask(&system.gateway).await).await;
    system.all_settled().await;
    assert_eq!(system.rows().await, 2);
}
