//! The `spymission` command: one binary, one subcommand for each role and tool.
#![warn(clippy::print_stderr)] // `eprintln!` panics where standard error cannot be written

mod cli;
mod failure;
mod output;
mod process;
mod settings;
mod system;
mod tools;

use std::io::ErrorKind;
use std::process::ExitCode;

use clap::CommandFactory;
use cli::{Cli, Command};
use failure::Failure;
use process::logs::Logging;
use process::{gateway, logs, up, worker};
use schemas::Role;
use tokio::runtime::Builder;
use tools::{
    bench, check, completions, dead_letters, decide, health, man_pages, migrate, missions, plan,
    request, top, topology,
};

fn main() -> ExitCode {
    let cli = match Cli::read() {
        Ok(cli) => cli,
        Err(error) => return misunderstood(&error),
    };
    // These print their own messages beside their progress bars.
    logs::begin(match &cli.command {
        None | Some(Command::Up(_)) => Logging::Up,
        Some(Command::Request(_) | Command::Bench(_)) => Logging::Tool,
        Some(_) => Logging::Role,
    });
    let mut runtime = match threads(&cli.command) {
        1 => Builder::new_current_thread(),
        threads => several(threads),
    };
    let runtime = match runtime.enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return failed(&Failure::Check(format!("no async runtime: {error}"))),
    };
    // In a task: the main thread would be one more beside the runtime's workers.
    let running = runtime.block_on(runtime.spawn(run(cli)));
    let ended = match running.unwrap_or_else(|panic| Err(Failure::Check(panic.to_string()))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failed(&failure),
    };
    // A look-up of a name that nobody waits for any more must not delay the end.
    runtime.shutdown_background();
    ended
}

/// How many threads run the tasks of this command, beside lapin's and those of SQLite. Handing a task
/// from thread to thread costs more than most tasks do, so there are no more than can be of use.
fn threads(command: &Option<Command>) -> usize {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    match command {
        // It scales by replica count.
        Some(Command::Worker { .. }) => 1,
        // The other half of the cores is for the broker, the database and the workers of the machine.
        Some(Command::Gateway(_)) => cores.div_ceil(2),
        // Everything is in this process.
        _ => cores,
    }
}

fn several(threads: usize) -> Builder {
    let mut runtime = Builder::new_multi_thread();
    runtime.worker_threads(threads);
    runtime
}

/// Prints help, or what is wrong with the command line. clap repeats what it does not understand,
/// which may be an address in the wrong place: it is shown without its password.
fn misunderstood(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        return match error.print() {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => failed(&Failure::Output(error)),
        };
    }
    let said = cli::with_variable_named(error, &Cli::command());
    output::warn(settings::without_passwords(said.trim_end()));
    ExitCode::from(2)
}

/// Prints why the command failed. A reader that has gone wants no more, so nothing has failed.
fn failed(failure: &Failure) -> ExitCode {
    match failure {
        Failure::Output(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        _ => {
            output::warn(format_args!("spymission: {failure}"));
            failure.exit_code()
        }
    }
}

async fn run(cli: Cli) -> Result<(), Failure> {
    if let Some(service) = service(cli.command.as_ref())
        && let Err(wrong) = traces::begin(&service, env!("CARGO_PKG_VERSION"))
    {
        tracing::warn!(%wrong, "traces are not exported");
    }
    let ended = run_command(cli).await;
    traces::end().await;
    ended
}

/// The name of the service in traces; tools have none.
fn service(command: Option<&Command>) -> Option<String> {
    let role = match command {
        None | Some(Command::Up(_)) => return Some("spymission".to_owned()),
        Some(Command::Gateway(_)) => Role::Gateway,
        Some(Command::Worker { role, .. }) => role.role(),
        Some(_) => return None,
    };
    Some(format!("spymission-{}", role.name()))
}

async fn run_command(cli: Cli) -> Result<(), Failure> {
    match cli.command {
        None => up::run(cli.up).await,
        Some(Command::Up(settings)) => up::run(settings).await,
        Some(Command::Gateway(settings)) => gateway::run(settings).await,
        Some(Command::Worker { role, status }) => worker::run(role, &status).await,
        Some(Command::Migrate(database)) => migrate::run(&database).await,
        Some(Command::Request(settings)) => request::run(settings).await,
        Some(Command::Missions { action }) => missions::run(action).await,
        Some(Command::DeadLetters { action }) => dead_letters::run(action).await,
        Some(Command::Decide(settings)) => decide::run(&settings),
        Some(Command::Topology { action }) => topology::run(action).await,
        Some(Command::Check(settings)) => check::run(*settings).await,
        Some(Command::Completions(settings)) => completions::run(&settings),
        Some(Command::ManPages(settings)) => man_pages::run(&settings),
        Some(Command::Top(settings)) => top::run(settings).await,
        Some(Command::Plan(settings)) => plan::run(&settings),
        Some(Command::Bench(settings)) => bench::run(&settings).await,
        Some(Command::Health(settings)) => health::run(settings).await,
    }
}
