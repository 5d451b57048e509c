//! The stages that read the code instead of running it.

use std::time::Instant;

use tokio::process::Command;

use super::summary::{Result as Mark, Summary};
use crate::workspace::{Stage, cargo};

/// Runs them up to the first that fails: whether all passed.
pub(super) async fn run(summary: &mut Summary) -> Result<bool, crate::Failure> {
    for (name, arguments) in [
        ("fmt", "fmt --all --check"),
        ("clippy", "clippy --workspace --all-targets --locked -- -D warnings"),
        ("doc", "doc --workspace --no-deps --locked"),
        ("deny", "deny check bans licenses sources"),
    ] {
        if name == "deny" && !has_deny().await {
            summary.skip(name, "cargo-deny is not installed");
            continue;
        }
        summary.begin(name);
        let began = Instant::now();
        let mut command = cargo();
        command.args(arguments.split(' '));
        if name == "doc" {
            command.env("RUSTDOCFLAGS", "-D warnings");
        }
        let ok = Stage::start(command)?.wait().await?;
        summary.end(name, if ok { Mark::Ok } else { Mark::Failed }, began);
        if !ok {
            return Ok(false);
        }
    }
    Ok(true)
}

async fn has_deny() -> bool {
    let mut command: Command = cargo();
    let output = command.args(["deny", "--version"]).output().await;
    output.is_ok_and(|output| output.status.success())
}
