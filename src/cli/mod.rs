//! What can be written on the command line.

mod check;
mod http;
mod missions;
mod request;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub(crate) use check::{Check, Management, TopologyCheck};
pub(crate) use http::{Health, Http, Status};
pub(crate) use missions::{Decide, Export, Form, List, Missions, Sheet, Show, Wish};
pub(crate) use request::{Format, Request};

use crate::tools::topology::definitions::UserFile;

/// Missions for spies: a request-reply event pipeline.
///
/// Alone it runs everything in this one process, with no server beside it: same as `up`.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, max_term_width = 100)]
#[command(after_help = "Examples:
  spymission                                   everything in this process
  curl -X POST http://127.0.0.1:8080/missions  ask it for a mission
  spymission missions list                     what stands in the table
  spymission check                             is all well? if not: what to do

Exit codes: 0 done, 1 failed, 2 a setting is wrong.
Logs: SPYMISSION_LOG=debug for more; JSON unless on a terminal.
Colours: on a terminal only, and not with NO_COLOR=1.")]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
    #[command(flatten)]
    pub(crate) up: Up,
}

/// The roles and tools.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run every role in this process
    Up(Up),
    /// Run a gateway: HTTP in, correlated reply out
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
    /// Create the database if it is missing, and bring its tables up to date
    Migrate(Database),
    /// Ask for missions, one or a million, and print them as they come
    Request(Request),
    /// Read the missions from the database
    Missions {
        #[command(subcommand)]
        action: Missions,
    },
    /// Explain which rules of a casebook make a mission of a dossier
    Decide(Decide),
    /// Show, declare or check the exchanges and queues
    Topology {
        #[command(subcommand)]
        action: Topology,
    },
    /// Ask the gateway or worker of this machine whether it is ready: 0 it is, 1 it is not
    Health(Health),
    /// Test settings, servers and rights, and say what to do next
    Check(Box<Check>),
    /// Print what a shell needs to complete these words
    Completions(Completions),
}

/// The workers.
#[derive(Debug, Subcommand)]
pub(crate) enum Worker {
    /// Draws six numbers for every mission
    Number(Broker),
    /// Draws six letters for every mission
    Letter(Broker),
    /// Takes requests, and combines the parts to objective and target
    Decider(Decider),
    /// Writes the missions to the database
    Persister(Persister),
}

/// What can be done with the topology.
#[derive(Debug, Subcommand)]
pub(crate) enum Topology {
    /// Print the table of exchanges and queues
    Show,
    /// Declare them on a broker
    Apply(Broker),
    /// Compare a broker with the table, changing nothing
    Check(TopologyCheck),
    /// Write RabbitMQ's users as a definitions file: one for each role, with the rights it needs
    Definitions(Definitions),
}

/// Settings of `topology definitions`.
#[derive(Debug, Args)]
pub(crate) struct Definitions {
    /// A role, and the file with the address of the broker that it uses; its user and password are
    /// read from there
    #[arg(long, required = true, value_name = "ROLE=FILE")]
    pub(crate) user: Vec<UserFile>,
    /// Where to write, instead of the terminal; the file is replaced as a whole
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
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

/// Settings of `up`.
#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) http: Http,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Settings of a gateway.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  spymission gateway --broker amqp://spy:secret@rabbit:5672/%2f \\
      --database mysql://spy:secret@db:3306/spymission --listen 0.0.0.0:8080

Exit codes: 0 stopped in good order, 1 failed or gave up, 2 a setting is wrong.")]
pub(crate) struct Gateway {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) http: Http,
}

/// Settings of a decider.
#[derive(Debug, Args)]
pub(crate) struct Decider {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Settings of a persister.
#[derive(Debug, Args)]
pub(crate) struct Persister {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) database: Database,
}

/// Where the broker is.
#[derive(Debug, Args)]
pub(crate) struct Broker {
    /// memory: (only with `up`, its default) or amqp(s)://user:password@host:5672/vhost
    #[arg(long, env = "SPYMISSION_BROKER", hide_env_values = true, value_name = "URL")]
    pub(crate) broker: Option<String>,
    /// A file that holds the URL of the broker, instead of --broker
    #[arg(long, env = "SPYMISSION_BROKER_FILE", value_name = "FILE", conflicts_with = "broker")]
    pub(crate) broker_file: Option<PathBuf>,
}

/// Where the missions are kept.
#[derive(Debug, Args)]
pub(crate) struct Database {
    /// mysql://user:password@host:3306/db or sqlite:FILE (`up`, `missions` and `check` go without:
    /// sqlite:spymission.db)
    #[arg(long, env = "SPYMISSION_DATABASE", hide_env_values = true, value_name = "URL")]
    pub(crate) database: Option<String>,
    /// A file that holds the URL of the database, instead of --database
    #[arg(
        long,
        env = "SPYMISSION_DATABASE_FILE",
        value_name = "FILE",
        conflicts_with = "database"
    )]
    pub(crate) database_file: Option<PathBuf>,
}

/// The rules of a mission.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// A casebook of your own (TOML), instead of `malory`
    #[arg(long, env = "SPYMISSION_CASEBOOK", value_name = "FILE")]
    pub(crate) casebook: Option<PathBuf>,
}
