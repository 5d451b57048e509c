//! What can be written on the command line.

mod check;
mod missions;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use check::{Check, Management, TopologyCheck};
pub(crate) use missions::{Decide, Export, Form, List, Missions, Sheet, Show, Wish};

use crate::definitions::UserFile;

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

/// What is asked for, and where.
///
/// Asks the broker (--broker), or a gateway (--url). Missions are printed as they come, in no
/// particular order, each once and each a whole line.
#[derive(Debug, Args)]
#[command(after_help = "Exit codes: 0 all came (or whoever reads wants no more), 1 not all came, \
2 a setting is wrong, 130 interrupted.
What came before an end before its time is printed completely; standard error says how many are
missing and under which key the rest is to be had. Examples:
  spymission request --broker amqp://guest:guest@localhost:5672/%2f
  spymission request --url http://localhost:8080 --count 100000 --format csv > missions.csv")]
pub(crate) struct Request {
    #[command(flatten)]
    pub(crate) broker: Broker,
    /// Ask a gateway over HTTP instead of the broker: http(s)://host:port
    #[arg(long, env = "SPYMISSION_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) url: Option<String>,
    /// How many missions
    #[arg(long, env = "SPYMISSION_COUNT", default_value_t = 1, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) count: u32,
    /// An idempotency key: asked again with it and the same count, the missions are the same
    ///
    /// 1 to 255 visible ASCII characters. Missions are asked for in lists of 256: the first list
    /// has this key, the others KEY/1, KEY/2 and so on, over AMQP as over HTTP. Without it a new
    /// key is made, and told when something is missing at the end.
    #[arg(long, env = "SPYMISSION_KEY", value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// How missions are printed
    #[arg(long, env = "SPYMISSION_FORMAT", default_value = "table", value_name = "FORMAT")]
    pub(crate) format: Format,
    /// Give up when nothing has come for this long
    #[arg(long, env = "SPYMISSION_WAIT", default_value_t = 30, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) wait: u64,
}

/// How missions are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people; with a header on a terminal
    Table,
    /// One JSON object a line
    Json,
    /// Comma-separated values with a header line
    Csv,
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
    /// How long a stream of events lasts; its client comes back then
    #[arg(long, env = "SPYMISSION_STREAM", default_value_t = 3600, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) stream: u64,
    /// The most connections at a time; one client has at most a quarter of them
    #[arg(long, env = "SPYMISSION_CONNECTIONS", default_value_t = 4_096, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) connections: u32,
    /// How often one client may ask: N requests in S seconds, as 100/60 [default: no limit]
    #[arg(long, env = "SPYMISSION_RATE", value_name = "N/S")]
    pub(crate) rate: Option<gateway::Rate>,
    /// Proxies whose X-Forwarded-For says who asks: networks or addresses [default: none]
    #[arg(long, env = "SPYMISSION_TRUST_PROXY", value_name = "CIDR[,CIDR…]")]
    pub(crate) trust_proxy: Option<gateway::Proxies>,
    /// Other origins whose web pages may ask, scheme and host; * for all [default: none]
    #[arg(long, env = "SPYMISSION_CORS", value_name = "ORIGIN[,ORIGIN…]")]
    pub(crate) cors: Option<gateway::Origins>,
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
