//! Dead letters: moved into their table, searched, corrected and replayed, whoever dies midway.

mod drill;
mod http;
mod many;
mod moving;
mod outages;
mod pages;
mod tool;

use lapin::BasicProperties;
use lapin::types::{AMQPValue, FieldTable};
use serde_json::{Value, json};
use sqlx::Row;
use uuid::Uuid;

use crate::amqp_callers::publish;
use crate::caller::Caller;
use crate::process::Process;
use crate::system::System;

/// What was done about a letter that was replayed once and is stored.
const STORED: [&str; 3] = ["replay", "published", "stored"];
/// Where whoever replays a letter may die with a replay that is recorded and has no outcome.
const MIDWAY: [&str; 2] = ["replay.before-publish=*", "replay.after-publish=*"];

/// Publishes a good request whose deadline has passed: it is set aside, and stored when replayed.
async fn late(caller: &Caller, mission: Uuid) {
    let mut headers = FieldTable::default();
    headers.insert("deadline".into(), AMQPValue::LongLongInt(1_000));
    let id = mission.to_string();
    let properties = BasicProperties::default()
        .with_delivery_mode(2)
        .with_message_id(id.as_str().into())
        .with_headers(headers);
    publish(caller, json!({ "missions": [mission] }).to_string().as_bytes(), properties).await;
}

/// The id of the letter of this message.
async fn letter_of(system: &System, message_id: &str) -> String {
    let sql = "SELECT id FROM dead_letters WHERE message_id = ? ORDER BY last_at LIMIT 1";
    let id: Uuid = sqlx::query_scalar(sql).bind(message_id).fetch_one(&system.pool).await.unwrap();
    id.to_string()
}

/// What was done about this letter, step by step.
async fn steps(system: &System, letter: &str) -> Vec<String> {
    let sql = "SELECT step FROM dead_letter_actions WHERE letter = ? ORDER BY number";
    let id = letter.parse::<Uuid>().unwrap();
    let rows = sqlx::query(sql).bind(id).fetch_all(&system.pool).await.unwrap();
    rows.iter().map(|row| row.get("step")).collect()
}

/// Whoever died in the middle of a replay has had its time.
async fn leases_end(system: &System) {
    let sql = "UPDATE dead_letter_actions SET at = at - INTERVAL 1 MINUTE";
    sqlx::query(sql).execute(&system.pool).await.unwrap();
}

/// The arguments of the tool for this system.
fn arguments<'a>(system: &'a System, action: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["dead-letters", action, "--database", &system.mysql];
    if action == "replay" {
        arguments.extend(["--broker", &system.amqp]);
    }
    arguments.extend(more);
    arguments
}

/// Starts the tool.
fn start(system: &System, action: &str, more: &[&str], failpoint: Option<&str>) -> Process {
    Process::start(&arguments(system, action, more), failpoint)
}

/// Runs the tool to its end: its exit code and its output.
async fn run(system: &System, action: &str, more: &[&str]) -> (i32, String) {
    let mut process = start(system, action, more, None);
    let code = process.ended().await.code().expect("an exit code");
    (code, process.log())
}

/// The JSON objects that the tool prints.
async fn listed(system: &System, more: &[&str]) -> Vec<Value> {
    let more = [&["--format", "json", "--limit", "1000"], more].concat();
    let (code, said) = run(system, "list", &more).await;
    assert_eq!(code, 0, "{said}");
    // Beside them it says that there are none.
    let letters = said.lines().filter(|line| !line.starts_with("no "));
    letters.map(|line| serde_json::from_str(line).unwrap()).collect()
}
