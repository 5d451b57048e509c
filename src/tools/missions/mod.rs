//! `spymission missions`: reads the table of missions.

mod export;
mod filters;
mod lines;
mod list;
mod show;
mod table;

use crate::cli::Missions;
use crate::failure::Failure;

/// Lists, shows or exports missions.
///
/// # Errors
/// A setting is wrong, the database cannot be read, or the output cannot be written.
pub(crate) async fn run(action: Missions) -> Result<(), Failure> {
    match action {
        Missions::List(settings) => list::run(settings).await,
        Missions::Show(settings) => show::run(settings).await,
        Missions::Export(settings) => export::run(settings).await,
    }
}
