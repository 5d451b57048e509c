//! What can be written on the command line. Nothing here reads a file or opens a connection.

mod bench;
mod check;
mod dead_letters;
mod environment;
mod gateway_url;
mod http;
mod missions;
mod plan;
mod processes;
mod request;
mod servers;
mod top;
mod topology;
mod worker;

use std::path::PathBuf;

use clap::{Args, CommandFactory, Parser, Subcommand};

pub(crate) use bench::Bench;
pub(crate) use check::Check;
pub(crate) use dead_letters::{
    Chosen, DeadLetters, Discard, Edit, LetterFilters, LetterFormat, ListLetters, Operator,
    PruneLetters, Replay, ShowLetter,
};
pub(crate) use environment::{on_command_line, with_variable_named, with_variables};
pub(crate) use http::{Health, HostPort, Http, Status};
pub(crate) use missions::{
    Decide, Export, ExportFormat, Filters, List, Missions, Prune, PruneMissions, Show,
};
pub(crate) use plan::Plan;
pub(crate) use processes::{Gateway, Up};
pub(crate) use request::{Format, Request};
pub(crate) use servers::{Broker, Database, Management, Rules};
pub(crate) use top::Top;
pub(crate) use topology::{Definitions, Topology, TopologyCheck, UserFile};
pub(crate) use worker::Worker;

/// Missions for spies: a request-reply event pipeline.
///
/// Without a command it runs everything in this one process and needs no server: the same as `up`.
#[derive(Debug, Parser)]
#[command(version = version(), args_conflicts_with_subcommands = true, max_term_width = 100)]
#[command(after_help = "Examples:
  spymission                                   run everything in this process
  curl -X POST http://127.0.0.1:8080/missions  request a mission from it
  spymission missions list                     list the newest missions
  spymission check                             test settings and servers

Every flag has an environment variable. A flag on the command line wins; an empty variable counts \
as unset.
Exit codes: 0 done, 1 failed, 2 a setting is wrong.
Logs: SPYMISSION_LOG=debug logs more. They are JSON unless on a terminal.
Colours: only on a terminal; NO_COLOR=1 turns them off.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) up: Up,
}

/// The version, with the commit that the program was built from if that is known.
fn version() -> String {
    let version = env!("CARGO_PKG_VERSION");
    gateway::COMMIT.map_or_else(|| version.to_owned(), |commit| format!("{version} ({commit})"))
}

/// The roles and tools.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every role in this process
    Up(Up),
    /// Run a gateway, which takes requests over HTTP
    Gateway(Gateway),
    /// Run one worker
    #[command(after_help = "Examples:
  spymission worker decider --broker amqp://spy:secret@rabbit:5672/%2f
  spymission worker persister --broker amqp://spy:secret@rabbit:5672/%2f \\
      --database mysql://spy:secret@db:3306/spymission

Exit codes: 0 stopped in good order, 1 failed or gave up, 2 a setting is wrong.")]
    Worker {
        #[command(subcommand)]
        role: Worker,
        #[command(flatten)]
        status: Status,
    },
    /// Create the database if it does not exist, and bring its tables up to date
    Migrate(Database),
    /// Request missions and print them as they arrive
    Request(Request),
    /// Read missions from the database, or delete old ones
    Missions {
        #[command(subcommand)]
        action: Missions,
    },
    /// Search, replay, correct and discard what was set aside
    DeadLetters {
        #[command(subcommand)]
        action: DeadLetters,
    },
    /// Explain which rules of a casebook apply to a dossier
    Decide(Decide),
    /// Show, declare or check the exchanges and queues
    Topology {
        #[command(subcommand)]
        action: Topology,
    },
    /// Show how the whole system does, live
    Top(Top),
    /// Measure how many missions a gateway answers, and how fast
    Bench(Bench),
    /// Derive what a rate takes: replicas, cores, servers, disk and network
    Plan(Plan),
    /// Check whether the local process is ready (exit code 0 or 1)
    Health(Health),
    /// Test settings, servers and permissions, and suggest what to do next
    Check(Box<Check>),
    /// Print a completion script for a shell
    Completions(Completions),
    /// Write a manual page for each command
    ManPages(ManPages),
}

/// Settings of `man-pages`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  spymission man-pages ~/.local/share/man/man1        # then: man spymission-gateway")]
pub(crate) struct ManPages {
    /// The folder; it is created if it does not exist
    pub(crate) folder: PathBuf,
}

/// Settings of `completions`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  source <(spymission completions bash)               # in ~/.bashrc
  spymission completions zsh > ~/.zfunc/_spymission   # a folder of $fpath
  spymission completions fish > ~/.config/fish/completions/spymission.fish")]
pub(crate) struct Completions {
    /// The shell
    pub(crate) shell: clap_complete::Shell,
}

impl Cli {
    /// Reads the command line of this process, and the environment for what it leaves out.
    ///
    /// # Errors
    /// The command line is wrong, or it has `--help` or `--version`.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        let command = with_variables(Self::command(), &|name| std::env::var_os(name));
        let read = command.try_get_matches();
        let mut matches = read.map_err(|error| match error.use_stderr() {
            true => error,
            // The help that names each variable comes from the definitions as they are written.
            false => Self::try_parse().err().unwrap_or(error),
        })?;
        <Self as clap::FromArgMatches>::from_arg_matches_mut(&mut matches)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn each_command(command: &mut clap::Command, look: &mut dyn FnMut(&mut clap::Command)) {
        if command.get_name() != "help" {
            look(command);
            command.get_subcommands_mut().for_each(|subcommand| each_command(subcommand, look));
        }
    }

    #[test]
    fn every_command_says_what_it_does_in_its_own_words_and_80_columns() {
        let (mut command, mut abouts) = (Cli::command().term_width(80), BTreeSet::new());
        command.build();
        each_command(&mut command, &mut |command| {
            let (name, help) = (command.get_name().to_owned(), command.render_long_help());
            let long: Vec<_> = help
                .to_string()
                .lines()
                .filter(|line| line.len() > 80)
                .map(str::to_owned)
                .collect();
            assert!(long.is_empty(), "{name}: {long:?}");
            let about = command.get_about().map(ToString::to_string).unwrap_or_default();
            assert!(abouts.insert(about.clone()), "{name}: {about:?}");
        });
    }
}
