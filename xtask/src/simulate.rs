//! `cargo xtask simulate`: the whole system on one thread, under schedules of faults that follow from
//! seeds. What it does is in the crate `simulation`.

use std::process::ExitCode;

use clap::Args;
use tokio::process::Command;
use xtask::workspace::{Stage, cargo, within};
use xtask::{Failure, Outcome};

/// Runs schedules of faults against the simulated system
#[derive(Args)]
pub(crate) struct Options {
    /// Passed on: `--schedules N`, `--seed S`, `--mutant NAME`, `--mutants FILE`, `--trace`
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

/// Schedules of a test run.
const SCHEDULES: &str = "10000";

pub(crate) async fn run(options: Options) -> Outcome {
    let mut command = cargo();
    command.args(["run", "--quiet", "--locked", "--profile", "simulation", "-p", "simulation"]);
    command.arg("--").args(&options.rest);
    let passed = Stage::start(command)?.wait().await?;
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The stage of `cargo xtask test`, in the build that the tests need anyway: that of the whole workspace.
pub(crate) async fn check() -> Result<Option<bool>, Failure> {
    let mut build = cargo();
    build.args(["build", "--quiet", "--locked", "--workspace", "--bin", "simulation"]);
    if !Stage::start(build)?.wait().await? {
        return Ok(Some(false));
    }
    let program = std::env::current_exe()?.with_file_name("simulation");
    let mut command = within(Command::new(program));
    command.args(["--schedules", SCHEDULES]);
    Ok(Some(Stage::start(command)?.wait().await?))
}
