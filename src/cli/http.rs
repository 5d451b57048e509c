//! HTTP on the command line: the gateway, and the status listener of a worker.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;

/// A host and a port, `HOST:PORT`. The host is a name or an address; an IPv6 address is in
/// brackets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct HostPort {
    host: String,
    port: u16,
}

impl HostPort {
    /// The same port on this host.
    pub(crate) fn on(&self, host: &str) -> Self {
        Self { host: host.to_owned(), port: self.port }
    }
}

impl FromStr for HostPort {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const FORM: &str = "write HOST:PORT, as 127.0.0.1:8080, localhost:8080 or [::1]:8080";
        let (host, port) = text.rsplit_once(':').ok_or(FORM)?;
        let port = port.parse().map_err(|_| FORM)?;
        let name = |host: &str| {
            let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
            !host.is_empty() && host.chars().all(plain)
        };
        let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
        match bracketed.map(str::parse::<std::net::Ipv6Addr>) {
            Some(Ok(_)) => {}
            None if name(host) => {}
            _ => return Err(FORM),
        }
        Ok(Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// Where the gateway of this machine is.
#[derive(Debug, Clone, Args)]
pub(crate) struct Listen {
    /// Where the gateway listens for HTTP
    #[arg(
        long,
        env = "SPYMISSION_LISTEN",
        default_value = "127.0.0.1:8080",
        value_name = "HOST:PORT"
    )]
    pub(crate) listen: HostPort,
}

/// How the gateway is reached, and how it behaves.
#[derive(Debug, Clone, Args)]
pub(crate) struct Http {
    #[command(flatten)]
    pub(crate) at: Listen,
    /// How long a caller waits for its missions before the reply is 202 and says where they will be
    #[arg(long, env = "SPYMISSION_WAIT", default_value_t = 10, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=60))]
    pub(crate) wait: u64,
    /// The most missions of several callers that go into one message
    #[arg(long, env = "SPYMISSION_BATCH", default_value_t = 256, value_name = "MISSIONS")]
    #[arg(value_parser = clap::value_parser!(u16).range(1..=256))]
    pub(crate) batch: u16,
    /// How long to go on serving after a stop, for a proxy that does not know about it yet
    /// [default: 5; of `up`: 0]
    #[arg(long, env = "SPYMISSION_DRAIN", value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(0..=gateway::MAX_DRAIN))]
    pub(crate) drain: Option<u64>,
    /// How long a stream of events lasts before its client has to connect again
    #[arg(long, env = "SPYMISSION_STREAM", default_value_t = 3600, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) stream: u64,
    /// The most connections at a time, fewer if the process may not open as many files; one client
    /// has at most a quarter of them
    #[arg(long, env = "SPYMISSION_CONNECTIONS", default_value_t = 4_096, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=65_536))]
    pub(crate) connections: u32,
    /// The most missions of one client: N missions in S seconds, as 100/60; every other request
    /// counts as one [default: no limit]
    #[arg(long, env = "SPYMISSION_RATE", value_name = "N/S")]
    pub(crate) rate: Option<gateway::Rate>,
    /// The networks or addresses of proxies whose X-Forwarded-For names the client [default: none]
    #[arg(long, env = "SPYMISSION_TRUST_PROXY", value_name = "CIDR[,CIDR…]")]
    pub(crate) trust_proxy: Option<gateway::Proxies>,
    /// A file with the token that operators log in with at /operations, 16 characters or more
    /// [default: none; /operations is then for this machine only, and off unless --listen is a
    /// loopback address]
    #[arg(long, env = "SPYMISSION_OPERATOR_TOKEN_FILE", value_name = "FILE")]
    pub(crate) operator_token_file: Option<PathBuf>,
    /// Origins whose web pages may call the gateway, scheme and host; * for all [default: none]
    #[arg(long, env = "SPYMISSION_CORS", value_name = "ORIGIN[,ORIGIN…]")]
    pub(crate) cors: Option<gateway::Origins>,
    /// Leave out of /docs/http the button that sends a request from its page
    #[arg(long, env = "SPYMISSION_NO_SEND")]
    pub(crate) no_send: bool,
}

/// Where a worker reports its status.
#[derive(Debug, Clone, Args)]
pub(crate) struct Status {
    /// Where a worker serves /livez, /readyz and /metrics [default: nowhere]
    #[arg(long, env = "SPYMISSION_STATUS", value_name = "HOST:PORT", global = true)]
    pub(crate) status: Option<HostPort>,
}

/// Whose readiness is checked: that of the status listener or, if none answers, of the gateway.
#[derive(Debug, Args)]
#[command(after_help = "It checks the worker at --status first. If nothing answers there, it \
checks the gateway at --listen.

Exit codes: 0 ready, 1 not ready or no answer, 2 a setting is wrong.")]
pub(crate) struct Health {
    #[command(flatten)]
    pub(crate) status: Status,
    #[command(flatten)]
    pub(crate) at: Listen,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address() {
        for text in ["localhost:8080", "127.0.0.1:0", "[::1]:8080", "gateway-1.internal:80"] {
            assert_eq!(text.parse::<HostPort>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_is_no_host_with_a_port_is_refused_with_the_form() {
        for text in ["", "8080", ":8080", "localhost", "::1:8080", "h:port", "h:65536", "a b:1"] {
            let wrong = text.parse::<HostPort>().unwrap_err();
            assert!(wrong.contains("HOST:PORT"), "{text}: {wrong}");
        }
    }
}
