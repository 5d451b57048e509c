//! `spymission missions`: reads the table of missions, and deletes old ones.

mod export;
mod filters;
mod lines;
mod list;
mod prune;
mod show;

use crate::cli::Missions;
use crate::failure::Failure;

/// Lists, shows, exports or prunes missions.
///
/// # Errors
/// A setting is wrong, the database cannot be read, or the output cannot be written.
pub(crate) async fn run(action: Missions) -> Result<(), Failure> {
    match action {
        Missions::List(settings) => list::run(settings).await,
        Missions::Show(settings) => show::run(settings).await,
        Missions::Export(settings) => export::run(settings).await,
        Missions::Prune(settings) => prune::run(settings).await,
    }
}
