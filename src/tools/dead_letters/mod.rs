//! `spymission dead-letters`: what was set aside, and what is done about it.

mod body;
mod decide;
mod dry_run;
mod list;
mod operator;
mod prune;
mod replay;
mod select;
mod show;

use crate::cli::DeadLetters;
use crate::failure::Failure;

/// Lists, shows, replays, corrects, discards or prunes dead letters.
///
/// # Errors
/// A setting is wrong, a server is away, or something could not be done to every letter.
pub(crate) async fn run(action: DeadLetters) -> Result<(), Failure> {
    match action {
        DeadLetters::List(settings) => list::run(settings).await,
        DeadLetters::Show(settings) => show::run(settings).await,
        DeadLetters::Replay(settings) => replay::run(*settings).await,
        DeadLetters::Edit(settings) => decide::edit(settings).await,
        DeadLetters::Discard(settings) => decide::discard(settings).await,
        DeadLetters::Prune(settings) => prune::run(settings).await,
    }
}
