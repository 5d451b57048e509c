//! How `request` is written.

use clap::{Args, ValueEnum};

use super::Broker;

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
