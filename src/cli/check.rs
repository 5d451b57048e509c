//! `check` and `topology check` on the command line.

use std::path::PathBuf;

use clap::Args;

use super::{Broker, Database, Rules};

/// RabbitMQ's management HTTP API.
#[derive(Debug, Args)]
pub(crate) struct Management {
    /// RabbitMQ's management HTTP API: http(s)://user:password@host:15672
    #[arg(long, env = "SPYMISSION_MANAGEMENT", hide_env_values = true, value_name = "URL")]
    pub(crate) management: Option<String>,
    /// A file that holds that URL, instead of --management
    #[arg(
        long,
        env = "SPYMISSION_MANAGEMENT_FILE",
        value_name = "FILE",
        conflicts_with = "management"
    )]
    pub(crate) management_file: Option<PathBuf>,
}

const TOPOLOGY_EXAMPLES: &str = "\"differs\" is tolerable, an operator may have meant it. With \
\"wrong\"
the pipeline cannot keep its promises.
Examples:
  spymission topology check --broker amqp://guest:guest@localhost:5672/%2f
  spymission topology check --broker amqp://guest:guest@localhost:5672/%2f \\
      --management http://guest:guest@localhost:15672

Exit codes: 0 as in the table or tolerable, 1 wrong, 2 a setting is wrong.";

/// Settings of `topology check`.
#[derive(Debug, Args)]
#[command(after_help = TOPOLOGY_EXAMPLES)]
pub(crate) struct TopologyCheck {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) management: Management,
}

const CHECK_EXAMPLES: &str = "One line for each check: ok, warning or failed, what was found, and
what to do next. It changes nothing; the broker's log notes the tries of what a
user may do.
Examples:
  spymission check
  spymission check --broker amqp://spy:secret@rabbit:5672/%2f \\
      --database mysql://spy:secret@db:3306/spymission \\
      --management http://monitor:secret@rabbit:15672 --casebook agency.toml

Exit codes: 0 well or with warnings, 1 something failed, 2 a setting is wrong.";

/// Settings of `check`: what is given is checked; without any, what `up` would use.
#[derive(Debug, Args)]
#[command(after_help = CHECK_EXAMPLES)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) management: Management,
    #[command(flatten)]
    pub(crate) rules: Rules,
}
