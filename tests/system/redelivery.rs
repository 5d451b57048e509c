//! Messages that come twice, late or never: a mission is one row all the same.

use std::collections::HashMap;

use serde_json::Value;
use testkit::servers::QueueInfo;
use uuid::Uuid;

use crate::caller::Caller;
use crate::system::{DEADLINE, System, eventually, id};

/// Waits until the request queue holds this many ready and unacknowledged messages.
pub fn requests_are(system: &System, messages_ready: u64, messages_unacked: u64) {
    let expected = QueueInfo { messages_ready, messages_unacked };
    let vhost = system.vhost.as_ref().unwrap();
    let found = vhost.await_queue("mission.requests", DEADLINE, |queue| queue == expected);
    assert_eq!(found, Some(expected));
}

/// The three connections of a decider that has just begun to take requests, in the order in which
/// they were opened (unless the kernel's port numbers have just wrapped). `others` existed before.
async fn its_connections(system: &System, others: &[String]) -> Vec<String> {
    let mut its = Vec::new();
    eventually("a decider's three connections", async || {
        its = system.vhost.as_ref().unwrap().connections();
        its.retain(|name| !others.contains(name));
        its.len() == 3
    })
    .await;
    its.sort();
    its
}

#[tokio::test]
async fn a_request_that_comes_twice_is_one_mission_for_both_callers() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _another = system.worker("decider");
    let mut callers = [Caller::connect(&system).await, Caller::connect(&system).await];
    let ids: [_; 20] = std::array::from_fn(|_| Uuid::new_v4());
    let requests: Vec<_> = ids.iter().map(std::slice::from_ref).collect();
    let [one, other] = &callers;
    tokio::join!(one.requests(&requests), other.requests(&requests));
    for caller in &mut callers {
        let mut told = HashMap::new();
        for _ in ids {
            let mission = caller.mission().await;
            told.insert(id(&mission), mission);
        }
        assert_eq!(told, system.missions().await);
    }
    assert_eq!(system.rows().await, 20);
}

#[tokio::test]
async fn a_request_whose_decider_loses_its_connections_midway_is_one_mission() {
    let system = System::new().await;
    let mut caller = Caller::connect(&system).await;
    let vhost = system.vhost.as_ref().unwrap();
    let others = vhost.connections();
    let mut decider = system.worker("decider");
    caller.request(&[Uuid::new_v4()]).await;
    requests_are(&system, 0, 1);
    for connection in its_connections(&system, &others).await {
        vhost.close_connection(&connection);
    }
    let _workers = system.all_but(["decider"]);
    system.stands(&caller.mission().await).await;
    system.all_settled().await;
    assert_eq!(system.rows().await, 1);
    assert!(decider.runs());
}

#[tokio::test]
async fn a_decider_that_loses_any_one_of_its_connections_goes_on() {
    let system = System::new().await;
    let vhost = system.vhost.as_ref().unwrap();
    let mut decider = system.worker("decider");
    let sessions = || decider.log().matches("taking requests").count();
    let is_settled = || {
        let log = decider.log();
        log.rfind("taking requests") > log.rfind("waiting for the broker")
    };
    for which in 0..3 {
        eventually("a session", async || is_settled()).await;
        let connections = its_connections(&system, &[]).await;
        vhost.close_connection(&connections[which]);
        eventually("another connection in its place", async || {
            let now = vhost.connections();
            !now.contains(&connections[which]) && now.len() == 3 && is_settled()
        })
        .await;
    }
    // The loss of the connection that carries the status ends no session.
    assert!(sessions() >= 3, "{}", decider.log());
    let _workers = system.all_but(["decider"]);
    let mut caller = Caller::connect(&system).await;
    caller.request(&[Uuid::new_v4()]).await;
    system.stands(&caller.mission().await).await;
    assert!(decider.runs());
}

