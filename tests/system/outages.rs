//! Servers and workers that are away for a while. Whoever waits sees a stall, and nobody an error.

use std::time::Duration;

use reqwest::Response;
use serde_json::Value;
use testkit::load::{self, Report, Stop};
use testkit::servers::{Database, MariaDb, Rabbit, database, vhost};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::caller::Caller;
use crate::ground::{Ground, eventually};

/// A server that starts again on a busy machine takes longer than the usual ten seconds.
pub const PATIENT: [&str; 2] = ["--wait", "60"];

/// When everything is back a caller has its answer within this time; without a reply it would be
/// told at the end of its wait.
const SOON: Duration = Duration::from_secs(25);

/// A load of so many missions, on its way.
fn load_of(missions: u64, ground: &Ground) -> JoinHandle<Report> {
    tokio::spawn(load::run(ground.address(), 16, Stop::Requests(missions)))
}

/// Somebody who asks for a mission and waits for the answer.
pub fn asking(ground: &Ground) -> JoinHandle<Response> {
    let post = reqwest::Client::new().post(format!("{}/missions", ground.gateway));
    tokio::spawn(async move { post.send().await.unwrap() })
}

/// One caller after the other, until one is refused: those before it had a seat and still wait.
pub async fn until_refused(ground: &Ground) -> Vec<JoinHandle<Response>> {
    let (mut seated, mut refusal) = (Vec::new(), None);
    eventually("a caller to be refused within a second", async || {
        let mut caller = asking(ground);
        match timeout(Duration::from_secs(1), &mut caller).await {
            Ok(answer) => refusal = Some(answer.unwrap()),
            Err(_) => seated.push(caller),
        }
        refusal.is_some()
    })
    .await;
    let refusal = refusal.unwrap();
    assert_eq!(refusal.status(), 503);
    assert!(refusal.headers().contains_key("retry-after"));
    assert_eq!(refusal.json::<Value>().await.unwrap()["type"], "/problems/unavailable");
    let again = timeout(Duration::from_millis(500), asking(ground)).await;
    assert_eq!(again.expect("a quick refusal").unwrap().status(), 503);
    seated
}

/// All who waited have their missions; nothing else stands, is queued or set aside.
pub async fn just_these_stand(ground: &Ground, waited: Vec<JoinHandle<Response>>) {
    let expected = waited.len();
    for caller in waited {
        let answer = timeout(SOON, caller).await.expect("no reply was lost").unwrap();
        assert_eq!(answer.status(), 201);
        ground.stands(&answer.json().await.unwrap()).await;
    }
    ground.all_settled().await;
    assert_eq!(ground.missions().await.len(), expected);
    assert!(Caller::connect(ground).await.dead_letters().await.is_empty());
}

/// A broker of our own, and the ground on it.
pub async fn on_own_broker() -> (Rabbit, Database, Ground) {
    let (rabbit, database) = (Rabbit::start().unwrap(), database());
    let vhost = rabbit.vhost();
    let mut ground = Ground::on(vhost.amqp_url.clone(), database.url.clone()).await;
    ground.vhost = Some(vhost);
    (rabbit, database, ground)
}

/// A database server of our own, and the ground on it.
async fn on_own_database() -> (MariaDb, Ground) {
    let (database, vhost) = (MariaDb::start().unwrap(), vhost());
    let mut ground = Ground::on(vhost.amqp_url.clone(), database.url("spymission")).await;
    ground.vhost = Some(vhost);
    (database, ground)
}

#[tokio::test]
async fn callers_of_a_killed_broker_wait_for_it_and_later_ones_are_refused_at_once() {
    let (mut rabbit, _database, ground) = on_own_broker().await;
    let _gateway = ground.gateway_with(&PATIENT, None).await;
    let _workers = ground.workers(["number", "decider", "persister"]);
    let mut waiting: Vec<_> = (0..10).map(|_| asking(&ground)).collect();
    ground.gateway_shows("silent").await; // they are confirmed, and wait for the letters
    rabbit.settle();
    rabbit.kill();
    waiting.extend(until_refused(&ground).await);
    let _rabbit = spawn_blocking(move || rabbit.restart().map(|()| rabbit)).await.unwrap();
    let _letter = ground.worker("letter");
    just_these_stand(&ground, waiting).await;
}

