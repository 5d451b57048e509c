//! `cargo xtask bench`: missions per second, and how long one takes.

mod compare;

use std::process::ExitCode;

use xtask::Outcome;
use xtask::workspace::{Stage, cargo, root};

/// Measures a release build: a process for each role with RabbitMQ and MariaDB, and all in one process.
#[derive(clap::Args)]
#[group(skip)] // two structs of one name
pub(crate) struct Options {
    #[command(flatten)]
    measured: bench::Options,
    #[command(flatten)]
    compare: compare::Options,
}

/// Builds, measures and checks; fails when a reply or a row is wrong.
pub(crate) async fn run(options: Options) -> Outcome {
    if options.compare.are_given() {
        return compare::run(&options.compare).await;
    }
    let measured = options.measured;
    if measured.measures_this() {
        let mut command = cargo();
        command.args(["build", "--release", "--locked", "--bin", "spymission"]);
        if !Stage::start(command)?.wait().await? {
            return Ok(ExitCode::FAILURE);
        }
    }
    if measured.measures() && cfg!(debug_assertions) {
        return in_release().await;
    }
    let right = bench::run(&measured, &root()).await?;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The load comes from this program: a debug build of it would distort what it measures.
async fn in_release() -> Outcome {
    let mut command = cargo();
    command.args(["run", "--release", "--locked", "--quiet", "--package", "xtask", "--"]);
    command.args(std::env::args_os().skip(1));
    let right = Stage::start(command)?.wait().await?;
    Ok(if right { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
