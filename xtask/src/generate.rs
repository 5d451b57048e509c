//! `cargo xtask generate`: the committed files that are made from code.

use std::process::ExitCode;

use xtask::Outcome;
use xtask::workspace::{Stage, cargo};

/// Regenerates the committed generated files.
pub(crate) async fn run() -> Outcome {
    for (package, example) in [("schemas", "generate"), ("telemetry", "metrics")] {
        let mut command = cargo();
        command.args(["run", "--quiet", "--locked", "--package", package, "--example", example]);
        if !Stage::start(command)?.wait().await? {
            return Ok(ExitCode::FAILURE);
        }
    }
    Ok(ExitCode::SUCCESS)
}
