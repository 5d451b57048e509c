//! `cargo xtask lint-documents`: a public linter reads the OpenAPI and AsyncAPI documents.

use std::process::ExitCode;

use clap::Args;
use tokio::process::Command;

use xtask::tools::SPECTRAL;
use xtask::workspace::{Stage, root};
use xtask::{Failure, Outcome};

/// Lints schemas/openapi.json and schemas/asyncapi.json with Spectral
#[derive(Args)]
pub(crate) struct Options {
    /// Install the linter first, below target/tools, and Node.js if it is missing
    #[arg(long)]
    install: bool,
}

pub(crate) async fn run(options: Options) -> Outcome {
    Ok(match lint(options.install).await? {
        Some(true) => ExitCode::SUCCESS,
        Some(false) => ExitCode::FAILURE,
        None => ExitCode::from(2),
    })
}

/// Whether the documents pass; `None` when there is no linter.
pub(crate) async fn lint(install: bool) -> Result<Option<bool>, Failure> {
    let Some(spectral) = SPECTRAL.program(install).await? else { return Ok(None) };
    let mut command = Command::new(spectral);
    command.current_dir(root()).args(["lint", "--ruleset", "schemas/lint/spectral.yaml"]);
    command.args(["--fail-severity", "hint", "--fail-on-unmatched-globs"]);
    command.args(["schemas/openapi.json", "schemas/asyncapi.json"]);
    Ok(Some(Stage::start(command)?.wait().await?))
}
