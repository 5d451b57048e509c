//! What developers' commands share: running cargo, installing what is missing, pinned tools, linters.
//!
//! This crate is never delivered. Its binary is behind `cargo xtask`.
#![expect(clippy::print_stdout, reason = "a command talks on its standard output")]

pub mod install;
pub mod linters;
pub mod needs;
pub mod tools;
pub mod workspace;

use std::process::ExitCode;

use tokio::signal::unix::{SignalKind, signal};

/// What a command ends with: an exit code, or a sentence about what went wrong.
pub type Outcome = Result<ExitCode, Failure>;

/// Anything that can go wrong; it is only printed.
pub type Failure = Box<dyn std::error::Error>;

/// Runs a command to its end, or until Ctrl-C or SIGTERM. Then the command is dropped, which ends
/// every server that it started.
pub async fn until_interrupted(command: impl Future<Output = Outcome>) -> ExitCode {
    let outcome = tokio::select! {
        biased; // the signal handlers have to be set before the first server is started
        outcome = interrupted() => outcome,
        outcome = command => outcome,
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error}");
        ExitCode::FAILURE
    })
}

async fn interrupted() -> Outcome {
    let mut terminate = signal(SignalKind::terminate())?;
    let code = tokio::select! {
        pressed = tokio::signal::ctrl_c() => pressed.map(|()| 130)?,
        _ = terminate.recv() => 143,
    };
    eprintln!("interrupted");
    Ok(ExitCode::from(code))
}
