//! `dead-letters` on the command line.

mod letters;

use std::path::PathBuf;

use clap::{Args, Subcommand};
use schemas::LetterId;
use schemas::dead_letter::Who;

pub(crate) use letters::{LetterFilters, LetterFormat, LetterOutput};

use super::missions::Prune;
use super::servers::{Broker, Database};

/// What can be done about dead letters.
#[derive(Debug, Subcommand)]
pub(crate) enum DeadLetters {
    /// List dead letters, the newest first, or what they have in common
    List(ListLetters),
    /// Show one dead letter, its bytes and what was done about it
    Show(ShowLetter),
    /// Publish requests again, and say what became of each
    Replay(Box<Replay>),
    /// Correct the body of a dead letter before it is replayed
    Edit(Edit),
    /// Close dead letters that nobody wants any more
    Discard(Discard),
    /// Delete old dead letters that are done with
    Prune(PruneLetters),
}

const LIST_EXAMPLES: &str = "Examples:
  spymission dead-letters list --groups
  spymission dead-letters list --reason set-aside --since 24h
  spymission dead-letters list --text 019abc00 --state all --format json

Exit codes: 0 done, 1 failed, 2 a setting is wrong.";

/// Settings of `dead-letters list`.
#[derive(Debug, Args)]
#[command(after_help = LIST_EXAMPLES)]
pub(crate) struct ListLetters {
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) filters: LetterFilters,
    /// Count the letters by what their reasons have in common, instead of listing them
    #[arg(long, env = "SPYMISSION_GROUPS")]
    pub(crate) groups: bool,
    /// The most letters to list
    #[arg(long, env = "SPYMISSION_LETTER_LIMIT", default_value_t = 20, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) output: LetterOutput,
}

/// Settings of `dead-letters show`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  spymission dead-letters show 0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de

Exit codes: 0 done, 1 no such letter or failed, 2 a setting is wrong.")]
pub(crate) struct ShowLetter {
    /// The id of the letter
    #[arg(value_name = "ID")]
    pub(crate) id: LetterId,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) output: LetterOutput,
}

const REPLAY_EXAMPLES: &str = "A replay is recorded before it is published. Whatever is killed \
midway, repeat the command: what was published is not published again, and the rest is. The same \
ids mean the same missions, so no mission is made twice.

Examples:
  spymission dead-letters replay 0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de
  spymission dead-letters replay --reason set-aside --since 24h --dry-run
  spymission dead-letters replay --reason set-aside --since 24h --rate 50
  spymission dead-letters list --format json --limit 500 > seen.jsonl
  spymission dead-letters replay --from seen.jsonl   # these, and no other

Exit codes: 0 all are stored, 1 some are not or it failed, 2 a setting is wrong.";

/// Settings of `dead-letters replay`.
#[derive(Debug, Args)]
#[command(after_help = REPLAY_EXAMPLES)]
pub(crate) struct Replay {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
    /// Replay at most so many a second
    #[arg(long, env = "SPYMISSION_REPLAY_RATE", default_value_t = 100, value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(crate) rate: u32,
    /// Seconds to wait at the end for rows, or for letters that are set aside again
    #[arg(long, env = "SPYMISSION_REPLAY_WAIT", default_value_t = 30, value_name = "SECONDS")]
    pub(crate) wait: u64,
    #[command(flatten)]
    pub(crate) broker: Broker,
}

/// Settings of `dead-letters edit`.
#[derive(Debug, Args)]
#[command(after_help = "The original stays as it is. The next replay publishes the new body.

Example:
  echo '{\"missions\":[\"019abc00-1111-7222-8333-444455556600\"]}' |
    spymission dead-letters edit 0ba1d2ff-8c5f-5e0f-a4b1-0c9a62f2c1de --body -

Exit codes: 0 done, 1 the body is no request or failed, 2 a setting is wrong.")]
pub(crate) struct Edit {
    /// The id of the letter
    #[arg(value_name = "ID")]
    pub(crate) id: LetterId,
    /// A file with the new body, which must be a request; - is standard input
    #[arg(long, env = "SPYMISSION_BODY", value_name = "FILE")]
    pub(crate) body: PathBuf,
    #[command(flatten)]
    pub(crate) operator: Operator,
    #[command(flatten)]
    pub(crate) database: Database,
}

/// Settings of `dead-letters discard`.
#[derive(Debug, Args)]
#[command(after_help = "A discarded letter stays in the table until it is pruned.

Example:
  spymission dead-letters discard --reason malformed --until 7d --dry-run

Exit codes: 0 done, 1 some could not be discarded or failed, 2 a setting is wrong.")]
pub(crate) struct Discard {
    #[command(flatten)]
    pub(crate) chosen: Chosen,
}

/// Settings of `dead-letters prune`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  spymission dead-letters prune --older-than 90d --dry-run

Exit codes: 0 done, 1 failed, 2 a setting is wrong.")]
pub(crate) struct PruneLetters {
    #[command(flatten)]
    pub(crate) prune: Prune,
    /// Delete also letters about which nobody has done anything
    #[arg(long, env = "SPYMISSION_PRUNE_OPEN")]
    pub(crate) open: bool,
    #[command(flatten)]
    pub(crate) database: Database,
}

/// Which letters something is done about, and who does it.
#[derive(Debug, Args)]
pub(crate) struct Chosen {
    /// The ids of the letters
    #[arg(value_name = "ID")]
    pub(crate) ids: Vec<LetterId>,
    /// A file with an id or a JSON object with an `id` on each line, as `list --format json` writes
    /// them; - is standard input
    #[arg(long, env = "SPYMISSION_FROM", value_name = "FILE", conflicts_with = "ids")]
    pub(crate) from: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) filters: LetterFilters,
    /// All letters that wait
    #[arg(long, env = "SPYMISSION_ALL")]
    pub(crate) all: bool,
    /// The most letters that something is done about, the newest first
    #[arg(long, env = "SPYMISSION_CHOSEN_LIMIT", value_name = "N")]
    #[arg(value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: Option<u32>,
    /// List the letters that are meant, and do nothing
    #[arg(long, env = "SPYMISSION_DRY_RUN")]
    pub(crate) dry_run: bool,
    #[command(flatten)]
    pub(crate) operator: Operator,
    #[command(flatten)]
    pub(crate) database: Database,
    #[command(flatten)]
    pub(crate) output: LetterOutput,
}

/// In whose name something is done.
#[derive(Debug, Args)]
pub(crate) struct Operator {
    /// Who does it; recorded with what is done. Your user name unless it is set
    #[arg(long = "as", env = "SPYMISSION_AS", value_name = "NAME")]
    pub(crate) name: Option<Who>,
}
