//! `worker` on the command line: one for each part, and the two others.

use clap::{ArgMatches, Args, Command, FromArgMatches, Subcommand};
use schemas::{Part, Role};

use super::servers::{Broker, Database, Rules};

/// Which worker, and its settings.
#[derive(Debug)]
pub(crate) enum Worker {
    /// Draws this part.
    Part(Part, Broker),
    /// Takes requests.
    Decider(Decider),
    /// Writes to the database.
    Persister(Persister),
}

/// The workers that draw nothing.
#[derive(Debug, Subcommand)]
enum Other {
    /// Take requests and make missions from the parts that the other workers draw
    Decider(Decider),
    /// Store missions in the database
    Persister(Persister),
}

/// Settings of a decider.
#[derive(Debug, Args)]
pub(crate) struct Decider {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) rules: Rules,
}

/// Settings of a persister.
#[derive(Debug, Args)]
pub(crate) struct Persister {
    #[command(flatten)]
    pub(crate) broker: Broker,
    #[command(flatten)]
    pub(crate) database: Database,
}

impl Worker {
    /// Its role.
    pub(crate) fn role(&self) -> Role {
        match self {
            Self::Part(part, _) => Role::Part(*part),
            Self::Decider(_) => Role::Decider,
            Self::Persister(_) => Role::Persister,
        }
    }
}

impl Subcommand for Worker {
    fn augment_subcommands(command: Command) -> Command {
        let part = |command: Command, part: Part| {
            let about = format!("Draw {} for each mission", part.what());
            // `augment_args` sets an `about` of its own: that of the broker.
            command.subcommand(Broker::augment_args(Command::new(part.name())).about(about))
        };
        Other::augment_subcommands(Part::ALL.into_iter().fold(command, part))
    }

    fn augment_subcommands_for_update(command: Command) -> Command {
        Self::augment_subcommands(command)
    }

    fn has_subcommand(name: &str) -> bool {
        Part::parse(name).is_some() || Other::has_subcommand(name)
    }
}

impl FromArgMatches for Worker {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let part = matches.subcommand().and_then(|(name, of)| Some((Part::parse(name)?, of)));
        if let Some((part, settings)) = part {
            return Ok(Self::Part(part, Broker::from_arg_matches(settings)?));
        }
        Ok(match Other::from_arg_matches(matches)? {
            Other::Decider(settings) => Self::Decider(settings),
            Other::Persister(settings) => Self::Persister(settings),
        })
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        *self = Self::from_arg_matches(matches)?;
        Ok(())
    }
}
