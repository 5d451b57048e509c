//! `cargo xtask test`: everything that has to hold before a commit.

pub(crate) mod coverage;
mod lint;
mod servers;
mod summary;

use std::process::{ExitCode, Stdio};
use std::time::Instant;

use clap::Args;

use crate::schemathesis;
use servers::Servers;
use summary::{Result as Mark, Summary};
use xtask::workspace::{Stage, cargo};
use xtask::{Outcome, install};

/// Checks format, lints, documentation, licences, scripts and documents, then runs all tests on
/// servers of its own, and the running gateway against its document.
#[derive(Args)]
pub(crate) struct Options {
    /// Install missing servers first (Debian and Ubuntu; needs root or sudo)
    #[arg(long)]
    install: bool,
    /// Run only the tests
    #[arg(long)]
    no_lint: bool,
    /// Run only what reads the code and the files: no servers are needed
    #[arg(long, conflicts_with_all = ["no_lint", "filter"])]
    no_tests: bool,
    /// Passed to `cargo test`: test names, `-p CRATE`, `-- --nocapture`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<String>,
}

/// Runs all stages up to the first that fails.
pub(crate) async fn run(options: Options) -> Outcome {
    if !options.no_tests && !install::ensure(options.install).await? {
        return Ok(ExitCode::from(2));
    }
    let mut summary = Summary::default();
    let clean = options.no_lint || lint::run(&mut summary, options.install).await?;
    if clean && !options.no_tests {
        tests(&options.filter, &mut summary).await?;
        if !options.no_lint && options.filter.is_empty() {
            contract(options.install, &mut summary).await?;
        }
    }
    Ok(summary.print())
}

/// The running gateway against the document that it serves.
async fn contract(install: bool, summary: &mut Summary) -> Result<(), xtask::Failure> {
    const NAME: &str = "contract";
    summary.begin(NAME);
    let began = Instant::now();
    match schemathesis::check(install, None).await? {
        Some(ok) => summary.end(NAME, if ok { Mark::Ok } else { Mark::Failed }, began),
        None => summary.skip(NAME, "schemathesis is not installed; --install does it"),
    }
    Ok(())
}

async fn tests(filter: &[String], summary: &mut Summary) -> Result<(), xtask::Failure> {
    summary.begin("servers");
    let began = Instant::now();
    let servers = match Servers::start() {
        Ok(servers) => servers,
        Err(error) => {
            println!("{error}");
            summary.end("servers", Mark::Failed, began);
            return Ok(());
        }
    };
    summary.end("servers", Mark::Ok, began);

    summary.begin("test");
    let began = Instant::now();
    let mut command = cargo();
    // Without --no-fail-fast the count at the end would be of the first failed crate only.
    command.args(["test", "--locked", "--no-fail-fast"]);
    if !filter.iter().any(|argument| argument.starts_with("-p") || argument == "--package") {
        command.arg("--workspace");
    }
    command.args(filter);
    command.envs(servers.environment()).stdout(Stdio::piped());
    let mut stage = Stage::start(command)?;
    stage.stream(|line| summary.count(line)).await?;
    let ok = stage.wait().await?;
    summary.end("test", if ok { Mark::Ok } else { Mark::Failed }, began);
    Ok(())
}
