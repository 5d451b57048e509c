//! `spymission man-pages`: a manual page for each command.

use clap::CommandFactory;

use crate::cli::{Cli, ManPages};
use crate::failure::Failure;

/// Writes them: `spymission.1`, `spymission-gateway.1`, ….
///
/// # Errors
/// The folder or a file cannot be written.
pub(crate) fn run(settings: &ManPages) -> Result<(), Failure> {
    let folder = &settings.folder;
    let written = std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    written.map_err(|error| Failure::Check(format!("{}: {error}", folder.display())))
}
