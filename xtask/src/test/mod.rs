//! `cargo xtask test`: everything that has to hold before a commit.

pub(crate) mod coverage;
mod lint;
mod stages;

use std::process::ExitCode;

use clap::Args;
use testkit::process::find;
use tokio::process::Command;
use xtask::needs::{Needs, chosen};
use xtask::tools::NEXTEST;
use xtask::workspace::{Stage, cargo};
use xtask::{Failure, Outcome, install};

use crate::servers::Servers;
use crate::{schemathesis, simulate};
use stages::Stages;

/// Checks format, lints, documentation, licences, scripts and documents, then runs all tests on
/// servers of its own, and the running gateway against its document.
#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first: servers, clients, linters (Debian and Ubuntu; needs root or sudo)
    #[arg(long)]
    install: bool,
    /// Run only the tests
    #[arg(long)]
    no_lint: bool,
    /// Run only what reads the code and the files: no servers are needed
    #[arg(long, conflicts_with_all = ["no_lint", "filter"])]
    no_tests: bool,
    /// Passed to `cargo nextest run`: `-p CRATE`, test names. Only the servers that the chosen crates
    /// need are started
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<String>,
}

/// Runs all stages up to the first that fails. The tests come last, so that the runner's own count
/// of them closes the output.
pub(crate) async fn run(options: Options) -> Outcome {
    let needs = Needs::of(&options.filter).await?;
    if !options.no_tests && !install::ensure(options.install, needs).await? {
        return Ok(ExitCode::from(2));
    }
    let mut stages = Stages::default();
    let mut passed = options.no_lint || lint::run(&mut stages, options.install).await?;
    let everything = !options.no_lint && !options.no_tests && options.filter.is_empty();
    if passed && everything {
        passed = stages.run("doctests", doctests()).await?
            && stages.run("simulation", simulate::check()).await?
            && stages.run("contract", schemathesis::check(options.install, None)).await?;
    }
    passed &= stages.passed();
    if passed && !options.no_tests {
        passed = tests(&options, needs).await?;
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The examples in the documentation, which nextest does not run.
async fn doctests() -> Result<Option<bool>, Failure> {
    let mut command = cargo();
    command.args(["test", "--doc", "--workspace", "--quiet", "--locked"]);
    Ok(Some(Stage::start(command)?.wait().await?))
}

async fn tests(options: &Options, needs: Needs) -> Result<bool, Failure> {
    let mut command = runner(options.install).await?;
    let servers = Servers::start(needs)?;
    command.args(["--locked", "--no-fail-fast"]);
    if chosen(&options.filter).is_empty() {
        command.arg("--workspace");
    }
    command.args(&options.filter).envs(servers.environment());
    command.stderr(std::io::stdout()); // nextest writes its summary to standard error
    Ok(Stage::start(command)?.wait().await?)
}

/// Tests that run at a time: most of them wait, for a server, a process or a deadline.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from).max(4)
}

/// `cargo nextest run`, the pinned one or else the one that is there; without any, `cargo test`.
async fn runner(install: bool) -> Result<Command, Failure> {
    let there = if install { None } else { find("cargo-nextest") };
    let nextest = match there {
        Some(program) => Some(program),
        None => NEXTEST.program(install).await?,
    };
    let mut command = cargo();
    match nextest {
        Some(program) => {
            command = xtask::workspace::within(Command::new(program));
            command.args(["nextest", "run", "--test-threads", &threads().to_string()]);
        }
        None => drop(command.arg("test")),
    }
    Ok(command)
}
