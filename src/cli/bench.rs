//! `bench` on the command line.

use clap::Args;

use super::gateway_url::GatewayUrl;

/// Settings of `bench`.
///
/// Each connection sends `POST /missions` and waits for the reply before it sends the next request.
/// With --rate requests are due at fixed times instead; a latency counts from the time at which its
/// request was due. Each row begins with 1 s of warm-up, which counts for nothing but errors. The
/// missions are stored as all others are.
#[derive(Debug, Args)]
#[command(
    after_help = "An error is a reply other than 201, or a connection that broke. The gateway's \
own limits count, too: see its --rate and --connections.

Examples:
  spymission bench
  spymission bench --connections 64 --seconds 60 --rate 5000 --json

Exit codes: 0 every request was answered with 201, 1 a request failed or the gateway is away, 2 a \
setting is wrong, 130 interrupted (the rows so far are printed)."
)]
pub(crate) struct Bench {
    #[command(flatten)]
    pub(crate) gateway: GatewayUrl,
    /// The numbers of connections (1 to 10000), one row for each
    #[arg(long, env = "SPYMISSION_BENCH_CONNECTIONS", value_name = "N,N,...")]
    #[arg(value_delimiter = ',', default_values_t = [1, 16, 64, 256, 1_024])]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) connections: Vec<u32>,
    /// How long to measure each row (1 to 3600)
    #[arg(long, env = "SPYMISSION_BENCH_SECONDS", default_value_t = 10, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=3_600))]
    pub(crate) seconds: u32,
    /// Send so many requests per second (1 to 1000000), however long the replies take
    #[arg(long, env = "SPYMISSION_BENCH_RATE", value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(crate) rate: Option<u32>,
    /// Print one JSON document at the end instead of the table
    #[arg(long, env = "SPYMISSION_BENCH_JSON")]
    pub(crate) json: bool,
}
