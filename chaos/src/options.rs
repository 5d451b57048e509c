//! What is on the command line.

use std::path::PathBuf;

use clap::Args;
use testkit::servers::Replication;

/// How long, from which seed, and what is kept.
#[derive(Args, Debug, Clone)]
pub struct Options {
    /// How long faults are made
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub seconds: u64,
    /// Where the faults are drawn from [default: another one each time]
    #[arg(long)]
    pub seed: Option<u64>,
    /// How many callers ask all the time, over HTTP and AMQP
    #[arg(long, default_value_t = 36, value_parser = clap::value_parser!(u32).range(8..=512))]
    pub callers: u32,
    /// Only faults that are over within about a second; of --takeover the shortest
    #[arg(long)]
    pub quick: bool,
    /// A RabbitMQ cluster of three nodes instead: its leader killed and frozen, its nodes restarted one
    /// after the other, one cut off from the others; callers may stand still for 5 s
    #[arg(long, conflicts_with_all = ["quick", "rolling"])]
    pub cluster: bool,
    /// Every process restarted in turn instead, and with --previous replaced by the older binary and
    /// back: no request may fail
    #[arg(long, conflicts_with = "quick")]
    pub rolling: bool,
    /// A database of two servers instead, of which one follows the other semi-synchronously: the primary
    /// is killed and the replica takes over; nothing that was promised may be missing in it
    #[arg(long, conflicts_with_all = ["cluster", "rolling"])]
    pub takeover: bool,
    /// With --takeover: the replica follows asynchronously. What is missing then is counted, and breaks
    /// the invariants
    #[arg(long, requires = "takeover")]
    pub asynchronous: bool,
    /// Write tests/FAULTS.md with the results of this run
    #[arg(long)]
    pub write: bool,
    /// Also replace processes by this older binary, and back
    #[arg(long, value_name = "BINARY")]
    pub previous: Option<PathBuf>,
    /// Where report and history are written
    #[arg(long, value_name = "FOLDER", default_value = "target/chaos")]
    pub out: PathBuf,
}

impl Options {
    /// How the second database server follows the first.
    pub(crate) fn replication(&self) -> Replication {
        if self.asynchronous { Replication::Asynchronous } else { Replication::SemiSynchronous }
    }

    /// The command that makes the same faults again.
    pub(crate) fn again(&self, seed: u64) -> String {
        let Self { seconds, callers, quick, previous, .. } = self;
        let script = match self {
            Self { cluster: true, .. } => Some("--cluster"),
            Self { rolling: true, .. } => Some("--rolling"),
            Self { takeover: true, asynchronous: true, .. } => Some("--takeover --asynchronous"),
            Self { takeover: true, .. } => Some("--takeover"),
            _ => None,
        };
        let quick = if *quick { " --quick" } else { "" };
        let previous = previous.as_ref().map(|path| format!(" --previous {}", path.display()));
        let previous = previous.unwrap_or_default();
        if let Some(script) = script {
            return format!("cargo xtask chaos {script}{quick}{previous}");
        }
        format!(
            "cargo xtask chaos --seed {seed} --seconds {seconds} --callers {callers}{quick}{previous}"
        )
    }
}
