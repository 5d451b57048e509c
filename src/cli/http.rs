//! Where a process is reached over HTTP: the gateway, and what tells of its health.

use std::net::SocketAddr;

use clap::Args;

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
