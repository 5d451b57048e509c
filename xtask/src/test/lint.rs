//! The stages that read the code and the documents instead of running anything.

use tokio::process::Command;
use xtask::tools::DENY;
use xtask::workspace::{Stage, cargo, root};
use xtask::{Failure, linters};

use super::stages::Stages;
use crate::{cycles, documents};

/// Runs them up to the first that fails. Returns whether all passed.
///
/// # Errors
/// A stage could not be run.
pub(super) async fn run(stages: &mut Stages, install: bool) -> Result<bool, Failure> {
    Ok(stages.run("fmt", read("fmt --all --check")).await?
        && stages.run("clippy", read(CLIPPY)).await?
        && stages.run("doc", read("doc --workspace --no-deps --locked")).await?
        && stages.run("deny", deny(install)).await?
        && stages.run("cycles", cycles::check(install)).await?
        && stages.run("files", linters::quick(install)).await?
        && stages.run("documents", documents::lint(install)).await?)
}

const CLIPPY: &str = "clippy --workspace --all-targets --locked -- -D warnings";

/// A command of cargo.
async fn read(arguments: &str) -> Result<Option<bool>, Failure> {
    let mut command = cargo();
    command.args(arguments.split(' ')).env("RUSTDOCFLAGS", "-D warnings");
    Ok(Some(Stage::start(command)?.wait().await?))
}

/// Whether the crates are as `deny.toml` wants them. Advisories are for `ci/scan.sh`: they have to
/// be fetched.
async fn deny(install: bool) -> Result<Option<bool>, Failure> {
    let Some(deny) = DENY.program(install).await? else { return Ok(None) };
    let mut command = Command::new(deny);
    command.current_dir(root()).args(["check", "bans", "licenses", "sources"]);
    Ok(Some(Stage::start(command)?.wait().await?))
}
