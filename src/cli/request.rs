//! `request` on the command line.

use clap::{Args, ValueEnum};

use super::http::Listen;
use super::servers::Broker;

/// Settings of `request`.
///
/// Sends requests to the broker (--broker) or to a gateway (--url). Missions are printed as they
/// arrive, in no particular order, each once and each on a line of its own.
#[derive(Debug, Args)]
#[command(
    after_help = "If the command ends early, what has arrived is printed completely. Standard \
error then says how many missions are missing, and under which key the same command gets them.

Examples:
  spymission request                      # of the gateway of this machine
  spymission request --broker amqp://guest:guest@localhost:5672/%2f
  spymission request --url http://localhost:8080 --count 100000 > missions

Exit codes: 0 all arrived (or the reader of the output has gone), 1 some are missing, 2 a setting \
is wrong, 130 interrupted."
)]
pub(crate) struct Request {
    #[command(flatten)]
    pub(crate) broker: Broker,
    /// The gateway to use: http(s)://host:port [default, without --broker: the one at --listen]
    #[arg(long, env = "SPYMISSION_URL", hide_env_values = true, value_name = "URL")]
    pub(crate) url: Option<String>,
    #[command(flatten)]
    pub(crate) at: Listen,
    /// How many missions to request
    #[arg(long, env = "SPYMISSION_COUNT", default_value_t = 1, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) count: u32,
    /// An idempotency key: the same key and count always give the same missions
    ///
    /// 1 to 255 visible ASCII characters. Missions are requested in lists of 256: the first list
    /// has this key, the others KEY/1, KEY/2 and so on, over AMQP as over HTTP. Without it a new
    /// key is made; it is printed if something is missing at the end.
    #[arg(long, env = "SPYMISSION_KEY", value_name = "KEY")]
    pub(crate) key: Option<String>,
    /// How missions are printed: columns, JSON with one object on each line, or CSV
    #[arg(long, value_enum, env = "SPYMISSION_FORMAT", default_value_t = Format::Table)]
    #[arg(hide_possible_values = true, value_name = "table|json|csv")]
    pub(crate) format: Format,
    /// Give up when nothing has arrived for this long
    #[arg(long, env = "SPYMISSION_REQUEST_WAIT", default_value_t = 30, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=3_600))]
    pub(crate) wait: u64,
}

/// How missions are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Columns for people, with a header on a terminal
    Table,
    /// One JSON object on each line
    Json,
    /// Comma-separated values; the first line names the columns
    Csv,
}
