//! `up` and `gateway` on the command line.

use clap::Args;

use super::http::Http;
use super::servers::{Broker, Database, Rules};

/// Settings of `up`.
#[derive(Debug, Args)]
pub(crate) struct Up {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) http: Http,
    #[command(flatten)]
    pub(crate) rules: Rules,
    /// Learn by breaking: a part of /operations that makes faults (only with memory:)
    #[arg(long, env = "SPYMISSION_DRILLS")]
    pub(crate) drills: bool,
}

/// Settings of a gateway.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  spymission gateway --broker amqp://spy:secret@rabbit:5672/%2f \\
      --database mysql://spy:secret@db:3306/spymission --listen 0.0.0.0:8080

Exit codes: 0 stopped in good order, 1 failed or gave up, 2 a setting is wrong.")]
pub(crate) struct Gateway {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) http: Http,
}
