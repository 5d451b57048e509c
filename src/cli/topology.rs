//! `topology` on the command line.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

use super::servers::{Broker, Management};

/// What can be done with the topology.
#[derive(Debug, Subcommand)]
pub(crate) enum Topology {
    /// Print the table of exchanges and queues
    Show,
    /// Declare the exchanges and queues on a broker
    Apply(Broker),
    /// Compare a broker with the table and change nothing
    Check(TopologyCheck),
    /// Write a RabbitMQ definitions file: one user for each role, with only the permissions it needs
    Definitions(Definitions),
}

const TOPOLOGY_EXAMPLES: &str =
    "A difference is either tolerable (\"differs\"), because an operator \
may have meant it, or it breaks a promise of the pipeline (\"wrong\").

Examples:
  spymission topology check --broker amqp://guest:guest@localhost:5672/%2f
  spymission topology check --broker amqp://guest:guest@localhost:5672/%2f \\
      --management http://guest:guest@localhost:15672

Exit codes: 0 no difference or a tolerable one, 1 wrong, 2 a setting is wrong.";

/// Settings of `topology check`.
#[derive(Debug, Args)]
#[command(after_help = TOPOLOGY_EXAMPLES)]
pub(crate) struct TopologyCheck {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) management: Management,
}

/// Settings of `topology definitions`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  spymission topology definitions --user gateway=gateway.url --user number=number.url \\
      --out definitions.json

Exit codes: 0 done, 1 failed, 2 a setting is wrong.")]
pub(crate) struct Definitions {
    /// A role (as `worker` names it), `gateway` or `operator`, and the file with its broker URL, which
    /// names its user and password
    #[arg(long, env = "SPYMISSION_USERS", required = true, value_name = "ROLE=FILE")]
    #[arg(value_delimiter = ',')]
    pub(crate) user: Vec<UserFile>,
    /// Where to write, instead of standard output; the file is replaced as a whole
    #[arg(long, env = "SPYMISSION_OUT", value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// `ROLE=FILE`: the file contains the broker's URL as this role uses it.
#[derive(Debug, Clone)]
pub(crate) struct UserFile {
    pub(crate) role: String,
    pub(crate) file: PathBuf,
}

impl FromStr for UserFile {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (role, file) = text.split_once('=').ok_or("write ROLE=FILE")?;
        Ok(Self { role: role.to_owned(), file: file.into() })
    }
}
