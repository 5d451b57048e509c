//! The tool: what it shows, what it does, and what is left when it dies.

use std::os::unix::process::ExitStatusExt;

use lapin::BasicProperties;
use serde_json::json;
use uuid::Uuid;

use super::{MIDWAY, STORED, late, leases_end, letter_of, listed, run, start, steps};
use crate::amqp_callers::publish;
use crate::caller::Caller;
use crate::system::{System, eventually};

/// A system with one letter, which is stored when it is replayed: the mission and the letter.
async fn with_a_letter(system: &System, caller: &Caller) -> (Uuid, String) {
    let mission = Uuid::new_v4();
    late(caller, mission).await;
    eventually("the letter", async || system.dead_letters().await == 1).await;
    (mission, letter_of(system, &mission.to_string()).await)
}

#[tokio::test]
async fn a_list_without_letters_says_so_and_one_letter_is_one() {
    let system = System::new().await;
    for flags in [&[][..], &["--groups"]] {
        let (code, said) = run(&system, "list", flags).await;
        assert!(code == 0 && said.contains("no dead letter is as the flags say"), "{said}");
    }
    let _workers = system.all_workers();
    let caller = Caller::connect(&system).await;
    with_a_letter(&system, &caller).await;
    let (_, said) = run(&system, "list", &["--groups"]).await;
    assert!(said.contains(" 1 letter, 1 open"), "{said}");
}

#[tokio::test]
async fn a_replay_is_followed_to_its_row_and_is_not_done_again() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let caller = Caller::connect(&system).await;
    let (mission, letter) = with_a_letter(&system, &caller).await;
    let (code, said) = run(&system, "replay", &["--reason", "expired", "--dry-run"]).await;
    assert_eq!((code, steps(&system, &letter).await.len()), (0, 0), "{said}");
    assert!(said.contains(&letter), "{said}");

    let (code, said) = run(&system, "replay", &[&letter, "--as", "ada"]).await;
    assert_eq!(code, 0, "{said}");
    assert!(said.contains(&format!("{letter}  stored")), "{said}");
    assert!(system.row(mission).await.is_some());
    let (code, said) = run(&system, "replay", &[&letter]).await;
    assert_eq!(code, 0, "{said}");
    assert_eq!(steps(&system, &letter).await, STORED);
    let (_, shown) = run(&system, "show", &[&letter]).await;
    assert!(shown.contains("ada published it"), "{shown}");
    assert!(listed(&system, &[]).await.is_empty(), "nothing is left to do");
}

#[tokio::test]
async fn a_tool_that_dies_midway_is_followed_by_one_that_finishes_and_it_is_one_replay() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let caller = Caller::connect(&system).await;
    for place in MIDWAY {
        let mission = Uuid::new_v4();
        late(&caller, mission).await;
        let id = mission.to_string();
        eventually("the letter", async || !listed(&system, &["--text", &id]).await.is_empty())
            .await;
        let letter = letter_of(&system, &id).await;
        let mut doomed = start(&system, "replay", &[&letter], Some(place));
        assert_eq!(doomed.ended().await.signal(), Some(6), "{}", doomed.log());
        assert_eq!(steps(&system, &letter).await, ["replay"], "{place}");
        leases_end(&system).await;
        let (code, said) = run(&system, "replay", &[&letter]).await;
        assert_eq!(code, 0, "{said}");
        assert_eq!(steps(&system, &letter).await, STORED, "{place}");
    }
    system.await_rows(2).await;
    assert_eq!(system.dead_letters().await, 2, "no other letter came of it");
}

#[tokio::test]
async fn two_operators_who_replay_a_letter_at_once_make_one_replay() {
    let system = System::new().await;
    let workers = system.all_workers();
    let caller = Caller::connect(&system).await;
    let (_, letter) = with_a_letter(&system, &caller).await;
    drop(workers); // what is published stays in its queue
    let both = ["ada", "bob"]
        .map(|who| start(&system, "replay", &[&letter, "--as", who, "--wait", "0"], None));
    for mut tool in both {
        tool.ended().await;
    }
    assert_eq!(steps(&system, &letter).await, ["replay", "published"]);
    let queue = || system.vhost.as_ref().unwrap().queue("mission.requests").unwrap();
    // The broker counts the messages of a quorum queue now and then.
    eventually("the request to be counted", async || queue().messages_ready > 0).await;
    assert_eq!(queue().messages_ready, 1, "one request");
}

