//! A server that stops in the middle of a replay.

use super::many::{LETTERS, each_is_stored_once, fill, published, some_are_published};
use super::{arguments, leases_end, run};
use crate::outages::{on_own_broker, on_own_database};
use crate::process::Process;
use crate::system::System;

const ALL: [&str; 5] = ["--all", "--rate", "20", "--wait", "60"];

/// A replay of all of them, of which some are published.
async fn begun(system: &System) -> Process {
    let tool = Process::start(&arguments(system, "replay", &ALL), None);
    some_are_published(system).await;
    tool
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
