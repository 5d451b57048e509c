//! The examples, run with the command that the README prints.

use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};
use serde_json::Value;
use tokio::task::spawn_blocking;

use super::shell;
use crate::caller::Caller;
use crate::process::Process;
use crate::rules::assert_follows_the_rules;
use crate::system::System;

const README: &str = include_str!("../../../README.md");

/// Each example: its file, the language of its block, and what runs it.
const EXAMPLES: [(&str, &str, &str); 4] = [
    ("ask.sh", "sh", "sh schemas/examples/ask.sh \"$SPYMISSION_URL\""),
    ("ask.py", "python", "python3 schemas/examples/ask.py \"$SPYMISSION_BROKER\""),
    ("ask.js", "js", "node schemas/examples/ask.js \"$SPYMISSION_BROKER\""),
    ("ask.rs", "rust", "cargo run --quiet --example ask -- \"$SPYMISSION_BROKER\""),
];

#[test]
fn the_readme_shows_every_example_as_it_is() {
    for (file, language, command) in EXAMPLES {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/examples/");
        let text = std::fs::read_to_string(format!("{path}{file}")).unwrap();
        let block = format!("```{language}\n{text}```\n");
        assert!(README.contains(&block), "{file} is not in the README as it is committed");
        let printed = README.lines().filter(|line| *line == format!("$ {command}")).count();
        assert_eq!(printed, 1, "the README prints: {command}");
    }
}

#[tokio::test]
async fn every_example_prints_a_mission_when_it_is_run_as_printed() {
    let system = System::new().await;
    let _workers = system.all_workers();
    let _gateway = system.gateway().await;
    let _topology = Caller::connect(&system).await;
    for (file, _, command) in EXAMPLES {
        let mut shell = shell(command);
        shell.env("SPYMISSION_BROKER", &system.amqp).env("SPYMISSION_URL", &system.gateway);
        let ended = spawn_blocking(move || shell.output()).await.unwrap().unwrap();
        assert!(ended.status.success(), "{file}: {ended:?}");
        let told: Value = serde_json::from_slice(&ended.stdout).unwrap();
        let mission = told.get("missions").map_or(&told, |missions| &missions[0]);
        assert_follows_the_rules(mission);
        system.stands(mission).await;
    }
}

#[tokio::test]
async fn an_example_whose_request_no_queue_takes_says_so() {
    let system = System::new().await;
    let _topology = Caller::connect(&system).await;
    let connecting = Connection::connect(&system.amqp, ConnectionProperties::default());
    let connection = connecting.await.unwrap();
    let channel = connection.create_channel().await.unwrap();
    let (name, none) = ("mission.requests", FieldTable::default());
    channel.queue_unbind(name.into(), name.into(), "".into(), none).await.unwrap();
    for (file, _, command) in &EXAMPLES[1..3] {
        let mut shell = shell(command);
        shell.env("SPYMISSION_BROKER", &system.amqp);
        let mut client = Process::spawn(shell);
        assert!(!client.ended().await.success(), "{file}: {}", client.log());
    }
}
