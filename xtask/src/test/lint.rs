//! The stages that read the code and the documents instead of running anything.

use std::time::Instant;

use tokio::process::Command;

use super::summary::{Result as Mark, Summary};
use crate::documents;
use crate::workspace::{Stage, cargo};

/// Runs them up to the first that fails: whether all passed.
pub(super) async fn run(summary: &mut Summary, install: bool) -> Result<bool, crate::Failure> {
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
    documents(summary, install).await
}

async fn documents(summary: &mut Summary, install: bool) -> Result<bool, crate::Failure> {
    const NAME: &str = "documents";
    summary.begin(NAME);
    let began = Instant::now();
    let passed = documents::lint(install).await?;
    match passed {
        Some(ok) => summary.end(NAME, if ok { Mark::Ok } else { Mark::Failed }, began),
        None => summary.skip(NAME, "the linter is not installed; --install does it"),
    }
    Ok(passed.unwrap_or(true))
}

async fn has_deny() -> bool {
    let mut command: Command = cargo();
    let output = command.args(["deny", "--version"]).output().await;
    output.is_ok_and(|output| output.status.success())
}
