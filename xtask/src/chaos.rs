//! `cargo xtask chaos`: faults under load, and a verdict.

use std::process::ExitCode;

use clap::Args;
use xtask::needs::Needs;
use xtask::workspace::{Stage, cargo, root};
use xtask::{Outcome, install};

/// Breaks one thing after the other on servers of its own, under load, and judges what callers were
/// told: exit code 1 when an invariant is broken
#[derive(Args)]
#[group(skip)] // two structs of one name
pub(crate) struct Options {
    #[command(flatten)]
    chaos: ::chaos::Options,
    /// Install what is missing first: RabbitMQ, MariaDB (Debian and Ubuntu; needs root or sudo)
    #[arg(long)]
    install: bool,
}

pub(crate) async fn run(options: Options) -> Outcome {
    let needs = Needs { rabbitmq: true, mariadb: true, ..Needs::default() };
    if !install::ensure(options.install, needs).await? {
        return Ok(ExitCode::from(2));
    }
    let mut command = cargo();
    command.args(["build", "--locked", "--bin", "spymission"]);
    if !Stage::start(command)?.wait().await? {
        return Ok(ExitCode::FAILURE);
    }
    let (done, verdict) = tokio::sync::oneshot::channel();
    // A thread that nobody waits for: Ctrl-C ends the process, and its children end with it.
    std::thread::spawn(move || {
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), Into::into);
        let _ = done.send(::chaos::run(&options.chaos, &target.join("debug/spymission"), &root()));
    });
    let holds = verdict.await?.map_err(|error| -> xtask::Failure { error })?;
    Ok(if holds { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
