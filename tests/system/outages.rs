//! Servers and workers that are away for a while. Callers who wait see a delay and no error.

use std::time::Duration;

use load::{Report, Stop};
use reqwest::Response;
use serde_json::Value;
use testkit::servers::{Database, MariaDb, Rabbit, database, vhost};
use tokio::task::{JoinHandle, spawn_blocking};
use tokio::time::timeout;

use crate::caller::Caller;
use crate::system::{System, begins, eventually, workers_but};

/// A server that starts again on a busy machine takes longer than the usual ten seconds.
pub const PATIENT: [&str; 2] = ["--wait", "60"];

/// When everything is back, a caller has its reply within this time.
const SOON: Duration = Duration::from_secs(25);

/// A load of this many missions, in the background.
fn load_of(missions: u64, system: &System) -> JoinHandle<Report> {
    tokio::spawn(load::run(system.address(), 16, Stop::Requests(missions)))
}

/// A caller who requests a mission and waits for the reply.
pub fn asking(system: &System) -> JoinHandle<Response> {
    let post = reqwest::Client::new().post(format!("{}/missions", system.gateway));
    tokio::spawn(async move { post.send().await.unwrap() })
}

/// One caller after the other, until one is refused: those before it had a seat and still wait.
pub async fn until_refused(system: &System) -> Vec<JoinHandle<Response>> {
    let (mut seated, mut refusal) = (Vec::new(), None);
    eventually("a caller to be refused within a second", async || {
        let mut caller = asking(system);
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
    let again = timeout(Duration::from_millis(500), asking(system)).await;
    assert_eq!(again.expect("a quick refusal").unwrap().status(), 503);
    seated
}

/// All callers who waited have their missions; nothing else is stored, queued or set aside.
pub async fn just_these_stand(system: &System, waited: Vec<JoinHandle<Response>>) {
    let expected = waited.len();
    for caller in waited {
        let answer = timeout(SOON, caller).await.expect("no reply was lost").unwrap();
        assert_eq!(answer.status(), 201);
        system.stands(&answer.json().await.unwrap()).await;
    }
    system.all_settled().await;
    assert_eq!(system.missions().await.len(), expected);
    assert!(Caller::connect(system).await.dead_letters().await.is_empty());
}

/// A broker of our own, and a system that uses it.
pub async fn on_own_broker() -> (Rabbit, Database, System) {
    let (rabbit, database) = (Rabbit::start().unwrap(), database());
    let vhost = rabbit.vhost();
    let mut system = System::on(vhost.amqp_url.clone(), database.url.clone()).await;
    system.vhost = Some(vhost);
    (rabbit, database, system)
}

/// A database server of our own, and a system that uses it.
pub async fn on_own_database() -> (MariaDb, System) {
    let (database, vhost) = (MariaDb::start().unwrap(), vhost());
    let mut system = System::on(vhost.amqp_url.clone(), database.url("spymission")).await;
    system.vhost = Some(vhost);
    (database, system)
}

#[tokio::test]
async fn callers_of_a_killed_broker_wait_for_it_and_later_ones_are_refused_at_once() {
    let (mut rabbit, _database, system) = on_own_broker().await;
    let _gateway = system.gateway_with(&PATIENT, None).await;
    let _workers = system.all_but(["letter"]);
    let mut waiting: Vec<_> = (0..10).map(|_| asking(&system)).collect();
    system.gateway_shows("silent").await; // they are confirmed, and wait for the letters
    rabbit.settle();
    rabbit.kill();
    waiting.extend(until_refused(&system).await);
    let _rabbit = spawn_blocking(move || rabbit.restart().map(|()| rabbit)).await.unwrap();
    let _letter = system.worker("letter");
    just_these_stand(&system, waiting).await;
}

#[tokio::test]
async fn a_broker_that_is_killed_under_load_costs_no_request() {
    let (mut rabbit, _database, system) = on_own_broker().await;
    let _workers = system.all_workers();
    let gateway = system.gateway_with(&PATIENT, None).await;
    rabbit.settle();
    let load = load_of(3_000, &system);
    system.at_least(500).await;
    rabbit.kill();
    gateway.says("waiting for the broker").await;
    assert!(system.rows().await < 3_000, "the load was over before the broker was killed");
    let _rabbit = spawn_blocking(move || rabbit.restart().map(|()| rabbit)).await.unwrap();
    // A caller whose row was committed gets it from the table during the outage; its next request
    // is refused at once then.
    system.all_but_the_refused_stand(&[load.await.unwrap()]).await;
}

#[tokio::test]
async fn callers_of_a_broker_that_hangs_wait_for_it_and_later_ones_are_refused_at_once() {
    let (rabbit, _database, system) = on_own_broker().await;
    let _workers = system.all_workers();
    let gateway = system.gateway_with(&PATIENT, None).await;
    rabbit.pause();
    let mut waiting = until_refused(&system).await;
    rabbit.resume(); // no process has closed the connection yet
    eventually("all to be answered", async || waiting.iter().all(JoinHandle::is_finished)).await;
    rabbit.pause();
    waiting.extend(until_refused(&system).await);
    gateway.says("waiting for the broker").await; // it has closed the connection
    rabbit.resume();
    just_these_stand(&system, waiting).await;
}

#[tokio::test]
async fn a_database_that_is_killed_under_load_costs_no_request() {
    let (mut database, system) = on_own_database().await;
    let persister = system.worker("persister");
    let _others = system.all_but(["persister"]);
    let _gateway = system.gateway_with(&PATIENT, None).await;
    let load = load_of(3_000, &system);
    system.at_least(500).await;
    database.kill();
    persister.says("waiting for the database").await;
    let _database = spawn_blocking(move || database.restart().map(|()| database)).await.unwrap();
    assert!(system.rows().await < 3_000, "the load was over before the database was killed");
    system.all_stand(&[load.await.unwrap()]).await;
    assert!(Caller::connect(&system).await.dead_letters().await.is_empty());
}

#[tokio::test]
async fn callers_of_a_database_that_hangs_wait_for_it() {
    let (database, system) = on_own_database().await;
    let persister = system.worker("persister");
    let _others = system.all_but(["persister"]);
    let _gateway = system.gateway_with(&PATIENT, None).await;
    database.pause();
    let waiting: Vec<_> = (0..10).map(|_| asking(&system)).collect();
    persister.says("waiting for the database").await;
    database.resume();
    just_these_stand(&system, waiting).await;
}

#[tokio::test]
async fn workers_that_are_all_killed_under_load_and_come_back_in_another_order_cost_no_request() {
    let system = System::new().await;
    let mut workers = system.all_workers();
    let _gateway = system.gateway_with(&PATIENT, None).await;
    let load = load_of(3_000, &system);
    system.at_least(500).await;
    for worker in &mut workers {
        worker.kill();
    }
    system.gateway_shows("silent").await;
    assert!(system.rows().await < 3_000, "the load was over before the workers were killed");
    for (worker, role) in workers.iter_mut().zip(workers_but([]).into_iter().rev()) {
        *worker = system.worker(role);
        worker.says(begins(role)).await;
    }
    system.all_stand(&[load.await.unwrap()]).await;
    assert!(Caller::connect(&system).await.dead_letters().await.is_empty());
}