#[tokio::test]
async fn a_broker_that_is_killed_under_load_costs_no_request() {
    let (mut rabbit, _database, ground) = on_own_broker().await;
    let _workers = ground.all_workers();
    let gateway = ground.gateway_with(&PATIENT, None).await;
    rabbit.settle();
    let load = load_of(3_000, &ground);
    ground.at_least(500).await;
    rabbit.kill();
    gateway.says("waiting for the broker").await;
    assert!(ground.rows().await < 3_000, "the load was over before the broker was killed");
    let _rabbit = spawn_blocking(move || rabbit.restart().map(|()| rabbit)).await.unwrap();
    ground.all_stand(&[load.await.unwrap()]).await;
}

#[tokio::test]
async fn callers_of_a_broker_that_hangs_wait_for_it_and_later_ones_are_refused_at_once() {
    let (rabbit, _database, ground) = on_own_broker().await;
    let _workers = ground.all_workers();
    let gateway = ground.gateway_with(&PATIENT, None).await;
    rabbit.pause();
    let mut waiting = until_refused(&ground).await;
    rabbit.resume(); // nobody has given up the connection yet
    eventually("all to be answered", async || waiting.iter().all(JoinHandle::is_finished)).await;
    rabbit.pause();
    waiting.extend(until_refused(&ground).await);
    gateway.says("waiting for the broker").await; // it has given it up
    rabbit.resume();
    just_these_stand(&ground, waiting).await;
}

#[tokio::test]
async fn a_database_that_is_killed_under_load_costs_no_request() {
    let (mut database, ground) = on_own_database().await;
    let [_number, _letter, _decider, persister] = ground.all_workers();
    let _gateway = ground.gateway_with(&PATIENT, None).await;
    let load = load_of(3_000, &ground);
    ground.at_least(500).await;
    database.kill();
    persister.says("waiting for the database").await;
    let _database = spawn_blocking(move || database.restart().map(|()| database)).await.unwrap();
    assert!(ground.rows().await < 3_000, "the load was over before the database was killed");
    ground.all_stand(&[load.await.unwrap()]).await;
    assert!(Caller::connect(&ground).await.dead_letters().await.is_empty());
}

#[tokio::test]
async fn callers_of_a_database_that_hangs_wait_for_it() {
    let (database, ground) = on_own_database().await;
    let [_number, _letter, _decider, persister] = ground.all_workers();
    let _gateway = ground.gateway_with(&PATIENT, None).await;
    database.pause();
    let waiting: Vec<_> = (0..10).map(|_| asking(&ground)).collect();
    persister.says("waiting for the database").await;
    database.resume();
    just_these_stand(&ground, waiting).await;
}

#[tokio::test]
async fn workers_that_are_all_killed_under_load_and_come_back_in_another_order_cost_no_request() {
    let ground = Ground::new().await;
    let mut workers = ground.all_workers();
    let _gateway = ground.gateway_with(&PATIENT, None).await;
    let load = load_of(3_000, &ground);
    ground.at_least(500).await;
    for worker in &mut workers {
        worker.kill();
    }
    ground.gateway_shows("silent").await;
    assert!(ground.rows().await < 3_000, "the load was over before the workers were killed");
    for (worker, role) in workers.iter_mut().zip(["persister", "decider", "letter", "number"]) {
        *worker = ground.worker(role);
        worker.says(if role == "decider" { "taking requests" } else { "consuming" }).await;
    }
    ground.all_stand(&[load.await.unwrap()]).await;
    assert!(Caller::connect(&ground).await.dead_letters().await.is_empty());
}
