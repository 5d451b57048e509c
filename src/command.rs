//! What can be written on the command line.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

use crate::definitions::UserFile;

/// Missions for spies: a request-reply event pipeline.
///
/// Alone it runs everything in this one process, with no server beside it: same as `up`.
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 done, 1 failed, 2 a setting is wrong.
Logs: SPYMISSION_LOG=debug for more; JSON unless on a terminal.")]
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
    Worker {
        #[command(subcommand)]
        role: Worker,
        #[command(flatten)]
        status: Status,
    },
    /// Create the database if it is missing, and bring its tables up to date
    Migrate(Database),
    /// Show, declare or check the exchanges and queues
    Topology {
        #[command(subcommand)]
        action: Topology,
    },
    /// Ask the gateway or worker of this machine whether it is ready: 0 it is, 1 it is not
    Health(Health),
}

/// The workers.
#[derive(Debug, Subcommand)]
pub(crate) enum Worker {
    /// Draws six numbers for every mission
    Number(Broker),
    /// Draws six letters for every mission
    Letter(Broker),
    /// Takes requests, and combines the halves to objective and target
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
    Check(Broker),
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
    /// sqlite:FILE (default of `up`: sqlite:spymission.db) or mysql://user:password@host:3306/db
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

/// How the gateway is reached, and how it behaves.
#[derive(Debug, Clone, Args)]
pub(crate) struct Http {
    /// Where to listen for HTTP
    #[arg(
        long,
        env = "SPYMISSION_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "HOST:PORT"
    )]
    pub(crate) listen: SocketAddr,
    /// How long a caller waits for its missions before it is told where they will be
    #[arg(long, env = "SPYMISSION_WAIT", default_value_t = 10, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) wait: u64,
    /// The most missions of several callers that go into one message
    #[arg(long, env = "SPYMISSION_BATCH", default_value_t = 256, value_name = "MISSIONS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) batch: u16,
    /// After a stop, how long to go on serving, for a proxy that does not know yet [default: 5; of
    /// `up`: 0]
    #[arg(long, env = "SPYMISSION_DRAIN", value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=10))]
    pub(crate) drain: Option<u64>,
}

/// Where a worker tells how it is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Status {
    /// Where a worker answers /livez and /readyz; without it, nowhere
    #[arg(long, env = "SPYMISSION_STATUS", value_name = "HOST:PORT", global = true)]
    pub(crate) status: Option<SocketAddr>,
}

/// Whom to ask for its health: the status listener, and if nobody is there the gateway.
#[derive(Debug, Args)]
pub(crate) struct Health {
    #[command(flatten)]
    pub(crate) status: Status,
    /// Where the gateway listens
    #[arg(
        long,
        env = "SPYMISSION_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "HOST:PORT"
    )]
    pub(crate) listen: SocketAddr,
}

/// The rules of a mission.
#[derive(Debug, Args)]
pub(crate) struct Rules {
    /// A casebook of your own (TOML), instead of `malory`
    #[arg(long, env = "SPYMISSION_CASEBOOK", value_name = "FILE")]
    pub(crate) casebook: Option<PathBuf>,
}