#[tokio::test]
async fn a_reply_that_nobody_waits_for_has_no_effect() {
    let system = System::new().await;
    let mut decider = system.worker("decider");
    let _others = system.all_but(["decider"]);
    let mut caller = Caller::connect(&system).await;
    let gone = Caller::connect(&system).await.queue; // the queue is deleted with its caller
    for nowhere in ["", "reply.gateway.nobody", "no such queue", &gone] {
        caller.publish(&[&[Uuid::new_v4()]], nowhere).await;
    }
    caller.request(&[Uuid::new_v4()]).await;
    system.stands(&caller.mission().await).await;
    system.await_rows(5).await;
    system.all_settled().await;
    assert!(caller.dead_letters().await.is_empty());
    assert!(decider.runs());
}

#[tokio::test]
async fn requests_wait_in_their_queue_while_a_worker_is_away_and_are_done_when_it_starts() {
    let system = System::new().await;
    let _workers = system.all_but(["letter"]);
    let _gateway = system.gateway_with(&["--wait", "1"], None).await;
    let mut caller = Caller::connect(&system).await;
    let post = reqwest::Client::new().post(format!("{}/missions", system.gateway));
    let accepted = post.send().await.unwrap();
    assert_eq!(accepted.status(), 202);
    let location = accepted.headers()["location"].to_str().unwrap().to_owned();
    let ids: [_; 5] = std::array::from_fn(|_| Uuid::new_v4());
    caller.requests(&ids.each_ref().map(std::slice::from_ref)).await;
    requests_are(&system, 5, 1);

    let _late = system.worker("letter");
    for _ in ids {
        system.stands(&caller.mission().await).await;
    }
    let found = reqwest::get(format!("{}{location}", system.gateway)).await.unwrap();
    assert_eq!(found.status(), 200);
    system.stands(&found.json::<Value>().await.unwrap()).await;
    system.all_settled().await;
    assert_eq!(system.rows().await, 6);
}

#[tokio::test]
async fn a_decider_at_full_width_takes_no_more_when_a_worker_falls_silent() {
    let system = System::new().await;
    let decider = system.worker("decider");
    let _others = system.all_but(["letter", "decider"]);
    let mut letter = system.worker("letter");
    let mut caller = Caller::connect(&system).await;
    caller.request(&[Uuid::new_v4()]).await; // it widens after this one
    caller.mission().await;
    letter.kill();
    let held: [_; 10] = std::array::from_fn(|_| Uuid::new_v4());
    caller.requests(&held.each_ref().map(std::slice::from_ref)).await;
    requests_are(&system, 0, 10);
    decider.says("no more requests are taken").await;
    let later: [_; 7] = std::array::from_fn(|_| Uuid::new_v4());
    caller.requests(&later.each_ref().map(std::slice::from_ref)).await;
    requests_are(&system, 7, 10);

    let _back = system.worker("letter");
    for _ in 0..17 {
        system.stands(&caller.mission().await).await;
    }
    system.all_settled().await;
    assert_eq!(system.rows().await, 18);
    assert!(caller.dead_letters().await.is_empty());
}

#[tokio::test]
async fn a_request_to_a_worker_that_is_lost_is_sent_again() {
    let system = System::new().await;
    let _workers = system.all_but(["letter", "persister"]);
    let mut caller = Caller::connect(&system).await;
    caller.request(&[Uuid::new_v4()]).await;
    let vhost = system.vhost.as_ref().unwrap();
    let mut late = Vec::new();
    for (queue, role) in [("mission.letters", "letter"), ("mission.decisions", "persister")] {
        let asked = vhost.await_queue(queue, DEADLINE, |queue| queue.messages_ready == 1);
        assert!(asked.is_some_and(|queue| queue.messages_ready == 1), "{queue}: {asked:?}");
        caller.purge(queue).await; // as a broker does when it is restarted
        late.push(system.worker(role));
    }
    system.stands(&caller.mission().await).await;
    assert_eq!(system.rows().await, 1);
}
