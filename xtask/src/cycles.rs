//! `cargo xtask cycles`: no two modules of a crate use each other.

use std::process::ExitCode;

use clap::Args;
use tokio::process::Command;
use xtask::tools::ARC;
use xtask::workspace::{Stage, within};
use xtask::{Failure, Outcome};

/// Looks for modules that use each other, with cargo-arc and the rules in arc-rules.toml
#[derive(Args)]
pub(crate) struct Options {
    /// Install cargo-arc first, below target/tools (it is compiled for a minute or two)
    #[arg(long)]
    install: bool,
}

pub(crate) async fn run(options: Options) -> Outcome {
    Ok(match check(options.install).await? {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => ExitCode::from(2),
    })
}

/// Returns whether there are no circles; `None` when cargo-arc is not installed.
///
/// # Errors
/// cargo-arc could not be installed or run.
pub(crate) async fn check(install: bool) -> Result<Option<bool>, Failure> {
    let Some(program) = ARC.program(install).await? else { return Ok(None) };
    let mut command = within(Command::new(program));
    command.args(["arc", "check"]);
    Ok(Some(Stage::start(command)?.wait().await?))
}
