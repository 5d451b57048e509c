//! SIGTERM: what is held is finished, and then it exits 0.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::servers::Port;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::agents::Agent;
use crate::ground::{Embedded, Ground, ask, eventually};
use crate::http::{post, say};
use crate::rules::assert_follows_the_rules;

/// An orchestrator waits for 30 s; a process that holds nothing needs no part of that.
const SOON: Duration = Duration::from_secs(10);

async fn ends_well(agent: &mut Agent) {
    let told = Instant::now();
    assert_eq!(agent.stop().await.code(), Some(0), "{}", agent.log());
    assert!(told.elapsed() < SOON, "{:?}: {}", told.elapsed(), agent.log());
}

#[tokio::test]
async fn every_role_ends_well_when_it_is_told_to_at_work_or_waiting() {
    let ground = Ground::new().await;
    let mut agents = Vec::from(ground.all_workers());
    agents.push(ground.gateway().await);
    ask(&ground.gateway).await;
    for agent in &mut agents {
        ends_well(agent).await;
    }
    let (port, nowhere) = (Port::free().unwrap(), Port::free().unwrap());
    let listen = format!("127.0.0.1:{}", port.number());
    let broker = format!("amqp://127.0.0.1:{}", nowhere.number());
    let gateway = ["gateway", "--listen", &listen, "--database", &ground.mysql];
    let persister = ["worker", "persister", "--database", &ground.mysql];
    let number = ["worker", "number"];
    let decider = ["worker", "decider"];
    for role in [&gateway[..], &persister, &number, &decider] {
        let mut waiting = Agent::start(&[role, &["--broker", &broker]].concat(), None);
        waiting.says("waiting for the broker").await;
        ends_well(&mut waiting).await;
    }
}

#[tokio::test]
async fn up_finishes_a_mission_in_flight_before_it_ends() {
    let mut embedded = Embedded::start().await;
    let head = "POST /missions HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n";
    let half = format!("{head}content-length: 11\r\n\r\n{{\"coun");
    let mut caller = say(&embedded.gateway, &half).await;
    ask(&embedded.gateway).await; // the caller before has been accepted by then
    embedded.agent.signal("TERM");
    embedded.agent.says("draining connections").await;
    caller.write_all(b"t\":9}").await.unwrap();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let told: Value = serde_json::from_str(body).unwrap();
    assert_eq!(embedded.agent.ended().await.code(), Some(0), "{}", embedded.agent.log());
    let missions = told["missions"].as_array().unwrap();
    assert_eq!(missions.len(), 9);
    for mission in missions {
        assert_follows_the_rules(mission);
        embedded.stands(mission).await;
    }
}

#[tokio::test]
async fn up_on_real_servers_answers_all_that_it_has_taken_before_it_ends() {
    let ground = Ground::new().await;
    let port = Port::free().unwrap();
    let listen = format!("127.0.0.1:{}", port.number());
    let servers = ["up", "--broker", &ground.amqp, "--database", &ground.mysql];
    let mut up = Agent::start(&[&servers[..], &["--listen", &listen]].concat(), None);
    let gateway = format!("http://{listen}");
    eventually("the gateway to be ready", async || {
        reqwest::get(format!("{gateway}/readyz")).await.is_ok_and(|ready| ready.status() == 200)
    })
    .await;
    let callers: Vec<_> = (0..20)
        .map(|_| gateway.clone())
        .map(|gateway| {
            tokio::spawn(async move { post(&gateway, Some(json!({"count": 200}))).await })
        })
        .collect();
    eventually("the first rows", async || ground.rows().await > 0).await;
    let unanswered = callers.iter().filter(|caller| !caller.is_finished()).count();
    assert_eq!(up.stop().await.code(), Some(0), "{}", up.log());
    assert!(unanswered > 0, "it was stopped while callers waited");
    let mut answered = 0;
    for caller in callers {
        let told = caller.await.unwrap();
        assert_eq!(told.status, 201, "{told:?}");
        answered += told.json()["missions"].as_array().unwrap().len();
    }
    assert_eq!(ground.rows().await, i64::try_from(answered).unwrap());
}
