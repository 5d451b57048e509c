//! `cargo xtask generate`: the committed files that are made from code.

use std::process::ExitCode;

use xtask::Outcome;
use xtask::workspace::{Stage, cargo};

/// Regenerates the committed generated files.
pub(crate) async fn run() -> Outcome {
    let mut command = cargo();
    command.args(["run", "--quiet", "--locked", "--package", "schemas", "--example", "generate"]);
    let done = Stage::start(command)?.wait().await?;
    Ok(if done { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
