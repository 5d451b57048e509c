//! The gateway that a tool talks to.

use clap::Args;

/// The address of a gateway.
#[derive(Debug, Args)]
pub(crate) struct GatewayUrl {
    /// The gateway to use: http(s)://host:port
    #[arg(
        long,
        env = "SPYMISSION_URL",
        hide_env_values = true,
        default_value = "http://127.0.0.1:8080",
        value_name = "URL"
    )]
    pub(crate) url: String,
}
