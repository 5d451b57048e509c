//! `plan` on the command line.

use clap::Args;

/// Settings of `plan`.
///
/// It needs no server: it multiplies the rate by what a mission was measured to cost, and compares the
/// result with what each part was seen to carry. What lies beyond that is said to be extrapolated.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  spymission plan --rate 10000
  spymission plan --rate 1000000 --cores 32 --json | jq .first

Exit codes: 0 done, 1 the output cannot be written, 2 a setting is wrong.")]
pub(crate) struct Plan {
    /// The missions per second (1 to 100000000)
    #[arg(long, env = "SPYMISSION_PLAN_RATE", value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=100_000_000))]
    pub(crate) rate: u32,
    /// Plan for so many percent more than the rate (0 to 1000)
    #[arg(long, env = "SPYMISSION_PLAN_HEADROOM", default_value_t = 50, value_name = "PERCENT")]
    #[arg(value_parser = clap::value_parser!(u32).range(0..=1_000))]
    pub(crate) headroom: u32,
    /// The cores of one machine (1 to 1024)
    #[arg(long, env = "SPYMISSION_PLAN_CORES", default_value_t = 8, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_024))]
    pub(crate) cores: u32,
    /// Print one JSON document instead of the tables
    #[arg(long, env = "SPYMISSION_PLAN_JSON")]
    pub(crate) json: bool,
}
