//! `cargo xtask coverage`: every test, with results that Jenkins reads and the lines they reach.

mod tools;

use std::path::PathBuf;
use std::process::ExitCode;
use std::{env, fs};

use clap::Args;

use super::servers::Servers;
use crate::workspace::{Stage, cargo, root};
use crate::{Outcome, install};

/// What counts: all that is delivered. Left out are `xtask` (developers' commands: what they start
/// is what is measured) and tests themselves.
const LEFT_OUT: &str = r"(^|/)(xtask|tests)/";

/// Runs all tests and measures which lines they reach: target/reports/{junit.xml,lcov.info}
#[derive(Args)]
pub(crate) struct Options {
    /// Install what is missing first: servers, cargo-llvm-cov, cargo-nextest, LLVM's tools
    #[arg(long)]
    install: bool,
    /// Fail when fewer of a hundred lines are reached
    #[arg(long, default_value_t = 95, value_name = "PERCENT")]
    #[arg(value_parser = clap::value_parser!(u8).range(0..=100))]
    at_least: u8,
    /// Passed to `cargo nextest run`: `-p CRATE`, test names
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    filter: Vec<String>,
}

/// Runs it.
pub(crate) async fn run(options: Options) -> Outcome {
    if !install::ensure(options.install).await? {
        return Ok(ExitCode::from(2));
    }
    let Some(tools) = tools::environment(options.install).await? else {
        return Ok(ExitCode::from(2));
    };
    let reports = reports();
    fs::create_dir_all(&reports)?;
    for old in ["junit.xml", "lcov.info"] {
        let _ = fs::remove_file(reports.join(old)); // never the results of another run
    }
    let servers = Servers::start()?;
    let mut command = cargo();
    command.args(["llvm-cov", "nextest", "--locked", "--profile", "ci", "--lcov"]);
    command.arg("--output-path").arg(reports.join("lcov.info"));
    command.args(["--ignore-filename-regex", LEFT_OUT]);
    command.args(["--fail-under-lines", &options.at_least.to_string()]);
    if !options.filter.iter().any(|argument| argument == "-p" || argument == "--package") {
        command.args(["--workspace", "--exclude", "xtask"]);
    }
    command.args(&options.filter).envs(servers.environment()).envs(tools);
    let good = Stage::start(command)?.wait().await?;
    let results = root().join("target/llvm-cov-target/nextest/ci/junit.xml");
    fs::copy(&results, reports.join("junit.xml"))
        .map_err(|error| format!("no results of tests at {}: {error}", results.display()))?;
    println!(
        "{} and lcov.info, at least {} %",
        reports.join("junit.xml").display(),
        options.at_least
    );
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Where what a delivery leaves behind is gathered.
fn reports() -> PathBuf {
    env::var_os("REPORTS").map_or_else(|| root().join("target/reports"), PathBuf::from)
}
