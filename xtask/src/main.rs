//! `cargo xtask`: developers' commands.
#![expect(clippy::print_stdout, reason = "a command talks on its standard output")]

mod bench;
mod deploy;
mod documents;
mod generate;
mod install;
mod linters;
mod rabbitmq4;
mod scan;
mod schemathesis;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};

/// Developers' commands of spymission.
#[derive(Parser)]
#[command(bin_name = "cargo xtask")]
enum Xtask {
    Test(test::Options),
    Coverage(test::coverage::Options),
    Bench(bench::Options),
    /// Writes the committed files that are made from code
    Generate,
    DeployTest(deploy::Options),
    LintDocuments(documents::Options),
    Schemathesis(schemathesis::Options),
    Rabbitmq4(rabbitmq4::Options),
    Scan(scan::Options),
}

/// What a command ends with: an exit code, or a sentence about what went wrong.
type Outcome = Result<ExitCode, Failure>;

/// Anything that can go wrong; it is only printed.
type Failure = Box<dyn std::error::Error>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let command = Xtask::parse();
    let outcome = tokio::select! {
        biased; // the signal handlers have to stand before the first server is started
        outcome = interrupted() => outcome,
        outcome = run(command) => outcome,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

async fn run(command: Xtask) -> Outcome {
    match command {
        Xtask::Test(options) => test::run(options).await,
        Xtask::Coverage(options) => test::coverage::run(options).await,
        Xtask::Bench(options) => bench::run(options).await,
        Xtask::Generate => generate::run().await,
        Xtask::DeployTest(options) => deploy::run(options).await,
        Xtask::LintDocuments(options) => documents::run(options).await,
        Xtask::Schemathesis(options) => schemathesis::run(options).await,
        Xtask::Rabbitmq4(options) => rabbitmq4::run(options).await,
        Xtask::Scan(options) => scan::run(options).await,
    }
}

/// Ends with Ctrl-C or SIGTERM. The command is dropped then, and with it every server it started.
async fn interrupted() -> Outcome {
    let mut terminate = signal(SignalKind::terminate())?;
    let code = tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.map(|()| 130)?,
        _ = terminate.recv() => 143,
    };
    eprintln!("interrupted");
    Ok(ExitCode::from(code))
}
