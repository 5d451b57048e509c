//! The command: settings, secrets, tools, and how it stops.

mod bench;
mod check;
mod decide;
mod definitions;
mod durability;
mod first_start;
mod handed_over;
mod health;
mod leaving;
mod missions;
mod output;
mod rotation;
mod secrets;
mod settings;
mod stopping;
mod topology;

use crate::process::Process;

/// Runs the command to its end: its exit code and its output.
async fn run(environment: &[(&str, &str)], arguments: &[&str]) -> (i32, String) {
    let mut process = Process::start_in(environment, arguments);
    let code = process.ended().await.code().expect("an exit code");
    (code, process.log())
}
