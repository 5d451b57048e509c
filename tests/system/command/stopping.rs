//! SIGTERM: a process finishes what it holds, and then exits with 0.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use testkit::servers::Port;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::http::{post, say};
use crate::process::Process;
use crate::rules::assert_follows_the_rules;
use crate::system::{Embedded, System, ask, eventually};

/// An orchestrator waits for 30 s; a process that holds nothing ends much sooner.
const SOON: Duration = Duration::from_secs(10);

async fn ends_well(process: &mut Process) {
    let told = Instant::now();
    assert_eq!(process.stop().await.code(), Some(0), "{}", process.log());
    assert!(told.elapsed() < SOON, "{:?}: {}", told.elapsed(), process.log());
}

#[tokio::test]
async fn every_role_ends_with_0_on_sigterm_at_work_or_waiting_for_a_server() {
    let system = System::new().await;
    let mut processes = system.all_workers();
    processes.push(system.gateway().await);
    ask(&system.gateway).await;
    for process in &mut processes {
        ends_well(process).await;
    }
    let (port, nowhere) = (Port::free().unwrap(), Port::free().unwrap());
    let listen = format!("127.0.0.1:{}", port.number());
    let broker = format!("amqp://127.0.0.1:{}", nowhere.number());
    let gateway = ["gateway", "--listen", &listen, "--database", &system.mysql];
    let persister = ["worker", "persister", "--database", &system.mysql];
    let number = ["worker", "number"];
    let decider = ["worker", "decider"];
    for role in [&gateway[..], &persister, &number, &decider] {
        let mut waiting = Process::start(&[role, &["--broker", &broker]].concat(), None);
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
    embedded.process.signal("TERM");
    embedded.process.says("draining connections").await;
    caller.write_all(b"t\":9}").await.unwrap();
    let mut answer = String::new();
    caller.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 201 Created\r\n"), "{answer}");
    assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let told: Value = serde_json::from_str(body).unwrap();
    assert_eq!(embedded.process.ended().await.code(), Some(0), "{}", embedded.process.log());
    let missions = told["missions"].as_array().unwrap();
    assert_eq!(missions.len(), 9);
    for mission in missions {
        assert_follows_the_rules(mission);
        embedded.stands(mission).await;
    }
}

#[tokio::test]
async fn up_on_real_servers_answers_all_accepted_requests_before_it_ends() {
    let system = System::new().await;
    let port = Port::free().unwrap();
    let listen = format!("127.0.0.1:{}", port.number());
    let servers = ["up", "--broker", &system.amqp, "--database", &system.mysql];
    let mut up = Process::start(&[&servers[..], &["--listen", &listen]].concat(), None);
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
    eventually("the first rows", async || system.rows().await > 0).await;
    let unanswered = callers.iter().filter(|caller| !caller.is_finished()).count();
    assert_eq!(up.stop().await.code(), Some(0), "{}", up.log());
    assert!(unanswered > 0, "it was stopped while callers waited");
    let mut answered = 0;
    for caller in callers {
        let told = caller.await.unwrap();
        assert_eq!(told.status, 201, "{told:?}");
        answered += told.json()["missions"].as_array().unwrap().len();
    }
    assert_eq!(system.rows().await, i64::try_from(answered).unwrap());
}
