//! Which letters are meant, and how they are printed.

use clap::{Args, ValueEnum};
use schemas::dead_letter::State;

use crate::cli::missions::Moment;

/// Which letters are meant.
#[derive(Debug, Args)]
pub(crate) struct LetterFilters {
    /// Only letters with this reason: its first word, as set-aside, or the whole of a group
    #[arg(long, env = "SPYMISSION_LETTER_REASON", value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Only letters that this role set aside; broker for those that RabbitMQ itself did
    #[arg(long, env = "SPYMISSION_LETTER_ROLE", value_name = "ROLE")]
    pub(crate) role: Option<String>,
    /// Only letters set aside at or after this time: 2026-11-22, 2026-11-22T13:24:51Z, or an age as
    /// 90m, 24h or 7d
    #[arg(long, env = "SPYMISSION_LETTER_SINCE", value_name = "TIME")]
    pub(crate) since: Option<Moment>,
    /// Only letters set aside before this time
    #[arg(long, env = "SPYMISSION_LETTER_UNTIL", value_name = "TIME")]
    pub(crate) until: Option<Moment>,
    /// Only letters with this text in their reason, message id or body
    #[arg(long, env = "SPYMISSION_LETTER_TEXT", value_name = "TEXT")]
    pub(crate) text: Option<String>,
    /// Only letters in this state; open is waiting or replaying
    #[arg(long, value_enum, env = "SPYMISSION_LETTER_STATE", default_value_t = StateFilter::Open)]
    #[arg(hide_possible_values = true)]
    #[arg(value_name = "open|replayed|stored|set-aside-again|discarded|all")]
    pub(crate) state: StateFilter,
}

/// States of letters, as a filter names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum StateFilter {
    /// Somebody still has to do something.
    Open,
    /// Published, and nothing more is known.
    Replayed,
    /// Published, and its missions are stored.
    Stored,
    /// Published, and a dead letter again.
    SetAsideAgain,
    /// Not wanted any more.
    Discarded,
    /// Any.
    All,
}

impl StateFilter {
    /// The states that it means; none means any.
    pub(crate) fn states(self) -> Vec<State> {
        match self {
            Self::Open => State::OPEN.to_vec(),
            Self::Replayed => vec![State::Replayed],
            Self::Stored => vec![State::Stored],
            Self::SetAsideAgain => vec![State::SetAsideAgain],
            Self::Discarded => vec![State::Discarded],
            Self::All => Vec::new(),
        }
    }
}

/// How letters are printed.
#[derive(Debug, Clone, Copy, Args)]
pub(crate) struct LetterOutput {
    /// How letters are printed: for people, or JSON with one object on each line
    #[arg(long, value_enum, env = "SPYMISSION_LETTER_FORMAT", default_value_t = LetterFormat::Text)]
    #[arg(hide_possible_values = true, value_name = "text|json")]
    pub(crate) format: LetterFormat,
}

/// The two ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LetterFormat {
    /// For people
    Text,
    /// One JSON object on each line
    Json,
}
