//! A server that stops in the middle of a replay.

use uuid::Uuid;

use super::{arguments, late, leases_end, listed, run, steps};
use crate::caller::Caller;
use crate::outages::{on_own_broker, on_own_database};
use crate::process::Process;
use crate::system::{System, eventually};

/// The letters, and how many are replayed in a second.
const LETTERS: i64 = 40;
const ALL: [&str; 5] = ["--all", "--rate", "20", "--wait", "60"];

/// A system whose letters are stored when they are replayed.
async fn fill(system: &System) {
    let caller = Caller::connect(system).await;
    for _ in 0..LETTERS {
        late(&caller, Uuid::new_v4()).await;
    }
    eventually("all letters", async || system.dead_letters().await == LETTERS).await;
}

/// A replay of all of them, of which some are published.
async fn begun(system: &System) -> Process {
    let tool = Process::start(&arguments(system, "replay", &ALL), None);
    eventually("some replays", async || published(system).await >= 5).await;
    tool
}

async fn published(system: &System) -> i64 {
    let sql = "SELECT count(*) FROM dead_letter_actions WHERE step = 'published'";
    sqlx::query_scalar(sql).fetch_one(&system.pool).await.unwrap()
}

/// Each letter was replayed once and is stored, and there is no other.
async fn each_is_stored_once(system: &System) {
    system.await_rows(LETTERS).await;
    assert_eq!(system.dead_letters().await, LETTERS, "another letter came of it");
    let letters = listed(system, &["--state", "all"]).await;
    assert_eq!(letters.len(), 40);
    for letter in letters {
        let done = steps(system, letter["id"].as_str().unwrap()).await;
        assert_eq!(done, ["replay", "published", "stored"]);
    }
}

/// Nothing is left for another run.
async fn another_run_finds_nothing(system: &System) {
    let (code, said) = run(system, "replay", &ALL).await;
    assert_eq!((code, said.as_str()), (0, ""));
}

#[tokio::test]
async fn a_replay_waits_for_a_broker_that_stops_midway_and_each_letter_is_stored_once() {
    let (mut rabbit, _database, system) = on_own_broker().await;
    let _workers = system.all_workers();
    fill(&system).await;
    rabbit.settle();
    let mut tool = begun(&system).await;
    rabbit.kill();
    tool.says("waiting: ").await;
    assert!(published(&system).await < LETTERS, "the replay was over before the broker stopped");
    let _rabbit =
        tokio::task::spawn_blocking(move || rabbit.restart().map(|()| rabbit)).await.unwrap();
    assert!(tool.ended().await.success(), "{}", tool.log());
    assert_eq!(tool.log().matches("  stored\n").count(), 40, "{}", tool.log());
    each_is_stored_once(&system).await;
    another_run_finds_nothing(&system).await;
}

#[tokio::test]
async fn a_replay_that_is_ended_while_the_database_is_away_is_finished_by_the_next_one() {
    let (mut database, system) = on_own_database().await;
    let _workers = system.all_workers();
    fill(&system).await;
    let mut tool = begun(&system).await;
    database.kill();
    tool.says("waiting: ").await;
    tool.kill();
    let _database =
        tokio::task::spawn_blocking(move || database.restart().map(|()| database)).await.unwrap();
    assert!(published(&system).await < LETTERS, "the replay was over before the database stopped");
    leases_end(&system).await;
    let (code, said) = run(&system, "replay", &ALL).await;
    assert_eq!(code, 0, "{said}");
    each_is_stored_once(&system).await;
    another_run_finds_nothing(&system).await;
}

#[tokio::test]
async fn a_replay_waits_for_a_database_that_stops_midway_and_each_letter_is_stored_once() {
    let (mut database, system) = on_own_database().await;
    let _workers = system.all_workers();
    fill(&system).await;
    let mut tool = begun(&system).await;
    database.kill();
    tool.says("waiting: ").await;
    let _database =
        tokio::task::spawn_blocking(move || database.restart().map(|()| database)).await.unwrap();
    assert!(tool.ended().await.success(), "{}", tool.log());
    each_is_stored_once(&system).await;
    another_run_finds_nothing(&system).await;
}
