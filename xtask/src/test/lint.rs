//! The stages that read the code and the documents instead of running anything.

use std::time::Instant;

use tokio::process::Command;

use super::summary::{Result as Mark, Summary};
use crate::documents;
use xtask::linters;
use xtask::tools::DENY;
use xtask::workspace::{Stage, cargo, root};

/// Runs them up to the first that fails: whether all passed.
pub(super) async fn run(summary: &mut Summary, install: bool) -> Result<bool, xtask::Failure> {
    for (name, arguments) in [
        ("fmt", "fmt --all --check"),
        ("clippy", "clippy --workspace --all-targets --locked -- -D warnings"),
        ("doc", "doc --workspace --no-deps --locked"),
    ] {
        let began = begin(summary, name);
        let mut command = cargo();
        command.args(arguments.split(' '));
        if name == "doc" {
            command.env("RUSTDOCFLAGS", "-D warnings");
        }
        let ok = Stage::start(command)?.wait().await?;
        if !end(summary, name, began, Some(ok)) {
            return Ok(false);
        }
    }
    let began = begin(summary, "deny");
    let crates = deny(install).await?;
    if !end(summary, "deny", began, crates) {
        return Ok(false);
    }
    let began = begin(summary, "files");
    let files = linters::quick(install).await?;
    if !end(summary, "files", began, files) {
        return Ok(false);
    }
    let began = begin(summary, "documents");
    let documents = documents::lint(install).await?;
    Ok(end(summary, "documents", began, documents))
}

/// Whether the crates are as `deny.toml` wants them. Advisories are for `ci/scan.sh`: they have to
/// be fetched.
async fn deny(install: bool) -> Result<Option<bool>, xtask::Failure> {
    let Some(deny) = DENY.program(install).await? else { return Ok(None) };
    let mut command = Command::new(deny);
    command.current_dir(root()).args(["check", "bans", "licenses", "sources"]);
    Ok(Some(Stage::start(command)?.wait().await?))
}

fn begin(summary: &Summary, name: &str) -> Instant {
    summary.begin(name);
    Instant::now()
}

/// Whether the next stage may begin: also when the tools of this one are not installed.
fn end(summary: &mut Summary, name: &'static str, began: Instant, passed: Option<bool>) -> bool {
    match passed {
        Some(ok) => summary.end(name, if ok { Mark::Ok } else { Mark::Failed }, began),
        None => summary.skip(name, "its tools are not all installed; --install does it"),
    }
    passed.unwrap_or(true)
}
