//! `top` on the command line.

use std::path::PathBuf;

use clap::Args;

use super::gateway_url::GatewayUrl;

/// Settings of `top`.
#[derive(Debug, Args)]
#[command(
    after_help = "It shows what a gateway shows at /operations. On a terminal it is drawn again \
every 2 s until Ctrl-C; elsewhere it is printed once.

Exit codes: 0 all is well or nobody has to act, 1 somebody has to act or no answer (both only when \
it prints once), 2 a setting is wrong."
)]
pub(crate) struct Top {
    #[command(flatten)]
    pub(crate) gateway: GatewayUrl,
    /// A file with the operator's token, if the gateway wants one
    #[arg(long, env = "SPYMISSION_TOP_TOKEN_FILE", value_name = "FILE")]
    pub(crate) operator_token_file: Option<PathBuf>,
    /// Print it once, and end
    #[arg(long, env = "SPYMISSION_ONCE")]
    pub(crate) once: bool,
}
