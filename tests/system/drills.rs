//! Drills: what an operator breaks on purpose loses no mission and makes none twice.

mod refusals;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::http::{Said, get, send};
use crate::judge::conforms;
use crate::process::Process;
use crate::system::{Embedded, eventually};

/// Everything in one process, with drills. Callers wait for a second.
async fn embedded() -> Embedded {
    Embedded::start_with(&["--drills", "--wait", "1"]).await
}

async fn operations(gateway: &str) -> Value {
    get(&format!("{gateway}/operations")).await.json()
}

/// Begins a drill, or ends all, as a browser does.
async fn drill(gateway: &str, name: &str) {
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none());
    let post = client.build().unwrap().post(format!("{gateway}/operations/drills/{name}"));
    let said = send(post.header("origin", gateway).header("sec-fetch-site", "same-origin")).await;
    assert_eq!((said.status, said.header("location")), (303, "/operations#drills"), "{said:?}");
    conforms("POST", "/operations/drills/{drill}", &said);
}

/// Requests so many missions at once, each on its own. Returns what the callers were told.
async fn load(gateway: &str, callers: usize) -> Vec<Said> {
    let (client, mut asking) = (reqwest::Client::new(), JoinSet::new());
    for _ in 0..callers {
        asking.spawn(send(client.post(format!("{gateway}/missions"))));
    }
    asking.join_all().await
}

/// Waits until everything is over and counted: every mission was accepted and has one row. Every
/// caller gets its mission.
async fn nothing_is_lost_or_doubled(gateway: &str, told: &[Said]) {
    let accepted = told.len();
    eventually("a mission for each caller, none lost and none doubled", async || {
        let said = get(&format!("{gateway}/operations")).await;
        conforms("GET", "/operations", &said);
        let drills = said.json()["drills"].clone();
        let counts = &drills["counts"];
        let over = counts["lost"].is_u64();
        if over {
            let none = format!("{accepted} rows counted: lost 0, doubled 0.");
            assert!(drills["text"].as_str().unwrap().contains(&none), "{drills}");
            assert_eq!((&counts["lost"], &counts["doubled"]), (&0.into(), &0.into()), "{drills}");
            assert_eq!(counts["accepted"], accepted, "{drills}");
        }
        over
    })
    .await;
    let client = reqwest::Client::new();
    for said in told {
        let mission = send(client.get(format!("{gateway}{}", said.header("location")))).await;
        assert_eq!(mission.status, 200, "{mission:?}");
    }
}

fn statuses(told: &[Said]) -> Vec<u16> {
    told.iter().map(|said| said.status).collect()
}

#[tokio::test]
async fn a_paused_persister_queues_decisions_tells_callers_202_and_loses_none() {
    let embedded = embedded().await;
    let gateway = &embedded.gateway;
    drill(gateway, "pause-persister").await;
    let told = load(gateway, 40).await;
    assert_eq!(statuses(&told), [202; 40]);
    eventually("decisions that wait", async || {
        let state = operations(gateway).await;
        let queues = state["queues"].as_array().unwrap().iter();
        let mut waiting = queues.filter(|queue| queue["name"] == "mission.decisions");
        waiting.next().unwrap()["messages"].as_u64().is_some_and(|messages| messages > 0)
    })
    .await;
    let drills = operations(gateway).await["drills"].clone();
    assert_eq!(drills["lasting"][0]["drill"], "pause-persister");
    assert!(drills["counts"]["lost"].is_null(), "it is not yet counted: {drills}");
    assert!(drills["text"].as_str().unwrap().contains("40 of them have no row yet"), "{drills}");
    drill(gateway, "end").await;
    nothing_is_lost_or_doubled(gateway, &told).await;
}

#[tokio::test]
async fn a_lost_part_is_asked_for_again() {
    let embedded = embedded().await;
    let gateway = &embedded.gateway;
    drill(gateway, "lose-part").await;
    let told = load(gateway, 40).await;
    assert!(statuses(&told).contains(&202), "one batch waited for its part: {told:?}");
    nothing_is_lost_or_doubled(gateway, &told).await;
}

#[tokio::test]
async fn a_request_that_is_delivered_twice_is_stored_and_announced_once() {
    let embedded = embedded().await;
    let gateway = &embedded.gateway;
    drill(gateway, "repeat-request").await;
    let told = load(gateway, 40).await;
    assert_eq!(statuses(&told), [201; 40]);
    let state = operations(gateway).await;
    assert_eq!(state["drills"]["lasting"], Value::Array(Vec::new()), "it has happened");
    eventually("the reply to the second delivery", async || {
        let ready = get(&format!("{gateway}/readyz")).await.json();
        ready["replies_dropped"]["late"] == 1
    })
    .await;
    nothing_is_lost_or_doubled(gateway, &told).await;
}

/// The instances of this role, and whether each is up.
fn instances(operations: &Value, role: &str) -> Vec<(String, bool)> {
    let mut roles = operations["roles"].as_array().unwrap().iter();
    let replicas = roles.find(|state| state["role"] == role).unwrap()["replicas"].as_array();
    let replicas = replicas.unwrap().iter();
    let told = |replica: &Value| {
        (replica["instance"].as_str().unwrap().to_owned(), replica["state"] == "up")
    };
    replicas.map(told).collect()
}

#[tokio::test]
async fn a_killed_worker_is_gone_and_another_one_takes_its_place() {
    let embedded = embedded().await;
    let gateway = &embedded.gateway;
    eventually("the decider to be seen", async || {
        instances(&operations(gateway).await, "decider").len() == 1
    })
    .await;
    let [(killed, _)] = &instances(&operations(gateway).await, "decider")[..] else { panic!() };
    drill(gateway, "kill-worker").await;
    let told = load(gateway, 40).await;
    assert_eq!(statuses(&told), [202; 40]);
    eventually("the decider to be gone, and another one to be up", async || {
        let seen = instances(&operations(gateway).await, "decider");
        let is = |name: &String, up| seen.iter().any(|(it, state)| it == name && *state == up);
        is(killed, false) && seen.iter().any(|(name, up)| name != killed && *up)
    })
    .await;
    nothing_is_lost_or_doubled(gateway, &told).await;
}

#[tokio::test]
async fn whichever_worker_is_killed_at_work_no_mission_is_lost() {
    let embedded = embedded().await;
    let gateway = &embedded.gateway;
    drill(gateway, "lose-part").await; // every request from here on is counted
    let mut told = Vec::new();
    for _role in ["decider", "number", "letter", "persister"] {
        let (more, ()) = tokio::join!(load(gateway, 40), drill(gateway, "kill-worker"));
        told.extend(more);
        told.extend(load(gateway, 40).await);
        drill(gateway, "end").await;
    }
    for role in ["decider", "number", "letter", "persister"] {
        let killed = format!("\"message\":\"a drill has killed this worker\",\"role\":\"{role}\"");
        assert!(embedded.process.log().contains(&killed), "{}", embedded.process.log());
    }
    nothing_is_lost_or_doubled(gateway, &told).await;
}

#[tokio::test]
async fn a_stop_ends_the_drills_and_everything_is_finished() {
    let mut embedded = embedded().await;
    drill(&embedded.gateway, "pause-persister").await;
    assert_eq!(statuses(&load(&embedded.gateway, 40).await), [202; 40]);
    assert!(embedded.process.stop().await.success());
    let list = ["missions", "export", "--database", &embedded.database];
    let mut list = Process::start(&list, None);
    assert!(list.ended().await.success(), "{}", list.log());
    assert_eq!(list.log().lines().count(), 40, "{}", list.log());
}
