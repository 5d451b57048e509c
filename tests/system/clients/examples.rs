//! The examples are on their page as they are. `documents` runs them with the commands of the page.

use lapin::types::FieldTable;
use lapin::{Connection, ConnectionProperties};

use super::shell;
use crate::caller::Caller;
use crate::process::Process;
use crate::system::System;

const PAGE: &str = include_str!("../../../docs/clients.md");

/// Each example: its file, the language of its block, and what runs it.
const EXAMPLES: [(&str, &str, &str); 4] = [
    ("ask.sh", "sh", "sh schemas/examples/ask.sh \"$SPYMISSION_URL\""),
    ("ask.py", "python", "python3 schemas/examples/ask.py \"$SPYMISSION_BROKER\""),
    ("ask.js", "js", "node schemas/examples/ask.js \"$SPYMISSION_BROKER\""),
    ("ask.rs", "rust", "cargo run --quiet --example ask -- \"$SPYMISSION_BROKER\""),
];

#[test]
fn the_page_of_the_clients_shows_every_example_as_it_is() {
    for (file, language, command) in EXAMPLES {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/examples/");
        let text = std::fs::read_to_string(format!("{path}{file}")).unwrap();
        let block = format!("```{language}\n{text}```\n");
        assert!(PAGE.contains(&block), "{file} is not in docs/clients.md as it is committed");
        let printed = PAGE.lines().filter(|line| *line == format!("$ {command}")).count();
        assert_eq!(printed, 1, "docs/clients.md prints: {command}");
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