#[tokio::test]
async fn a_correction_must_be_a_request_and_is_what_a_replay_publishes() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let caller = Caller::connect(&system).await;
    let body: Vec<u8> = (0..=u8::MAX).cycle().take(64 * 1024).collect();
    let wrong = BasicProperties::default().with_message_id("wrong".into());
    publish(&caller, &body, wrong).await;
    eventually("the letter", async || system.dead_letters().await == 1).await;
    let letter = letter_of(&system, "wrong").await;
    let (_, shown) = run(&system, "show", &[&letter]).await;
    assert!(shown.contains("00000000  00 01 02") && shown.is_ascii(), "{}", &shown[..400]);
    assert!(shown.lines().all(|line| line.len() <= 80 || line.contains("too-large")));

    let (mission, file) = (Uuid::new_v4(), tempfile::NamedTempFile::new().unwrap());
    let path = file.path().to_str().unwrap();
    for (body, code) in [(json!({ "missions": [] }), 1), (json!({ "missions": [mission] }), 0)] {
        std::fs::write(path, body.to_string()).unwrap();
        let (exit, said) = run(&system, "edit", &[&letter, "--body", path]).await;
        assert_eq!(exit, code, "{said}");
    }
    let (code, said) = run(&system, "replay", &[&letter]).await;
    assert_eq!(code, 0, "{said}");
    assert!(system.row(mission).await.is_some());
    assert_eq!(steps(&system, &letter).await, ["edit", "replay", "published", "stored"]);
}

#[tokio::test]
async fn a_replay_that_fails_again_names_the_letter_that_it_became() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let caller = Caller::connect(&system).await;
    let wrong = BasicProperties::default().with_message_id("wrong".into());
    publish(&caller, b"[]", wrong).await;
    eventually("the letter", async || system.dead_letters().await == 1).await;
    let letter = letter_of(&system, "wrong").await;
    let (code, said) = run(&system, "replay", &[&letter]).await;
    assert_eq!(code, 1, "{said}");
    let again = listed(&system, &[]).await;
    let next = again[0]["id"].as_str().unwrap();
    assert_eq!(again.len(), 1);
    assert_ne!(next, letter);
    assert!(said.contains(&format!("{letter}  set-aside-again, now {next}")), "{said}");
    let (code, said) = run(&system, "discard", &[next]).await;
    assert_eq!(code, 0, "{said}");
    let (code, said) = run(&system, "prune", &["--older-than", "0d"]).await;
    assert_eq!((code, system.dead_letters().await), (0, 0), "{said}");
}

#[tokio::test]
async fn nothing_is_replayed_or_discarded_unless_it_is_said_what() {
    let system = System::new().await;
    for action in ["replay", "discard"] {
        let (code, said) = run(&system, action, &[]).await;
        assert_eq!(code, 1, "{said}");
        assert!(said.contains("--all"), "{said}");
    }
    let (code, said) = run(&system, "show", &[&Uuid::new_v4().to_string()]).await;
    assert_eq!(code, 1, "{said}");
}

#[tokio::test]
async fn old_missions_are_counted_and_then_deleted() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let mut caller = Caller::connect(&system).await;
    caller.request(&[Uuid::new_v4(), Uuid::new_v4()]).await;
    caller.missions().await;
    let prune = ["missions", "prune", "--database", &system.mysql, "--older-than"];
    for (more, rows) in [(&["1d"][..], 2), (&["0d", "--dry-run"], 2), (&["0d"], 0)] {
        let mut process = crate::process::Process::start(&[&prune, more].concat(), None);
        assert!(process.ended().await.success(), "{}", process.log());
        assert_eq!(system.rows().await, rows, "{}", process.log());
    }
}
