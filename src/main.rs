//! The `spymission` command: one binary, one subcommand per role and tool.

mod cli;
mod output;
mod process;
mod settings;
mod tools;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::Parser;
use cli::{Cli, Command};
use process::{logs, roles, up};
use settings::WrongSetting;
use tokio::runtime::Builder;
use tools::{check, completions, decide, health, missions, request, topology};

/// What ends the command before its time.
#[derive(Debug, thiserror::Error)]
enum Failure {
    /// A setting is wrong; nothing was begun.
    #[error("{0}")]
    Setting(#[from] WrongSetting),
    /// The broker did not do what it was asked.
    #[error("{0}")]
    Broker(#[from] bus::Fault),
    /// The database did not do what it was asked.
    #[error("{0}")]
    Database(#[from] store::Error),
    /// A check found something; it was told already.
    #[error("{0}")]
    Check(String),
    /// A signal came before the end; the exit code of shells for that.
    #[error("{0}")]
    Interrupted(String),
    /// The outcome could not be written. Nothing is wrong when whoever reads has enough.
    #[error("the output could not be written: {0}")]
    Output(#[from] std::io::Error),
    /// What was held was not finished in time.
    #[error("gave up after {0} s: what was not finished is delivered again")]
    Unfinished(u64),
}

impl Failure {
    /// 2: a setting is wrong. 130: interrupted. 1: anything else.
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Setting(_) => ExitCode::from(2),
            Self::Interrupted(_) => ExitCode::from(130),
            _ => ExitCode::FAILURE,
        }
    }
}

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(wrong) => return misunderstood(&wrong),
    };
    // What happens to a request is told by its command, beside the bar.
    logs::begin(!matches!(cli.command, Some(Command::Request(_))));
    // A worker has one thread of its own beside lapin's: it scales by replica count, and handing
    // messages from thread to thread would cost it more than its work.
    let mut runtime = match &cli.command {
        Some(Command::Worker { .. }) => Builder::new_current_thread(),
        _ => Builder::new_multi_thread(),
    };
    let runtime = match runtime.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Failure::Check(format!("no async runtime: {error}"))),
    };
    // As a task of its own: the main thread would be one more beside the runtime's workers.
    let running = runtime.block_on(runtime.spawn(run(cli)));
    let ended = match running.unwrap_or_else(|panic| Err(Failure::Check(panic.to_string()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(failure) => failed(&failure),
    };
    // A look-up of a name that nobody waits for any more must not hold the command up.
    runtime.shutdown_background();
    ended
}

/// Help, or what is wrong with the command line; clap repeats what it does not understand, which
/// may be an address in the wrong place.
#[expect(clippy::print_stderr, reason = "the last word of a command that failed")]
fn misunderstood(wrong: &clap::Error) -> ExitCode {
    let said = wrong.render().to_string();
    let shown = settings::without_passwords(&said);
    if shown == said || !wrong.use_stderr() {
        wrong.exit()
    }
    eprint!("{shown}");
    ExitCode::from(2)
}

#[expect(clippy::print_stderr, reason = "the last word of a command that failed")]
fn failed(failure: &Failure) -> ExitCode {
    eprintln!("spymission: {failure}");
    failure.exit_code()
}

async fn run(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        None => up::run(cli.up).await,
        Some(Command::Up(settings)) => up::run(settings).await,
        Some(Command::Gateway(settings)) => roles::gateway(settings).await,
        Some(Command::Worker { role, status }) => roles::worker(role, &status).await,
        Some(Command::Migrate(database)) => roles::migrate(database).await,
        Some(Command::Request(settings)) => request::run(settings).await,
        Some(Command::Missions { action }) => missions::run(action).await,
        Some(Command::Decide(settings)) => decide::run(&settings),
        Some(Command::Topology { action }) => topology::run(action).await,
        Some(Command::Check(settings)) => check::run(*settings).await,
        Some(Command::Completions(settings)) => completions::run(&settings),
        Some(Command::Health(settings)) => health::run(settings).await,
    }
}
